// SPDX-License-Identifier: Apache-2.0
// Cassandra's Murmur3Partitioner: where a partition key lies on the ring.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace tidemill::wire::cql {

// The token of a routing key. Differs from the published MurmurHash3_x64_128 in that tail bytes are
// sign-extended; the lowest token is kept for "before everything", so it maps to the highest.
std::int64_t murmur3_token(BytesView routing_key);

// One component as it is; of several, each as [u16 length][bytes][0].
void append_routing_component(Bytes& out, BytesView component);
Bytes routing_key(std::span<const BytesView> components);

}  // namespace tidemill::wire::cql

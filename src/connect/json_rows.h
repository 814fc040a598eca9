// SPDX-License-Identifier: Apache-2.0
// A SELECT of the user's whose rows become records: one JSON object per row.
#pragma once

#include "connect/feed_reader.h"
#include "duck/database.h"

namespace tidemill::connect {

// Wraps `select` so that it gives (record, key) as texts: a single column of JSON or text is the
// record itself, several become an object. `key` names a field of it; empty: no key.
Result<std::string> record_select(const duck::Connection& connection, const std::string& select,
                                  const std::string& key);

// Adds the rows of a chunk of such a SELECT, from `from` on, up to the limits; how many.
std::size_t add_rows(const Chunk& chunk, std::size_t from, const ReadLimits& limits,
                     FeedBatch& batch);

}  // namespace tidemill::connect

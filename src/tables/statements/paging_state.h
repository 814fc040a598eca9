// SPDX-License-Identifier: Apache-2.0
// Where the next page of a SELECT starts, as clients carry it around; it outlives the server.
//   state := 01 table:uuid rows_left:i32 in_partition:u32 partition:bytes store:bytes crc32c:u32
// rows_left is -1 without LIMIT; store is what the store's page gave.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/uuid.h"
#include "wire/cql/error.h"

namespace tidemill::tables::statements {

struct PagingState {
  Uuid table;
  std::int32_t rows_left = -1;
  std::uint32_t in_partition = 0;  // rows given of `partition`, for PER PARTITION LIMIT
  Bytes partition;
  Bytes store;
};

Bytes encode_paging_state(const PagingState& state);
// A state of another table, version or maker is refused.
wire::cql::Outcome<PagingState> decode_paging_state(BytesView bytes, const Uuid& table);

}  // namespace tidemill::tables::statements

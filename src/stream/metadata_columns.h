// SPDX-License-Identifier: Apache-2.0
// Columns that come from the record itself and not from its value.
#pragma once

#include <cstdint>
#include <vector>

#include "stream/query.h"
#include "stream/slice.h"

namespace tidemill::stream {

// Fills the column for every row. Gives the rows whose key is no UTF-8 text where one is wanted.
std::vector<std::uint32_t> fill_metadata(Slice& slice, ColumnOrigin origin, std::size_t column);

}  // namespace tidemill::stream

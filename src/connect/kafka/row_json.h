// SPDX-License-Identifier: Apache-2.0
// Rows of a chunk as JSON text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/chunk.h"

namespace tidemill::connect::kafka {

// Appends one value as JSON.
void append_json(const ColumnView& column, std::size_t at, Bytes& out);
// Appends it as a record's key: a text as it stands, anything else as JSON without quotes.
void append_plain(const ColumnView& column, std::size_t at, Bytes& out);

// Writes objects with the same members again and again.
class RowWriter {
 public:
  RowWriter(const std::vector<Column>& output, std::vector<std::size_t> places);
  void append(const Chunk& chunk, std::size_t at, Bytes& out) const;

 private:
  std::vector<std::size_t> places_;
  std::vector<Bytes> prefixes_;  // {"a":  ,"b":
};

}  // namespace tidemill::connect::kafka

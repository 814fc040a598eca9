// SPDX-License-Identifier: Apache-2.0
// Any bytes as what the table store reads back: keys, rows, headers, clustering components.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "tables/embedded/header.h"
#include "tables/embedded/keys.h"

namespace tidemill::tables::embedded {
namespace {

void read_anything(BytesView bytes) {
  RowParts row;
  if (add_row(bytes, row)) {
    settle(row);
    std::string written;
    encode_row(row, written);
    RowParts back;
    TM_CHECK(add_row(as_bytes(written), back), "a row it wrote cannot be read");
  }
  HeaderParts header;
  if (add_header(bytes, header)) settle(header);
  static_cast<void>(parse_store_key(bytes));
  static const CqlType kType = *parse_type("frozen<tuple<int, text, list<varint>>>", {});
  ByteReader in(bytes);
  Bytes value;
  static_cast<void>(take_ordered(kType, bytes.size() % 2 == 1, in, value));
}

}  // namespace
}  // namespace tidemill::tables::embedded

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidemill::tables::embedded::read_anything({data, size});
  return 0;
}

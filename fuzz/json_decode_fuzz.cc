// SPDX-License-Identifier: Apache-2.0
// Any bytes as a record: a row or a fault, and the row before it untouched.
#include <cstdlib>

#include "wire/json/decoder.h"

using tidemill::ColumnType;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  static const std::vector<ColumnType> types = {
      ColumnType::BigInt, ColumnType::Varchar, ColumnType::Varchar, ColumnType::Uuid,
      ColumnType::Double, ColumnType::HugeInt, ColumnType::Blob,    ColumnType::TimestampTz};
  static const auto buffer = tidemill::ChunkBuffer::make(types);
  static const auto decoder = *tidemill::wire::json::make_decoder({{"n", 0, false},
                                                                   {"t", 1, false},
                                                                   {"c", 2, true},
                                                                   {"id", 3, false},
                                                                   {"d", 4, false},
                                                                   {"h", 5, false},
                                                                   {"b", 6, false},
                                                                   {"at", 7, false}},
                                                                  {});
  static const auto good = tidemill::as_bytes(R"({"n":1,"t":"a text beyond twelve bytes"})");
  // An exact copy, so that a read past the end is seen.
  const std::vector<std::uint8_t> exact(input, input + size);
  std::vector<tidemill::RecordView> records(2);
  records[0].value = good;
  records[1].value = exact;
  buffer->reset(2);
  std::vector<tidemill::wire::json::BadValue> faults;
  decoder->decode(records, 0, *buffer, faults);
  const auto chunk = buffer->chunk(2);
  if (chunk.column(0).value<std::int64_t>(0) != 1) std::abort();
  for (const auto& fault : faults) {
    if (fault.row != 1 || fault.reason.empty()) std::abort();
  }
  for (const std::size_t column : {1U, 2U}) {
    if (chunk.column(column).is_null(1)) continue;
    if (!tidemill::is_utf8(chunk.column(column).text(1))) std::abort();
  }
  return 0;
}

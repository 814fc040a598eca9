// SPDX-License-Identifier: Apache-2.0
// JSON records straight into columns. simdjson finds the structure (choosing the instruction set at
// run time); the walk over it is ours, so that texts without escapes stay where the record lies.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/chunk.h"
#include "model/record.h"

namespace tidemill::wire::json {

// One member of the object and the column it fills.
struct Field {
  std::string name;
  std::size_t column = 0;
  // A number, boolean, array or object becomes its JSON text (of a text column).
  bool coerce = false;
};

struct DecoderOptions {
  bool reject_unknown_fields = false;
  std::size_t depth_max = 128;  // of nested values
  std::size_t value_bytes_max = 256UL * 1024 * 1024;
};

enum class Fault { Malformed, WrongType, UnknownField };

// Why a row is no good; a row with several faults has several entries.
struct BadValue {
  std::uint32_t row = 0;
  Fault fault = Fault::Malformed;
  std::uint32_t field = 0;  // WrongType: its index
  std::string reason;
};

// Thread: one at a time.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Record i becomes row first_row + i of the columns; out.reset() came before. The columns point
  // into the records' memory: whoever makes a chunk of `out` keeps both. A member that is absent or
  // null is null; of two with the same name the last counts; a malformed record leaves all of its
  // row null. Faults are appended in the order of rows.
  virtual void decode(std::span<const RecordView> records, std::size_t first_row, ChunkBuffer& out,
                      std::vector<BadValue>& faults) = 0;
};

// InvalidArgument for two fields with one name.
Result<std::unique_ptr<Decoder>> make_decoder(std::vector<Field> fields, DecoderOptions options);

}  // namespace tidemill::wire::json

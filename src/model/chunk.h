// SPDX-License-Identifier: Apache-2.0
// Rows as columns: what decoders fill, DuckDB reads and writes, and sinks encode. Every column has
// the memory layout of a DuckDB vector (duck/ asserts it), so that moving one is a memcpy.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/uuid.h"
#include "model/column.h"

namespace tidemill {

// A text or blob value: up to 12 bytes inside, longer ones by a prefix and a pointer to memory that
// somebody else keeps.
struct TextRef {
  static constexpr std::uint32_t kInlineBytes = 12;

  std::uint32_t size = 0;
  char start[4] = {};  // the first bytes; a short text runs on into `rest`
  union {
    const char* pointer;
    char rest[8];
  };

  TextRef() : pointer(nullptr) {}
  // `text` must stay where it is as long as the reference is used, if longer than kInlineBytes.
  explicit TextRef(std::string_view text) : size(static_cast<std::uint32_t>(text.size())) {
    pointer = nullptr;
    if (size <= kInlineBytes) {
      if (size > 0) std::memcpy(reinterpret_cast<char*>(this) + 4, text.data(), size);
    } else {
      std::memcpy(start, text.data(), sizeof start);
      pointer = text.data();
    }
  }
  const char* data() const {
    return size <= kInlineBytes ? reinterpret_cast<const char*>(this) + 4 : pointer;
  }
  std::string_view view() const { return {data(), size}; }
};
static_assert(sizeof(TextRef) == 16);

struct HugeInt {
  std::uint64_t lower = 0;
  std::int64_t upper = 0;
  bool operator==(const HugeInt&) const = default;
};

// DuckDB keeps a UUID as a 128-bit number whose top bit is flipped, so that it sorts like its text.
HugeInt to_hugeint(const Uuid& uuid);
Uuid to_uuid(const HugeInt& stored);

// Bytes one value takes in its column's array.
constexpr std::size_t width_of(ColumnType type) {
  switch (type) {
    case ColumnType::Boolean:
      return 1;
    case ColumnType::Integer:
    case ColumnType::Date:
      return 4;
    case ColumnType::BigInt:
    case ColumnType::Double:
    case ColumnType::Timestamp:
    case ColumnType::TimestampTz:
      return 8;
    case ColumnType::HugeInt:
    case ColumnType::Uuid:
    case ColumnType::Varchar:
    case ColumnType::Blob:
      return 16;
  }
  return 16;
}
constexpr bool is_text(ColumnType type) {
  return type == ColumnType::Varchar || type == ColumnType::Blob;
}

// One column of a chunk. bool, int32, int64, double, HugeInt or TextRef by type; dates are days in
// int32, timestamps microseconds in int64, UUIDs HugeInt.
struct ColumnView {
  ColumnType type = ColumnType::Varchar;
  const void* values = nullptr;
  const std::uint64_t* validity = nullptr;  // one bit per row, 1: not null; nullptr: none is null

  bool is_null(std::size_t at) const {
    return validity != nullptr && ((validity[at / 64] >> (at % 64)) & 1) == 0;
  }
  template <class T>
  const T& value(std::size_t at) const {
    TM_DCHECK(sizeof(T) == width_of(type), "value of {} bytes read as {}", width_of(type),
              sizeof(T));
    return static_cast<const T*>(values)[at];
  }
  std::string_view text(std::size_t at) const { return value<TextRef>(at).view(); }
};

// Some rows, immutable, sharing the memory below them. Copying one copies only the views.
//
// A chunk may show a selection of the rows its columns have: rows() counts what is selected and
// at(i) says where row i stands in the columns.
class Chunk {
 public:
  Chunk() = default;
  Chunk(std::size_t rows, std::vector<ColumnView> columns,
        std::vector<std::shared_ptr<const void>> owners)
      : rows_(rows), columns_(std::move(columns)), owners_(std::move(owners)) {}

  std::size_t rows() const { return rows_; }
  const std::vector<ColumnView>& columns() const { return columns_; }
  const ColumnView& column(std::size_t index) const { return columns_[index]; }
  std::size_t at(std::size_t row) const { return selection_ ? (*selection_)[row] : row; }
  bool is_selected() const { return selection_ != nullptr; }
  // Where the rows stand; empty when all do, in order.
  std::span<const std::uint32_t> selection() const {
    return selection_ ? std::span<const std::uint32_t>(*selection_)
                      : std::span<const std::uint32_t>();
  }

  // The rows at these places of the columns (not of this chunk's own selection).
  Chunk select(std::vector<std::uint32_t> places) const;
  // The same rows with only these columns, in this order.
  Chunk project(std::span<const std::size_t> columns) const;
  // Keeps more memory alive.
  void keep(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }

 private:
  std::size_t rows_ = 0;
  std::vector<ColumnView> columns_;
  std::vector<std::shared_ptr<const void>> owners_;
  std::shared_ptr<const std::vector<std::uint32_t>> selection_;
};

// Memory for text that columns point to: addresses stay; reset() keeps the blocks for reuse.
class TextArena {
 public:
  // Room for `size` bytes; commit() says how many were used.
  char* reserve(std::size_t size);
  void commit(std::size_t size) { used_ += size; }
  std::string_view copy(std::string_view text);
  void reset();
  std::size_t capacity() const { return capacity_; }

 private:
  static constexpr std::size_t kBlockBytes = 256UL * 1024;
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // blocks_[current_] is being filled
  std::size_t used_ = 0;     // of it
  std::size_t capacity_ = 0;
};

// Columns being filled, row by row or column by column; reused from chunk to chunk.
class ChunkBuffer : public std::enable_shared_from_this<ChunkBuffer> {
 public:
  // Shared, because the chunks made of it keep it.
  static std::shared_ptr<ChunkBuffer> make(std::span<const ColumnType> types);

  // Room for `rows` rows, all null; what was there before is gone.
  void reset(std::size_t rows);
  std::size_t capacity() const { return capacity_; }
  std::size_t column_count() const { return columns_.size(); }
  ColumnType type(std::size_t column) const { return columns_[column].type; }
  template <class T>
  void set(std::size_t column, std::size_t row, const T& value) {
    auto& target = columns_[column];
    TM_DCHECK(sizeof(T) == width_of(target.type) && row < capacity_);
    reinterpret_cast<T*>(target.values.data())[row] = value;
    target.validity[row / 64] |= std::uint64_t{1} << (row % 64);
  }
  void set_null(std::size_t column, std::size_t row) {
    columns_[column].validity[row / 64] &= ~(std::uint64_t{1} << (row % 64));
  }
  TextArena& arena() { return arena_; }
  // The first `rows` rows. The chunk keeps this buffer; reset() it only once use_count() is 1.
  Chunk chunk(std::size_t rows) const;

 private:
  struct Column {
    ColumnType type;
    std::vector<std::uint8_t> values;
    std::vector<std::uint64_t> validity;
  };
  explicit ChunkBuffer(std::span<const ColumnType> types);

  std::size_t capacity_ = 0;
  std::vector<Column> columns_;
  TextArena arena_;
};

}  // namespace tidemill

// SPDX-License-Identifier: Apache-2.0
#include "model/chunk.h"

#include <algorithm>

#include "base/bytes.h"

namespace tidemill {
namespace {

constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63;

}  // namespace

HugeInt to_hugeint(const Uuid& uuid) {
  const auto upper = load_be<std::uint64_t>(uuid.bytes.data());
  const auto lower = load_be<std::uint64_t>(uuid.bytes.data() + 8);
  return {lower, static_cast<std::int64_t>(upper ^ kTopBit)};
}

Uuid to_uuid(const HugeInt& stored) {
  Uuid uuid;
  store_be(uuid.bytes.data(), static_cast<std::uint64_t>(stored.upper) ^ kTopBit);
  store_be(uuid.bytes.data() + 8, stored.lower);
  return uuid;
}

Chunk Chunk::select(std::vector<std::uint32_t> places) const {
  Chunk chosen = *this;
  chosen.rows_ = places.size();
  chosen.selection_ = std::make_shared<const std::vector<std::uint32_t>>(std::move(places));
  return chosen;
}

Chunk Chunk::project(std::span<const std::size_t> columns) const {
  Chunk narrow = *this;
  narrow.columns_.clear();
  for (const std::size_t index : columns) narrow.columns_.push_back(columns_[index]);
  return narrow;
}

char* TextArena::reserve(std::size_t size) {
  while (current_ < blocks_.size()) {
    if (blocks_[current_].size - used_ >= size) return blocks_[current_].bytes.get() + used_;
    ++current_;
    used_ = 0;
  }
  const std::size_t bytes = std::max(size, kBlockBytes);
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
  capacity_ += bytes;
  return blocks_.back().bytes.get();
}

std::string_view TextArena::copy(std::string_view text) {
  char* to = reserve(text.size());
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  commit(text.size());
  return {to, text.size()};
}

void TextArena::reset() {
  // One giant value must not hold its block for ever.
  std::erase_if(blocks_, [this](const Block& block) {
    if (block.size <= kBlockBytes) return false;
    capacity_ -= block.size;
    return true;
  });
  current_ = 0;
  used_ = 0;
}

std::shared_ptr<ChunkBuffer> ChunkBuffer::make(std::span<const ColumnType> types) {
  return std::shared_ptr<ChunkBuffer>(new ChunkBuffer(types));
}

ChunkBuffer::ChunkBuffer(std::span<const ColumnType> types) {
  for (const ColumnType type : types) columns_.push_back({type, {}, {}});
}

void ChunkBuffer::reset(std::size_t rows) {
  if (rows > capacity_) {
    capacity_ = (rows + 63) / 64 * 64;
    for (auto& column : columns_) {
      column.values.resize(capacity_ * width_of(column.type));
      column.validity.resize(capacity_ / 64);
    }
  }
  for (auto& column : columns_) std::ranges::fill(column.validity, 0);
  arena_.reset();
}

Chunk ChunkBuffer::chunk(std::size_t rows) const {
  std::vector<ColumnView> views;
  views.reserve(columns_.size());
  for (const auto& column : columns_) {
    views.push_back({column.type, column.values.data(), column.validity.data()});
  }
  return {rows, std::move(views), {shared_from_this()}};
}

}  // namespace tidemill

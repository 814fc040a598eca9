// SPDX-License-Identifier: Apache-2.0
// Byte views and a bounds-checked reader and writer. Knows integers and varints, no message
// formats.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"

namespace tidemill {

using BytesView = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
  requires std::is_integral_v<T>
constexpr T to_big_endian(T value) {
  return std::endian::native == std::endian::big ? value : std::byteswap(value);
}

template <class T>
T load_be(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return to_big_endian(value);
}

template <class T>
void store_be(std::uint8_t* to, T value) {
  value = to_big_endian(value);
  std::memcpy(to, &value, sizeof value);
}

// Reads from a view that must outlive it; every read is checked against the end and fails with
// Corrupt naming the position.
class ByteReader {
 public:
  explicit ByteReader(BytesView bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return remaining() == 0; }
  BytesView rest() const { return bytes_.subspan(position_); }

  template <class T>
  Result<T> be() {
    if (remaining() < sizeof(T)) return truncated(sizeof(T));
    const T value = load_be<T>(bytes_.data() + position_);
    position_ += sizeof(T);
    return value;
  }
  Result<std::uint8_t> u8() { return be<std::uint8_t>(); }
  Result<std::int8_t> i8() { return be<std::int8_t>(); }
  Result<std::int16_t> i16be() { return be<std::int16_t>(); }
  Result<std::uint16_t> u16be() { return be<std::uint16_t>(); }
  Result<std::int32_t> i32be() { return be<std::int32_t>(); }
  Result<std::uint32_t> u32be() { return be<std::uint32_t>(); }
  Result<std::int64_t> i64be() { return be<std::int64_t>(); }
  Result<std::uint64_t> u64be() { return be<std::uint64_t>(); }
  Result<double> f64be();

  // LEB128: unsigned, and zig-zag signed as Kafka's records use.
  Result<std::uint32_t> uvarint32();
  Result<std::uint64_t> uvarint64();
  Result<std::int32_t> varint32();
  Result<std::int64_t> varint64();

  Result<BytesView> bytes(std::size_t count);
  Result<std::string_view> text(std::size_t count);
  Result<> skip(std::size_t count);

 private:
  Error truncated(std::size_t wanted) const;

  BytesView bytes_;
  std::size_t position_ = 0;
};

// Appends to a byte vector it owns or borrows.
class ByteWriter {
 public:
  ByteWriter() : out_(&own_) {}
  explicit ByteWriter(Bytes& borrowed) : out_(&borrowed) {}
  ByteWriter(const ByteWriter&) = delete;
  ByteWriter& operator=(const ByteWriter&) = delete;

  std::size_t size() const { return out_->size(); }
  Bytes& buffer() { return *out_; }
  Bytes take() { return std::move(*out_); }

  template <class T>
  void be(T value) {
    const std::size_t at = out_->size();
    out_->resize(at + sizeof(T));
    store_be(out_->data() + at, value);
  }
  void u8(std::uint8_t value) { out_->push_back(value); }
  void i8(std::int8_t value) { out_->push_back(static_cast<std::uint8_t>(value)); }
  void i16be(std::int16_t value) { be(value); }
  void u16be(std::uint16_t value) { be(value); }
  void i32be(std::int32_t value) { be(value); }
  void u32be(std::uint32_t value) { be(value); }
  void i64be(std::int64_t value) { be(value); }
  void u64be(std::uint64_t value) { be(value); }
  void f64be(double value) { be(std::bit_cast<std::uint64_t>(value)); }
  void uvarint32(std::uint32_t value) { uvarint64(value); }
  void uvarint64(std::uint64_t value);
  void varint32(std::int32_t value);
  void varint64(std::int64_t value);
  void bytes(BytesView value) { out_->insert(out_->end(), value.begin(), value.end()); }
  void text(std::string_view value) { bytes(as_bytes(value)); }

  // Overwrites a 4-byte length written earlier as a placeholder.
  void patch_i32be(std::size_t at, std::int32_t value) { store_be(out_->data() + at, value); }

 private:
  Bytes own_;
  Bytes* out_;
};

std::string to_hex(BytesView bytes);
std::string to_base64(BytesView bytes);
Result<Bytes> from_base64(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace tidemill

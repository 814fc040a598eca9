// SPDX-License-Identifier: Apache-2.0
// The visitors that read and write a message from its one list of fields:
//
//   static void fields(auto& self, auto& visit) {
//     visit.field("topics", self.topics);
//     visit.field("timeout_ms", self.timeout_ms, since(1));
//     visit.tagged(0, "cluster_id", self.cluster_id, since(12));   // after all plain fields
//   }
//
// Grammar (KIP-482):
//   struct       := field* tags?                      tags only in flexible versions
//   tags         := count:uvarint (tag:uvarint size:uvarint value[size])*
//   string,bytes := length value[length]              length: i16/i32; flexible: uvarint of n + 1
//   array        := length element[length]            null: length -1; flexible: 0
//   nullable struct := -1:i8 | 1:i8 struct
//
// Included by instances_*.cc and the tests only.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <type_traits>

#include "base/check.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

// More elements than this in one message are refused: memory per element is several times its size
// on the wire.
constexpr std::size_t kElementsMax = 1'000'000;
// Kafka refuses longer texts also where the compact length could carry them.
constexpr std::size_t kTextBytesMax = 32767;

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = !std::is_same_v<T, std::uint8_t>;

// Counts bytes; with FieldWriter it is the size visitor.
struct CountingSink {
  std::size_t count = 0;
  template <class T>
  void be(T) {
    count += sizeof(T);
  }
  void uvarint(std::uint64_t value) {
    do ++count;
    while ((value >>= 7) != 0);
  }
  void bytes(BytesView view) { count += view.size(); }
  void splice(const Records& records) { count += records.size(); }
  std::size_t tags_begin() {
    ++count;
    return 0;
  }
  void tags_add(std::size_t) {}
};

struct EncodingSink {
  Encoded& out;
  template <class T>
  void be(T value) {
    const std::size_t at = out.bytes.size();
    out.bytes.resize(at + sizeof(T));
    store_be(out.bytes.data() + at, value);
  }
  void uvarint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.bytes.push_back(static_cast<std::uint8_t>(value | 0x80));
    out.bytes.push_back(static_cast<std::uint8_t>(value));
  }
  void bytes(BytesView view) { out.bytes.insert(out.bytes.end(), view.begin(), view.end()); }
  void splice(const Records& records) {
    if (records.size() > 0) out.splices.push_back({out.bytes.size(), records});
  }
  // The count of tagged fields is one byte (there are never 128), patched as they come.
  std::size_t tags_begin() {
    out.bytes.push_back(0);
    return out.bytes.size() - 1;
  }
  void tags_add(std::size_t at) { ++out.bytes[at]; }
};

template <class Sink>
class FieldWriter {
 public:
  FieldWriter(Sink& sink, std::int16_t version, bool flexible)
      : sink_(sink), version_(version), flexible_(flexible) {}

  template <class T>
  void field(std::string_view, const T& value, Versions versions = {}) {
    if (versions.contain(version_)) write(value, version_ >= versions.null_from);
  }

  template <class T>
  void tagged(std::uint32_t tag, std::string_view, const T& value, Versions versions,
              const std::type_identity_t<T>& absent = {}) {
    if (!flexible_ || !versions.contain(version_) || value == absent) return;
    if (!tags_open_) begin_tags();
    sink_.tags_add(tags_at_);
    CountingSink size;
    FieldWriter<CountingSink>(size, version_, true).write(value, true);
    sink_.uvarint(tag);
    sink_.uvarint(size.count);
    write(value, true);
  }

  template <class T>
  void write(const T& value, bool nullable) {
    if constexpr (std::is_same_v<T, bool>) {
      sink_.be(static_cast<std::uint8_t>(value ? 1 : 0));
    } else if constexpr (std::is_enum_v<T>) {
      sink_.be(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::is_integral_v<T>) {
      sink_.be(value);
    } else if constexpr (std::is_same_v<T, double>) {
      sink_.be(std::bit_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, Uuid>) {
      sink_.bytes(value.bytes);
    } else if constexpr (std::is_same_v<T, std::string>) {
      // No text read from the wire is longer; one of our own making is cut rather than refused.
      const std::string_view text = std::string_view(value).substr(0, kTextBytesMax);
      write_length<std::int16_t>(text.size());
      sink_.bytes(as_bytes(text));
    } else if constexpr (std::is_same_v<T, Bytes>) {
      write_length<std::int32_t>(value.size());
      sink_.bytes(value);
    } else if constexpr (std::is_same_v<T, Records>) {
      if (!value.present && nullable) return write_null<T>();
      write_length<std::int32_t>(value.size());
      sink_.splice(value);
    } else if constexpr (is_optional<T>) {
      write_optional(value, nullable);
    } else if constexpr (is_vector<T>) {
      write_length<std::int32_t>(value.size());
      for (const auto& element : value) write(element, false);
    } else {
      write_struct(value);
    }
  }

 private:
  template <class T>
  void write_optional(const std::optional<T>& value, bool nullable) {
    constexpr bool kStruct =
        !std::is_same_v<T, std::string> && !std::is_same_v<T, Bytes> && !is_vector<T>;
    if constexpr (kStruct) {
      sink_.be(static_cast<std::int8_t>(value ? 1 : -1));
      if (value) write(*value, false);
    } else if (value) {
      write(*value, false);
    } else if (nullable) {
      write_null<T>();
    } else {
      write(T{}, false);
    }
  }

  template <class T>
  void write_struct(const T& value) {
    FieldWriter inner(sink_, version_, flexible_);
    T::fields(value, inner);
    if (flexible_ && !inner.tags_open_) sink_.tags_begin();
  }

  template <class Length>
  void write_length(std::size_t length) {
    if (flexible_) {
      sink_.uvarint(length + 1);
    } else {
      TM_DCHECK(length <= static_cast<std::size_t>(std::numeric_limits<Length>::max()),
                "a value of {} bytes or elements does not fit its length field", length);
      sink_.be(static_cast<Length>(length));
    }
  }

  template <class T>
  void write_null() {
    if (flexible_) {
      sink_.uvarint(0);
    } else if constexpr (std::is_same_v<T, std::string>) {
      sink_.be(std::int16_t{-1});
    } else {
      sink_.be(std::int32_t{-1});
    }
  }

  void begin_tags() {
    tags_at_ = sink_.tags_begin();
    tags_open_ = true;
  }

  Sink& sink_;
  std::int16_t version_;
  bool flexible_;
  bool tags_open_ = false;
  std::size_t tags_at_ = 0;
};

template <class T>
std::size_t size_of_value(const T& value, std::int16_t version, bool flexible) {
  CountingSink sink;
  FieldWriter<CountingSink>(sink, version, flexible).write(value, true);
  return sink.count;
}

// Reads fields until the first failure; after it every call does nothing, and each enclosing field
// puts its name in front of the failure's.
class FieldReader {
 public:
  FieldReader(BytesView bytes, std::int16_t version, bool flexible)
      : in_(bytes), version_(version), flexible_(flexible) {}

  template <class T>
  void field(std::string_view name, T& value, Versions versions = {}) {
    if (failed() || !versions.contain(version_)) return;
    read(value, version_ >= versions.null_from);
    if (failed()) prepend(name);
  }

  template <class T, class Default = int>
  void tagged(std::uint32_t, std::string_view, T&, Versions, const Default& = {}) {}

  template <class T>
  void read_struct(T& value) {
    T::fields(value, *this);
    if (!flexible_ || failed()) return;
    const std::uint64_t count = take(in_.uvarint32());
    for (std::uint64_t i = 0; i < count && !failed(); ++i) read_tag(value);
  }

  bool failed() const { return failure_.has_value(); }
  std::size_t remaining() const { return in_.remaining(); }
  Error failure(const MessageSpec& spec) &&;
  void fail(std::string reason);

 private:
  // Reads the one tagged field that has its number; the plain fields stay as they are.
  struct TagReader {
    FieldReader& value_reader;
    std::uint32_t tag;
    std::int16_t version;
    template <class T>
    void field(std::string_view, T&, Versions = {}) {}
    template <class T, class Default = int>
    void tagged(std::uint32_t number, std::string_view name, T& value, Versions versions,
                const Default& = {}) {
      if (number == tag && versions.contain(version)) value_reader.field(name, value);
    }
  };

  template <class T>
  void read_tag(T& value) {
    const std::uint32_t tag = take(in_.uvarint32());
    const std::uint32_t size = take(in_.uvarint32());
    const BytesView content = take(in_.bytes(size));
    if (failed()) return;
    FieldReader inner(content, version_, true);
    inner.elements_ = elements_;
    TagReader dispatch{inner, tag, version_};
    T::fields(value, dispatch);
    elements_ = inner.elements_;
    if (inner.failed()) failure_ = std::move(inner.failure_), path_ = std::move(inner.path_);
  }

  template <class T>
  void read(T& value, bool nullable) {
    if constexpr (std::is_same_v<T, bool>) {
      value = take(in_.u8()) != 0;
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(take(in_.be<std::underlying_type_t<T>>()));
    } else if constexpr (std::is_integral_v<T>) {
      value = take(in_.be<T>());
    } else if constexpr (std::is_same_v<T, double>) {
      value = take(in_.f64be());
    } else if constexpr (std::is_same_v<T, Uuid>) {
      const BytesView bytes = take(in_.bytes(16));
      if (!failed()) std::ranges::copy(bytes, value.bytes.begin());
    } else if constexpr (std::is_same_v<T, Records>) {
      const std::int64_t length = read_length<std::int32_t>();
      const BytesView bytes = take(in_.bytes(bounded(length, nullable)));
      value.present = length >= 0 && !failed();
      if (value.present) value.pieces.assign(1, bytes);
    } else if constexpr (is_optional<T>) {
      read_optional(value, nullable);
    } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Bytes> ||
                         is_vector<T>) {
      read_sized(value, read_length<length_type<T>>());
    } else {
      read_struct(value);
    }
  }

  template <class T>
  using length_type =
      std::conditional_t<std::is_same_v<T, std::string>, std::int16_t, std::int32_t>;

  template <class T>
  void read_optional(std::optional<T>& value, bool nullable) {
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Bytes> || is_vector<T>) {
      const std::int64_t length = read_length<length_type<T>>();
      if (length < 0 && nullable) return value.reset();
      read_sized(value.emplace(T{}), length);
    } else {
      if (take(in_.i8()) < 0) return value.reset();
      read_struct(value.emplace(T{}));
    }
  }

  template <class T>
  void read_sized(T& value, std::int64_t length) {
    const std::size_t count = bounded(length, false);
    if constexpr (is_vector<T>) {
      read_elements(value, count);
    } else {
      if (std::is_same_v<T, std::string> && count > kTextBytesMax) {
        return fail(fmt::format("a text of {} bytes is longer than {}", count, kTextBytesMax));
      }
      const BytesView bytes = take(in_.bytes(count));
      value.assign(bytes.begin(), bytes.end());
    }
  }

  template <class T>
  void read_elements(std::vector<T>& values, std::size_t count) {
    if (failed() || count == 0) return;
    const std::size_t smallest = std::max<std::size_t>(1, size_of_value(T{}, version_, flexible_));
    if (count > in_.remaining() / smallest) {
      return fail(fmt::format("{} elements of at least {} bytes cannot be in the {} bytes left",
                              count, smallest, in_.remaining()));
    }
    elements_ += count;
    if (elements_ > kElementsMax) {
      return fail(fmt::format("more than {} array elements in one message", kElementsMax));
    }
    values.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      read(values.emplace_back(), false);
      if (failed()) return index(i);
    }
  }

  // The length of a string, byte string or array; -1 is null.
  template <class Length>
  std::int64_t read_length() {
    if (flexible_) return static_cast<std::int64_t>(take(in_.uvarint32())) - 1;
    return take(in_.be<Length>());
  }

  std::size_t bounded(std::int64_t length, bool nullable);

  template <class T>
  T take(Result<T> result) {
    if (result.ok()) return *std::move(result);
    if (!failed()) failure_ = std::move(result).error();
    return T{};
  }

  void prepend(std::string_view name);
  void index(std::size_t i);

  ByteReader in_;
  std::int16_t version_;
  bool flexible_;
  std::size_t elements_ = 0;
  std::optional<Error> failure_;
  std::string path_;
};

template <class M>
Result<M> decode(BytesView body, std::int16_t version) {
  M message;
  FieldReader reader(body, version, M::kSpec.flexible(version));
  reader.read_struct(message);
  if (reader.failed()) return std::move(reader).failure(M::kSpec);
  return message;
}

template <class M>
std::size_t encoded_size(const M& message, std::int16_t version) {
  return size_of_value(message, version, M::kSpec.flexible(version));
}

template <class M>
void encode(const M& message, std::int16_t version, Encoded& out) {
  EncodingSink sink{out};
  FieldWriter<EncodingSink>(sink, version, M::kSpec.flexible(version)).write(message, false);
}

}  // namespace tidemill::wire::kafka

#define TM_KAFKA_INSTANCE(M)                                                     \
  template ::tidemill::Result<M> decode<M>(::tidemill::BytesView, std::int16_t); \
  template std::size_t encoded_size<M>(const M&, std::int16_t);                  \
  template void encode<M>(const M&, std::int16_t, Encoded&)

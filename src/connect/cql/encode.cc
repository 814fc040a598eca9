// SPDX-License-Identifier: Apache-2.0
#include "connect/cql/encode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wire/json/scalar.h"

namespace tidemill::connect::cql {
namespace {

bool is_integer(ColumnType type) {
  return type == ColumnType::Integer || type == ColumnType::BigInt || type == ColumnType::HugeInt;
}

HugeInt integer_at(const ColumnView& column, std::size_t at) {
  if (column.type == ColumnType::HugeInt) return column.value<HugeInt>(at);
  const std::int64_t value = column.type == ColumnType::Integer ? column.value<std::int32_t>(at)
                                                                : column.value<std::int64_t>(at);
  return {static_cast<std::uint64_t>(value), value < 0 ? -1 : 0};
}

bool fits(const HugeInt& value, int bits) {
  const auto low = static_cast<std::int64_t>(value.lower);
  if (value.upper != (low < 0 ? -1 : 0)) return false;
  return bits == 64 ||
         (low >= -(std::int64_t{1} << (bits - 1)) && low < (std::int64_t{1} << (bits - 1)));
}

double to_double(const HugeInt& value) {
  return std::ldexp(static_cast<double>(value.upper), 64) + static_cast<double>(value.lower);
}

template <class T>
void append_be(Bytes& out, T value) {
  std::uint8_t bytes[sizeof(T)];
  store_be(bytes, value);
  out.insert(out.end(), bytes, bytes + sizeof(T));
}

// The shortest two's complement (native_protocol_v4 6.18).
void append_varint(Bytes& out, const HugeInt& value) {
  std::uint8_t bytes[16];
  store_be(bytes, value.upper);
  store_be(bytes + 8, value.lower);
  std::size_t first = 0;
  while (first < 15 && ((bytes[first] == 0x00 && bytes[first + 1] < 0x80) ||
                        (bytes[first] == 0xff && bytes[first + 1] >= 0x80))) {
    ++first;
  }
  out.insert(out.end(), bytes + first, bytes + 16);
}

// As bytes: inserting chars would convert them one by one.
void append_text(Bytes& out, std::string_view text) {
  const BytesView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::string_view cql_type_for(ColumnType type) {
  switch (type) {
    case ColumnType::Boolean:
      return "boolean";
    case ColumnType::Integer:
      return "int";
    case ColumnType::BigInt:
      return "bigint";
    case ColumnType::HugeInt:
      return "varint";
    case ColumnType::Double:
      return "double";
    case ColumnType::Varchar:
      return "text";
    case ColumnType::Blob:
      return "blob";
    case ColumnType::Uuid:
      return "uuid";
    case ColumnType::Date:
      return "date";
    case ColumnType::Timestamp:
    case ColumnType::TimestampTz:
      return "timestamp";
  }
  return "text";
}

const ColumnEncoder::TargetName ColumnEncoder::kTargets[] = {
    {"ascii", Target::Text},          {"bigint", Target::Big},
    {"blob", Target::Blob},           {"boolean", Target::Boolean},
    {"date", Target::Date},           {"double", Target::Double},
    {"float", Target::Float},         {"int", Target::Int},
    {"smallint", Target::Small},      {"text", Target::Text},
    {"timestamp", Target::Timestamp}, {"timeuuid", Target::Uuid},
    {"tinyint", Target::Tiny},        {"uuid", Target::Uuid},
    {"varchar", Target::Text},        {"varint", Target::Var},
};

Result<ColumnEncoder> ColumnEncoder::make(const Column& column, const std::string& cql_type) {
  const auto* found = std::ranges::find(kTargets, cql_type, &TargetName::cql_type);
  const auto type = column.type;
  bool possible = found != std::end(kTargets);
  bool may_refuse = false;
  if (possible) {
    switch (found->target) {
      case Target::Boolean:
        possible = type == ColumnType::Boolean;
        break;
      case Target::Tiny:
      case Target::Small:
        possible = is_integer(type);
        may_refuse = true;
        break;
      case Target::Int:
        possible = is_integer(type);
        may_refuse = type != ColumnType::Integer;
        break;
      case Target::Big:
        possible = is_integer(type);
        may_refuse = type == ColumnType::HugeInt;
        break;
      case Target::Var:
        possible = is_integer(type);
        break;
      case Target::Float:
      case Target::Double:
        possible = is_integer(type) || type == ColumnType::Double;
        break;
      case Target::Text:
        possible = type == ColumnType::Varchar || type == ColumnType::Uuid;
        may_refuse = cql_type == "ascii";
        break;
      case Target::Blob:
        possible = is_text(type);
        break;
      case Target::Uuid:
        possible = type == ColumnType::Uuid || type == ColumnType::Varchar;
        may_refuse = type == ColumnType::Varchar || cql_type == "timeuuid";
        break;
      case Target::Date:
        possible = type == ColumnType::Date;
        break;
      case Target::Timestamp:
        possible = type == ColumnType::Timestamp || type == ColumnType::TimestampTz ||
                   type == ColumnType::Varchar;
        may_refuse = type == ColumnType::Varchar;
        break;
    }
  }
  if (!possible) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("column '{}' is {} and the table's is {}, which cannot take it",
                             column.name, name_of(type), cql_type))
        .with_hint(fmt::format("cast it in the SELECT, or make the table's column {}",
                               cql_type_for(type)));
  }
  ColumnEncoder encoder(column, found->target, may_refuse);
  return encoder;
}

std::optional<std::string> ColumnEncoder::refusal(const ColumnView& column, std::size_t at) const {
  if (!may_refuse_ || column.is_null(at)) return std::nullopt;
  const auto out_of_range = [&](int bits) -> std::optional<std::string> {
    if (fits(integer_at(column, at), bits)) return std::nullopt;
    return fmt::format("'{}' does not fit {} bits", column_.name, bits);
  };
  switch (target_) {
    case Target::Tiny:
      return out_of_range(8);
    case Target::Small:
      return out_of_range(16);
    case Target::Int:
      return out_of_range(32);
    case Target::Big:
      return out_of_range(64);
    case Target::Uuid:
      if (column.type == ColumnType::Varchar && !wire::json::parse_uuid_text(column.text(at))) {
        return fmt::format("'{}' is no UUID", column_.name);
      }
      return std::nullopt;
    case Target::Timestamp:
      if (!wire::json::parse_timestamp(column.text(at))) {
        return fmt::format("'{}' is no timestamp", column_.name);
      }
      return std::nullopt;
    case Target::Text:
      if (column.type == ColumnType::Varchar &&
          std::ranges::any_of(column.text(at), [](char c) { return c < 0; })) {
        return fmt::format("'{}' is not ASCII", column_.name);
      }
      return std::nullopt;
    case Target::Boolean:
    case Target::Var:
    case Target::Float:
    case Target::Double:
    case Target::Blob:
    case Target::Date:
      return std::nullopt;
  }
  return std::nullopt;
}

void ColumnEncoder::append_value(const ColumnView& column, std::size_t at, Bytes& out) const {
  switch (target_) {
    case Target::Boolean:
      out.push_back(column.value<bool>(at) ? 1 : 0);
      return;
    case Target::Tiny:
      out.push_back(static_cast<std::uint8_t>(integer_at(column, at).lower));
      return;
    case Target::Small:
      append_be(out, static_cast<std::uint16_t>(integer_at(column, at).lower));
      return;
    case Target::Int:
      append_be(out, static_cast<std::uint32_t>(integer_at(column, at).lower));
      return;
    case Target::Big:
      append_be(out, integer_at(column, at).lower);
      return;
    case Target::Var:
      append_varint(out, integer_at(column, at));
      return;
    case Target::Float:
    case Target::Double: {
      const double value = column.type == ColumnType::Double ? column.value<double>(at)
                                                             : to_double(integer_at(column, at));
      if (target_ == Target::Float) {
        append_be(out, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
      } else {
        append_be(out, std::bit_cast<std::uint64_t>(value));
      }
      return;
    }
    case Target::Text:
      if (column.type == ColumnType::Uuid) {
        append_text(out, to_string(to_uuid(column.value<HugeInt>(at))));
        return;
      }
      append_text(out, column.text(at));
      return;
    case Target::Blob:
      append_text(out, column.text(at));
      return;
    case Target::Uuid: {
      const Uuid uuid = column.type == ColumnType::Uuid
                            ? to_uuid(column.value<HugeInt>(at))
                            : wire::json::parse_uuid_text(column.text(at)).value_or(Uuid{});
      out.insert(out.end(), uuid.bytes.begin(), uuid.bytes.end());
      return;
    }
    case Target::Date:
      // Days, moved by 2^31 (native_protocol_v4 6.5).
      append_be(out, static_cast<std::uint32_t>(column.value<std::int32_t>(at)) ^ 0x80000000U);
      return;
    case Target::Timestamp: {
      const std::int64_t us = column.type == ColumnType::Varchar
                                  ? wire::json::parse_timestamp(column.text(at)).value_or(0)
                                  : column.value<std::int64_t>(at);
      // Milliseconds, towards the past.
      append_be(out, us / 1000 - (us % 1000 < 0 ? 1 : 0));
      return;
    }
  }
}

// Most columns are texts: one growth for all of them, then copies.
void ColumnEncoder::append_texts(const Chunk& chunk, const ColumnView& column,
                                 tables::ValueColumn& out) {
  const std::size_t rows = chunk.rows();
  std::size_t bytes = 0;
  std::size_t nulls = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t at = chunk.at(i);
    const bool null = column.is_null(at);
    nulls += null ? 1 : 0;
    if (!null) bytes += column.value<TextRef>(at).size;
  }
  if (nulls > 0 && out.nulls.empty()) out.nulls.assign(out.offsets.size() - 1, 0);
  // Of the first rows too: there the assignment above left it empty.
  const bool mark = nulls > 0 || !out.nulls.empty();
  std::size_t end = out.data.size();
  out.data.resize(end + bytes);
  out.offsets.reserve(out.offsets.size() + rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t at = chunk.at(i);
    const bool null = column.is_null(at);
    if (mark) out.nulls.push_back(null ? 1 : 0);
    if (!null) {
      const auto& text = column.value<TextRef>(at);
      if (text.size > 0) std::memcpy(out.data.data() + end, text.data(), text.size);
      end += text.size;
    }
    out.offsets.push_back(static_cast<std::uint32_t>(end));
  }
}

void ColumnEncoder::append(const Chunk& chunk, std::size_t index, tables::ValueColumn& out) const {
  const ColumnView& column = chunk.column(index);
  if (out.offsets.empty()) out.offsets.push_back(0);
  if (target_ == Target::Text && column.type == ColumnType::Varchar) {
    append_texts(chunk, column, out);
    return;
  }
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    const std::size_t at = chunk.at(i);
    const bool null = column.is_null(at);
    if (null && out.nulls.empty()) out.nulls.assign(out.offsets.size() - 1, 0);
    if (null || !out.nulls.empty()) out.nulls.push_back(null ? 1 : 0);
    if (!null) append_value(column, at, out.data);
    out.offsets.push_back(static_cast<std::uint32_t>(out.data.size()));
  }
}

}  // namespace tidemill::connect::cql

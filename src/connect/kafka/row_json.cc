// SPDX-License-Identifier: Apache-2.0
#include "connect/kafka/row_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <iterator>

#include "wire/json/text.h"

namespace tidemill::connect::kafka {
namespace {

void append_text(Bytes& out, std::string_view text) {
  const BytesView bytes = as_bytes(text);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

template <class... Args>
void append_format(Bytes& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void append_date(Bytes& out, std::int64_t days) {
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<std::int32_t>(days)}}};
  append_format(out, "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

void append_timestamp(Bytes& out, std::int64_t us, bool zone) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const std::int64_t days = us / kDay - (us % kDay < 0 ? 1 : 0);
  const std::int64_t rest = us - days * kDay;
  append_date(out, days);
  append_format(out, "T{:02}:{:02}:{:02}", rest / 3'600'000'000, rest / 60'000'000 % 60,
                rest / 1'000'000 % 60);
  const std::int64_t fraction = rest % 1'000'000;
  if (fraction % 1000 != 0) {
    append_format(out, ".{:06}", fraction);
  } else if (fraction != 0) {
    append_format(out, ".{:03}", fraction / 1000);
  }
  if (zone) out.push_back('Z');
}

void append_hugeint(Bytes& out, const HugeInt& value) {
  const bool negative = value.upper < 0;
  auto rest = (static_cast<unsigned __int128>(value.upper) << 64) | value.lower;
  if (negative) rest = -rest;
  char digits[40];
  char* at = std::end(digits);
  do {
    *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  if (negative) out.push_back('-');
  append_text(out, {at, static_cast<std::size_t>(std::end(digits) - at)});
}

void append_number(Bytes& out, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, std::end(digits), value).ptr;
  append_text(out, {digits, static_cast<std::size_t>(end - digits)});
}

// Without quotes; gives whether JSON puts quotes around it.
bool append_bare(const ColumnView& column, std::size_t at, Bytes& out) {
  switch (column.type) {
    case ColumnType::Boolean:
      append_text(out, column.value<bool>(at) ? "true" : "false");
      return false;
    case ColumnType::Integer:
      append_number(out, column.value<std::int32_t>(at));
      return false;
    case ColumnType::BigInt:
      append_number(out, column.value<std::int64_t>(at));
      return false;
    case ColumnType::HugeInt:
      append_hugeint(out, column.value<HugeInt>(at));
      return false;
    case ColumnType::Double: {
      const double value = column.value<double>(at);
      // JSON has no word for what is no number.
      if (std::isfinite(value)) {
        append_format(out, "{}", value);
      } else {
        append_text(out, "null");
      }
      return false;
    }
    case ColumnType::Uuid:
      append_text(out, to_string(to_uuid(column.value<HugeInt>(at))));
      return true;
    case ColumnType::Date:
      append_date(out, column.value<std::int32_t>(at));
      return true;
    case ColumnType::Timestamp:
    case ColumnType::TimestampTz:
      append_timestamp(out, column.value<std::int64_t>(at), column.type == ColumnType::TimestampTz);
      return true;
    case ColumnType::Blob:
      append_text(out, to_base64(as_bytes(column.text(at))));
      return true;
    case ColumnType::Varchar:
      append_text(out, column.text(at));
      return true;
  }
  return false;
}

}  // namespace

void append_json(const ColumnView& column, std::size_t at, Bytes& out) {
  if (column.is_null(at)) {
    append_text(out, "null");
    return;
  }
  if (column.type == ColumnType::Varchar) {
    wire::json::append_string(out, column.text(at));
    return;
  }
  const std::size_t before = out.size();
  if (!append_bare(column, at, out)) return;
  // Times, UUIDs and base64 need no escapes.
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(before), '"');
  out.push_back('"');
}

void append_plain(const ColumnView& column, std::size_t at, Bytes& out) {
  if (column.is_null(at)) {
    append_text(out, "null");
  } else {
    append_bare(column, at, out);
  }
}

RowWriter::RowWriter(const std::vector<Column>& output, std::vector<std::size_t> places)
    : places_(std::move(places)) {
  for (const std::size_t place : places_) {
    Bytes prefix;
    prefix.push_back(prefixes_.empty() ? '{' : ',');
    wire::json::append_string(prefix, output[place].name);
    prefix.push_back(':');
    prefixes_.push_back(std::move(prefix));
  }
}

void RowWriter::append(const Chunk& chunk, std::size_t at, Bytes& out) const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    out.insert(out.end(), prefixes_[i].begin(), prefixes_[i].end());
    append_json(chunk.column(places_[i]), at, out);
  }
  if (places_.empty()) out.push_back('{');
  out.push_back('}');
}

}  // namespace tidemill::connect::kafka

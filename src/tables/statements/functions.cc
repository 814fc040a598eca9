// SPDX-License-Identifier: Apache-2.0
// The scalar functions. Names exist in Cassandra 5.0's snake_case and in the older spelling.
#include "tables/statements/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "wire/cql/bignum.h"
#include "wire/cql/literal.h"
#include "wire/cql/value.h"

namespace tidemill::tables::statements {
namespace {

using wire::cql::decode_integer;
using wire::cql::encode_be;
using Arguments = std::span<const TermValue>;
using Types = std::span<const Type>;

constexpr std::int64_t kDayMs = 86'400'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

std::int32_t days_of(std::int64_t ms) {
  return static_cast<std::int32_t>(floor_div(ms, kDayMs));
}
std::int64_t ms_of_uuid(BytesView value) {
  return wire::cql::timeuuid_ms(wire::cql::decode_uuid(value));
}
std::int64_t ms_of_date(BytesView value) {
  return wire::cql::decode_date(value) * kDayMs;
}

Type type_of(Kind kind) {
  return Type::of(kind);
}

// Conversions of one value in binary form.
template <std::int64_t (*ToMs)(BytesView)>
Outcome<Value> to_date(Arguments in, const Parameters&, Types) {
  return Value(wire::cql::encode_date(days_of(ToMs(in[0].bytes()))));
}
template <std::int64_t (*ToMs)(BytesView)>
Outcome<Value> to_ms(Arguments in, const Parameters&, Types) {
  return Value(encode_be(ToMs(in[0].bytes())));
}

// Functions of the current time.
Outcome<Value> now(Arguments, const Parameters& at, Types) {
  return Value(wire::cql::encode_uuid(at.time->next_timeuuid()));
}
Outcome<Value> random_uuid_call(Arguments, const Parameters& at, Types) {
  return Value(wire::cql::encode_uuid(at.time->random_uuid()));
}
Outcome<Value> current_timestamp(Arguments, const Parameters& at, Types) {
  return Value(encode_be(at.time->now_ms()));
}
Outcome<Value> current_date(Arguments, const Parameters& at, Types) {
  return Value(wire::cql::encode_date(days_of(at.time->now_ms())));
}
Outcome<Value> current_time(Arguments, const Parameters& at, Types) {
  return Value(encode_be((at.time->now_ms() % kDayMs) * 1'000'000));
}
Outcome<Value> min_timeuuid_call(Arguments in, const Parameters&, Types) {
  return Value(wire::cql::encode_uuid(wire::cql::min_timeuuid(decode_integer(in[0].bytes()))));
}
Outcome<Value> max_timeuuid_call(Arguments in, const Parameters&, Types) {
  return Value(wire::cql::encode_uuid(wire::cql::max_timeuuid(decode_integer(in[0].bytes()))));
}

Outcome<Value> same_bytes(Arguments in, const Parameters&, Types) {
  const BytesView bytes = in[0].bytes();
  return Value(Bytes(bytes.begin(), bytes.end()));
}
// blobAsX refuses bytes that are no value of X.
Outcome<Value> from_blob(Arguments in, const Parameters&, Types types) {
  const BytesView bytes = in[0].bytes();
  const Type& to = types.back();
  const std::size_t fixed = wire::cql::fixed_length(to);
  if (!wire::cql::check_value(to, bytes).ok() || (fixed > 0 && bytes.size() != fixed)) {
    return invalid(
        fmt::format("In call to function system.blobas{}, value 0x{} is not a valid binary "
                    "representation for type {}",
                    to_string(to), to_hex(bytes), to_string(to)));
  }
  return Value(Bytes(bytes.begin(), bytes.end()));
}

// Rounds down to a multiple of the duration: floor(timestamp, duration[, start]).
Outcome<Value> floor_time(Arguments in, const Parameters&, Types types) {
  const auto duration = wire::cql::decode_duration(in[1].bytes());
  if (!duration.ok()) return invalid(duration.error().message);
  const bool date = types[0].kind == Kind::Date;
  const std::int64_t ms = date                              ? ms_of_date(in[0].bytes())
                          : types[0].kind == Kind::Timeuuid ? ms_of_uuid(in[0].bytes())
                                                            : decode_integer(in[0].bytes());
  std::int64_t floored = ms;
  if (duration->months > 0) {
    namespace chr = std::chrono;
    const chr::year_month_day day{chr::sys_days{chr::days{days_of(ms)}}};
    const std::int64_t months =
        (static_cast<int>(day.year()) - 1970) * 12LL + static_cast<unsigned>(day.month()) - 1;
    const std::int64_t start = floor_div(months, duration->months) * duration->months;
    const chr::year_month_day first{
        chr::year{static_cast<int>(1970 + floor_div(start, 12))},
        chr::month{static_cast<unsigned>(start - floor_div(start, 12) * 12 + 1)}, chr::day{1}};
    floored = chr::sys_days{first}.time_since_epoch().count() * kDayMs;
  } else {
    const std::int64_t step = duration->days * kDayMs + duration->nanoseconds / 1'000'000;
    if (step <= 0) return invalid("Invalid duration for floor");
    floored = floor_div(ms, step) * step;
  }
  return Value(date ? wire::cql::encode_date(days_of(floored)) : encode_be(floored));
}

// Generic functions: by the type of their argument.
Outcome<Value> to_json(Arguments in, const Parameters&, Types types) {
  if (!in[0].is_value()) return Value(wire::cql::encode_text("null"));
  return Value(wire::cql::encode_text(wire::cql::to_json_text(types[0], in[0].bytes())));
}
Outcome<Value> keys_of_map(Arguments in, const Parameters&, Types) {
  const auto elements = TRY(wire::cql::decode_elements(in[0].bytes(), true));
  std::vector<BytesView> out;
  for (std::size_t i = 0; i < elements.size(); i += 2) out.push_back(elements[i]);
  return Value(wire::cql::encode_elements(std::span<const BytesView>(out), false));
}
Outcome<Value> values_of_map(Arguments in, const Parameters&, Types) {
  const auto elements = TRY(wire::cql::decode_elements(in[0].bytes(), true));
  std::vector<BytesView> out;
  for (std::size_t i = 1; i < elements.size(); i += 2) out.push_back(elements[i]);
  return Value(wire::cql::encode_elements(std::span<const BytesView>(out), false));
}
Outcome<Value> count_elements(Arguments in, const Parameters&, Types types) {
  const bool is_map = types[0].kind == Kind::Map;
  const auto elements = TRY(wire::cql::decode_elements(in[0].bytes(), is_map));
  return Value(encode_be(static_cast<std::int32_t>(elements.size() / (is_map ? 2 : 1))));
}
template <const char* Name>
Outcome<Value> fold_elements(Arguments in, const Parameters&, Types types) {
  AggregateCall call{Name, nullptr, types[0].element(), types.back()};
  const auto aggregate = start_aggregate(call);
  for (const BytesView element : TRY(wire::cql::decode_elements(in[0].bytes(), false))) {
    TRY(aggregate->add(TermValue::view(element)));
  }
  return aggregate->result();
}
constexpr char kMin[] = "min";
constexpr char kMax[] = "max";
constexpr char kSum[] = "sum";
constexpr char kAvg[] = "avg";

Outcome<Value> absolute(Arguments in, const Parameters& at, Types types) {
  const Bytes zero = *convert_number(type_of(Kind::Int), encode_be(std::int32_t{0}), types[0]);
  (void)at;
  if (wire::cql::compare_values(types[0], in[0].bytes(), zero) >= 0) {
    return Value(Bytes(in[0].bytes().begin(), in[0].bytes().end()));
  }
  return operate('-', types[0], zero, types[0], in[0].bytes(), types[0]);
}
template <double (*Function)(double)>
Outcome<Value> of_double(Arguments in, const Parameters&, Types types) {
  const double value = Function(wire::cql::decode_number(types[0], in[0].bytes()));
  return convert_number(type_of(Kind::Double), wire::cql::encode_double(value), types[0]);
}
double round_half_up(double value) {
  return std::floor(value + 0.5);
}

struct Generic {
  std::string_view name;
  bool (*takes)(const Type&);
  Type (*result)(const Type&);
  ScalarFunction call;
  bool null_in_null_out;
};

bool any_type(const Type&) {
  return true;
}
bool is_map(const Type& type) {
  return type.kind == Kind::Map;
}
bool is_list_or_set(const Type& type) {
  return type.kind == Kind::List || type.kind == Kind::Set;
}
bool is_number(const Type& type) {
  return operation_type('*', type, type).has_value();
}
bool is_number_list(const Type& type) {
  return is_list_or_set(type) && is_number(type.element());
}
Type text_result(const Type&) {
  return Type::of(Kind::Text);
}
Type int_result(const Type&) {
  return Type::of(Kind::Int);
}
Type same_result(const Type& type) {
  return type;
}
Type element_result(const Type& type) {
  return type.element();
}
Type keys_result(const Type& type) {
  return Type::set(type.element(0));
}
Type values_result(const Type& type) {
  return Type::list(type.element(1));
}
bool is_collection(const Type& type) {
  return type.is_collection();
}

constexpr std::array kGenerics{
    Generic{"abs", is_number, same_result, absolute, true},
    Generic{"collection_avg", is_number_list, element_result, fold_elements<kAvg>, true},
    Generic{"collection_count", is_collection, int_result, count_elements, true},
    Generic{"collection_max", is_list_or_set, element_result, fold_elements<kMax>, true},
    Generic{"collection_min", is_list_or_set, element_result, fold_elements<kMin>, true},
    Generic{"collection_sum", is_number_list, element_result, fold_elements<kSum>, true},
    Generic{"exp", is_number, same_result, of_double<std::exp>, true},
    Generic{"log", is_number, same_result, of_double<std::log>, true},
    Generic{"log10", is_number, same_result, of_double<std::log10>, true},
    Generic{"map_keys", is_map, keys_result, keys_of_map, true},
    Generic{"map_values", is_map, values_result, values_of_map, true},
    Generic{"round", is_number, same_result, of_double<round_half_up>, true},
    Generic{"to_json", any_type, text_result, to_json, false},
    Generic{"tojson", any_type, text_result, to_json, false},
};

// "totimestamp" for "to_timestamp": names compare without underscores, so both spellings meet.
std::string plain(std::string_view name) {
  std::string out(name);
  std::erase(out, '_');
  return out;
}

}  // namespace

bool is_aggregate_function(std::string_view name) {
  return name == "count" || name == "min" || name == "max" || name == "sum" || name == "avg";
}

bool is_generic_function(std::string_view name) {
  return std::ranges::find(kGenerics, name, &Generic::name) != kGenerics.end();
}

std::vector<Overload> find_generic_function(std::string_view name, Types types) {
  const auto* at = std::ranges::find(kGenerics, name, &Generic::name);
  if (at == kGenerics.end() || types.size() != 1 || !at->takes(types[0])) return {};
  return {{{types[0]}, at->result(types[0]), at->call, at->null_in_null_out}};
}

std::vector<Overload> find_function(std::string_view name) {
  const Type timeuuid = type_of(Kind::Timeuuid);
  const Type timestamp = type_of(Kind::Timestamp);
  const Type date = type_of(Kind::Date);
  const Type duration = type_of(Kind::Duration);
  const Type bigint = type_of(Kind::Bigint);
  const std::string key = plain(name);
  if (key == "now" || key == "currenttimeuuid") return {{{}, timeuuid, now}};
  if (key == "uuid") return {{{}, type_of(Kind::Uuid), random_uuid_call}};
  if (key == "currenttimestamp") return {{{}, timestamp, current_timestamp}};
  if (key == "currentdate") return {{{}, date, current_date}};
  if (key == "currenttime") return {{{}, type_of(Kind::Time), current_time}};
  if (key == "mintimeuuid") return {{{timestamp}, timeuuid, min_timeuuid_call}};
  if (key == "maxtimeuuid") return {{{timestamp}, timeuuid, max_timeuuid_call}};
  if (key == "todate") {
    return {{{timeuuid}, date, to_date<ms_of_uuid>}, {{timestamp}, date, to_date<decode_integer>}};
  }
  if (key == "totimestamp") {
    return {{{timeuuid}, timestamp, to_ms<ms_of_uuid>}, {{date}, timestamp, to_ms<ms_of_date>}};
  }
  if (key == "dateof") return {{{timeuuid}, timestamp, to_ms<ms_of_uuid>}};
  if (key == "unixtimestampof") return {{{timeuuid}, bigint, to_ms<ms_of_uuid>}};
  if (key == "tounixtimestamp") {
    return {{{timeuuid}, bigint, to_ms<ms_of_uuid>},
            {{timestamp}, bigint, to_ms<decode_integer>},
            {{date}, bigint, to_ms<ms_of_date>}};
  }
  if (key == "floor") {
    return {{{timestamp, duration}, timestamp, floor_time},
            {{timeuuid, duration}, timestamp, floor_time},
            {{date, duration}, date, floor_time}};
  }
  const Type blob = type_of(Kind::Blob);
  if (key.starts_with("blobas")) {
    const auto to = wire::cql::scalar_type(std::string_view(key).substr(6));
    if (to.ok()) return {{{blob}, *to, from_blob}};
  }
  if (key.ends_with("asblob")) {
    const auto from = wire::cql::scalar_type(std::string_view(key).substr(0, key.size() - 6));
    if (from.ok()) return {{{*from}, blob, same_bytes}};
  }
  return {};
}

namespace {

template <class Convert>
Outcome<Value> cast_bytes(Arguments in, Convert convert) {
  return Value(convert(in[0].bytes()));
}

bool is_numeric(Kind kind) {
  switch (kind) {
    case Kind::Tinyint:
    case Kind::Smallint:
    case Kind::Int:
    case Kind::Bigint:
    case Kind::Counter:
    case Kind::Varint:
    case Kind::Decimal:
    case Kind::Float:
    case Kind::Double:
      return true;
    default:
      return false;
  }
}

Outcome<Value> cast_number(Arguments in, const Parameters&, Types types) {
  return convert_number(types[0], in[0].bytes(), types.back());
}
Outcome<Value> cast_text(Arguments in, const Parameters&, Types types) {
  return Value(wire::cql::encode_text(wire::cql::to_cast_text(types[0], in[0].bytes())));
}

}  // namespace

ScalarFunction find_cast(const Type& from, const Type& to) {
  if (is_numeric(from.kind) && is_numeric(to.kind) && to.kind != Kind::Counter) return cast_number;
  const bool printable = is_numeric(from.kind) || from.kind == Kind::Boolean ||
                         from.kind == Kind::Ascii || from.kind == Kind::Text ||
                         from.kind == Kind::Inet || from.kind == Kind::Uuid ||
                         from.kind == Kind::Timeuuid || from.kind == Kind::Timestamp ||
                         from.kind == Kind::Date || from.kind == Kind::Time;
  if (to.is_text() && printable) return cast_text;
  if (from.kind == Kind::Timeuuid && to.kind == Kind::Timestamp) return to_ms<ms_of_uuid>;
  if (from.kind == Kind::Timeuuid && to.kind == Kind::Date) return to_date<ms_of_uuid>;
  if (from.kind == Kind::Timestamp && to.kind == Kind::Date) return to_date<decode_integer>;
  if (from.kind == Kind::Date && to.kind == Kind::Timestamp) return to_ms<ms_of_date>;
  return nullptr;
}

}  // namespace tidemill::tables::statements

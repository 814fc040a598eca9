// SPDX-License-Identifier: Apache-2.0
#include "wire/json/decoder.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>

#include "wire/json/scalar.h"
#include "wire/json/text.h"

namespace tidemill::wire::json {
namespace {

constexpr std::size_t kNoField = SIZE_MAX;
constexpr std::size_t kCapacityKept = 4UL * 1024 * 1024;

// The structural characters of one document, from simdjson's first stage: every bracket, colon and
// comma outside strings and the first byte of every string and scalar. It has checked the UTF-8,
// that strings end and hold no control characters.
class StructureIndex {
 public:
  // The reason when the text is no JSON for sure; nullptr else.
  const char* build(BytesView text) {
    if (text.empty()) return "the value is empty";
    if (text.size() > capacity_) {
      const std::size_t capacity = std::max<std::size_t>(std::bit_ceil(text.size()), 4096);
      if (parser_ == nullptr) {
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(
                capacity, 1, parser_) != simdjson::SUCCESS) {
          return "no memory for the document";
        }
      } else if (parser_->set_capacity(capacity) != simdjson::SUCCESS) {
        return "no memory for the document";
      }
      capacity_ = capacity;
    }
    const auto outcome = parser_->stage1(text.data(), text.size(), simdjson::stage1_mode::regular);
    if (outcome != simdjson::SUCCESS) return simdjson::error_message(outcome);
    return nullptr;
  }
  std::span<const std::uint32_t> positions() const {
    return {parser_->structural_indexes.get(), parser_->n_structural_indexes};
  }
  // A giant document must not hold its index for ever.
  void trim() {
    if (capacity_ <= kCapacityKept) return;
    parser_.reset();
    capacity_ = 0;
  }

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
};

std::string_view without_trailing_spaces(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\t' ||
                           text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

class IndexDecoder final : public Decoder {
 public:
  IndexDecoder(std::vector<Field> fields, DecoderOptions options)
      : fields_(std::move(fields)), options_(options), seen_(fields_.size()) {
    for (std::size_t i = 0; i < fields_.size(); ++i) by_name_[fields_[i].name] = i;
  }

  void decode(std::span<const RecordView> records, std::size_t first_row, ChunkBuffer& out,
              std::vector<BadValue>& faults) override {
    out_ = &out;
    faults_ = &faults;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const std::size_t row = first_row + i;
      row_ = row;
      ++stamp_;
      const std::size_t before = faults.size();
      if (const char* reason = decode_record(records[i]); reason != nullptr) {
        faults.resize(before);
        faults.push_back({static_cast<std::uint32_t>(row), Fault::Malformed, 0, reason});
        for (const auto& field : fields_) out.set_null(field.column, row);
      }
    }
    index_.trim();
  }

 private:
  // The member expected at a place of the object: producers keep their order.
  struct Expected {
    std::string key;
    std::size_t field = kNoField;
  };

  std::string_view token(std::size_t at) const {
    const std::size_t from = positions_[at];
    const std::size_t to = at + 1 < positions_.size() ? positions_[at + 1] : text_.size();
    return without_trailing_spaces(text_.substr(from, to - from));
  }
  char kind(std::size_t at) const { return at < positions_.size() ? text_[positions_[at]] : '\0'; }

  const char* decode_record(const RecordView& record) {
    if (!record.has_value()) return "the value is null";
    if (record.value.size() > options_.value_bytes_max) return "the value is too large";
    text_ = as_text(record.value);
    if (const char* reason = index_.build(record.value); reason != nullptr) return reason;
    positions_ = index_.positions();
    if (kind(0) != '{') return "the value is not a JSON object";
    std::size_t at = 1;
    if (kind(at) != '}') {
      for (std::size_t place = 0;; ++place) {
        if (const char* reason = member(place, at); reason != nullptr) return reason;
        if (kind(at) == '}') break;
        if (kind(at) != ',') return "a comma or the end of the object is missing";
        ++at;
      }
    }
    return at + 1 == positions_.size() ? nullptr : "there is text behind the object";
  }

  // Reads `"key": value`, moving `at` behind it.
  const char* member(std::size_t place, std::size_t& at) {
    if (kind(at) != '"') return "a member has no name";
    const std::string_view quoted = token(at);
    if (quoted.size() < 2 || quoted.back() != '"') return "a string does not end";
    if (kind(at + 1) != ':') return "a colon is missing";
    const std::string_view key = quoted.substr(1, quoted.size() - 2);
    std::size_t field = kNoField;
    if (place < expected_.size() && expected_[place].key == key) {
      field = expected_[place].field;
    } else if (!find_field(place, key, field)) {
      return "a member's name has a bad escape";
    }
    at += 2;
    return value(field, at);
  }

  bool find_field(std::size_t place, std::string_view key, std::size_t& field) {
    std::string plain(key);
    if (key.find('\\') != std::string_view::npos) {
      const auto size = unescape(key, plain.data());
      if (!size) return false;
      plain.resize(*size);
    }
    const auto found = by_name_.find(plain);
    field = found == by_name_.end() ? kNoField : found->second;
    if (field == kNoField && options_.reject_unknown_fields) {
      faults_->push_back({static_cast<std::uint32_t>(row_), Fault::UnknownField, 0,
                          fmt::format("the member '{}' is not a column", plain.substr(0, 200))});
      return true;  // not remembered, so that it is reported again
    }
    if (place < 256 && key.size() <= 256) {
      if (place >= expected_.size()) expected_.resize(place + 1);
      expected_[place] = {std::string(key), field};
    }
    return true;
  }

  const char* value(std::size_t field, std::size_t& at) {
    switch (kind(at)) {
      case '\0':
        return "a value is missing";
      case '"': {
        const std::string_view quoted = token(at++);
        if (quoted.size() < 2 || quoted.back() != '"') return "a string does not end";
        return string_value(field, quoted.substr(1, quoted.size() - 2));
      }
      case '{':
      case '[':
        return nested_value(field, at);
      default:
        return scalar_value(field, token(at++));
    }
  }

  const char* string_value(std::size_t field, std::string_view inside) {
    if (std::memchr(inside.data(), '\\', inside.size()) != nullptr) {
      char* to = out_->arena().reserve(inside.size());
      const auto size = unescape(inside, to);
      if (!size) return "a string has a bad escape";
      if (field == kNoField) return nullptr;
      out_->arena().commit(*size);
      inside = {to, *size};
    }
    if (field != kNoField) store_text(field, inside);
    return nullptr;
  }

  const char* nested_value(std::size_t field, std::size_t& at) {
    std::size_t depth = 0;
    const std::size_t start = positions_[at];
    std::size_t end = 0;
    for (; at < positions_.size(); ++at) {
      const char c = text_[positions_[at]];
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) {
        end = positions_[at++] + 1;
        break;
      }
    }
    if (end == 0) return "a bracket is not closed";
    const std::string_view nested = text_.substr(start, end - start);
    char* to = out_->arena().reserve(nested.size());
    const auto size = compact(nested, to, options_.depth_max);
    if (!size) return "a nested value is malformed or too deep";
    if (field == kNoField) return nullptr;
    if (!fields_[field].coerce) {
      wrong(field, "an object or array");
      return nullptr;
    }
    out_->arena().commit(*size);
    begin(field);
    out_->set(fields_[field].column, row_, TextRef(std::string_view(to, *size)));
    return nullptr;
  }

  const char* scalar_value(std::size_t field, std::string_view text) {
    if (text == "null") {
      if (field != kNoField) {
        begin(field);
        out_->set_null(fields_[field].column, row_);
      }
      return nullptr;
    }
    const bool boolean = text == "true" || text == "false";
    if (!boolean && !is_number(text)) return "a value is no JSON";
    if (field == kNoField) return nullptr;
    if (fields_[field].coerce) {
      begin(field);
      out_->set(fields_[field].column, row_, TextRef(text));
    } else if (boolean) {
      store_boolean(field, text == "true");
    } else {
      store_number(field, text);
    }
    return nullptr;
  }

  // A member comes again: the last one counts, so what the first one did is forgotten.
  void begin(std::size_t field) {
    if (seen_[field] == stamp_) {
      std::erase_if(*faults_, [&](const BadValue& fault) {
        return fault.row == row_ && fault.fault == Fault::WrongType && fault.field == field;
      });
    }
    seen_[field] = stamp_;
  }

  void wrong(std::size_t field, std::string_view what) {
    begin(field);
    out_->set_null(fields_[field].column, row_);
    faults_->push_back({static_cast<std::uint32_t>(row_), Fault::WrongType,
                        static_cast<std::uint32_t>(field),
                        fmt::format("'{}' is {}, which is no {}", fields_[field].name, what,
                                    name_of(out_->type(fields_[field].column)))});
  }

  template <class T>
  void store(std::size_t field, const std::optional<T>& parsed, std::string_view what) {
    if (!parsed) {
      wrong(field, what);
      return;
    }
    begin(field);
    out_->set(fields_[field].column, row_, *parsed);
  }

  void store_text(std::size_t field, std::string_view text) {
    const std::size_t column = fields_[field].column;
    switch (out_->type(column)) {
      case ColumnType::Varchar:
        begin(field);
        out_->set(column, row_, TextRef(text));
        return;
      case ColumnType::Uuid: {
        const auto uuid = parse_uuid_text(text);
        store(field, uuid ? std::optional(to_hugeint(*uuid)) : std::nullopt, "another text");
        return;
      }
      case ColumnType::Timestamp:
      case ColumnType::TimestampTz:
        store(field, parse_timestamp(text), "another text");
        return;
      case ColumnType::Date:
        store(field, parse_date(text), "another text");
        return;
      case ColumnType::Blob: {
        const auto bytes = from_base64(text);
        std::optional<TextRef> kept;
        if (bytes.ok()) kept = TextRef(out_->arena().copy(as_text(*bytes)));
        store(field, kept, "no base64 text");
        return;
      }
      case ColumnType::Boolean:
      case ColumnType::Integer:
      case ColumnType::BigInt:
      case ColumnType::HugeInt:
      case ColumnType::Double:
        wrong(field, "a text");
        return;
    }
  }

  void store_boolean(std::size_t field, bool truth) {
    if (out_->type(fields_[field].column) != ColumnType::Boolean) {
      wrong(field, "a boolean");
      return;
    }
    store(field, std::optional(truth), "");
  }

  void store_number(std::size_t field, std::string_view number) {
    switch (out_->type(fields_[field].column)) {
      case ColumnType::Integer: {
        const auto wide = parse_bigint(number);
        const bool fits = wide && *wide >= INT32_MIN && *wide <= INT32_MAX;
        store(field, fits ? std::optional(static_cast<std::int32_t>(*wide)) : std::nullopt,
              "another number");
        return;
      }
      case ColumnType::BigInt:
        store(field, parse_bigint(number), "another number");
        return;
      case ColumnType::HugeInt:
        store(field, parse_hugeint(number), "another number");
        return;
      case ColumnType::Double:
        store(field, parse_double(number), "a number out of range");
        return;
      case ColumnType::Timestamp:
      case ColumnType::TimestampTz: {
        // A bare number is milliseconds since 1970, as Kafka's timestamps and JavaScript's are.
        constexpr std::int64_t kMost = INT64_MAX / 1000 / 1000;
        const auto ms = parse_bigint(number);
        const bool fits = ms && *ms > -kMost && *ms < kMost;
        store(field, fits ? std::optional(*ms * 1000) : std::nullopt, "another number");
        return;
      }
      case ColumnType::Boolean:
      case ColumnType::Varchar:
      case ColumnType::Blob:
      case ColumnType::Uuid:
      case ColumnType::Date:
        wrong(field, "a number");
        return;
    }
  }

  std::vector<Field> fields_;
  DecoderOptions options_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::vector<Expected> expected_;
  std::vector<std::uint64_t> seen_;  // by field: stamp of the last row that had it
  std::uint64_t stamp_ = 0;
  StructureIndex index_;

  // Of the decode() and the record in hand.
  ChunkBuffer* out_ = nullptr;
  std::vector<BadValue>* faults_ = nullptr;
  std::size_t row_ = 0;
  std::string_view text_;
  std::span<const std::uint32_t> positions_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_decoder(std::vector<Field> fields, DecoderOptions options) {
  std::vector<std::string> names;
  for (const auto& field : fields) names.push_back(field.name);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("two columns read the JSON field '{}'", *twice));
  }
  return std::unique_ptr<Decoder>(std::make_unique<IndexDecoder>(std::move(fields), options));
}

}  // namespace tidemill::wire::json

// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tables/statements/functions.h"
#include "wire/cql/literal.h"

namespace tidemill::tables::statements {
namespace {

constexpr int kMaxJsonDepth = 64;

class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  std::optional<Json> whole() {
    Json out;
    if (!value(out, 0)) return std::nullopt;
    skip_space();
    if (at_ != text_.size()) return std::nullopt;
    return out;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool take(char wanted) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool value(Json& out, int depth) {
    if (depth > kMaxJsonDepth) return false;
    skip_space();
    if (at_ == text_.size()) return false;
    switch (text_[at_]) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"':
        out.kind = Json::Kind::String;
        return string(out.text);
      case 'n':
        return take_word("null");
      case 't':
        out.kind = Json::Kind::Boolean;
        out.text = "true";
        return take_word("true");
      case 'f':
        out.kind = Json::Kind::Boolean;
        out.text = "false";
        return take_word("false");
      default:
        return number(out);
    }
  }

  bool object(Json& out, int depth) {
    out.kind = Json::Kind::Object;
    ++at_;
    if (take('}')) return true;
    do {
      skip_space();
      std::string key;
      if (at_ == text_.size() || text_[at_] != '"' || !string(key) || !take(':')) return false;
      out.keys.push_back(std::move(key));
      if (!value(out.items.emplace_back(), depth + 1)) return false;
    } while (take(','));
    return take('}');
  }

  bool array(Json& out, int depth) {
    out.kind = Json::Kind::Array;
    ++at_;
    if (take(']')) return true;
    do {
      if (!value(out.items.emplace_back(), depth + 1)) return false;
    } while (take(','));
    return take(']');
  }

  bool number(Json& out) {
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           std::string_view("+-.eE0123456789").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
    out.kind = Json::Kind::Number;
    out.text = std::string(text_.substr(start, at_ - start));
    return !out.text.empty() && wire::cql::parse_scalar(Type::of(Kind::Decimal), out.text).ok();
  }

  bool unicode(std::uint32_t& code) {
    if (at_ + 4 > text_.size()) return false;
    const char* begin = text_.data() + at_;
    const auto [end, problem] = std::from_chars(begin, begin + 4, code, 16);
    at_ += 4;
    return problem == std::errc{} && end == begin + 4;
  }

  static void append_utf8(std::string& out, std::uint32_t code) {
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xC0 | code >> 6);
      byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      byte(0xE0 | code >> 12);
      byte(0x80 | (code >> 6 & 0x3F));
      byte(0x80 | (code & 0x3F));
    } else {
      byte(0xF0 | code >> 18);
      byte(0x80 | (code >> 12 & 0x3F));
      byte(0x80 | (code >> 6 & 0x3F));
      byte(0x80 | (code & 0x3F));
    }
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ == text_.size()) return false;
      const char escape = text_[at_++];
      static constexpr std::string_view kNames = "\"\\/bfnrt";
      static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
      const std::size_t which = kNames.find(escape);
      if (which != std::string_view::npos) {
        out += kMeanings[which];
        continue;
      }
      std::uint32_t code = 0;
      if (escape != 'u' || !unicode(code)) return false;
      if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
        at_ += 2;
        std::uint32_t low = 0;
        if (!unicode(low) || low < 0xDC00 || low > 0xDFFF) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      } else if (code >= 0xD800 && code < 0xE000) {
        return false;
      }
      append_utf8(out, code);
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Outcome<Value> json_value(const Type& type, const Json& json) {
  if (json.kind == Json::Kind::Null) return Value();
  const auto element = [](const Type& of, const Json& item) -> Outcome<Bytes> {
    Value value = TRY(json_value(of, item));
    if (!value) return invalid("Invalid null element in collection");
    return *std::move(value);
  };
  switch (type.kind) {
    case Kind::List:
    case Kind::Set:
    case Kind::Vector: {
      if (json.kind != Json::Kind::Array) {
        return invalid(fmt::format("Expected a list, but got a value of another kind for {}",
                                   to_string(type)));
      }
      std::vector<Bytes> elements;
      for (const Json& item : json.items) elements.push_back(TRY(element(type.element(), item)));
      if (type.kind == Kind::Set) wire::cql::normalise_set(type.element(), elements);
      if (type.kind == Kind::Vector) return Value(wire::cql::encode_vector(type, elements));
      return Value(wire::cql::encode_elements(std::span<const Bytes>(elements), false));
    }
    case Kind::Map: {
      if (json.kind != Json::Kind::Object) return invalid("Expected a map");
      std::vector<Bytes> entries;
      for (std::size_t i = 0; i < json.items.size(); ++i) {
        Json key{.kind = Json::Kind::String, .text = json.keys[i], .items = {}, .keys = {}};
        if (!type.element(0).is_text() && type.element(0).parts) {
          const auto parsed = parse_json(json.keys[i]);
          if (parsed) key = *parsed;
        }
        entries.push_back(TRY(element(type.element(0), key)));
        entries.push_back(TRY(element(type.element(1), json.items[i])));
      }
      wire::cql::normalise_map(type.element(0), entries);
      return Value(wire::cql::encode_elements(std::span<const Bytes>(entries), true));
    }
    case Kind::Tuple: {
      if (json.kind != Json::Kind::Array || json.items.size() > type.parts->elements.size()) {
        return invalid("Expected a list representation of a tuple");
      }
      std::vector<Value> fields(type.parts->elements.size());
      for (std::size_t i = 0; i < json.items.size(); ++i)
        fields[i] = TRY(json_value(type.element(i), json.items[i]));
      return Value(wire::cql::encode_fields(fields));
    }
    case Kind::Udt: {
      if (json.kind != Json::Kind::Object) return invalid("Expected a map for a user type");
      const auto& names = type.parts->field_names;
      std::vector<Value> fields(names.size());
      for (std::size_t i = 0; i < json.items.size(); ++i) {
        const auto at = std::ranges::find(names, json.keys[i]);
        if (at == names.end()) {
          return invalid(fmt::format("Unknown field '{}' in value of user defined type {}",
                                     json.keys[i], type.parts->name));
        }
        const auto index = static_cast<std::size_t>(at - names.begin());
        fields[index] = TRY(json_value(type.element(index), json.items[i]));
      }
      return Value(wire::cql::encode_fields(fields));
    }
    default:
      break;
  }
  if (json.kind == Json::Kind::Array || json.kind == Json::Kind::Object) {
    return invalid(
        fmt::format("Expected a value of type {}, but got a collection", to_string(type)));
  }
  if (type.is_text() && json.kind != Json::Kind::String) {
    return invalid(
        fmt::format("Expected a UTF-8 string, but got a value of another kind: {}", json.text));
  }
  return Value(TRY(wire::cql::parse_scalar(type, json.text)));
}

std::optional<Json> parse_json(std::string_view text) {
  return JsonParser(text).whole();
}

Outcome<Value> from_json(const Type& type, std::string_view json) {
  const auto parsed = parse_json(json);
  if (!parsed) return invalid(fmt::format("Could not decode JSON string '{}'", json));
  return json_value(type, *parsed);
}

}  // namespace tidemill::tables::statements

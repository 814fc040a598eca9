// SPDX-License-Identifier: Apache-2.0
// Parsing of type names with user types; the order of values is in ordered.cc.
#include "tables/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tidemill::tables {

namespace {

constexpr int kNestingMax = 32;
constexpr std::size_t kFieldsMax = 32767;
constexpr std::uint32_t kDimensionMax = 8192;

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// type := name ['<' (type | number) (',' (type | number))* '>'] | '"' quoted '"'
class TypeParser {
 public:
  TypeParser(std::string_view text, const FindUserType& find) : text_(text), find_(find) {}

  Result<CqlType> whole() {
    CqlType type = TRY(one(0));
    skip_spaces();
    if (at_ != text_.size()) return unknown();
    return type;
  }

 private:
  Error unknown() const {
    return error(ErrorCode::InvalidArgument, fmt::format("Unknown type {}", text_));
  }
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char wanted) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  Result<std::string> quoted_name() {
    std::string name;
    while (at_ < text_.size()) {
      if (text_[at_] == '"' && (at_ + 1 >= text_.size() || text_[at_ + 1] != '"')) {
        ++at_;
        return name;
      }
      if (text_[at_] == '"') ++at_;
      name += text_[at_++];
    }
    return unknown();
  }
  std::string plain_name() {
    skip_spaces();
    std::string name;
    while (at_ < text_.size() && is_name_char(text_[at_])) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(text_[at_++])));
    }
    return name;
  }
  Result<CqlType> user_type(const std::string& name) const {
    const CqlType* type = find_ ? find_(name) : nullptr;
    if (type == nullptr) return unknown();
    return *type;
  }

  Result<CqlType> one(int depth) {
    if (depth > kNestingMax) return unknown();
    if (take('"')) return user_type(TRY(quoted_name()));
    const std::string name = plain_name();
    if (!take('<')) {
      auto scalar = wire::cql::scalar_type(name);
      return scalar.ok() ? std::move(scalar) : user_type(name);
    }
    if (name == "vector") return vector(depth);
    std::vector<CqlType> elements;
    do {
      if (elements.size() == kFieldsMax) return unknown();
      elements.push_back(TRY(one(depth + 1)));
    } while (take(','));
    if (!take('>')) return unknown();
    if (name == "tuple") return CqlType::tuple(std::move(elements));
    if (name == "map" && elements.size() == 2) return CqlType::map(elements[0], elements[1]);
    if (elements.size() != 1) return unknown();
    if (name == "list") return CqlType::list(elements[0]);
    if (name == "set") return CqlType::set(elements[0]);
    if (name == "frozen") return elements[0].freeze();
    return unknown();
  }

  Result<CqlType> vector(int depth) {
    CqlType element = TRY(one(depth + 1));
    if (!take(',')) return unknown();
    std::uint32_t dimension = 0;
    for (const char c : plain_name()) {
      if (c < '0' || c > '9') return unknown();
      dimension = dimension * 10 + static_cast<std::uint32_t>(c - '0');
      if (dimension > kDimensionMax) return unknown();
    }
    if (dimension == 0 || !take('>')) return unknown();
    return CqlType::vector(std::move(element), dimension);
  }

  std::string_view text_;
  const FindUserType& find_;
  std::size_t at_ = 0;
};

}  // namespace

namespace {

bool is_same_user_type(const CqlType& type, const CqlType& user_type) {
  return type.kind == TypeKind::Udt && type.parts->name == user_type.parts->name &&
         type.parts->keyspace == user_type.parts->keyspace;
}

}  // namespace

bool uses_type(const CqlType& type, const CqlType& user_type) {
  if (is_same_user_type(type, user_type)) return true;
  return type.parts != nullptr &&
         std::ranges::any_of(type.parts->elements,
                             [&](const CqlType& element) { return uses_type(element, user_type); });
}

CqlType with_user_type(const CqlType& type, const CqlType& user_type) {
  if (is_same_user_type(type, user_type)) return type.frozen ? user_type.freeze() : user_type;
  if (!uses_type(type, user_type)) return type;
  auto parts = std::make_shared<wire::cql::TypeParts>(*type.parts);
  for (CqlType& element : parts->elements) element = with_user_type(element, user_type);
  return {type.kind, type.frozen, std::move(parts)};
}

Result<CqlType> parse_type(std::string_view text, const FindUserType& find) {
  return TypeParser(text, find).whole();
}

}  // namespace tidemill::tables

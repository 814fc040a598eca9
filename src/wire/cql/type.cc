// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace tidemill::wire::cql {
namespace {

struct Scalar {
  Kind kind;
  std::string_view name;
  std::string_view class_name;
  std::size_t length;  // 0: variable
};

constexpr std::array kScalars{
    Scalar{Kind::Ascii, "ascii", "AsciiType", 0},
    Scalar{Kind::Bigint, "bigint", "LongType", 8},
    Scalar{Kind::Blob, "blob", "BytesType", 0},
    Scalar{Kind::Boolean, "boolean", "BooleanType", 1},
    Scalar{Kind::Counter, "counter", "CounterColumnType", 8},
    Scalar{Kind::Date, "date", "SimpleDateType", 4},
    Scalar{Kind::Decimal, "decimal", "DecimalType", 0},
    Scalar{Kind::Double, "double", "DoubleType", 8},
    Scalar{Kind::Duration, "duration", "DurationType", 0},
    Scalar{Kind::Float, "float", "FloatType", 4},
    Scalar{Kind::Inet, "inet", "InetAddressType", 0},
    Scalar{Kind::Int, "int", "Int32Type", 4},
    Scalar{Kind::Smallint, "smallint", "ShortType", 2},
    Scalar{Kind::Text, "text", "UTF8Type", 0},
    Scalar{Kind::Time, "time", "TimeType", 8},
    Scalar{Kind::Timestamp, "timestamp", "TimestampType", 8},
    Scalar{Kind::Timeuuid, "timeuuid", "TimeUUIDType", 16},
    Scalar{Kind::Tinyint, "tinyint", "ByteType", 1},
    Scalar{Kind::Uuid, "uuid", "UUIDType", 16},
    Scalar{Kind::Varint, "varint", "IntegerType", 0},
};

constexpr std::string_view kMarshal = "org.apache.cassandra.db.marshal.";
constexpr int kMaxTypeDepth = 32;
constexpr std::uint32_t kMaxDimension = 8192;

const Scalar* find_scalar(Kind kind) {
  const auto* at = std::ranges::find(kScalars, kind, &Scalar::kind);
  return at == kScalars.end() ? nullptr : at;
}

Type compound(Kind kind, TypeParts parts) {
  return Type{kind, false, std::make_shared<const TypeParts>(std::move(parts))};
}

std::string joined(const std::vector<Type>& types) {
  std::string out;
  for (const Type& type : types) {
    if (!out.empty()) out += ", ";
    out += to_string(type);
  }
  return out;
}

// type := name [ "<" type ("," type)* ["," number] ">" ]
class TypeParser {
 public:
  explicit TypeParser(std::string_view text) : text_(text) {}

  Result<Type> whole() {
    Type type = TRY(one(0));
    skip_space();
    if (at_ != text_.size()) return broken();
    return type;
  }

 private:
  Result<Type> one(int depth) {
    if (depth > kMaxTypeDepth) return broken();
    const std::string_view name = word();
    if (name.empty()) return broken();
    if (!take('<')) return scalar_type(name);
    if (name == "vector") {
      Type element = TRY(one(depth + 1));
      if (!take(',')) return broken();
      const std::string_view digits = word();
      std::uint32_t dimension = 0;
      for (const char c : digits) {
        if (c < '0' || c > '9') return broken();
        dimension = dimension * 10 + static_cast<std::uint32_t>(c - '0');
        if (dimension > kMaxDimension) return broken();
      }
      if (dimension == 0 || !take('>')) return broken();
      return Type::vector(std::move(element), dimension);
    }
    std::vector<Type> elements;
    do {
      elements.push_back(TRY(one(depth + 1)));
    } while (take(','));
    if (!take('>')) return broken();
    if (name == "tuple") return Type::tuple(std::move(elements));
    if (name == "map") {
      if (elements.size() != 2) return broken();
      return Type::map(std::move(elements[0]), std::move(elements[1]));
    }
    if (elements.size() != 1) return broken();
    if (name == "list") return Type::list(std::move(elements[0]));
    if (name == "set") return Type::set(std::move(elements[0]));
    if (name == "frozen") return elements[0].freeze();
    return broken();
  }

  void skip_space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char wanted) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  std::string_view word() {
    skip_space();
    const std::size_t start = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) {
      ++at_;
    }
    return text_.substr(start, at_ - start);
  }
  Error broken() const {
    return error(ErrorCode::InvalidArgument, fmt::format("'{}' is not a CQL type", text_));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<Type> decode_type_at(ByteReader& in, int depth) {
  if (depth > kMaxTypeDepth) return error(ErrorCode::Corrupt, "type is nested too deeply");
  const auto id = TRY(in.u16be());
  const auto kind = static_cast<Kind>(id);
  switch (kind) {
    case Kind::List:
      return Type::list(TRY(decode_type_at(in, depth + 1)));
    case Kind::Set:
      return Type::set(TRY(decode_type_at(in, depth + 1)));
    case Kind::Map: {
      Type key = TRY(decode_type_at(in, depth + 1));
      return Type::map(std::move(key), TRY(decode_type_at(in, depth + 1)));
    }
    case Kind::Custom: {
      TypeParts parts;
      parts.name = TRY(in.text(TRY(in.u16be())));
      return compound(Kind::Custom, std::move(parts));
    }
    case Kind::Tuple: {
      const auto count = TRY(in.u16be());
      std::vector<Type> fields;
      for (int i = 0; i < count; ++i) fields.push_back(TRY(decode_type_at(in, depth + 1)));
      return Type::tuple(std::move(fields));
    }
    case Kind::Udt: {
      std::string keyspace(TRY(in.text(TRY(in.u16be()))));
      std::string name(TRY(in.text(TRY(in.u16be()))));
      const auto count = TRY(in.u16be());
      std::vector<std::string> names;
      std::vector<Type> fields;
      for (int i = 0; i < count; ++i) {
        names.emplace_back(TRY(in.text(TRY(in.u16be()))));
        fields.push_back(TRY(decode_type_at(in, depth + 1)));
      }
      return Type::udt(std::move(keyspace), std::move(name), std::move(names), std::move(fields));
    }
    default:
      if (find_scalar(kind) != nullptr) return Type::of(kind);
      return error(ErrorCode::Corrupt, fmt::format("type id {:#06x} is unknown", id));
  }
}

void encode_text(ByteWriter& out, std::string_view text) {
  out.u16be(static_cast<std::uint16_t>(text.size()));
  out.text(text);
}

}  // namespace

Type Type::list(Type element) {
  return compound(Kind::List, {.elements = {std::move(element)}});
}
Type Type::set(Type element) {
  return compound(Kind::Set, {.elements = {std::move(element)}});
}
Type Type::map(Type key, Type value) {
  return compound(Kind::Map, {.elements = {std::move(key), std::move(value)}});
}
Type Type::tuple(std::vector<Type> fields) {
  // Tuples are always one cell, and what they hold with them.
  for (Type& field : fields) field = field.freeze();
  Type type = compound(Kind::Tuple, {.elements = std::move(fields)});
  type.frozen = true;
  return type;
}
Type Type::vector(Type element, std::uint32_t dimension) {
  return compound(Kind::Vector, {.elements = {element.freeze()}, .dimension = dimension});
}
Type Type::udt(std::string keyspace, std::string name, std::vector<std::string> field_names,
               std::vector<Type> field_types) {
  TypeParts parts;
  parts.keyspace = std::move(keyspace);
  parts.name = std::move(name);
  parts.field_names = std::move(field_names);
  parts.elements = std::move(field_types);
  return compound(Kind::Udt, std::move(parts));
}

Type Type::freeze() const {
  if (!parts || kind == Kind::Custom || kind == Kind::Vector) return *this;
  TypeParts inner = *parts;
  for (Type& element : inner.elements) element = element.freeze();
  Type type = compound(kind, std::move(inner));
  type.frozen = true;
  return type;
}

Type Type::unfrozen() const {
  Type type = *this;
  type.frozen = false;
  return type;
}

bool Type::operator==(const Type& other) const {
  if (kind != other.kind || frozen != other.frozen) return false;
  if (parts == other.parts) return true;
  if (!parts || !other.parts) return false;
  return parts->elements == other.parts->elements && parts->dimension == other.parts->dimension &&
         parts->keyspace == other.parts->keyspace && parts->name == other.parts->name &&
         parts->field_names == other.parts->field_names;
}

std::string name_of(const Type& type) {
  switch (type.kind) {
    case Kind::List:
      return fmt::format("list<{}>", to_string(type.element()));
    case Kind::Set:
      return fmt::format("set<{}>", to_string(type.element()));
    case Kind::Map:
      return fmt::format("map<{}, {}>", to_string(type.element(0)), to_string(type.element(1)));
    case Kind::Tuple:
      return fmt::format("tuple<{}>", joined(type.parts->elements));
    case Kind::Vector:
      return fmt::format("vector<{}, {}>", to_string(type.element()), type.parts->dimension);
    case Kind::Udt:
      return quoted_name(type.parts->name);
    case Kind::Custom:
      return fmt::format("'{}'", type.parts ? type.parts->name : "");
    default: {
      const Scalar* scalar = find_scalar(type.kind);
      return std::string(scalar ? scalar->name : "blob");
    }
  }
}

std::string to_string(const Type& type) {
  return type.frozen ? fmt::format("frozen<{}>", name_of(type)) : name_of(type);
}

Result<Type> scalar_type(std::string_view name) {
  if (name == "varchar") return Type::of(Kind::Text);
  const auto* at = std::ranges::find(kScalars, name, &Scalar::name);
  if (at == kScalars.end()) {
    return error(ErrorCode::NotFound, fmt::format("type '{}' does not exist", name));
  }
  return Type::of(at->kind);
}

Result<Type> parse_type(std::string_view text) {
  return TypeParser(text).whole();
}

std::size_t fixed_length(const Type& type) {
  if (type.kind == Kind::Vector) return fixed_length(type.element()) * type.parts->dimension;
  const Scalar* scalar = find_scalar(type.kind);
  // Cassandra's ByteType, ShortType, TimeType and SimpleDateType report a variable length, which
  // vectors of them follow; the length itself is fixed all the same.
  return scalar ? scalar->length : 0;
}

void encode_type(ByteWriter& out, const Type& type, int version) {
  const bool newer = type.kind == Kind::Date || type.kind == Kind::Time ||
                     type.kind == Kind::Smallint || type.kind == Kind::Tinyint;
  if (type.kind == Kind::Vector || type.kind == Kind::Custom || (newer && version < 4) ||
      (type.kind == Kind::Duration && version < 5)) {
    out.u16be(0);
    encode_text(out, class_name_of(type));
    return;
  }
  out.u16be(static_cast<std::uint16_t>(type.kind));
  switch (type.kind) {
    case Kind::List:
    case Kind::Set:
    case Kind::Map:
      for (const Type& element : type.parts->elements) encode_type(out, element, version);
      return;
    case Kind::Tuple:
      out.u16be(static_cast<std::uint16_t>(type.parts->elements.size()));
      for (const Type& element : type.parts->elements) encode_type(out, element, version);
      return;
    case Kind::Udt:
      encode_text(out, type.parts->keyspace);
      encode_text(out, type.parts->name);
      out.u16be(static_cast<std::uint16_t>(type.parts->elements.size()));
      for (std::size_t i = 0; i < type.parts->elements.size(); ++i) {
        encode_text(out, type.parts->field_names[i]);
        encode_type(out, type.parts->elements[i], version);
      }
      return;
    default:
      return;
  }
}

Result<Type> decode_type(ByteReader& in) {
  return decode_type_at(in, 0);
}

std::string class_name_of(const Type& type) {
  std::string inner;
  const auto class_of = [](const Type& element) { return class_name_of(element); };
  switch (type.kind) {
    case Kind::Custom:
      return type.parts ? type.parts->name : std::string();
    case Kind::List:
      inner = fmt::format("{}ListType({})", kMarshal, class_of(type.element()));
      break;
    case Kind::Set:
      inner = fmt::format("{}SetType({})", kMarshal, class_of(type.element()));
      break;
    case Kind::Map:
      inner = fmt::format("{}MapType({},{})", kMarshal, class_of(type.element(0)),
                          class_of(type.element(1)));
      break;
    case Kind::Vector:
      return fmt::format("{}VectorType({} , {})", kMarshal, class_of(type.element()),
                         type.parts->dimension);
    case Kind::Tuple: {
      std::vector<std::string> names;
      for (const Type& element : type.parts->elements) names.push_back(class_of(element));
      return fmt::format("{}TupleType({})", kMarshal, fmt::join(names, ","));
    }
    case Kind::Udt: {
      inner = fmt::format("{}UserType({},{}", kMarshal, type.parts->keyspace,
                          to_hex(as_bytes(type.parts->name)));
      for (std::size_t i = 0; i < type.parts->elements.size(); ++i) {
        inner += fmt::format(",{}:{}", to_hex(as_bytes(type.parts->field_names[i])),
                             class_of(type.parts->elements[i]));
      }
      inner += ")";
      break;
    }
    default: {
      const Scalar* scalar = find_scalar(type.kind);
      return fmt::format("{}{}", kMarshal, scalar ? scalar->class_name : "BytesType");
    }
  }
  return type.frozen ? fmt::format("{}FrozenType({})", kMarshal, inner) : inner;
}

std::string quoted_name(std::string_view name) {
  // The reserved words of CQL's grammar; all others may be names as they are.
  static constexpr auto kReserved = std::to_array<std::string_view>(
      {"add",    "allow",       "alter",  "and",          "apply",    "asc",          "authorize",
       "batch",  "begin",       "by",     "columnfamily", "create",   "default",      "delete",
       "desc",   "describe",    "drop",   "entries",      "execute",  "from",         "full",
       "grant",  "if",          "in",     "index",        "infinity", "insert",       "into",
       "is",     "keyspace",    "limit",  "mbean",        "mbeans",   "materialized", "modify",
       "nan",    "norecursive", "not",    "null",         "of",       "on",           "or",
       "order",  "primary",     "rename", "replace",      "revoke",   "schema",       "select",
       "set",    "table",       "to",     "token",        "truncate", "unlogged",     "unset",
       "update", "use",         "using",  "view",         "where",    "with"});
  const bool plain =
      !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (plain && std::ranges::find(kReserved, name) == kReserved.end()) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace tidemill::wire::cql

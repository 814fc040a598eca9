// SPDX-License-Identifier: Apache-2.0
// Terms and selectors:
//   expression := product (("+"|"-") product)*     product := unary (("*"|"/"|"%") unary)*
//   unary      := "-" unary | postfix              postfix := primary ("[" ... "]" | "." name)*
#include <array>

#include "tables/statements/grammar.h"

namespace tidemill::tables::statements {
namespace {

using Kind = Expression::Kind;

constexpr std::array<std::string_view, 27> kTypeNames{
    "ascii",  "bigint",    "blob",     "boolean", "counter", "date",     "decimal",
    "double", "duration",  "float",    "inet",    "int",     "smallint", "text",
    "time",   "timestamp", "timeuuid", "tinyint", "uuid",    "varchar",  "varint",
    "list",   "set",       "map",      "tuple",   "frozen",  "vector"};

}  // namespace

Outcome<Expression> Grammar::expression() {
  if (++depth_ > kMaxDepth) return unexpected();
  const std::size_t first = at_;
  Expression left = TRY(product());
  for (int links = 0; is_symbol("+") || is_symbol("-"); ++links) {
    if (links >= kMaxDepth) return unexpected();
    Expression binary{.kind = Kind::Binary, .text = tokens_[at_++].text};
    binary.arguments.push_back(std::move(left));
    binary.arguments.push_back(TRY(product()));
    binary.source = source_from(first);
    left = std::move(binary);
  }
  --depth_;
  return left;
}

Outcome<Expression> Grammar::product() {
  const std::size_t first = at_;
  Expression left = TRY(unary());
  for (int links = 0; is_symbol("*") || is_symbol("/") || is_symbol("%"); ++links) {
    if (links >= kMaxDepth) return unexpected();
    Expression binary{.kind = Kind::Binary, .text = tokens_[at_++].text};
    binary.arguments.push_back(std::move(left));
    binary.arguments.push_back(TRY(unary()));
    binary.source = source_from(first);
    left = std::move(binary);
  }
  return left;
}

Outcome<Expression> Grammar::unary() {
  const std::size_t first = at_;
  if (!take_symbol("-")) return postfix();
  if (++depth_ > kMaxDepth) return unexpected();
  const Token& next = peek();
  const bool number = next.kind == Token::Kind::Integer || next.kind == Token::Kind::Float ||
                      next.kind == Token::Kind::Duration || is_word("infinity") || is_word("nan");
  Expression inner = TRY(unary());
  --depth_;
  if (number) {
    inner.text = inner.text == "NaN" ? inner.text : "-" + inner.text;
    inner.source = source_from(first);
    return inner;
  }
  Expression negate{.kind = Kind::Negate};
  negate.arguments.push_back(std::move(inner));
  negate.source = source_from(first);
  return negate;
}

Outcome<Expression> Grammar::postfix() {
  const std::size_t first = at_;
  Expression inner = TRY(primary());
  for (int links = 0;
       inner.kind == Kind::Column || inner.kind == Kind::Field || inner.kind == Kind::Element;
       ++links) {
    if (links >= kMaxDepth) return unexpected();
    if (take_symbol(".")) {
      Expression field{.kind = Kind::Field, .text = TRY(name())};
      field.arguments.push_back(std::move(inner));
      inner = std::move(field);
    } else if (take_symbol("[")) {
      Expression element{.kind = Kind::Element};
      element.arguments.push_back(std::move(inner));
      if (take_symbol("..")) {
        element.kind = Kind::Slice;
        element.arguments.push_back(Expression{});
        element.arguments.push_back(TRY(expression()));
      } else {
        element.arguments.push_back(TRY(expression()));
        if (take_symbol("..")) {
          element.kind = Kind::Slice;
          element.arguments.push_back(is_symbol("]") ? Expression{} : TRY(expression()));
        }
      }
      TRY(expect_symbol("]"));
      inner = std::move(element);
    } else {
      break;
    }
    inner.source = source_from(first);
  }
  return inner;
}

Outcome<Expression> Grammar::marker(std::string name) {
  Expression out{.kind = Kind::Marker, .text = std::move(name)};
  if (markers_.size() >= 65535) return unexpected();
  out.marker = static_cast<std::int32_t>(markers_.size());
  markers_.push_back(out.text);
  return out;
}

Outcome<std::vector<Expression>> Grammar::expressions_until(std::string_view closing) {
  std::vector<Expression> out;
  if (take_symbol(closing)) return out;
  do {
    out.push_back(TRY(expression()));
  } while (take_symbol(","));
  TRY(expect_symbol(closing));
  return out;
}

Outcome<Expression> Grammar::primary() {
  const std::size_t first = at_;
  if (take_symbol("?")) {
    Expression out = TRY(marker({}));
    out.source = "?";
    return out;
  }
  if (is_symbol(":") && at_name(1)) {
    ++at_;
    Expression out = TRY(marker(TRY(name())));
    out.source = source_from(first);
    return out;
  }
  Expression out;
  if (take_symbol("[")) {
    out.kind = Kind::List;
    out.arguments = TRY(expressions_until("]"));
  } else if (is_symbol("{")) {
    out = TRY(braces());
  } else if (is_symbol("(")) {
    out = TRY(parentheses());
  } else {
    out = TRY(literal_or_name());
  }
  out.source = source_from(first);
  return out;
}

Outcome<Expression> Grammar::literal_or_name() {
  const Token& token = peek();
  const auto literal = [&](Kind kind) {
    Expression out{.kind = kind, .text = token.text};
    ++at_;
    return out;
  };
  switch (token.kind) {
    case Token::Kind::String:
      return literal(Kind::String);
    case Token::Kind::Integer:
      return literal(Kind::Integer);
    case Token::Kind::Float:
      return literal(Kind::Float);
    case Token::Kind::Hex:
      return literal(Kind::Hex);
    case Token::Kind::Uuid:
      return literal(Kind::Uuid);
    case Token::Kind::Duration:
      return literal(Kind::Duration);
    case Token::Kind::Symbol:
    case Token::Kind::End:
      return unexpected();
    case Token::Kind::Identifier:
    case Token::Kind::QuotedName:
      break;
  }
  if (take_word("null")) return Expression{};
  if (is_word("true") || is_word("false")) return literal(Kind::Boolean);
  if (take_word("nan")) return Expression{.kind = Kind::Float, .text = "NaN"};
  if (take_word("infinity")) return Expression{.kind = Kind::Float, .text = "Infinity"};
  if (is_word("cast") && is_symbol("(", 1)) {
    at_ += 2;
    Expression out{.kind = Kind::Cast};
    out.arguments.push_back(TRY(expression()));
    TRY(expect_word("as"));
    out.type = TRY(type());
    TRY(expect_symbol(")"));
    return out;
  }
  if (is_word("token") && is_symbol("(", 1)) {
    ++at_;
    return call({.name = "token"});
  }
  QualifiedName function;
  const bool qualified = at_name() && is_symbol(".", 1) && at_name(2) && is_symbol("(", 3);
  if (qualified || (at_name() && is_symbol("(", 1))) {
    function = TRY(qualified_name());
    return call(std::move(function));
  }
  return Expression{.kind = Kind::Column, .text = TRY(name())};
}

Outcome<Expression> Grammar::call(QualifiedName function) {
  TRY(expect_symbol("("));
  const bool counts = function.name == "count" && function.keyspace.empty();
  const bool of_rows =
      is_symbol("*") || (peek().kind == Token::Kind::Integer && peek().text == "1");
  if (counts && of_rows && is_symbol(")", 1)) {
    at_ += 2;
    return Expression{.kind = Kind::CountRows};
  }
  Expression out{.kind = Kind::Call, .name = std::move(function)};
  out.arguments = TRY(expressions_until(")"));
  return out;
}

Outcome<Expression> Grammar::braces() {
  TRY(expect_symbol("{"));
  Expression out{.kind = Kind::Set};
  if (take_symbol("}")) return out;
  const auto names_a_field = [&] {
    return at_name() && is_symbol(":", 1) && !is_word("null") && !is_word("true") &&
           !is_word("false");
  };
  if (names_a_field()) {
    out.kind = Kind::Udt;
    do {
      if (!names_a_field()) return unexpected();
      out.names.push_back(TRY(name()));
      TRY(expect_symbol(":"));
      out.arguments.push_back(TRY(expression()));
    } while (take_symbol(","));
    TRY(expect_symbol("}"));
    return out;
  }
  out.arguments.push_back(TRY(expression()));
  if (take_symbol(":")) {
    out.kind = Kind::Map;
    out.arguments.push_back(TRY(expression()));
    while (take_symbol(",")) {
      out.arguments.push_back(TRY(expression()));
      TRY(expect_symbol(":"));
      out.arguments.push_back(TRY(expression()));
    }
  } else {
    while (take_symbol(",")) out.arguments.push_back(TRY(expression()));
  }
  TRY(expect_symbol("}"));
  return out;
}

// "(" type ")" in front of a term: "(int) 5", but not "(a) + 1" or "(a)".
bool Grammar::at_type_hint() const {
  const Token& inside = peek(1);
  if (inside.kind != Token::Kind::Identifier) return false;
  if (is_symbol("<", 2)) return true;
  bool known = false;
  for (const std::string_view name : kTypeNames) known = known || inside.text == name;
  if (!known || !is_symbol(")", 2)) return false;
  const Token& after = peek(3);
  switch (after.kind) {
    case Token::Kind::End:
      return false;
    case Token::Kind::Symbol:
      return after.text == "(" || after.text == "[" || after.text == "{" || after.text == "?" ||
             after.text == ":" || after.text == "-";
    case Token::Kind::Identifier:
      return after.text != "from" && after.text != "as";
    default:
      return true;
  }
}

Outcome<Expression> Grammar::parentheses() {
  Expression out;
  if (at_type_hint()) {
    ++at_;
    out.kind = Kind::TypeHint;
    out.type = TRY(type());
    TRY(expect_symbol(")"));
    out.arguments.push_back(TRY(unary()));
    return out;
  }
  TRY(expect_symbol("("));
  Expression first = TRY(expression());
  if (take_symbol(")")) {
    // One term in parentheses is a grouping; that it may be meant as a tuple of one is the
    // receiver's to decide.
    out.kind = Kind::Tuple;
    out.arguments.push_back(std::move(first));
    return out;
  }
  out.kind = Kind::Tuple;
  out.arguments.push_back(std::move(first));
  while (take_symbol(",")) out.arguments.push_back(TRY(expression()));
  TRY(expect_symbol(")"));
  return out;
}

}  // namespace tidemill::tables::statements

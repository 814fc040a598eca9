// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tables/statements/grammar.h"
#include "wire/cql/type.h"

namespace tidemill::tables::statements {

using wire::cql::CqlError;

bool Grammar::take_word(std::string_view word) {
  if (!is_word(word)) return false;
  ++at_;
  return true;
}
bool Grammar::take_symbol(std::string_view symbol) {
  if (!is_symbol(symbol)) return false;
  ++at_;
  return true;
}
bool Grammar::take_words(std::string_view first, std::string_view second) {
  if (!is_word(first) || !is_word(second, 1)) return false;
  at_ += 2;
  return true;
}
Outcome<> Grammar::expect_word(std::string_view word) {
  if (!take_word(word)) return unexpected();
  return {};
}
Outcome<> Grammar::expect_symbol(std::string_view symbol) {
  if (!take_symbol(symbol)) return unexpected();
  return {};
}

CqlError Grammar::unexpected_at(const Token& token) const {
  const bool end = token.kind == Token::Kind::End || (token.text == ";" && &token != &tokens_[0]);
  return wire::cql::syntax(fmt::format("line {}:{} no viable alternative at input '{}'", token.line,
                                       token.column, end ? "<EOF>" : token.source));
}

std::string Grammar::source_from(std::size_t first_token) const {
  if (at_ == 0 || first_token >= at_) return {};
  const char* begin = tokens_[first_token].source.data();
  const std::string_view last = tokens_[at_ - 1].source;
  return std::string(begin, last.data() + last.size());
}

bool Grammar::at_name(std::size_t ahead) const {
  const Token& token = peek(ahead);
  if (token.kind == Token::Kind::QuotedName) return true;
  // quoted_name leaves a word alone exactly when it is not reserved; two that DESCRIBE quotes are
  // names all the same.
  return token.kind == Token::Kind::Identifier &&
         (token.text == "unset" || token.text == "default" ||
          wire::cql::quoted_name(token.text).size() == token.text.size());
}

Outcome<std::string> Grammar::name() {
  if (!at_name()) return unexpected();
  return tokens_[at_++].text;
}

Outcome<QualifiedName> Grammar::qualified_name() {
  QualifiedName out;
  out.name = TRY(name());
  if (take_symbol(".")) {
    out.keyspace = std::move(out.name);
    out.name = TRY(name());
  }
  return out;
}

Outcome<std::vector<std::string>> Grammar::names_in_parentheses() {
  std::vector<std::string> names;
  TRY(expect_symbol("("));
  do {
    names.push_back(TRY(name()));
  } while (take_symbol(","));
  TRY(expect_symbol(")"));
  return names;
}

Outcome<bool> Grammar::if_not_exists() {
  if (!take_word("if")) return false;
  TRY(expect_word("not"));
  TRY(expect_word("exists"));
  return true;
}
Outcome<bool> Grammar::if_exists() {
  if (!take_word("if")) return false;
  TRY(expect_word("exists"));
  return true;
}

Outcome<RawType> Grammar::type(int depth) {
  if (depth > kMaxDepth) return unexpected();
  RawType out;
  if (peek().kind == Token::Kind::String) {  // a class by name
    out.name.name = tokens_[at_++].text;
    out.quoted = true;
    return out;
  }
  out.quoted = peek().kind == Token::Kind::QuotedName;
  // The one type whose name is a reserved word.
  if (take_word("set")) {
    out.name.name = "set";
  } else {
    out.name = TRY(qualified_name());
  }
  if (out.quoted || !take_symbol("<")) return out;
  out.arguments.push_back(TRY(type(depth + 1)));
  while (take_symbol(",")) {
    if (peek().kind == Token::Kind::Integer) {
      const std::string& digits = tokens_[at_++].text;
      if (digits.size() > 6) return unexpected_at(tokens_[at_ - 1]);
      out.dimension = static_cast<std::uint32_t>(std::stoul(digits));
      break;
    }
    out.arguments.push_back(TRY(type(depth + 1)));
  }
  TRY(expect_symbol(">"));
  return out;
}

Outcome<StatementSyntax> Grammar::dispatch() {
  if (is_word("select")) return StatementSyntax(TRY(select()));
  if (is_word("insert")) return StatementSyntax(TRY(insert()));
  if (is_word("update")) return StatementSyntax(TRY(update()));
  if (is_word("delete")) return StatementSyntax(TRY(deletion()));
  if (is_word("begin")) return StatementSyntax(TRY(batch()));
  if (is_word("create")) return create();
  if (is_word("alter")) return alter();
  if (is_word("drop")) return drop();
  if (is_word("describe") || is_word("desc")) return StatementSyntax(TRY(describe()));
  if (take_word("use")) {
    UseStatement use;
    use.keyspace = TRY(name());
    return StatementSyntax(std::move(use));
  }
  if (take_word("truncate")) {
    TruncateStatement truncate;
    if (!take_word("table")) take_word("columnfamily");
    truncate.table = TRY(qualified_name());
    return StatementSyntax(std::move(truncate));
  }
  if (take_word("grant")) return grant(false);
  if (take_word("revoke")) return grant(true);
  if (take_word("list")) return list();
  if (is_word("add") && is_word("identity", 1)) return unsupported("ADD IDENTITY");
  return unexpected();
}

StatementSyntax Grammar::unsupported(std::string_view what) {
  at_ = tokens_.size() - 1;
  markers_.clear();
  return UnsupportedStatement{std::string(what)};
}

Outcome<ParsedStatement> Grammar::statement() {
  ParsedStatement out;
  out.syntax = TRY(dispatch());
  while (take_symbol(";")) {
  }
  if (peek().kind != Token::Kind::End) return unexpected();
  out.markers = std::move(markers_);
  return out;
}

Outcome<ParsedStatement> parse_statement(std::string_view cql) {
  return Grammar(cql, TRY(tokenize(cql))).statement();
}

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
// The parser's state and rules; one group of rules per parse_*.cc. Included by those only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tables/statements/lexer.h"
#include "tables/statements/syntax.h"

namespace tidemill::tables::statements {

// Deeper nesting of terms and types, and longer chains of operators (which nest to the left), are
// refused: recursion must end.
constexpr int kMaxDepth = 100;

class Grammar {
 public:
  explicit Grammar(std::string_view cql, std::vector<Token> tokens)
      : cql_(cql), tokens_(std::move(tokens)) {}

  Outcome<ParsedStatement> statement();

 private:
  // tokens
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool is_word(std::string_view word, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::Identifier && peek(ahead).text == word;
  }
  bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::Symbol && peek(ahead).text == symbol;
  }
  bool take_word(std::string_view word);
  bool take_symbol(std::string_view symbol);
  bool take_words(std::string_view first, std::string_view second);
  Outcome<> expect_word(std::string_view word);
  Outcome<> expect_symbol(std::string_view symbol);
  wire::cql::CqlError unexpected() const { return unexpected_at(peek()); }
  wire::cql::CqlError unexpected_at(const Token& token) const;
  // The statement's text from a token's begin to the end of the last one taken.
  std::string source_from(std::size_t first_token) const;

  // names
  bool at_name(std::size_t ahead = 0) const;
  Outcome<std::string> name();
  Outcome<QualifiedName> qualified_name();
  Outcome<std::vector<std::string>> names_in_parentheses();
  Outcome<bool> if_not_exists();
  Outcome<bool> if_exists();
  Outcome<RawType> type(int depth = 0);

  // parse_expression.cc
  Outcome<Expression> expression();
  Outcome<Expression> product();
  Outcome<Expression> unary();
  Outcome<Expression> postfix();
  Outcome<Expression> primary();
  Outcome<Expression> literal_or_name();
  Outcome<Expression> braces();
  Outcome<Expression> parentheses();
  Outcome<Expression> call(QualifiedName function);
  Outcome<Expression> marker(std::string name);
  Outcome<std::vector<Expression>> expressions_until(std::string_view closing);
  bool at_type_hint() const;

  // parse_select.cc
  Outcome<SelectStatement> select();
  Outcome<std::vector<Relation>> where();
  Outcome<> relation(std::vector<Relation>& out);
  Outcome<> relation_tail(Relation& relation);
  Outcome<Operator> comparison();
  Outcome<std::vector<Ordering>> orderings();

  // parse_modification.cc
  Outcome<InsertStatement> insert();
  Outcome<UpdateStatement> update();
  Outcome<DeleteStatement> deletion();
  Outcome<BatchStatement> batch();
  Outcome<Assignment> assignment();
  Outcome<Using> using_clause(bool allow_ttl);
  Outcome<Conditions> conditions();
  Outcome<Condition> condition();

  // parse_schema.cc
  Outcome<StatementSyntax> create();
  Outcome<StatementSyntax> alter();
  Outcome<StatementSyntax> drop();
  Outcome<CreateTableStatement> create_table();
  Outcome<AlterTypeStatement> alter_type();
  Outcome<CreateIndexStatement> create_index();
  Outcome<AlterTableStatement> alter_table();
  Outcome<> primary_key(CreateTableStatement& table);
  Outcome<ColumnDefinition> column_definition();
  Outcome<> table_properties(CreateTableStatement& table);
  Outcome<std::vector<Property>> properties();
  Outcome<Property> property();
  Outcome<std::string> property_text();
  Outcome<DescribeStatement> describe();
  StatementSyntax unsupported(std::string_view what);

  // parse_roles.cc
  enum class Named : std::uint8_t { Role, User };
  Outcome<std::string> role_name(Named as);
  Outcome<StatementSyntax> create_role(Named as);
  Outcome<StatementSyntax> alter_role(Named as);
  Outcome<StatementSyntax> drop_role(Named as);
  Outcome<RoleOptions> role_options();
  Outcome<RoleOptions> user_options();
  Outcome<> role_option(RoleOptions& options);
  Outcome<> role_access(RoleOptions& options);
  Outcome<std::string> role_password();
  Outcome<bool> boolean();
  Outcome<std::vector<std::string>> texts_in_braces();
  Outcome<StatementSyntax> grant(bool revokes);
  Outcome<StatementSyntax> list();
  bool at_permissions() const;
  Outcome<security::PermissionSet> permissions();
  Outcome<NamedResource> resource();

  Outcome<StatementSyntax> dispatch();

  std::string_view cql_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<std::string> markers_;
};

}  // namespace tidemill::tables::statements

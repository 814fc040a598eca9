// SPDX-License-Identifier: Apache-2.0
// Walks over tokens for the parser and words its errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/parse/statement.h"

namespace tidemill::sql {

// Lifetime: the text outlives it.
class TokenReader {
 public:
  TokenReader(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  const Token& peek(std::size_t ahead = 0) const;
  const Token& next();
  std::size_t index() const { return index_; }
  void seek(std::size_t index) { index_ = index; }

  bool at(std::string_view keyword, std::size_t ahead = 0) const { return peek(ahead).is(keyword); }
  bool at_symbol(std::string_view symbol) const { return peek().is_symbol(symbol); }
  // Whether the statement ends here.
  bool at_end() const { return peek().kind == TokenKind::End || at_symbol(";"); }
  // Takes the keywords if all stand here, one after the other: accept("IF NOT EXISTS").
  bool accept(std::string_view keywords);
  bool accept_symbol(std::string_view symbol);
  Result<> expect(std::string_view keywords);
  Result<> expect_symbol(std::string_view symbol);

  // `what` is for the error: "the name of a source".
  Result<Name> name(std::string_view what);
  Result<std::string> string(std::string_view what);

  // "line 2, column 5: found 'X', expected A or B; did you mean B?"
  Error unexpected(std::vector<std::string_view> expected) const;
  Error fail(Position position, std::string_view message) const;
  Error unsupported(Position position, std::string_view message) const;

  // The text from one token up to and with another.
  std::string_view text_between(std::size_t first, std::size_t last) const;
  // The tokens up to the end of the parenthesis that is open here, which is taken too.
  Result<SqlText> parenthesized(std::string_view what);
  SqlText slice(std::size_t first, std::size_t end) const;

 private:
  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t index_ = 0;
};

}  // namespace tidemill::sql

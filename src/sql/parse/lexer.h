// SPDX-License-Identifier: Apache-2.0
// Cuts SQL text into tokens with their places. Knows no grammar.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemill::sql {

constexpr std::size_t kSqlBytesMax = 1024 * 1024;

// Where something stands, counted from 1, columns in characters.
struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

enum class TokenKind { Word, QuotedWord, String, Number, Symbol, End };

struct Token {
  TokenKind kind = TokenKind::End;
  std::size_t offset = 0;  // of its first byte in the text
  std::size_t size = 0;
  Position position;
  std::string value;                        // the word, unquoted; the string, unescaped; the symbol
  bool is(std::string_view keyword) const;  // an unquoted word, in any case
  bool is_symbol(std::string_view symbol) const {
    return kind == TokenKind::Symbol && value == symbol;
  }
};

// Comments (-- and nested /* */) are dropped. The last token is End. InvalidArgument for an
// unfinished string, quoted name or comment, and for invalid UTF-8; TooLarge above kSqlBytesMax.
Result<std::vector<Token>> tokenize(std::string_view sql);

// The place of a byte of the text.
Position position_of(std::string_view text, std::size_t offset);
// The place `offset` bytes into a text which itself starts at `start`.
Position position_within(Position start, std::string_view text, std::size_t offset);
std::string to_string(Position position);  // "line 3, column 14"

// The text without what does not matter: comments, white space, the case of unquoted words. Equal
// for two spellings of the same statement. Text that has no tokens stays as it is.
std::string normalized(std::string_view sql);

bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string to_lower(std::string_view text);
// The candidate fewest edits away, if at most a third of the word's letters differ; else empty.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// A name as SQL writes it: quoted when it has to be.
std::string quote_name(std::string_view name);
std::string quote_text(std::string_view text);

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/bytes.h"

namespace tidemill::sql {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool continues_word(char c) {
  return starts_word(c) || is_digit(c) || c == '$';
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    for (;;) {
      TRY(skip_blank());
      Token token;
      token.offset = at_;
      token.position = advance_to(at_);
      if (at_ < text_.size()) TRY(read(token));
      token.size = at_ - token.offset;
      tokens.push_back(std::move(token));
      if (tokens.back().kind == TokenKind::End) return tokens;
    }
  }

 private:
  // Positions are asked for in rising order, so that counting lines is linear in all.
  Position advance_to(std::size_t offset) {
    position_ = position_within(position_, text_.substr(counted_), offset - counted_);
    counted_ = offset;
    return position_;
  }

  Error unfinished(std::string_view what, std::size_t from) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("{}: {} is not closed", to_string(position_of(text_, from)), what));
  }

  bool looking_at(std::string_view symbol) const { return text_.substr(at_).starts_with(symbol); }

  Result<> skip_blank() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (looking_at("--")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (looking_at("/*")) {
        TRY(skip_block_comment());
      } else {
        break;
      }
    }
    return {};
  }

  Result<> skip_block_comment() {
    const std::size_t from = at_;
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      if (looking_at("/*")) {
        ++depth;
        at_ += 2;
      } else if (looking_at("*/")) {
        at_ += 2;
        if (--depth == 0) return {};
      } else {
        ++at_;
      }
    }
    return unfinished("comment", from);
  }

  Result<> read(Token& token) {
    const char c = text_[at_];
    if (c == '\'') return read_quoted(token, TokenKind::String, "string");
    if (c == '"') return read_quoted(token, TokenKind::QuotedWord, "quoted name");
    if (looking_at("$$")) return read_dollar_string(token);
    if (starts_word(c)) {
      while (at_ < text_.size() && continues_word(text_[at_])) ++at_;
      token.kind = TokenKind::Word;
    } else if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      read_number();
      token.kind = TokenKind::Number;
    } else {
      read_symbol();
      token.kind = TokenKind::Symbol;
    }
    token.value = text_.substr(token.offset, at_ - token.offset);
    return {};
  }

  Result<> read_quoted(Token& token, TokenKind kind, std::string_view what) {
    const char quote = text_[at_++];
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) {
        if (at_ == text_.size() || text_[at_] != quote) {
          token.kind = kind;
          return {};
        }
        ++at_;
      }
      token.value += c;
    }
    return unfinished(what, token.offset);
  }

  Result<> read_dollar_string(Token& token) {
    const std::size_t end = text_.find("$$", at_ + 2);
    if (end == std::string_view::npos) return unfinished("string", token.offset);
    token.kind = TokenKind::String;
    token.value = text_.substr(at_ + 2, end - at_ - 2);
    at_ = end + 2;
    return {};
  }

  void read_number() {
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.' || text_[at_] == '_')) {
      ++at_;
    }
    if (at_ < text_.size() && lower(text_[at_]) == 'e') {
      std::size_t end = at_ + 1;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      if (end < text_.size() && is_digit(text_[end])) {
        while (end < text_.size() && is_digit(text_[end])) ++end;
        at_ = end;
      }
    }
  }

  void read_symbol() {
    static constexpr std::array<std::string_view, 13> kLong{
        "->>", "!~~", "::", "->", "<=", ">=", "<>", "!=", "||", ":=", "=>", "**", "!~"};
    for (const std::string_view symbol : kLong) {
      if (looking_at(symbol)) {
        at_ += symbol.size();
        return;
      }
    }
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;
  Position position_;
};

std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t same = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + same});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

bool Token::is(std::string_view keyword) const {
  return kind == TokenKind::Word && equals_ignoring_case(value, keyword);
}

Result<std::vector<Token>> tokenize(std::string_view sql) {
  if (sql.size() > kSqlBytesMax) {
    return error(ErrorCode::TooLarge, fmt::format("SQL text of {} bytes exceeds the limit of {}",
                                                  sql.size(), kSqlBytesMax));
  }
  if (!is_utf8(sql)) return error(ErrorCode::InvalidArgument, "SQL text is not valid UTF-8");
  if (sql.find('\0') != std::string_view::npos) {
    return error(ErrorCode::InvalidArgument, "SQL text has a zero byte");
  }
  return Lexer(sql).run();
}

Position position_within(Position start, std::string_view text, std::size_t offset) {
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++start.line;
      start.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++start.column;
    }
  }
  return start;
}

Position position_of(std::string_view text, std::size_t offset) {
  return position_within({}, text, offset);
}

std::string to_string(Position position) {
  return fmt::format("line {}, column {}", position.line, position.column);
}

std::string normalized(std::string_view sql) {
  auto tokens = tokenize(sql);
  if (!tokens.ok()) return std::string(sql);
  std::string out;
  for (const Token& token : *tokens) {
    if (token.kind == TokenKind::End) break;
    if (!out.empty()) out += ' ';
    const std::string_view text = sql.substr(token.offset, token.size);
    out += token.kind == TokenKind::Word ? to_lower(text) : std::string(text);
  }
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > 64) return {};
  std::string_view best;
  std::size_t fewest = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t edits = edits_between(word, candidate);
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + '\'';
}

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/uuid.h"
#include "wire/cql/literal.h"

namespace tidemill::tables::statements {
namespace {

using wire::cql::CqlError;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}
bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Outcome<std::vector<Token>> all() {
    std::vector<Token> tokens;
    while (true) {
      TRY(skip_blank());
      token_ = Token{};
      token_.line = line_;
      token_.column = static_cast<std::uint32_t>(at_ - line_start_);
      const std::size_t start = at_;
      if (at_ == text_.size()) {
        tokens.push_back(std::move(token_));
        return tokens;
      }
      TRY(next());
      token_.source = text_.substr(start, at_ - start);
      tokens.push_back(std::move(token_));
    }
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void advance() {
    if (text_[at_] == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
  }
  void advance_to(std::size_t end) {
    while (at_ < end) advance();
  }

  Outcome<> skip_blank() {
    while (at_ < text_.size()) {
      const char c = peek();
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        advance();
      } else if ((c == '-' && peek(1) == '-') || (c == '/' && peek(1) == '/')) {
        while (at_ < text_.size() && peek() != '\n') advance();
      } else if (c == '/' && peek(1) == '*') {
        const std::size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return broken("unterminated comment");
        advance_to(end + 2);
      } else {
        return {};
      }
    }
    return {};
  }

  Outcome<> next() {
    const char c = peek();
    if (c == '\'') return quoted('\'', Token::Kind::String);
    if (c == '"') return quoted('"', Token::Kind::QuotedName);
    if (c == '$' && peek(1) == '$') return dollar_quoted();
    if (is_hex(c) && take_uuid()) return {};
    if (c == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      std::size_t end = at_ + 2;
      while (end < text_.size() && is_hex(text_[end])) ++end;
      take(end, Token::Kind::Hex);
      return {};
    }
    if (c == 'P' && (is_digit(peek(1)) || peek(1) == 'T') && take_iso_duration()) return {};
    if (is_digit(c)) return number();
    if (is_letter(c)) {
      std::size_t end = at_;
      while (end < text_.size() && is_word(text_[end])) ++end;
      take(end, Token::Kind::Identifier);
      std::ranges::transform(token_.text, token_.text.begin(), [](char letter) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
      });
      return {};
    }
    return symbol();
  }

  void take(std::size_t end, Token::Kind kind) {
    token_.kind = kind;
    token_.text = std::string(text_.substr(at_, end - at_));
    advance_to(end);
  }

  Outcome<> quoted(char quote, Token::Kind kind) {
    std::size_t end = at_ + 1;
    while (true) {
      end = text_.find(quote, end);
      if (end == std::string_view::npos) return broken("mismatched character '<EOF>'");
      token_.text += text_.substr(at_ + 1, end - at_ - 1);
      if (end + 1 < text_.size() && text_[end + 1] == quote) {
        token_.text += quote;
        advance_to(end + 1);
        end = end + 2;
        continue;
      }
      break;
    }
    token_.kind = kind;
    advance_to(end + 1);
    return {};
  }

  Outcome<> dollar_quoted() {
    const std::size_t end = text_.find("$$", at_ + 2);
    if (end == std::string_view::npos) return broken("mismatched character '<EOF>'");
    token_.kind = Token::Kind::String;
    token_.text = std::string(text_.substr(at_ + 2, end - at_ - 2));
    advance_to(end + 2);
    return {};
  }

  bool take_uuid() {
    constexpr std::size_t kLength = 36;
    if (at_ + kLength > text_.size() || peek(8) != '-') return false;
    if (at_ + kLength < text_.size() && is_word(text_[at_ + kLength])) return false;
    if (!parse_uuid(text_.substr(at_, kLength)).ok()) return false;
    take(at_ + kLength, Token::Kind::Uuid);
    return true;
  }

  bool take_iso_duration() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '-' || text_[end] == ':' ||
                                  (text_[end] >= 'A' && text_[end] <= 'Z'))) {
      ++end;
    }
    if (end < text_.size() && is_word(text_[end])) return false;
    if (!wire::cql::parse_duration(text_.substr(at_, end - at_))) return false;
    take(end, Token::Kind::Duration);
    return true;
  }

  Outcome<> number() {
    std::size_t end = at_;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    // 1y2mo: a duration without white space.
    if (end < text_.size() && (is_letter(text_[end]) || text_[end] == '\xC2')) {
      std::size_t unit_end = end;
      while (unit_end < text_.size() &&
             (is_word(text_[unit_end]) || text_[unit_end] == '\xC2' || text_[unit_end] == '\xB5')) {
        ++unit_end;
      }
      if (wire::cql::parse_duration(text_.substr(at_, unit_end - at_))) {
        take(unit_end, Token::Kind::Duration);
        return {};
      }
    }
    Token::Kind kind = Token::Kind::Integer;
    if (end < text_.size() && text_[end] == '.' &&
        !(end + 1 < text_.size() && text_[end + 1] == '.')) {
      kind = Token::Kind::Float;
      ++end;
      while (end < text_.size() && is_digit(text_[end])) ++end;
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      std::size_t digits = end + 1;
      if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-')) ++digits;
      if (digits < text_.size() && is_digit(text_[digits])) {
        kind = Token::Kind::Float;
        end = digits;
        while (end < text_.size() && is_digit(text_[end])) ++end;
      }
    }
    take(end, kind);
    return {};
  }

  Outcome<> symbol() {
    static constexpr std::string_view kPairs[] = {"<=", ">=", "!=", "+=", "-=", ".."};
    static constexpr std::string_view kSingles = "()[]{},;.=<>+-*/%?:";
    const std::string_view rest = text_.substr(at_);
    for (const std::string_view pair : kPairs) {
      if (rest.starts_with(pair)) {
        take(at_ + 2, Token::Kind::Symbol);
        return {};
      }
    }
    if (kSingles.find(peek()) == std::string_view::npos) {
      return broken(fmt::format("no viable alternative at character '{}'", peek()));
    }
    take(at_ + 1, Token::Kind::Symbol);
    return {};
  }

  CqlError broken(std::string_view what) const {
    return wire::cql::syntax(fmt::format("line {}:{} {}", line_, at_ - line_start_, what));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_start_ = 0;
  Token token_;
};

}  // namespace

Outcome<std::vector<Token>> tokenize(std::string_view cql) {
  return Lexer(cql).all();
}

}  // namespace tidemill::tables::statements

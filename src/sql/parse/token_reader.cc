// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/token_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tidemill::sql {
namespace {

constexpr std::size_t kShownBytes = 40;

std::vector<std::string_view> words_of(std::string_view keywords) {
  std::vector<std::string_view> words;
  while (!keywords.empty()) {
    const std::size_t space = keywords.find(' ');
    words.push_back(keywords.substr(0, space));
    keywords = space == std::string_view::npos ? "" : keywords.substr(space + 1);
  }
  return words;
}

std::string listed(const std::vector<std::string_view>& items) {
  if (items.size() <= 1) return items.empty() ? "" : std::string(items.front());
  const std::vector<std::string_view> head(items.begin(), items.end() - 1);
  return fmt::format("{} or {}", fmt::join(head, ", "), items.back());
}

}  // namespace

const Token& TokenReader::peek(std::size_t ahead) const {
  return tokens_[std::min(index_ + ahead, tokens_.size() - 1)];
}

const Token& TokenReader::next() {
  const Token& token = peek();
  if (token.kind != TokenKind::End) ++index_;
  return token;
}

bool TokenReader::accept(std::string_view keywords) {
  const auto words = words_of(keywords);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!at(words[i], i)) return false;
  }
  index_ += words.size();
  return true;
}

bool TokenReader::accept_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  ++index_;
  return true;
}

Result<> TokenReader::expect(std::string_view keywords) {
  for (const std::string_view word : words_of(keywords)) {
    if (!accept(word)) return unexpected({word});
  }
  return {};
}

Result<> TokenReader::expect_symbol(std::string_view symbol) {
  if (!accept_symbol(symbol)) return unexpected({fmt::format("'{}'", symbol)});
  return {};
}

Result<Name> TokenReader::name(std::string_view what) {
  const Token& token = peek();
  if (token.kind != TokenKind::Word && token.kind != TokenKind::QuotedWord) {
    return unexpected({what});
  }
  if (token.value.empty() || token.value.size() > 128) {
    return fail(token.position,
                fmt::format("{} has {} bytes, 1 to 128 are allowed", what, token.value.size()));
  }
  ++index_;
  // As in PostgreSQL, a name that is not quoted has no case.
  return Name{token.kind == TokenKind::Word ? to_lower(token.value) : token.value, token.position};
}

Result<std::string> TokenReader::string(std::string_view what) {
  if (peek().kind != TokenKind::String) return unexpected({what});
  return next().value;
}

Error TokenReader::unexpected(std::vector<std::string_view> expected) const {
  const Token& token = peek();
  std::string found = "the end of the text";
  if (token.kind != TokenKind::End) {
    const std::string_view raw = text_.substr(token.offset, token.size);
    found =
        fmt::format("'{}{}'", raw.substr(0, kShownBytes), raw.size() > kShownBytes ? "..." : "");
  }
  std::string message = fmt::format("found {}, expected {}", found, listed(expected));
  if (token.kind == TokenKind::Word) {
    std::vector<std::string_view> keywords;
    for (const std::string_view item : expected) {
      for (const std::string_view word : words_of(item)) {
        if (word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos) {
          keywords.push_back(word);
        }
      }
    }
    const std::string_view close = nearest(token.value, keywords);
    if (!close.empty()) message += fmt::format("; did you mean {}?", close);
  }
  return fail(token.position, message);
}

Error TokenReader::fail(Position position, std::string_view message) const {
  return error(ErrorCode::InvalidArgument, fmt::format("{}: {}", to_string(position), message));
}

Error TokenReader::unsupported(Position position, std::string_view message) const {
  return error(ErrorCode::Unsupported, fmt::format("{}: {}", to_string(position), message));
}

std::string_view TokenReader::text_between(std::size_t first, std::size_t last) const {
  const std::size_t begin = tokens_[first].offset;
  return text_.substr(begin, tokens_[last].offset + tokens_[last].size - begin);
}

SqlText TokenReader::slice(std::size_t first, std::size_t end) const {
  if (first >= end) return {"", tokens_[first].position, 0};
  return {std::string(text_between(first, end - 1)), tokens_[first].position, 0};
}

Result<SqlText> TokenReader::parenthesized(std::string_view what) {
  TRY(expect_symbol("("));
  const std::size_t first = index_;
  for (std::size_t depth = 1; peek().kind != TokenKind::End; ++index_) {
    if (at_symbol("(")) ++depth;
    if (at_symbol(")") && --depth == 0) {
      if (index_ == first) return unexpected({what});
      SqlText inside = slice(first, index_);
      ++index_;
      return inside;
    }
  }
  return unexpected({"')'"});
}

}  // namespace tidemill::sql

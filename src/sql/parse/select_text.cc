// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/select_text.h"

#include <algorithm>

namespace tidemill::sql {
namespace {

bool is_window_function(const Token& token) {
  return token.is("TUMBLE") || token.is("HOP") || token.is("SESSION") || token.is("CUMULATE");
}

// TABLE(TUMBLE(TABLE t, DESCRIPTOR(c), INTERVAL '1' MINUTE)) -> TUMBLE(t, c, INTERVAL '1' MINUTE)
class FlinkSpelling {
 public:
  FlinkSpelling(SqlText& select, const std::vector<Token>& tokens)
      : text_(select.text), tokens_(tokens), base_(tokens.empty() ? 0 : tokens.front().offset) {}

  void rewrite() {
    for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
      if (!tokens_[i].is("TABLE") || !tokens_[i + 1].is_symbol("(") ||
          !is_window_function(tokens_[i + 2])) {
        continue;
      }
      const std::size_t outer = closing(i + 1);
      if (outer == 0) continue;
      blank(i);
      blank(i + 1);
      blank(outer);
      for (std::size_t j = i + 3; j < outer; ++j) rewrite_argument(j);
    }
  }

 private:
  void rewrite_argument(std::size_t at) {
    if (tokens_[at].is("TABLE")) blank(at);
    if (tokens_[at].is("DESCRIPTOR") && tokens_[at + 1].is_symbol("(")) {
      const std::size_t end = closing(at + 1);
      if (end == 0) return;
      blank(at);
      blank(at + 1);
      blank(end);
    }
  }

  // The parenthesis that closes the one at `open`; 0 when there is none.
  std::size_t closing(std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t i = open; i < tokens_.size(); ++i) {
      if (tokens_[i].is_symbol("(")) ++depth;
      if (tokens_[i].is_symbol(")") && --depth == 0) return i;
    }
    return 0;
  }

  void blank(std::size_t at) {
    const Token& token = tokens_[at];
    std::fill_n(text_.begin() + static_cast<std::ptrdiff_t>(token.offset - base_), token.size, ' ');
  }

  std::string& text_;
  const std::vector<Token>& tokens_;
  std::size_t base_;
};

}  // namespace

bool at_streaming_clause(const TokenReader& in) {
  if (in.at("WITHIN")) return !in.at("GROUP", 1);
  if (in.at("WITH")) return in.peek(1).is_symbol("(");
  if (in.at("EMIT")) {
    return in.at("ON", 1) || in.at("EVERY", 1) || in.at("FINAL", 1) || in.at("CHANGES", 1) ||
           in.at("AFTER", 1) || in.at("PERIODIC", 1) || in.at("STREAM", 1);
  }
  if (in.at("ON")) return in.at("LATE", 1);
  if (in.at("OUTPUT")) return in.at("MODE", 1);
  if (in.at("TRIGGER")) {
    return in.at("EVERY", 1) || in.at("AVAILABLE", 1) || in.at("PIPELINED", 1) || in.at("ONCE", 1);
  }
  if (in.at("FORMAT")) return in.peek(1).kind == TokenKind::Word && in.at("ENCODE", 2);
  return false;
}

Result<SqlText> take_select(TokenReader& in) {
  if (!in.at("SELECT")) return in.unexpected({"SELECT"});
  const std::size_t first = in.index();
  std::vector<Token> tokens;
  for (std::size_t depth = 0;;) {
    if (in.peek().kind == TokenKind::End) {
      if (depth > 0) return in.unexpected({"')'"});
      break;
    }
    if (depth == 0 && (in.at_end() || at_streaming_clause(in))) break;
    if (in.at_symbol("(")) ++depth;
    if (in.at_symbol(")")) {
      if (depth == 0) return in.unexpected({"a clause or ';'"});
      --depth;
    }
    if (in.at_symbol(";")) return in.unexpected({"')'"});
    tokens.push_back(in.next());
  }
  SqlText select = in.slice(first, in.index());
  FlinkSpelling(select, tokens).rewrite();
  return select;
}

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
#include "wire/json/text.h"

#include <cstdint>
#include <cstring>

namespace tidemill::wire::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Four hexadecimal digits, or -1.
int hex4(const char* at) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    int digit = 0;
    if (is_digit(c)) {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return -1;
    }
    value = value * 16 + digit;
  }
  return value;
}

char* put_utf8(std::uint32_t code, char* out) {
  const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
  return out;
}

// The character for \n and the like; 0 for what is none.
char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

char escape_letter(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

constexpr char kHex[] = "0123456789abcdef";

char* put_escaped(char c, char* out) {
  if (const char letter = escape_letter(c); letter != 0) {
    *out++ = '\\';
    *out++ = letter;
  } else if (static_cast<unsigned char>(c) < 0x20) {
    std::memcpy(out, "\\u00", 4);
    out[4] = kHex[static_cast<unsigned char>(c) >> 4];
    out[5] = kHex[c & 15];
    out += 6;
  } else {
    *out++ = c;
  }
  return out;
}

// Reads one escape, `at` standing behind the backslash. The code point, or -1.
std::int32_t read_escape(const char*& at, const char* end) {
  if (at == end) return -1;
  const char letter = *at++;
  if (letter != 'u') {
    const char plain = simple_escape(letter);
    return plain == 0 ? -1 : plain;
  }
  if (end - at < 4) return -1;
  const int first = hex4(at);
  at += 4;
  if (first < 0xd800 || first > 0xdfff) return first;
  // UTF-16's two halves must come together.
  if (first > 0xdbff || end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
  const int second = hex4(at + 2);
  if (second < 0xdc00 || second > 0xdfff) return -1;
  at += 6;
  return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

// Copies one value, without recursion: `closers` is the stack of open brackets.
class Compactor {
 public:
  Compactor(std::string_view text, char* out, std::size_t depth_max)
      : at_(text.data()), end_(at_ + text.size()), out_(out), depth_max_(depth_max) {}

  bool run() {
    while (true) {
      skip_spaces();
      if (at_ == end_) return false;
      if (*at_ == '{' || *at_ == '[') {
        if (depth_ == depth_max_ || depth_ == kDepthMax) return false;
        const char closer = *at_ == '{' ? '}' : ']';
        *out_++ = *at_++;
        skip_spaces();
        if (at_ == end_) return false;
        if (*at_ == closer) {
          *out_++ = *at_++;
        } else {
          closers_[depth_++] = closer;
          if (closer == '}' && !key()) return false;
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      // Behind a value: close what ends here, then the next member.
      skip_spaces();
      while (depth_ > 0 && at_ != end_ && *at_ == closers_[depth_ - 1]) {
        *out_++ = *at_++;
        --depth_;
        skip_spaces();
      }
      if (depth_ == 0) return at_ == end_;
      if (at_ == end_ || *at_ != ',') return false;
      *out_++ = *at_++;
      skip_spaces();
      if (closers_[depth_ - 1] == '}' && !key()) return false;
    }
  }
  char* out() const { return out_; }

 private:
  static constexpr std::size_t kDepthMax = 512;

  void skip_spaces() {
    while (at_ != end_ && is_space(*at_)) ++at_;
  }

  bool key() {
    if (at_ == end_ || *at_ != '"' || !string()) return false;
    skip_spaces();
    if (at_ == end_ || *at_ != ':') return false;
    *out_++ = *at_++;
    return true;
  }

  bool string() {
    *out_++ = *at_++;
    while (at_ != end_) {
      const char c = *at_++;
      if (c == '"') {
        *out_++ = c;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        *out_++ = c;
        continue;
      }
      const std::int32_t code = read_escape(at_, end_);
      if (code < 0) return false;
      out_ = code < 0x80 ? put_escaped(static_cast<char>(code), out_)
                         : put_utf8(static_cast<std::uint32_t>(code), out_);
    }
    return false;
  }

  bool scalar() {
    if (*at_ == '"') return string();
    const char* start = at_;
    while (at_ != end_ && !is_space(*at_) && std::strchr(",]}", *at_) == nullptr) ++at_;
    const std::string_view text(start, static_cast<std::size_t>(at_ - start));
    if (text != "true" && text != "false" && text != "null" && !is_number(text)) return false;
    std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
    return true;
  }

  const char* at_;
  const char* end_;
  char* out_;
  std::size_t depth_max_;
  std::size_t depth_ = 0;
  char closers_[kDepthMax] = {};
};

}  // namespace

bool is_number(std::string_view text) {
  const char* at = text.data();
  const char* end = at + text.size();
  if (at != end && *at == '-') ++at;
  if (at == end || !is_digit(*at)) return false;
  if (*at == '0') {
    ++at;
  } else {
    while (at != end && is_digit(*at)) ++at;
  }
  if (at != end && *at == '.') {
    ++at;
    if (at == end || !is_digit(*at)) return false;
    while (at != end && is_digit(*at)) ++at;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (at == end || !is_digit(*at)) return false;
    while (at != end && is_digit(*at)) ++at;
  }
  return at == end;
}

std::optional<std::size_t> unescape(std::string_view text, char* out) {
  const char* at = text.data();
  const char* end = at + text.size();
  char* to = out;
  while (at != end) {
    const auto left = static_cast<std::size_t>(end - at);
    const auto* slash = static_cast<const char*>(std::memchr(at, '\\', left));
    const auto plain = slash == nullptr ? left : static_cast<std::size_t>(slash - at);
    std::memcpy(to, at, plain);
    to += plain;
    at += plain;
    if (slash == nullptr) break;
    ++at;
    const std::int32_t code = read_escape(at, end);
    if (code < 0) return std::nullopt;
    to = put_utf8(static_cast<std::uint32_t>(code), to);
  }
  return static_cast<std::size_t>(to - out);
}

std::optional<std::size_t> compact(std::string_view text, char* out, std::size_t depth_max) {
  Compactor compactor(text, out, depth_max);
  if (!compactor.run()) return std::nullopt;
  return static_cast<std::size_t>(compactor.out() - out);
}

void append_string(Bytes& out, std::string_view text) {
  out.push_back('"');
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    const char* plain = at;
    while (at != end && static_cast<unsigned char>(*at) >= 0x20 && *at != '"' && *at != '\\') ++at;
    const BytesView run = as_bytes({plain, static_cast<std::size_t>(at - plain)});
    out.insert(out.end(), run.begin(), run.end());
    if (at == end) break;
    char escaped[6];
    out.insert(out.end(), escaped, put_escaped(*at++, escaped));
  }
  out.push_back('"');
}

}  // namespace tidemill::wire::json

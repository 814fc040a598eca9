// SPDX-License-Identifier: Apache-2.0
// Pattern text -> tree -> automaton over bytes with free moves -> table of sets of its states.
#include "duck/pattern.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace tidemill::duck {
namespace {

constexpr std::uint32_t kLastCodePoint = 0x10FFFF;
constexpr std::uint32_t kRepeatMost = 1000;  // RE2's own limit
constexpr std::size_t kNodesMost = 4096;
constexpr std::size_t kStatesMost = 256;
constexpr int kDepthMost = 50;
constexpr std::uint32_t kEndless = UINT32_MAX;

using Range = std::pair<std::uint32_t, std::uint32_t>;  // code points, both included

// A part of a pattern.
struct Part {
  enum class Kind { Empty, Points, Sequence, Choice, Repeat };
  Kind kind = Kind::Empty;
  std::vector<Range> points = {};
  std::vector<Part> parts = {};
  std::uint32_t least = 0;  // Repeat
  std::uint32_t most = 0;
};

std::vector<Range> sorted_union(std::vector<Range> ranges) {
  std::ranges::sort(ranges);
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::vector<Range> complement(const std::vector<Range>& ranges) {
  std::vector<Range> rest;
  std::uint32_t from = 0;
  for (const Range& range : sorted_union(ranges)) {
    if (range.first > from) rest.emplace_back(from, range.first - 1);
    from = range.second + 1;
  }
  if (from <= kLastCodePoint) rest.emplace_back(from, kLastCodePoint);
  return rest;
}

// Reads the syntax of RE2 as far as Pattern goes; every member gives nothing for what is beyond.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  struct Parsed {
    Part part;
    bool from_begin = false;  // ^
    bool to_end = false;      // $
  };

  std::optional<Parsed> parse() {
    Parsed parsed;
    parsed.from_begin = take('^');
    if (text_.size() > at_ && text_.back() == '$' && !escaped_end()) {
      parsed.to_end = true;
      text_.remove_suffix(1);
    }
    auto part = choice(0);
    if (!part || at_ != text_.size()) return std::nullopt;
    // '^a|b' anchors its first branch alone.
    if ((parsed.from_begin || parsed.to_end) && choice_at_top_) return std::nullopt;
    parsed.part = *std::move(part);
    return parsed;
  }

 private:
  bool more() const { return at_ < text_.size(); }
  bool take(char c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool escaped_end() const {
    std::size_t slashes = 0;
    for (std::size_t i = text_.size() - 1; i > at_ && text_[i - 1] == '\\'; --i) ++slashes;
    return slashes % 2 == 1;
  }

  std::optional<Part> choice(int depth) {
    if (depth > kDepthMost) return std::nullopt;
    Part part{.kind = Part::Kind::Choice};
    do {
      auto branch = sequence(depth);
      if (!branch) return std::nullopt;
      part.parts.push_back(*std::move(branch));
    } while (take('|'));
    if (depth == 0) choice_at_top_ = part.parts.size() > 1;
    if (part.parts.size() == 1) return std::move(part.parts.front());
    return part;
  }

  std::optional<Part> sequence(int depth) {
    Part part{.kind = Part::Kind::Sequence};
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      auto item = atom(depth);
      if (!item) return std::nullopt;
      auto repeated = repeat(*std::move(item));
      if (!repeated) return std::nullopt;
      part.parts.push_back(*std::move(repeated));
    }
    return part;
  }

  std::optional<Part> repeat(Part item) {
    std::uint32_t least = 0;
    std::uint32_t most = kEndless;
    if (take('*')) {
    } else if (take('+')) {
      least = 1;
    } else if (take('?')) {
      most = 1;
    } else if (take('{')) {
      const auto first = number();
      if (!first) return std::nullopt;
      least = most = *first;
      if (take(',')) {
        most = kEndless;
        if (more() && text_[at_] != '}') {
          const auto second = number();
          if (!second) return std::nullopt;
          most = *second;
        }
      }
      const bool sound = most == kEndless || (most >= least && most <= kRepeatMost);
      if (!take('}') || !sound || least > kRepeatMost) return std::nullopt;
    } else {
      return item;
    }
    take('?');  // taking as little as possible changes what is captured, not whether there is a
                // match
    if (more() &&
        (text_[at_] == '*' || text_[at_] == '+' || text_[at_] == '?' || text_[at_] == '{')) {
      return std::nullopt;
    }
    Part part{.kind = Part::Kind::Repeat, .least = least, .most = most};
    part.parts.push_back(std::move(item));
    return part;
  }

  std::optional<std::uint32_t> number() {
    std::uint32_t value = 0;
    const std::size_t from = at_;
    for (; more() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = value * 10 + static_cast<std::uint32_t>(text_[at_] - '0');
      if (value > kRepeatMost) return std::nullopt;
    }
    if (at_ == from) return std::nullopt;
    return value;
  }

  static Part points(std::vector<Range> ranges) {
    return {.kind = Part::Kind::Points, .points = std::move(ranges)};
  }

  std::optional<Part> atom(int depth) {
    switch (text_[at_]) {
      case '(': {
        ++at_;
        if (take('?') && !take(':')) return std::nullopt;
        auto inside = choice(depth + 1);
        if (!inside || !take(')')) return std::nullopt;
        return inside;
      }
      case '[':
        ++at_;
        return bracket();
      case '.':
        ++at_;
        return points({{0, '\n' - 1}, {'\n' + 1, kLastCodePoint}});
      case '\\': {
        auto ranges = escape();
        if (!ranges) return std::nullopt;
        return points(*std::move(ranges));
      }
      case '^':
      case '$':
      case '*':
      case '+':
      case '?':
      case '{':
      case ')':
        return std::nullopt;
      default: {
        const auto point = code_point();
        if (!point) return std::nullopt;
        return points({{*point, *point}});
      }
    }
  }

  std::optional<Part> bracket() {
    const bool negated = take('^');
    std::vector<Range> ranges;
    for (bool first = true; first || !more() || text_[at_] != ']'; first = false) {
      if (!more()) return std::nullopt;
      if (text_[at_] == '[' && at_ + 1 < text_.size() && text_[at_ + 1] == ':') return std::nullopt;
      // A hyphen that is no range stands first or last.
      if (text_[at_] == '-' && !first && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        return std::nullopt;
      }
      auto low = item();
      if (!low) return std::nullopt;
      const bool single = low->size() == 1 && low->front().first == low->front().second;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        ++at_;
        const auto high = item();
        if (!single || !high || high->size() != 1 || high->front().first != high->front().second ||
            high->front().first < low->front().first) {
          return std::nullopt;
        }
        ranges.emplace_back(low->front().first, high->front().first);
      } else {
        ranges.insert(ranges.end(), low->begin(), low->end());
      }
    }
    ++at_;
    return points(negated ? complement(ranges) : sorted_union(std::move(ranges)));
  }

  std::optional<std::vector<Range>> item() {
    if (!more()) return std::nullopt;
    if (text_[at_] == '\\') return escape();
    const auto point = code_point();
    if (!point) return std::nullopt;
    return std::vector<Range>{{*point, *point}};
  }

  std::optional<std::vector<Range>> escape() {
    if (at_ + 1 >= text_.size()) return std::nullopt;
    const char c = text_[at_ + 1];
    at_ += 2;
    const std::vector<Range> digits = {{'0', '9'}};
    const std::vector<Range> word = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    const std::vector<Range> space = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
    const auto one = [](std::uint32_t point) { return std::vector<Range>{{point, point}}; };
    switch (c) {
      case 'd':
        return digits;
      case 'D':
        return complement(digits);
      case 'w':
        return word;
      case 'W':
        return complement(word);
      case 's':
        return space;
      case 'S':
        return complement(space);
      case 'n':
        return one('\n');
      case 't':
        return one('\t');
      case 'r':
        return one('\r');
      case 'f':
        return one('\f');
      case 'v':
        return one('\v');
      case 'a':
        return one('\a');
      case 'x': {
        const auto point = hexadecimal();
        if (!point) return std::nullopt;
        return one(*point);
      }
      default: {
        const bool mark = c > ' ' && c < 0x7F && (c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
                          (c < 'a' || c > 'z') && c != '_';
        if (!mark) return std::nullopt;
        return one(static_cast<std::uint8_t>(c));
      }
    }
  }

  // After \x: two digits, or some in braces.
  std::optional<std::uint32_t> hexadecimal() {
    const bool braces = take('{');
    std::uint32_t value = 0;
    std::size_t digits = 0;
    for (; more() && digits < (braces ? 6U : 2U); ++digits, ++at_) {
      const char c = text_[at_];
      if (c >= '0' && c <= '9') {
        value = value * 16 + static_cast<std::uint32_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        value = value * 16 + static_cast<std::uint32_t>(c - 'a' + 10);
      } else if (c >= 'A' && c <= 'F') {
        value = value * 16 + static_cast<std::uint32_t>(c - 'A' + 10);
      } else {
        break;
      }
    }
    const bool ended = braces ? digits > 0 && take('}') : digits == 2;
    if (!ended || value > kLastCodePoint) return std::nullopt;
    return value;
  }

  // DuckDB's texts are valid UTF-8.
  std::optional<std::uint32_t> code_point() {
    const auto lead = static_cast<std::uint8_t>(text_[at_]);
    if (lead < 0x80) {
      ++at_;
      return lead;
    }
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC0 || at_ + size > text_.size()) return std::nullopt;
    std::uint32_t point = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
      point = (point << 6) | (static_cast<std::uint8_t>(text_[at_ + i]) & 0x3FU);
    }
    at_ += size;
    return point;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool choice_at_top_ = false;
};

// A node of the automaton: on a byte of [low, high] to `next`; or, without bytes, to `next` and
// `other` for free.
struct Node {
  bool free = false;
  std::uint8_t low = 0;
  std::uint8_t high = 0;
  std::uint32_t next = UINT32_MAX;
  std::uint32_t other = UINT32_MAX;
};

// Builds from the end: each part is given the node that follows it and gives the one it begins at.
class Automaton {
 public:
  static constexpr std::uint32_t kEnd = 0;

  Automaton() { nodes_.push_back({.free = true}); }

  const std::vector<Node>& nodes() const { return nodes_; }
  bool too_large() const { return nodes_.size() > kNodesMost; }

  std::uint32_t build(const Part& part, std::uint32_t next) {
    if (too_large()) return next;
    switch (part.kind) {
      case Part::Kind::Empty:
        return next;
      case Part::Kind::Points: {
        std::uint32_t begin = UINT32_MAX;
        for (const Range& range : part.points) {
          split(range.first, range.second, next, begin);
        }
        // A class of nothing: a node without a way on.
        return begin == UINT32_MAX ? add({.free = true}) : begin;
      }
      case Part::Kind::Sequence: {
        for (auto item = part.parts.rbegin(); item != part.parts.rend(); ++item) {
          next = build(*item, next);
        }
        return next;
      }
      case Part::Kind::Choice: {
        std::uint32_t begin = build(part.parts.back(), next);
        for (std::size_t i = part.parts.size() - 1; i-- > 0;) {
          begin = add({.free = true, .next = build(part.parts[i], next), .other = begin});
        }
        return begin;
      }
      case Part::Kind::Repeat:
        return repeat(part, next);
    }
    return next;
  }

 private:
  std::uint32_t add(const Node& node) {
    nodes_.push_back(node);
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  std::uint32_t repeat(const Part& part, std::uint32_t next) {
    const Part& item = part.parts.front();
    if (part.most == kEndless) {
      const std::uint32_t loop = add({.free = true, .other = next});
      const std::uint32_t body = build(item, loop);
      nodes_[loop].next = body;
      next = loop;
    } else {
      const std::uint32_t end = next;
      for (std::uint32_t i = part.least; i < part.most && !too_large(); ++i) {
        next = add({.free = true, .next = build(item, next), .other = end});
      }
    }
    for (std::uint32_t i = 0; i < part.least && !too_large(); ++i) next = build(item, next);
    return next;
  }

  static std::size_t encode(std::uint32_t point, std::array<std::uint8_t, 4>& out) {
    if (point < 0x80) {
      out[0] = static_cast<std::uint8_t>(point);
      return 1;
    }
    const std::size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (std::size_t i = size - 1; i > 0; --i, point >>= 6) {
      out[i] = static_cast<std::uint8_t>(0x80 | (point & 0x3F));
    }
    out[0] = static_cast<std::uint8_t>((0xF00U >> size) | point);
    return size;
  }

  // Adds code points as ranges of bytes, cut so that each byte's range is independent of the
  // others.
  void split(std::uint32_t low, std::uint32_t high, std::uint32_t next, std::uint32_t& begin) {
    for (const std::uint32_t last : {0x7FU, 0x7FFU, 0xFFFFU}) {
      if (low <= last && last < high) {
        split(low, last, next, begin);
        split(last + 1, high, next, begin);
        return;
      }
    }
    for (std::uint32_t bits = 6; high > 0x7F && bits <= 18; bits += 6) {
      const std::uint32_t mask = (1U << bits) - 1;
      if ((low & ~mask) == (high & ~mask)) continue;
      if ((low & mask) != 0) {
        split(low, low | mask, next, begin);
        split((low | mask) + 1, high, next, begin);
        return;
      }
      if ((high & mask) != mask) {
        split(low, (high & ~mask) - 1, next, begin);
        split(high & ~mask, high, next, begin);
        return;
      }
    }
    std::array<std::uint8_t, 4> from{};
    std::array<std::uint8_t, 4> to{};
    const std::size_t size = encode(low, from);
    encode(high, to);
    for (std::size_t i = size; i-- > 0;) {
      next = add({.low = from[i], .high = to[i], .next = next});
    }
    begin = begin == UINT32_MAX ? next : add({.free = true, .next = next, .other = begin});
  }

  std::vector<Node> nodes_;
};

}  // namespace

// Makes the table: a state for each set of nodes the automaton may be in.
class PatternTable {
 public:
  PatternTable(std::span<const Node> nodes, std::uint32_t begin, bool restart, bool early)
      : nodes_(nodes), begin_(begin), restart_(restart), early_(early) {
    cuts_[0] = true;
    for (const Node& node : nodes_) {
      if (node.free) continue;
      cuts_[node.low] = true;
      cuts_[node.high + 1U] = true;
    }
  }

  std::optional<Pattern> make() {
    Pattern pattern;
    pattern.next_.assign(2UL * 256, 0);
    std::fill_n(pattern.next_.begin() + 256, 256, std::uint16_t{Pattern::kMatched});
    pattern.accepting_ = {false, true};
    std::vector<std::uint32_t> start;
    std::vector<bool> seen(nodes_.size());
    reach(begin_, start, seen);
    std::ranges::sort(start);
    add(pattern, start);
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      const std::vector<std::uint32_t> set = sets_[i];
      const std::size_t state = Pattern::kStart + i;
      std::uint16_t next = Pattern::kNever;
      for (std::uint32_t byte = 0; byte < 256; ++byte) {
        if (cuts_[byte]) next = step(pattern, set, static_cast<std::uint8_t>(byte));
        if (pattern.accepting_.size() > kStatesMost) return std::nullopt;
        pattern.next_[state * 256 + byte] = next;
      }
    }
    return pattern;
  }

 private:
  void reach(std::uint32_t node, std::vector<std::uint32_t>& set, std::vector<bool>& seen) {
    stack_.push_back(node);
    while (!stack_.empty()) {
      const std::uint32_t at = stack_.back();
      stack_.pop_back();
      if (at == UINT32_MAX || seen[at]) continue;
      seen[at] = true;
      if (at == Automaton::kEnd || !nodes_[at].free) {
        set.push_back(at);
      } else {
        stack_.push_back(nodes_[at].next);
        stack_.push_back(nodes_[at].other);
      }
    }
  }

  std::uint16_t add(Pattern& pattern, const std::vector<std::uint32_t>& set) {
    const auto state = static_cast<std::uint16_t>(pattern.accepting_.size());
    known_[set] = state;
    sets_.push_back(set);
    pattern.accepting_.push_back(std::ranges::binary_search(set, Automaton::kEnd));
    pattern.next_.resize(pattern.next_.size() + 256);
    return state;
  }

  std::uint16_t step(Pattern& pattern, const std::vector<std::uint32_t>& set, std::uint8_t byte) {
    std::vector<std::uint32_t> after;
    std::vector<bool> seen(nodes_.size());
    // Where a match is enough, what follows it says nothing.
    if (early_ && std::ranges::binary_search(set, Automaton::kEnd)) return Pattern::kMatched;
    for (const std::uint32_t node : set) {
      if (node == Automaton::kEnd) continue;
      if (nodes_[node].low <= byte && byte <= nodes_[node].high) {
        reach(nodes_[node].next, after, seen);
      }
    }
    if (restart_) reach(begin_, after, seen);
    if (after.empty()) return Pattern::kNever;
    std::ranges::sort(after);
    if (early_ && after.front() == Automaton::kEnd) return Pattern::kMatched;
    const auto found = known_.find(after);
    return found != known_.end() ? found->second : add(pattern, after);
  }

  std::span<const Node> nodes_;
  std::uint32_t begin_;
  bool restart_;                  // a match may begin at any byte
  bool early_;                    // a match may end at any byte
  std::array<bool, 257> cuts_{};  // bytes that may do something else than the one before
  std::vector<std::vector<std::uint32_t>> sets_;  // by state - kStart
  std::map<std::vector<std::uint32_t>, std::uint16_t> known_;
  std::vector<std::uint32_t> stack_;
};

std::optional<Pattern> Pattern::compile(std::string_view pattern, Match match) {
  const auto parsed = Parser(pattern).parse();
  if (!parsed) return std::nullopt;
  Automaton automaton;
  const std::uint32_t begin = automaton.build(parsed->part, Automaton::kEnd);
  if (automaton.too_large()) return std::nullopt;
  const bool whole = match == Match::Whole;
  return PatternTable(automaton.nodes(), begin, !whole && !parsed->from_begin,
                      !whole && !parsed->to_end)
      .make();
}

}  // namespace tidemill::duck

// SPDX-License-Identifier: Apache-2.0
// Regular expressions compiled ahead into a table, for CHECKs that see every record: one load per
// byte, where RE2 builds its states while it runs and locks a cache for each text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tidemill::duck {

// Tells of a text whether it matches a pattern, as RE2 (DuckDB's regexp_matches) would.
//
// Thread: any; immutable.
class Pattern {
 public:
  enum class Match {
    Anywhere,  // regexp_matches
    Whole,     // regexp_full_match
  };

  // Nothing for a pattern that needs RE2: a flag, a look around, a word boundary, a Unicode class,
  // an anchor inside, a mistake, or more than some hundred states.
  static std::optional<Pattern> compile(std::string_view pattern, Match match);

  bool matches(std::string_view text) const {
    std::uint32_t state = kStart;
    for (const char c : text) {
      state = next_[state * 256 + static_cast<std::uint8_t>(c)];
      if (state <= kMatched) return state == kMatched;
    }
    return accepting_[state];
  }

 private:
  friend class PatternTable;
  static constexpr std::uint32_t kNever = 0;    // whatever follows
  static constexpr std::uint32_t kMatched = 1;  // whatever follows
  static constexpr std::uint32_t kStart = 2;

  std::vector<std::uint16_t> next_;  // state x byte
  std::vector<bool> accepting_;      // by state: where the text ends
};

}  // namespace tidemill::duck

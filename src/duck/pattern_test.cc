// SPDX-License-Identifier: Apache-2.0
#include "duck/pattern.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>
#include <string>

#include "duck/database.h"

namespace tidemill::duck {
namespace {

using Match = Pattern::Match;

bool matches(std::string_view pattern, std::string_view text, Match match = Match::Anywhere) {
  const auto compiled = Pattern::compile(pattern, match);
  EXPECT_TRUE(compiled) << pattern;
  return compiled && compiled->matches(text);
}

TEST(Pattern, FindsAMatchAnywhereOrAsTheWholeText) {
  EXPECT_TRUE(matches("b+", "abbc"));
  EXPECT_FALSE(matches("b+", "abbc", Match::Whole));
  EXPECT_TRUE(matches("a(b|cd)*", "abcdb", Match::Whole));
  EXPECT_FALSE(matches("a{2,3}", "aaaa", Match::Whole));
  EXPECT_TRUE(matches("", ""));
}

TEST(Pattern, KeepsAnchorsAtItsEnds) {
  EXPECT_TRUE(matches("^ab", "abc"));
  EXPECT_FALSE(matches("^b", "abc"));
  EXPECT_TRUE(matches("c$", "abc"));
  EXPECT_FALSE(matches("b$", "abc"));
  EXPECT_TRUE(matches("a\\$", "a$b"));
  EXPECT_FALSE(Pattern::compile("^a|b", Match::Anywhere));
}

TEST(Pattern, ReadsTextAsCodePoints) {
  EXPECT_TRUE(matches("^.$", "\xE2\x82\xAC"));
  EXPECT_FALSE(matches("^.$", "\n"));
  EXPECT_TRUE(matches("[^\\x{20}-\\x{10FFFF}]", "a\x01"));
  EXPECT_TRUE(matches("[\xC3\xA0-\xC3\xBF]+", "\xC3\xA9", Match::Whole));
}

TEST(Pattern, LeavesToRe2WhatIsBeyondIt) {
  for (const auto* pattern :
       {"(?i)a", "\\bword", "\\p{L}", "a**", "a{", "[[:alpha:]]", "(a", "a)", "[a", "\\1", "a^b",
        "(a{1000}){1000}", "[b-a]", "\\Aa", "(a|b)*a(a|b){12}"}) {
    EXPECT_FALSE(Pattern::compile(pattern, Match::Anywhere)) << pattern;
  }
}

// Random patterns over a small alphabet, each tried on random texts beside DuckDB's own functions.
class RandomPattern {
 public:
  explicit RandomPattern(std::uint32_t seed) : random_(seed) {}

  std::string pattern(int depth = 0) {
    static constexpr const char* kAtoms[] = {
        "a",    "b",    "\xC3\xA9", "\xF0\x9F\x98\x80", "\\.",
        ".",    "[ab]", "[^a]",     "[a-c\\d]",         "\\w",
        "\\S",  "\\n",  "@",        "[^\\n\\x{85}]",    "\\x41",
        "[-.@]"};
    std::string text;
    for (std::uint32_t i = 0, parts = 1 + below(3); i < parts; ++i) {
      if (depth < 3 && below(4) == 0) {
        text += (below(2) == 0 ? "(" : "(?:") + pattern(depth + 1) + ")";
      } else {
        text += kAtoms[below(std::size(kAtoms))];
      }
      static constexpr const char* kRepeats[] = {"",  "",    "",     "*",     "+",
                                                 "?", "{2}", "{1,}", "{0,2}", "*?"};
      text += kRepeats[below(std::size(kRepeats))];
    }
    if (below(5) == 0) text += "|" + pattern(depth + 1);
    return text;
  }

  std::string text() {
    static constexpr const char* kPieces[] = {"a",
                                              "b",
                                              "c",
                                              "7",
                                              "A",
                                              "@",
                                              ".",
                                              "-",
                                              "\n",
                                              " ",
                                              "\xC3\xA9",
                                              "\xC2\x85",
                                              "\xF0\x9F\x98\x80"};
    std::string text;
    for (std::uint32_t i = below(7); i > 0; --i) text += kPieces[below(std::size(kPieces))];
    return text;
  }

 private:
  std::uint32_t below(std::size_t count) { return random_() % static_cast<std::uint32_t>(count); }
  std::mt19937 random_;
};

TEST(Pattern, AgreesWithDuckDb) {
  const auto database = *Database::open();
  const auto connection = *database.connect();
  std::size_t compared = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    RandomPattern random(seed);
    std::string pattern = random.pattern();
    if (seed % 7 == 0) pattern = "^(" + pattern + ")$";
    const auto anywhere = Pattern::compile(pattern, Match::Anywhere);
    const auto whole = Pattern::compile(pattern, Match::Whole);
    if (!anywhere || !whole) continue;
    std::vector<std::string> texts;
    std::string values;
    for (int i = 0; i < 30; ++i) {
      texts.push_back(random.text());
      values += fmt::format("{}({}, {})", i == 0 ? "" : ", ", i, quote_literal(texts.back()));
    }
    const auto quoted = quote_literal(pattern);
    const auto table = connection.query_text(fmt::format(
        "SELECT regexp_matches(t, {}), regexp_full_match(t, {}) FROM (VALUES {}) v(i, t) "
        "ORDER BY i",
        quoted, quoted, values));
    ASSERT_TRUE(table.ok()) << pattern << ": " << table.error().message;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(anywhere->matches(texts[i]), table->rows[i][0] == "true")
          << pattern << " in " << texts[i];
      EXPECT_EQ(whole->matches(texts[i]), table->rows[i][1] == "true")
          << pattern << " is " << texts[i];
      ++compared;
    }
  }
  EXPECT_GT(compared, 6000U);
}

TEST(Pattern, ServesAsAFunctionOfDuckDb) {
  auto database = *Database::open();
  ASSERT_TRUE(database.declare_pattern("is_word", *Pattern::compile("\\w+", Match::Whole)).ok());
  const auto connection = *database.connect();
  const auto table = *connection.query_text(
      "SELECT is_word(t) FROM (VALUES ('abc'), (NULL), ('a b'), ('longer_than_twelve_bytes')) "
      "v(t)");
  EXPECT_EQ(table.rows[0][0], "true");
  EXPECT_EQ(table.rows[1][0], std::nullopt);
  EXPECT_EQ(table.rows[2][0], "false");
  EXPECT_EQ(table.rows[3][0], "true");
}

}  // namespace
}  // namespace tidemill::duck

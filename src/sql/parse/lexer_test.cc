// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/lexer.h"

#include <gmock/gmock.h>

namespace tidemill::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> values(std::string_view sql) {
  std::vector<std::string> out;
  for (const Token& token : *tokenize(sql)) {
    if (token.kind != TokenKind::End) out.push_back(token.value);
  }
  return out;
}

TEST(Lexer, CutsWordsTextsNumbersAndSymbols) {
  EXPECT_THAT(values("a.\"B c\"->>'it''s' >= 1.5e3::int"),
              ElementsAre("a", ".", "B c", "->>", "it's", ">=", "1.5e3", "::", "int"));
}

TEST(Lexer, DropsNestedComments) {
  EXPECT_THAT(values("a /* x /* y */ z */ b -- end\n c"), ElementsAre("a", "b", "c"));
}

TEST(Lexer, CountsColumnsInCharacters) {
  const auto tokens = *tokenize("'\xC3\xA4\xC3\xB6'\n  x");
  EXPECT_EQ(to_string(tokens[1].position), "line 2, column 3");
  EXPECT_EQ(tokens[1].offset, 9U);
}

TEST(Lexer, NamesThePlaceOfWhatIsNotClosed) {
  EXPECT_EQ(tokenize("a\n 'b").error().message, "line 2, column 2: string is not closed");
  EXPECT_EQ(tokenize("/* /* */").error().message, "line 1, column 1: comment is not closed");
  EXPECT_EQ(tokenize("x \"y").error().message, "line 1, column 3: quoted name is not closed");
}

TEST(Lexer, RefusesBytesThatAreNoText) {
  EXPECT_THAT(tokenize("a \xFF").error().message, HasSubstr("not valid UTF-8"));
  EXPECT_EQ(tokenize(std::string(kSqlBytesMax + 1, ' ')).error().code, ErrorCode::TooLarge);
}

TEST(Lexer, NormalizesAwaySpaceCommentsAndCase) {
  EXPECT_EQ(normalized("SELECT  a -- x\n FROM T"), normalized("select a from/**/t"));
  EXPECT_NE(normalized("select 'A'"), normalized("select 'a'"));
  EXPECT_NE(normalized("select \"A\""), normalized("select \"a\""));
}

TEST(Lexer, FindsTheNearestWord) {
  EXPECT_EQ(nearest("FORMTA", {"FORMAT", "WITH"}), "FORMAT");
  EXPECT_EQ(nearest("triger", {"TRIGGER", "EMIT"}), "TRIGGER");
  EXPECT_EQ(nearest("banana", {"FORMAT", "WITH"}), "");
}

}  // namespace
}  // namespace tidemill::sql

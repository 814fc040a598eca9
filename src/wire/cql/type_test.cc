// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/type.h"

#include <gmock/gmock.h>

namespace tidemill::wire::cql {
namespace {

Type parsed(std::string_view text) {
  auto type = parse_type(text);
  EXPECT_TRUE(type.ok()) << text;
  return type.ok() ? *type : Type{};
}

TEST(CqlType, PrintsWhatItReads) {
  for (const char* text : {"int", "text", "list<text>", "map<text, int>", "frozen<list<int>>",
                           "set<uuid>", "list<frozen<map<text, int>>>", "frozen<tuple<int, text>>",
                           "vector<float, 3>", "map<frozen<tuple<int, int>>, frozen<set<date>>>"}) {
    EXPECT_EQ(to_string(parsed(text)), text);
  }
}

TEST(CqlType, KnowsVarcharAsText) {
  EXPECT_EQ(to_string(parsed("varchar")), "text");
}

TEST(CqlType, FreezesWhatIsInside) {
  EXPECT_EQ(to_string(Type::list(Type::set(Type::of(Kind::Int))).freeze()),
            "frozen<list<frozen<set<int>>>>");
}

TEST(CqlType, RefusesWhatIsNoType) {
  for (const char* text : {"", "nosuch", "list", "list<int", "map<int>", "list<int> x",
                           "vector<int>", "vector<int, 0>", "list<>"}) {
    EXPECT_FALSE(parse_type(text).ok()) << text;
  }
}

TEST(CqlType, RefusesEndlessNesting) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "list<";
  EXPECT_FALSE(parse_type(deep).ok());
}

TEST(CqlType, TravelsAndComesBack) {
  const Type udt =
      Type::udt("ks", "phone", {"country", "number"}, {Type::of(Kind::Int), Type::of(Kind::Text)});
  for (const Type& type : {Type::of(Kind::Duration), Type::list(Type::of(Kind::Text)),
                           Type::map(Type::of(Kind::Int), udt), udt}) {
    ByteWriter out;
    encode_type(out, type, 5);
    ByteReader in(out.buffer());
    const auto back = decode_type(in);
    ASSERT_TRUE(back.ok());
    EXPECT_TRUE(*back == type) << to_string(type);
    EXPECT_TRUE(in.at_end());
  }
}

TEST(CqlType, FailsCleanlyOnEveryTruncation) {
  ByteWriter out;
  encode_type(out, Type::map(Type::of(Kind::Int), Type::tuple({Type::of(Kind::Text)})), 4);
  for (std::size_t length = 0; length < out.size(); ++length) {
    ByteReader in(BytesView(out.buffer()).first(length));
    EXPECT_FALSE(decode_type(in).ok()) << length;
  }
}

TEST(CqlType, TellsOldVersionsTheClassOfNewTypes) {
  ByteWriter out;
  encode_type(out, Type::of(Kind::Duration), 4);
  EXPECT_EQ(as_text(BytesView(out.buffer()).subspan(4)),
            "org.apache.cassandra.db.marshal.DurationType");
}

TEST(CqlType, QuotesNamesThatNeedIt) {
  EXPECT_EQ(quoted_name("plain_1"), "plain_1");
  EXPECT_EQ(quoted_name("Case"), "\"Case\"");
  EXPECT_EQ(quoted_name("select"), "\"select\"");
  EXPECT_EQ(quoted_name("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace tidemill::wire::cql

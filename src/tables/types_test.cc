// SPDX-License-Identifier: Apache-2.0
#include "tables/types.h"

#include <gmock/gmock.h>

namespace tidemill::tables {
namespace {

TEST(ParseType, ReadsWhatToStringWrites) {
  for (const char* text : {"int", "text", "timeuuid", "list<int>",
                           "map<text, frozen<list<bigint>>>", "frozen<map<text, int>>", "set<uuid>",
                           "frozen<tuple<int, text, double>>", "vector<float, 3>"}) {
    const auto type = parse_type(text, {});
    ASSERT_TRUE(type.ok()) << text << ": " << type.error().message;
    EXPECT_EQ(to_string(*type), text);
  }
}

TEST(ParseType, FindsUserTypesByNameAlsoQuoted) {
  const CqlType address = CqlType::udt("ks", "Address", {"street"}, {CqlType::of(TypeKind::Text)});
  const FindUserType find = [&](std::string_view name) {
    return name == "Address" ? &address : nullptr;
  };

  const auto type = parse_type("frozen<\"Address\">", find);

  ASSERT_TRUE(type.ok()) << type.error().message;
  EXPECT_EQ(type->kind, TypeKind::Udt);
  EXPECT_TRUE(type->frozen);
}

TEST(ParseType, RefusesUnknownNamesAndWrongParameters) {
  for (const char* text : {"", "nope", "list<", "list<int", "map<int>", "list<int, int>", "int x",
                           "vector<float, 0>", "\"open", "frozen<>"}) {
    EXPECT_FALSE(parse_type(text, {}).ok()) << text;
  }
}

}  // namespace
}  // namespace tidemill::tables

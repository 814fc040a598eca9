// SPDX-License-Identifier: Apache-2.0
#include "model/column.h"

#include <gmock/gmock.h>

namespace tidemill {
namespace {

TEST(ColumnType, EverySpellingFoldsCaseAndSpaces) {
  EXPECT_EQ(*parse_column_type("Timestamp  WITH time zone"), ColumnType::TimestampTz);
  EXPECT_EQ(*parse_column_type("int8"), ColumnType::BigInt);
  EXPECT_EQ(*parse_column_type("TEXT"), ColumnType::Varchar);
}

TEST(ColumnType, NameParsesBackToTheType) {
  for (int i = 0; i <= static_cast<int>(ColumnType::TimestampTz); ++i) {
    const auto type = static_cast<ColumnType>(i);
    EXPECT_EQ(*parse_column_type(name_of(type)), type);
  }
}

TEST(ColumnType, UnknownOneIsNamedInTheError) {
  EXPECT_THAT(parse_column_type("varchr").error().message, testing::HasSubstr("'varchr'"));
}

}  // namespace
}  // namespace tidemill

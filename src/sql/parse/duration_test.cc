// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/duration.h"

#include <gmock/gmock.h>

namespace tidemill::sql {
namespace {

using testing::HasSubstr;

std::int64_t microseconds(std::string_view text) {
  const auto parsed = parse_duration(text);
  return parsed.ok() ? parsed->count() : -1;
}

TEST(Duration, ReadsTheUnitsPeopleWrite) {
  EXPECT_EQ(microseconds("10 seconds"), 10'000'000);
  EXPECT_EQ(microseconds("600 s"), 600'000'000);
  EXPECT_EQ(microseconds("24h"), 86'400'000'000);
  EXPECT_EQ(microseconds("1 hour 30 minutes"), 5'400'000'000);
  EXPECT_EQ(microseconds("500 ms"), 500'000);
  EXPECT_EQ(microseconds("0.5 seconds"), 500'000);
  EXPECT_EQ(microseconds("2 Weeks"), 14 * 86'400'000'000);
  EXPECT_EQ(microseconds("0"), 0);
}

TEST(Duration, RefusesWhatHasNoFixedLengthAndSaysWhy) {
  EXPECT_THAT(parse_duration("1 month").error().message, HasSubstr("'month' has no fixed length"));
  EXPECT_THAT(parse_duration("10").error().message, HasSubstr("the unit is missing"));
  EXPECT_THAT(parse_duration("ten s").error().message, HasSubstr("expected a number before 'ten"));
  EXPECT_THAT(parse_duration("3 parsecs").error().message, HasSubstr("unknown unit 'parsecs'"));
  EXPECT_THAT(parse_duration("-1 s").error().message, HasSubstr("expected a number"));
  EXPECT_THAT(parse_duration("1e300 s").error().message, HasSubstr("it is too long"));
  EXPECT_THAT(parse_duration("").error().message, HasSubstr("it is empty"));
}

TEST(Duration, WritesWhatItReadsBack) {
  for (const char* text :
       {"25 hours", "90 seconds", "1 second", "2 days", "15 minutes", "250 milliseconds"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
  EXPECT_EQ(format_duration(std::chrono::microseconds{60'000'000}), "1 minute");
}

}  // namespace
}  // namespace tidemill::sql

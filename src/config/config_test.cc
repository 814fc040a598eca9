// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace tidemill::config {
namespace {

using testing::HasSubstr;

TEST(OptionTable, EveryDefaultIsAllowed) {
  for (const auto& option : option_table()) {
    EXPECT_TRUE(check_value(option, option.default_text).ok()) << option.name;
    EXPECT_TRUE(option.help.ends_with('.')) << option.name;
  }
}

TEST(OptionTable, ReferencePageIsTheOneInTheDocuments) {
  std::ifstream file(TIDEMILL_SOURCE_DIR "/docs/user/options.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), reference_page())
      << "tidemill config reference > docs/user/options.md makes it anew";
}

TEST(Config, LaterLayersWinAndSayWhereTheyComeFrom) {
  Config config;
  ASSERT_TRUE(config.load_yaml("broker:\n  port: 1\n  partitions: 2\n", "tidemill.yaml").ok());
  const char* environment[] = {"PATH=/bin", "TIDEMILL_BROKER_PARTITIONS=3", "TIDEMILL_URL=http://x",
                               nullptr};
  ASSERT_TRUE(config.load_environment(environment).ok());
  ASSERT_TRUE(config.set("web.port=0", "--set").ok());

  EXPECT_EQ(config.number("broker.port"), 1);
  EXPECT_EQ(config.number("broker.partitions"), 3);
  EXPECT_EQ(config.settings().at("broker.port").origin, "tidemill.yaml line 2 column 3");
  EXPECT_EQ(config.settings().at("broker.partitions").origin,
            "environment TIDEMILL_BROKER_PARTITIONS");
  EXPECT_EQ(config.settings().at("tables.port").origin, "default");
}

TEST(Config, UnknownKeyNamesItsPlaceAndTheNearestOption) {
  Config config;
  const auto outcome = config.load_yaml("broker:\n  prot: 1\n", "tidemill.yaml");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().message,
            "unknown option 'broker.prot' in tidemill.yaml line 2 column 3");
  EXPECT_THAT(outcome.error().hint, HasSubstr("'broker.port'"));
}

TEST(Config, ValueOutOfBoundsNamesTheBound) {
  Config config;
  EXPECT_EQ(config.set("broker.segment_bytes=4096", "--set").error().message,
            "option broker.segment_bytes is 4096, the smallest allowed value is 1048576 bytes");
  EXPECT_THAT(config.set("broker.durability=never", "--set").error().message,
              HasSubstr("one of sync|interval|os"));
  EXPECT_THAT(config.set("broker.port=x", "--set").error().message, HasSubstr("a whole number"));
}

TEST(Config, UnitsAreUnderstood) {
  Config config;
  ASSERT_TRUE(config.set("broker.segment_bytes=64 MiB", "--set").ok());
  ASSERT_TRUE(config.set("broker.log_retention=2 h", "--set").ok());
  EXPECT_EQ(config.number("broker.segment_bytes"), 64 * 1024 * 1024);
  EXPECT_EQ(config.number("broker.log_retention"), 7'200'000);
}

TEST(Config, BrokenYamlIsAnErrorWithItsPlace) {
  Config config;
  EXPECT_THAT(config.load_yaml("broker: [", "x.yaml").error().message, HasSubstr("line"));
  EXPECT_THAT(config.load_yaml("- 1", "x.yaml").error().message, HasSubstr("must be a map"));
}

}  // namespace
}  // namespace tidemill::config

// SPDX-License-Identifier: Apache-2.0
#include "connect/generator/random_user.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/bytes.h"

namespace tidemill::connect::generator {
namespace {

using Json = nlohmann::ordered_json;
using testing::ElementsAre;

std::string record(const RandomUsers& users, std::uint64_t number) {
  std::string out;
  users.append(number, out);
  return out;
}

TEST(RandomUsers, HaveTheFieldsOfThePipeline) {
  const Json json = Json::parse(record(RandomUsers(1, {}), 0));
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) names.push_back(name);
  EXPECT_THAT(
      names, ElementsAre("id", "first_name", "last_name", "gender", "address", "post_code", "email",
                         "username", "dob", "registered_date", "phone", "picture"));
}

TEST(RandomUsers, AreValidAndVaried) {
  const RandomUsers users(1, {});
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  const std::regex email("[a-z]+\\.[a-z]+@example\\.com");
  std::set<std::string> ids;
  int numbers = 0;
  int beyond_ascii = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::string text = record(users, i);
    ASSERT_TRUE(is_utf8(text));
    const Json json = Json::parse(text);
    EXPECT_TRUE(std::regex_match(json["id"].get<std::string>(), uuid)) << text;
    EXPECT_TRUE(std::regex_match(json["email"].get<std::string>(), email)) << text;
    const std::string gender = json["gender"];
    EXPECT_TRUE(gender == "male" || gender == "female");
    ids.insert(json["id"].get<std::string>());
    numbers += json["post_code"].is_number() ? 1 : 0;
    for (const char c : json["last_name"].get<std::string>()) {
      if ((static_cast<unsigned char>(c) & 0x80U) != 0) {
        ++beyond_ascii;
        break;
      }
    }
  }
  EXPECT_EQ(ids.size(), 2000U);
  EXPECT_GT(numbers, 500);
  EXPECT_LT(numbers, 1900);
  EXPECT_GT(beyond_ascii, 200);
}

TEST(RandomUsers, BreakRulesAtTheShareAskedFor) {
  const RandomUsers users(5, {.invalid = 0.1, .duplicate = 0});
  const std::regex uuid("[0-9a-f-]{36}");
  int broken = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const Json json = Json::parse(record(users, i), nullptr, false);
    const auto text = [&](const char* name) {
      return json.contains(name) && json[name].is_string() ? json[name].get<std::string>() : "";
    };
    const bool good = json.is_object() && std::regex_match(text("id"), uuid) &&
                      text("email").ends_with("@example.com") &&
                      (text("gender") == "male" || text("gender") == "female") &&
                      !text("registered_date").empty();
    broken += good ? 0 : 1;
  }
  EXPECT_GT(broken, 400);
  EXPECT_LT(broken, 600);
}

TEST(RandomUsers, RepeatIdsAtTheShareAskedFor) {
  const RandomUsers users(5, {.invalid = 0, .duplicate = 0.2});
  std::map<std::string, std::set<std::string>> contents;
  int repeats = 0;
  int same = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    std::string text = record(users, i);
    auto& seen = contents[Json::parse(text)["id"].get<std::string>()];
    repeats += seen.empty() ? 0 : 1;
    same += seen.contains(text) ? 1 : 0;
    seen.insert(std::move(text));
  }
  EXPECT_GT(repeats, 850);
  EXPECT_LT(repeats, 1100);
  EXPECT_GT(same, repeats / 3);
  EXPECT_LT(same, 2 * repeats / 3);
}

TEST(RandomUsers, TellWhereTheIdStands) {
  const RandomUsers users(5, {.invalid = 0.5, .duplicate = 0.2});
  for (std::uint64_t i = 0; i < 500; ++i) {
    std::string out = "before";
    const auto written = users.append(i, out);
    if (written.id_size == 0) continue;
    const Json json = Json::parse(out.substr(6), nullptr, false);
    if (json.is_object()) EXPECT_EQ(json["id"], out.substr(written.id_at, written.id_size));
  }
}

}  // namespace
}  // namespace tidemill::connect::generator

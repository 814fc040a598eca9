// SPDX-License-Identifier: Apache-2.0
#include "web/router.h"

#include <gmock/gmock.h>

#include "web/rates.h"

namespace tidemill::web {
namespace {

using testing::HasSubstr;

Response get(const std::string& target, const std::string& method = "GET") {
  Services services;
  Request request;
  request.method = method;
  parse_target(target, request);
  return route(services, std::move(request));
}

TEST(ParseTarget, DecodesTheQuery) {
  Request request;
  parse_target("/a?from=time%3A5&contains=a+b", request);
  EXPECT_EQ(request.path, "/a");
  EXPECT_EQ(request.query["from"], "time:5");
  EXPECT_EQ(request.query["contains"], "a b");
}

TEST(Route, UnknownResourceIsNotFound) {
  EXPECT_EQ(get("/api/v1/nothing").status, 404U);
  EXPECT_THAT(get("/api/v1/nothing").body, HasSubstr("no resource '/api/v1/nothing'"));
}

TEST(Route, WrongMethodIsNotAllowed) {
  EXPECT_EQ(get("/api/v1/overview", "DELETE").status, 405U);
}

TEST(Route, APartThatIsOffSaysHowToStartIt) {
  const auto response = get("/api/v1/topics/a%2Fb");
  EXPECT_EQ(response.status, 503U);
  EXPECT_THAT(response.body, HasSubstr("--only"));
}

TEST(Rates, GiveTheSlopeOverTheLastSeconds) {
  ManualClock clock;
  Rates rates(clock);
  EXPECT_EQ(rates.observe("x", 0), 0);
  for (int second = 1; second <= 10; ++second) {
    clock.advance(std::chrono::seconds(1));
    rates.observe("x", second * 100.0);
  }
  EXPECT_NEAR(rates.observe("x", 1000), 100, 1);
}

}  // namespace
}  // namespace tidemill::web

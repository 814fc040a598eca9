// SPDX-License-Identifier: Apache-2.0
#include "web/http.h"

#include <gmock/gmock.h>

namespace tidemill::web {
namespace {

TEST(Request, NumberOutOfBoundsNamesTheParameter) {
  Request request;
  request.query["limit"] = "5000";
  EXPECT_EQ(request.number("limit", 100, 1, 1000).error().message,
            "limit is 5000, it must be 1 to 1000");
  request.query["limit"] = "many";
  EXPECT_FALSE(request.number("limit", 100, 1, 1000).ok());
  EXPECT_EQ(*request.number("other", 100, 1, 1000), 100);
}

TEST(Request, BodyThatIsNoObjectIsRefused) {
  Request request;
  request.body = "[1]";
  EXPECT_EQ(request.json().error().code, ErrorCode::InvalidArgument);
  request.body = "{";
  EXPECT_FALSE(request.json().ok());
}

TEST(ErrorResponse, CarriesCodeMessageAndHint) {
  const auto response = error_response(
      error(ErrorCode::NotFound, "topic 'x' does not exist").with_hint("tidemill topic list"));
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.body, R"({"error":{"code":"not_found","message":"topic 'x' does not exist",)"
                           R"("hint":"tidemill topic list"}})");
}

TEST(BytesJson, OnlyUtf8IsText) {
  EXPECT_EQ(bytes_json("abc").dump(), R"({"text":"abc"})");
  EXPECT_EQ(bytes_json("\xff").dump(), R"({"base64":"/w=="})");
}

}  // namespace
}  // namespace tidemill::web

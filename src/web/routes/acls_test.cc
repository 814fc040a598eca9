// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/faulty_disk.h"
#include "web/routes/routes.h"

namespace tidemill::web::routes {
namespace {

using testing::SizeIs;

class AclRoutesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.create_directories("security").ok());
    auto store = security::AclStore::open(disk_, "security/acls.json");
    ASSERT_TRUE(store.ok());
    store_ = *std::move(store);
    services_.acls = store_.get();
  }

  Result<Json> answer(Result<Response> (*route)(Services&, const Request&),
                      const Request& request) {
    const Response response = TRY(route(services_, request));
    return Json::parse(response.body);
  }
  Result<Json> create(const std::string& body) {
    Request request;
    request.body = body;
    return answer(create_acls, request);
  }
  Result<Json> list(std::map<std::string, std::string> query = {}) {
    Request request;
    request.query = std::move(query);
    return answer(list_acls, request);
  }
  Result<Json> remove(std::map<std::string, std::string> query = {}) {
    Request request;
    request.query = std::move(query);
    return answer(delete_acls, request);
  }

  FaultyDisk disk_;
  std::unique_ptr<security::AclStore> store_;
  Services services_;
};

TEST_F(AclRoutesTest, FillInWhatIsMostlyMeant) {
  const auto made = create(
      R"({"acls": [{"resource": "topic", "name": "orders", "principal": "User:alice",
                    "operation": "read"}]})");
  ASSERT_TRUE(made.ok()) << made.error().message;
  const Json expected{{"resource", "TOPIC"},       {"name", "orders"}, {"pattern", "LITERAL"},
                      {"principal", "User:alice"}, {"host", "*"},      {"operation", "READ"},
                      {"permission", "ALLOW"}};
  EXPECT_EQ(made->at(0), expected);
  EXPECT_EQ(list()->at(0), expected);
}

TEST_F(AclRoutesTest, TakeAllOrNothing) {
  for (const std::string body :
       {R"({})", R"({"acls": []})", R"({"acls": [7]})",
        R"({"acls": [{"resource": "TOPIC", "name": "a", "principal": "User:b", "operation": "READ"},
                     {"resource": "TOPIC", "name": "a", "principal": "b", "operation": "READ"}]})",
        R"({"acls": [{"resource": "TABLE", "name": "a", "principal": "User:b",
                      "operation": "READ"}]})",
        R"({"acls": [{"resource": "CLUSTER", "name": "a", "principal": "User:b",
                      "operation": "ALTER"}]})"}) {
    EXPECT_EQ(create(body).error().code, ErrorCode::InvalidArgument) << body;
  }
  EXPECT_THAT(*list(), SizeIs(0));
}

TEST_F(AclRoutesTest, FilterWhatIsListedAndDeleted) {
  ASSERT_TRUE(create(R"({"acls": [
      {"resource": "TOPIC", "name": "orders", "principal": "User:a", "operation": "READ"},
      {"resource": "TOPIC", "name": "ord", "pattern": "PREFIXED", "principal": "User:a",
       "operation": "READ"},
      {"resource": "GROUP", "name": "orders", "principal": "User:b", "operation": "READ",
       "permission": "DENY"}]})")
                  .ok());
  EXPECT_THAT(*list({{"resource", "topic"}, {"name", "orders"}, {"pattern", "match"}}), SizeIs(2));
  EXPECT_THAT(*list({{"name", "orders"}}), SizeIs(2));
  EXPECT_THAT(*list({{"permission", "deny"}}), SizeIs(1));
  EXPECT_EQ(list({{"operation", "lick"}}).error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(*remove({{"principal", "User:a"}}), SizeIs(2));
  EXPECT_THAT(*list(), SizeIs(1));
}

TEST_F(AclRoutesTest, DeleteEverythingOnlyWhenAskedTo) {
  ASSERT_TRUE(create(R"({"acls": [{"resource": "TOPIC", "name": "a", "principal": "User:a",
                                   "operation": "READ"}]})")
                  .ok());
  EXPECT_EQ(remove().error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(remove({{"nmae", "a"}}).error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(*remove({{"all", "true"}}), SizeIs(1));
}

}  // namespace
}  // namespace tidemill::web::routes

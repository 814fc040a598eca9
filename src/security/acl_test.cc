// SPDX-License-Identifier: Apache-2.0
#include "security/acl.h"

#include <gmock/gmock.h>

namespace tidemill::security {
namespace {

using testing::HasSubstr;

const Acl kReadsOrders{.resource = AclResource::Topic,
                       .name = "orders",
                       .principal = "User:alice",
                       .host = "*",
                       .operation = AclOperation::Read};

Acl with(void (*change)(Acl&)) {
  Acl acl = kReadsOrders;
  change(acl);
  return acl;
}

TEST(Acl, NamesAreReadAsKafkaAndItsToolsWriteThem) {
  for (const char* name : {"TRANSACTIONAL_ID", "TransactionalId", "transactional-id"}) {
    EXPECT_EQ(acl_resource_of(name), AclResource::TransactionalId) << name;
  }
  EXPECT_EQ(acl_operation_of("DescribeConfigs"), AclOperation::DescribeConfigs);
  EXPECT_EQ(acl_pattern_filter_of("match"), AclFilter::Pattern::Match);
  EXPECT_EQ(acl_operation_of("Any"), std::nullopt);
  EXPECT_EQ(acl_operation_of(std::int8_t{1}), std::nullopt);
  EXPECT_EQ(acl_operation_of(std::int8_t{15}), AclOperation::TwoPhaseCommit);
  EXPECT_EQ(acl_permission_of(std::int8_t{2}), AclPermission::Deny);
  EXPECT_EQ(acl_resource_of(std::int8_t{8}), std::nullopt);
  for (std::int8_t number = 2; number <= 15; ++number) {
    const auto operation = acl_operation_of(number);
    ASSERT_TRUE(operation);
    EXPECT_EQ(acl_operation_of(name_of(*operation)), operation);
  }
}

TEST(Acl, RefusesWhatKafkaWouldNotTake) {
  EXPECT_TRUE(check_acl(kReadsOrders).ok());
  const auto why = [](void (*change)(Acl&)) {
    const auto checked = check_acl(with(change));
    return checked.ok() ? std::string() : checked.error().message;
  };
  EXPECT_EQ(why([](Acl& acl) { acl.name = ""; }), "Invalid empty resource name");
  EXPECT_THAT(why([](Acl& acl) { acl.resource = AclResource::Cluster; }),
              HasSubstr("The only valid name for the CLUSTER resource is kafka-cluster"));
  for (const char* principal : {"alice", ":alice", "User:", ""}) {
    Acl acl = kReadsOrders;
    acl.principal = principal;
    EXPECT_EQ(check_acl(acl).error().code, ErrorCode::InvalidArgument) << principal;
  }
  EXPECT_THAT(why([](Acl& acl) { acl.host = ""; }), HasSubstr("host"));
  EXPECT_THAT(why([](Acl& acl) { acl.name = std::string(5000, 'x'); }), HasSubstr("5000"));
  EXPECT_THAT(why([](Acl& acl) { acl.name = "\xff"; }), HasSubstr("UTF-8"));
}

TEST(AclFilter, MatchesEveryEntryThatDecidesAboutAName) {
  const Acl prefixed = with([](Acl& acl) {
    acl.name = "ord";
    acl.pattern = AclPattern::Prefixed;
  });
  const Acl every = with([](Acl& acl) { acl.name = "*"; });
  AclFilter filter{.name = "orders", .pattern = AclFilter::Pattern::Match};
  EXPECT_TRUE(filter.matches(kReadsOrders));
  EXPECT_TRUE(filter.matches(prefixed));
  EXPECT_TRUE(filter.matches(every));
  filter.name = "old";
  EXPECT_FALSE(filter.matches(kReadsOrders));
  EXPECT_FALSE(filter.matches(prefixed));
  EXPECT_TRUE(filter.matches(every));
  filter = {.name = "ord", .pattern = AclFilter::Pattern::Any};
  EXPECT_TRUE(filter.matches(prefixed));
  EXPECT_FALSE(filter.matches(kReadsOrders));
  filter.pattern = AclFilter::Pattern::Literal;
  EXPECT_FALSE(filter.matches(prefixed));
}

TEST(AclFilter, AsksForEachFieldThatIsSet) {
  EXPECT_TRUE(AclFilter{}.matches(kReadsOrders));
  EXPECT_FALSE(AclFilter{.resource = AclResource::Group}.matches(kReadsOrders));
  EXPECT_FALSE(AclFilter{.principal = "User:bob"}.matches(kReadsOrders));
  EXPECT_FALSE(AclFilter{.host = "10.0.0.7"}.matches(kReadsOrders));
  EXPECT_FALSE(AclFilter{.operation = AclOperation::All}.matches(kReadsOrders));
  EXPECT_FALSE(AclFilter{.permission = AclPermission::Deny}.matches(kReadsOrders));
  EXPECT_TRUE((AclFilter{.resource = AclResource::Topic,
                         .principal = "User:alice",
                         .host = "*",
                         .operation = AclOperation::Read,
                         .permission = AclPermission::Allow}
                   .matches(kReadsOrders)));
}

}  // namespace
}  // namespace tidemill::security

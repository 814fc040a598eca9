// SPDX-License-Identifier: Apache-2.0
// What the ACLs allow, as Kafka's StandardAuthorizer decides it.
#include "security/authorizer.h"

#include <gmock/gmock.h>

#include "runtime/faulty_disk.h"

namespace tidemill::security {
namespace {

using enum AclOperation;
using testing::ElementsAre;

class AuthorizerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.create_directories("security").ok());
    auto opened = AclStore::open(disk_, "security/acls.json");
    ASSERT_TRUE(opened.ok());
    store_ = *std::move(opened);
  }

  void add(AclPermission permission, AclOperation operation, const std::string& topic,
           AclPattern pattern = AclPattern::Literal, const std::string& principal = "User:alice",
           const std::string& host = "*") {
    const std::vector<Acl> acls{{.resource = AclResource::Topic,
                                 .name = topic,
                                 .pattern = pattern,
                                 .principal = principal,
                                 .host = host,
                                 .operation = operation,
                                 .permission = permission}};
    ASSERT_TRUE(store_->add(acls).ok());
  }
  void allow(AclOperation operation, const std::string& topic,
             AclPattern pattern = AclPattern::Literal, const std::string& principal = "User:alice",
             const std::string& host = "*") {
    add(AclPermission::Allow, operation, topic, pattern, principal, host);
  }
  void deny(AclOperation operation, const std::string& topic,
            AclPattern pattern = AclPattern::Literal, const std::string& principal = "User:alice",
            const std::string& host = "*") {
    add(AclPermission::Deny, operation, topic, pattern, principal, host);
  }
  Rights rights(const std::string& user = "alice", const std::string& host = "10.0.0.7") {
    return Authorizer(*store_, options_).rights_of(user, host);
  }
  bool may(AclOperation operation, const std::string& topic) {
    return rights().topic(operation, topic);
  }

  FaultyDisk disk_;
  std::unique_ptr<AclStore> store_;
  AuthorizerOptions options_;
};

TEST_F(AuthorizerTest, AllowsNothingWithoutAnAcl) {
  EXPECT_FALSE(may(Read, "orders"));
  EXPECT_FALSE(rights().cluster(Describe));
  EXPECT_FALSE(rights().some_topic(Write));
  EXPECT_TRUE(Rights::all().topic(Read, "orders"));
  EXPECT_TRUE(Rights::all().some_topic(Write));
}

TEST_F(AuthorizerTest, AllowsWhatIsNamedAndNothingElse) {
  allow(Read, "orders");
  EXPECT_TRUE(may(Read, "orders"));
  EXPECT_FALSE(may(Write, "orders"));
  EXPECT_FALSE(may(Read, "orders2"));
  EXPECT_FALSE(may(Read, "order"));
  EXPECT_FALSE(rights("bob").topic(Read, "orders"));
  EXPECT_FALSE(rights("alice2").topic(Read, "orders"));
  EXPECT_FALSE(rights().group(Read, "orders")) << "a group of that name is something else";
}

TEST_F(AuthorizerTest, AllowsByPrefixAndByWildcard) {
  allow(Read, "ord", AclPattern::Prefixed);
  allow(Write, "*");
  EXPECT_TRUE(may(Read, "ord"));
  EXPECT_TRUE(may(Read, "orders"));
  EXPECT_FALSE(may(Read, "or"));
  EXPECT_TRUE(may(Write, "anything"));
  EXPECT_FALSE(may(Read, "anything"));
}

TEST_F(AuthorizerTest, LetsADenialWinWhereverItStands) {
  allow(Read, "orders");
  deny(Read, "ord", AclPattern::Prefixed);
  EXPECT_FALSE(may(Read, "orders"));
  allow(Write, "ord", AclPattern::Prefixed);
  deny(Write, "orders");
  EXPECT_FALSE(may(Write, "orders"));
  EXPECT_TRUE(may(Write, "ordinary"));
  deny(All, "*", AclPattern::Literal, "User:*", "10.0.0.7");
  EXPECT_FALSE(may(Write, "ordinary"));
  EXPECT_TRUE(rights("alice", "10.0.0.8").topic(Write, "ordinary"));
}

TEST_F(AuthorizerTest, LetsAllowancesImplyToDescribe) {
  for (const AclOperation operation : {Read, Write, Delete, Alter, Describe, All}) {
    const std::string topic(name_of(operation));
    allow(operation, topic);
    EXPECT_TRUE(may(Describe, topic)) << topic;
  }
  for (const AclOperation operation : {Create, AlterConfigs, DescribeConfigs}) {
    const std::string topic(name_of(operation));
    allow(operation, topic);
    EXPECT_FALSE(may(Describe, topic)) << topic;
  }
  EXPECT_TRUE(may(DescribeConfigs, "ALTER_CONFIGS"));
  EXPECT_FALSE(may(DescribeConfigs, "ALTER"));
}

TEST_F(AuthorizerTest, DoesNotLetDenialsImplyAnything) {
  allow(All, "orders");
  deny(Read, "orders");
  EXPECT_FALSE(may(Read, "orders"));
  EXPECT_TRUE(may(Describe, "orders"));
  deny(All, "orders");
  EXPECT_FALSE(may(Describe, "orders"));
}

TEST_F(AuthorizerTest, KnowsUsersHostsAndWhoDidNotLogIn) {
  allow(Read, "orders", AclPattern::Literal, "User:*", "10.0.0.7");
  EXPECT_TRUE(rights("bob").topic(Read, "orders"));
  EXPECT_TRUE(rights("").topic(Read, "orders"));
  EXPECT_FALSE(rights("bob", "10.0.0.70").topic(Read, "orders"));
  allow(Write, "orders", AclPattern::Literal, "User:ANONYMOUS");
  EXPECT_TRUE(rights("").topic(Write, "orders"));
  EXPECT_FALSE(rights("bob").topic(Write, "orders"));
}

TEST_F(AuthorizerTest, BindsNoSuperUser) {
  options_.super_users = *super_users_of("User:root; User:admin;");
  EXPECT_THAT(options_.super_users, ElementsAre("User:admin", "User:root"));
  deny(All, "*", AclPattern::Literal, "User:*");
  EXPECT_TRUE(rights("root").topic(Write, "orders"));
  EXPECT_TRUE(rights("admin").cluster(Alter));
  EXPECT_TRUE(rights("root").some_topic(Write));
  EXPECT_FALSE(may(Write, "orders"));
  EXPECT_FALSE(super_users_of("User:a;root").ok());
}

TEST_F(AuthorizerTest, MayAllowEveryoneWhereNoAclIsAboutTheResource) {
  options_.allow_everyone_if_no_acl_found = true;
  allow(Read, "orders", AclPattern::Literal, "User:bob");
  EXPECT_TRUE(may(Write, "free"));
  EXPECT_FALSE(may(Read, "orders")) << "an ACL is about it";
  EXPECT_TRUE(rights().some_topic(Write));
  allow(Read, "f", AclPattern::Prefixed, "User:bob");
  EXPECT_FALSE(may(Write, "free"));
}

TEST_F(AuthorizerTest, FindsWhetherSomeTopicMayBeWritten) {
  allow(Read, "orders");
  EXPECT_FALSE(rights().some_topic(Write)) << "reading implies no writing";
  allow(Write, "orders");
  EXPECT_TRUE(rights().some_topic(Write));
  deny(All, "o", AclPattern::Prefixed);
  EXPECT_FALSE(rights().some_topic(Write));
  allow(All, "t", AclPattern::Prefixed);
  EXPECT_TRUE(rights().some_topic(Write));
  deny(Write, "*");
  EXPECT_FALSE(rights().some_topic(Write));
}

TEST_F(AuthorizerTest, TellsTheAllowedOperationsAsBits) {
  allow(Read, "orders");
  const auto bit = [](AclOperation operation) { return 1 << static_cast<int>(operation); };
  const std::int32_t asked = bit(Read) | bit(Write) | bit(Describe) | bit(Delete);
  EXPECT_EQ(rights().allowed_of(asked, AclResource::Topic, "orders"), bit(Read) | bit(Describe));
  EXPECT_EQ(Rights::all().allowed_of(asked, AclResource::Topic, "orders"), asked);
}

}  // namespace
}  // namespace tidemill::security

// SPDX-License-Identifier: Apache-2.0
#include "security/roles.h"

#include <gmock/gmock.h>

#include "security/user_file.h"

namespace tidemill::security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum Permission;

Users users_named(std::initializer_list<const char*> names) {
  Users users;
  for (const char* name : names) users[name] = User{.name = name};
  return users;
}

TEST(Resource, IsFoundAgainByItsName) {
  for (const Resource& resource :
       {Resource::all_keyspaces(), Resource::keyspace("ks"), Resource::all_tables("ks"),
        Resource::table("ks", "t"), Resource::all_roles(), Resource::role("a/b"),
        Resource::all_functions(), Resource::all_functions_in("ks"), Resource::all_mbeans()}) {
    const auto found = Resource::of_name(resource.name());
    ASSERT_TRUE(found) << resource.name();
    EXPECT_EQ(found->shown(), resource.shown());
  }
  for (const char* name : {"", "date", "data/", "data//t", "data/ks/", "data/ks/t/x", "functions/"})
    EXPECT_FALSE(Resource::of_name(name)) << name;
}

TEST(Resource, HasItsParentsNearestFirst) {
  EXPECT_THAT(Resource::table("ks", "t").chain(),
              ElementsAre("data/ks/t", "data/ks/*", "data/ks", "data"));
  EXPECT_THAT(Resource::role("r").chain(), ElementsAre("roles/r", "roles"));
}

TEST(Grants, HoldForWhatIsBelow) {
  Users users = users_named({"bob"});
  grant(users, "bob", {Select}, Resource::keyspace("ks"));
  const Grants grants(users, "bob");
  EXPECT_TRUE(grants.allow(Select, Resource::table("ks", "t")));
  EXPECT_FALSE(grants.allow(Modify, Resource::table("ks", "t")));
  EXPECT_FALSE(grants.allow(Select, Resource::table("ks2", "t")));
  EXPECT_FALSE(grants.allow(Select, Resource::all_keyspaces()));
}

TEST(Grants, AreInheritedThroughRolesOfRoles) {
  Users users = users_named({"bob", "reader", "writer"});
  grant(users, "writer", {Modify}, Resource::table("ks", "t"));
  ASSERT_TRUE(grant_role(users, "reader", "bob").ok());
  ASSERT_TRUE(grant_role(users, "writer", "reader").ok());
  EXPECT_TRUE(Grants(users, "bob").allow(Modify, Resource::table("ks", "t")));
  EXPECT_THAT(roles_of(users, "bob", Inherited::Yes), ElementsAre("bob", "reader", "writer"));
  EXPECT_THAT(roles_of(users, "bob", Inherited::No), ElementsAre("bob", "reader"));
  users["writer"].is_superuser = true;
  EXPECT_TRUE(Grants(users, "bob").is_superuser());
  EXPECT_TRUE(Grants(users, "bob").allow(Drop, Resource::keyspace("other")));
}

TEST(Grants, OfARoleThatIsGoneAreNone) {
  Users users = users_named({"bob", "reader"});
  grant(users, "bob", {Alter}, Resource::role("reader"));
  ASSERT_TRUE(grant_role(users, "reader", "bob").ok());
  erase_role(users, "reader");
  EXPECT_THAT(users["bob"].permissions, IsEmpty());
  EXPECT_THAT(users["bob"].member_of, IsEmpty());
  EXPECT_FALSE(Grants(users, "reader").allow(Select, Resource::table("ks", "t")));
}

TEST(Roles, AreNeverMembersOfEachOther) {
  Users users = users_named({"a", "b", "c"});
  ASSERT_TRUE(grant_role(users, "a", "b").ok());
  ASSERT_TRUE(grant_role(users, "b", "c").ok());
  EXPECT_EQ(grant_role(users, "a", "b").error().message, "b is a member of a");
  EXPECT_EQ(grant_role(users, "c", "a").error().message, "c is a member of a");
  EXPECT_EQ(grant_role(users, "a", "a").error().message, "a is a member of a");
  EXPECT_EQ(revoke_role(users, "a", "c").error().message, "c is not a member of a");
}

TEST(Roles, TellWhatAGrantChanged) {
  Users users = users_named({"bob"});
  const Resource table = Resource::table("ks", "t");
  EXPECT_EQ(grant(users, "bob", {Select}, table), PermissionSet{Select});
  EXPECT_EQ(grant(users, "bob", {Select, Modify}, table), PermissionSet{Modify});
  EXPECT_EQ(revoke(users, "bob", {Select, Alter}, table), PermissionSet{Select});
  EXPECT_EQ(revoke(users, "bob", {Modify}, table), PermissionSet{Modify});
  EXPECT_THAT(users["bob"].permissions, IsEmpty());
}

TEST(Roles, LoseWhatTheyHadOnADroppedKeyspaceAndOnNothingElse) {
  Users users = users_named({"bob"});
  for (const Resource& resource :
       {Resource::keyspace("ks"), Resource::all_tables("ks"), Resource::table("ks", "t"),
        Resource::all_functions_in("ks"), Resource::keyspace("ks2"), Resource::role("ks")}) {
    grant(users, "bob", {Alter}, resource);
  }
  Users of_table = users;
  revoke_all_on(of_table, Resource::table("ks", "t"));
  EXPECT_EQ(of_table["bob"].permissions.size(), 5U);
  revoke_all_on(users, Resource::keyspace("ks"));
  EXPECT_THAT(users["bob"].permissions, ElementsAre(testing::Pair("data/ks2", testing::_),
                                                    testing::Pair("roles/ks", testing::_)));
}

TEST(UserFile, KeepsRolesAsTheyAre) {
  Users users = users_named({"bob", "reader", "root"});
  users["reader"].can_login = false;
  users["root"].is_superuser = true;
  ASSERT_TRUE(grant_role(users, "reader", "bob").ok());
  grant(users, "reader", PermissionSet::all(), Resource::all_keyspaces());
  const auto again = parse_users(render_users(users));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, users);
}

TEST(UserFile, OfVersionOneHasUsersThatMayLogIn) {
  const auto users = parse_users(R"({"version": 1, "users": [{"name": "bob"}]})");
  ASSERT_TRUE(users.ok());
  EXPECT_EQ(users->at("bob"), User{.name = "bob"});
  EXPECT_TRUE(users->at("bob").can_login);
}

TEST(UserFile, WithAnUnknownPermissionOrResourceIsDamaged) {
  for (const char* permissions : {R"({"data/a": ["FLY"]})", R"({"dta": ["SELECT"]})", R"([1])"}) {
    const auto users = parse_users(std::string(R"({"version": 2, "users": [{"name": "bob",
        "permissions": )") + permissions +
                                   "}]}");
    ASSERT_FALSE(users.ok()) << permissions;
    EXPECT_EQ(users.error().code, ErrorCode::Corrupt);
  }
}

}  // namespace
}  // namespace tidemill::security

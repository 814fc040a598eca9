// SPDX-License-Identifier: Apache-2.0
// Roles and permissions; codes and texts are those of Cassandra 5.0.9.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tables/statements/statement_fixture.h"

namespace tidemill::tables::statements {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::cql::CqlErrorCode;

class RolesTest : public StatementTest {
 protected:
  void SetUp() override {
    users_ = *security::UserStore::open(disk_, random_, folder_.path() + "/users.json");
    ASSERT_TRUE(users_->set_password("root", "root").ok());
    ASSERT_TRUE(users_
                    ->change([](security::Users& users) -> Result<> {
                      users.at("root").is_superuser = true;
                      return {};
                    })
                    .ok());
    use({.users = users_.get(), .authenticates = true, .authorizes = true});
    as("root",
       "CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', "
       "'replication_factor': 1}");
    as("root", "CREATE TABLE t (k int PRIMARY KEY, v int)");
    as("root", "CREATE TABLE u (k int PRIMARY KEY, v int)");
    as("root", "CREATE ROLE bob WITH PASSWORD = 'bob' AND LOGIN = true");
    as("root", "CREATE ROLE reader");
    as("root", "CREATE USER amy WITH PASSWORD 'amy'");
  }

  void use(AccessControl access) {
    access_ = access;
    if (executor_) {
      executor_ = std::make_unique<Executor>(*store_, clock_, random_, *load_node(*store_, random_),
                                             access_);
    } else {
      open();
    }
  }

  // As the server does it: compile, check, run.
  Outcome<StatementResult> ask(const std::string& name, const std::string& cql) {
    Performer& performer = performers_.try_emplace(name, name).first->second;
    return ask(performer, cql);
  }
  Outcome<StatementResult> ask(Performer& performer, const std::string& cql) {
    const StatementPtr statement = TRY(executor_->compile(cql, "ks"));
    Parameters parameters = TRY(executor_->bind(*statement, wire::cql::QueryOptions{}));
    parameters.performer = &performer;
    if (access_.authorizes) TRY(performer.check(*users_, statement->access()));
    return executor_->execute(*statement, parameters);
  }
  // What must succeed.
  StatementResult as(const std::string& name, const std::string& cql) {
    auto result = ask(name, cql);
    EXPECT_TRUE(result.ok()) << name << ": " << cql << ": "
                             << (result.ok() ? "" : result.error().message);
    return result.ok() ? *std::move(result) : StatementResult{};
  }
  std::vector<std::string> rows(const std::string& name, const std::string& cql) {
    return shown(as(name, cql));
  }
  // "2100 text" of what must fail.
  std::string refusal(const std::string& name, const std::string& cql) {
    const auto result = ask(name, cql);
    if (result.ok()) return "accepted: " + cql;
    return fmt::format("{:04x} {}", static_cast<unsigned>(result.error().code),
                       result.error().message);
  }
  static std::string lacks(const std::string& permission, const std::string& resource) {
    return "2100 User bob has no " + permission + " permission on " + resource +
           " or any of its parents";
  }

  RealDisk disk_;
  std::unique_ptr<security::UserStore> users_;
  std::map<std::string, Performer> performers_;
};

TEST_F(RolesTest, AreMadeChangedListedAndDropped) {
  EXPECT_THAT(
      rows("root", "LIST ROLES"),
      ElementsAre("'amy' | false | true | {} | 'ALL'", "'bob' | false | true | {} | 'ALL'",
                  "'reader' | false | false | {} | 'ALL'", "'root' | true | true | {} | 'ALL'"));
  EXPECT_THAT(
      rows("root", "LIST USERS"),
      ElementsAre("'amy' | false | 'ALL'", "'bob' | false | 'ALL'", "'root' | true | 'ALL'"));
  EXPECT_EQ(refusal("root", "CREATE ROLE bob"), "2200 bob already exists");
  as("root", "CREATE ROLE IF NOT EXISTS bob WITH LOGIN = false");
  EXPECT_TRUE(users_->check_password("bob", "bob").ok());
  as("root", "ALTER ROLE bob WITH PASSWORD = 'new' AND SUPERUSER = true");
  EXPECT_TRUE(users_->check_password("bob", "new").ok());
  EXPECT_TRUE(users_->find("bob")->is_superuser);
  as("root", "ALTER USER bob WITH PASSWORD 'newer' NOSUPERUSER");
  EXPECT_FALSE(users_->find("bob")->is_superuser);
  EXPECT_EQ(refusal("root", "ALTER ROLE nobody WITH LOGIN = true"),
            "2200 Role nobody doesn't exist");
  as("root", "ALTER ROLE IF EXISTS nobody WITH LOGIN = true");
  EXPECT_EQ(refusal("root", "ALTER ROLE bob"), "2200 ALTER [ROLE|USER] can't be empty");
  as("root", "DROP USER amy");
  EXPECT_EQ(refusal("root", "DROP ROLE amy"), "2200 amy doesn't exist");
  as("root", "DROP ROLE IF EXISTS amy");
  EXPECT_EQ(refusal("root", "DROP ROLE root"), "2200 Cannot DROP primary role for current login");
  EXPECT_EQ(refusal("root", "CREATE ROLE ''"), "2200 Role name can't be an empty string");
  as("root", "CREATE ROLE \"Mixed\"");
  as("root", "CREATE ROLE 'with space'");
  EXPECT_TRUE(users_->find("Mixed") && users_->find("with space"));
}

TEST_F(RolesTest, RefuseOptionsThatAreNotThere) {
  EXPECT_EQ(refusal("root", "CREATE ROLE x WITH OPTIONS = {'a': 'b'}"),
            "2200 org.apache.cassandra.auth.CassandraRoleManager doesn't support OPTIONS");
  EXPECT_EQ(refusal("root", "CREATE ROLE x WITH ACCESS TO DATACENTERS {'nowhere'}"),
            "2200 Invalid value(s) for DATACENTERS '[nowhere]',All values must be valid "
            "datacenters");
  EXPECT_EQ(refusal("root", "CREATE ROLE x WITH ACCESS FROM CIDRS {'a'}"),
            "2200 Invalid CIDR group(s): [a]. Available CIDR Groups are: []");
  EXPECT_THAT(refusal("root", "CREATE ROLE x WITH HASHED PASSWORD = '$2a$10$x'"),
              HasSubstr("HASHED PASSWORD is not supported"));
  EXPECT_FALSE(users_->find("x"));
  as("root", "CREATE ROLE x WITH ACCESS TO DATACENTERS {'datacenter1'} AND ACCESS FROM ALL CIDRS");
  EXPECT_TRUE(users_->find("x"));
}

TEST_F(RolesTest, AreGrantedToRoles) {
  as("root", "CREATE ROLE writer");
  as("root", "GRANT reader TO bob");
  as("root", "GRANT writer TO reader");
  EXPECT_EQ(refusal("root", "GRANT bob TO writer"), "2200 bob is a member of writer");
  EXPECT_EQ(refusal("root", "REVOKE writer FROM bob"), "2200 bob is not a member of writer");
  EXPECT_EQ(refusal("root", "GRANT nobody TO bob"), "2200 nobody doesn't exist");
  EXPECT_THAT(rows("root", "LIST ROLES OF bob NORECURSIVE"),
              ElementsAre(HasSubstr("'bob'"), HasSubstr("'reader'")));
  EXPECT_EQ(rows("bob", "LIST ROLES").size(), 3U);
  EXPECT_EQ(refusal("bob", "LIST ROLES OF amy"),
            "2100 You are not authorized to view roles granted to amy ");
  EXPECT_THAT(rows("root", "SELECT role, member FROM system_auth.role_members"),
              ElementsAre("'reader' | 'bob'", "'writer' | 'reader'"));
  EXPECT_THAT(
      rows("root", "SELECT member_of, salted_hash FROM system_auth.roles WHERE role = 'bob'"),
      ElementsAre("{'reader'} | null"));
  as("root", "DROP ROLE writer");
  EXPECT_EQ(rows("bob", "LIST ROLES").size(), 2U);
}

TEST_F(RolesTest, BindEachStatement) {
  const std::pair<std::string, std::string> cases[] = {
      {"SELECT * FROM t", lacks("SELECT", "<table ks.t>")},
      {"INSERT INTO t (k, v) VALUES (1, 1)", lacks("MODIFY", "<table ks.t>")},
      {"INSERT INTO t JSON '{\"k\": 1}'", lacks("MODIFY", "<table ks.t>")},
      {"SELECT JSON count(*) FROM t", lacks("SELECT", "<table ks.t>")},
      {"UPDATE t SET v = 1 WHERE k = 1", lacks("MODIFY", "<table ks.t>")},
      {"DELETE FROM t WHERE k = 1", lacks("MODIFY", "<table ks.t>")},
      {"TRUNCATE t", lacks("MODIFY", "<table ks.t>")},
      {"BEGIN BATCH INSERT INTO t (k) VALUES (1) APPLY BATCH", lacks("MODIFY", "<table ks.t>")},
      {"CREATE KEYSPACE b WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
       lacks("CREATE", "<all keyspaces>")},
      {"ALTER KEYSPACE ks WITH durable_writes = true", lacks("ALTER", "<keyspace ks>")},
      {"DROP KEYSPACE ks", lacks("DROP", "<keyspace ks>")},
      {"CREATE TABLE b (k int PRIMARY KEY)", lacks("CREATE", "<all tables in ks>")},
      {"ALTER TABLE t ADD w int", lacks("ALTER", "<table ks.t>")},
      {"DROP TABLE t", lacks("DROP", "<table ks.t>")},
      {"DROP TABLE IF EXISTS nothere", lacks("DROP", "<table ks.nothere>")},
      {"CREATE TYPE ty (a int)", lacks("CREATE", "<all tables in ks>")},
      {"ALTER TYPE ty ADD b int", lacks("ALTER", "<all tables in ks>")},
      {"DROP TYPE ty", lacks("DROP", "<all tables in ks>")},
      {"CREATE INDEX i ON t (v)", lacks("ALTER", "<table ks.t>")},
      {"DROP INDEX i", "2200 Index 'ks.i' doesn't exist'"},
      {"SELECT * FROM system.built_views", lacks("SELECT", "<table system.built_views>")},
      {"SELECT * FROM system_auth.roles", lacks("SELECT", "<table system_auth.roles>")},
      {"SELECT * FROM system_views.settings", lacks("SELECT", "<table system_views.settings>")},
      {"SELECT * FROM nothere", "2200 table nothere does not exist"},
      {"GRANT SELECT ON t TO bob", lacks("AUTHORIZE", "<table ks.t>")},
      {"LIST ALL PERMISSIONS", "2100 You are not authorized to view everyone's permissions"},
      {"LIST ALL OF amy", "2100 You are not authorized to view amy's permissions"},
  };
  for (const auto& [cql, text] : cases) EXPECT_EQ(refusal("bob", cql), text);
  as("root", "CREATE INDEX i ON t (v)");
  EXPECT_EQ(refusal("bob", "DROP INDEX i"), lacks("ALTER", "<table ks.t>"));
  for (const char* cql :
       {"SELECT key FROM system.local", "SELECT peer FROM system.peers_v2", "USE ks",
        "SELECT keyspace_name FROM system_schema.keyspaces", "DESCRIBE TABLE t",
        "SELECT * FROM system_traces.sessions", "LIST ROLES", "LIST ALL OF bob"}) {
    as("bob", cql);
  }
  for (const char* cql : {"CREATE ROLE c", "CREATE ROLE c WITH SUPERUSER = true",
                          "ALTER ROLE reader WITH LOGIN = true", "DROP ROLE reader",
                          "DROP ROLE root", "GRANT reader TO bob", "REVOKE reader FROM amy"}) {
    EXPECT_EQ(refusal("bob", cql),
              "2100 User bob does not have sufficient privileges to perform the requested "
              "operation");
  }
}

TEST_F(RolesTest, MayDoWhatTheyWereGrantedFromTheNextStatementOn) {
  as("root", "GRANT SELECT ON ks.t TO bob");
  as("bob", "SELECT * FROM t");
  EXPECT_EQ(refusal("bob", "SELECT * FROM u"), lacks("SELECT", "<table ks.u>"));
  as("root", "GRANT MODIFY ON KEYSPACE ks TO reader");
  as("root", "GRANT reader TO bob");
  as("bob", "INSERT INTO u (k, v) VALUES (1, 1)");
  EXPECT_EQ(refusal("bob", "INSERT INTO u (k, v) VALUES (1, 1) IF NOT EXISTS"),
            lacks("SELECT", "<table ks.u>"));
  EXPECT_EQ(refusal("bob", "UPDATE u SET v = 2 WHERE k = 1 IF v = 1"),
            lacks("SELECT", "<table ks.u>"));
  as("root", "REVOKE SELECT ON t FROM bob");
  EXPECT_EQ(refusal("bob", "SELECT * FROM t"), lacks("SELECT", "<table ks.t>"));
  as("root", "DROP ROLE reader");
  EXPECT_EQ(refusal("bob", "INSERT INTO u (k, v) VALUES (1, 1)"), lacks("MODIFY", "<table ks.u>"));
  as("root", "ALTER ROLE bob WITH SUPERUSER = true");
  as("bob", "DROP TABLE u");
  as("root", "DROP ROLE bob");
  EXPECT_EQ(refusal("bob", "SELECT * FROM t"), lacks("SELECT", "<table ks.t>"));
}

TEST_F(RolesTest, SayWhatAGrantDidNotChange) {
  EXPECT_THAT(as("root", "GRANT SELECT ON t TO bob").warnings, IsEmpty());
  EXPECT_THAT(as("root", "GRANT SELECT ON t TO bob").warnings,
              ElementsAre("Role 'bob' was already granted SELECT on <table ks.t>"));
  EXPECT_THAT(as("root", "REVOKE SELECT, MODIFY ON t FROM bob").warnings,
              ElementsAre("Role 'bob' was not granted MODIFY on <table ks.t>"));
  EXPECT_EQ(refusal("root", "GRANT SELECT ON nothere TO bob"),
            "2200 Resource <table ks.nothere> doesn't exist");
  EXPECT_EQ(refusal("root", "GRANT SELECT ON KEYSPACE nothere TO bob"),
            "2200 Resource <keyspace nothere> doesn't exist");
  EXPECT_EQ(refusal("root", "GRANT ALL ON ROLE nobody TO bob"),
            "2200 Resource <role nobody> doesn't exist");
  EXPECT_EQ(refusal("root", "GRANT SELECT ON t TO nobody"), "2200 Role nobody doesn't exist");
}

TEST_F(RolesTest, AreListedWithTheirPermissions) {
  as("root", "GRANT MODIFY, SELECT ON t TO bob");
  as("root", "GRANT DESCRIBE ON ALL ROLES TO reader");
  as("root", "GRANT SELECT ON ALL TABLES IN KEYSPACE ks TO reader");
  as("root", "GRANT reader TO bob");
  EXPECT_THAT(rows("bob", "LIST ALL PERMISSIONS OF bob"),
              ElementsAre("'bob' | 'bob' | '<table ks.t>' | 'SELECT'",
                          "'bob' | 'bob' | '<table ks.t>' | 'MODIFY'",
                          "'reader' | 'reader' | '<all tables in ks>' | 'SELECT'",
                          "'reader' | 'reader' | '<all roles>' | 'DESCRIBE'"));
  EXPECT_THAT(rows("root", "LIST SELECT ON t OF bob NORECURSIVE"),
              ElementsAre("'bob' | 'bob' | '<table ks.t>' | 'SELECT'"));
  EXPECT_THAT(
      rows("root", "LIST MODIFY, SELECT ON t OF bob"),
      ElementsAre(HasSubstr("'SELECT'"), HasSubstr("'MODIFY'"), HasSubstr("<all tables in ks>")));
  EXPECT_EQ(rows("bob", "LIST ROLES").size(), 4U);  // sees all by DESCRIBE
  EXPECT_THAT(rows("root",
                   "SELECT resource, permissions FROM system_auth.role_permissions WHERE "
                   "role = 'reader'"),
              ElementsAre("'data/ks/*' | {'SELECT'}", "'roles' | {'DESCRIBE'}"));
  EXPECT_EQ(refusal("root", "LIST ALL OF nobody"), "2200 <role nobody> doesn't exist");
  EXPECT_EQ(refusal("root", "LIST ALL ON nothere"), "2200 <table ks.nothere> doesn't exist");
}

TEST_F(RolesTest, HaveAllPermissionsOnWhatTheyCreateUntilItIsDropped) {
  as("root", "GRANT CREATE ON ALL KEYSPACES TO bob");
  as("bob",
     "CREATE KEYSPACE bobs WITH replication = {'class': 'SimpleStrategy', 'replication_factor': "
     "1}");
  as("bob", "CREATE TABLE bobs.t (k int PRIMARY KEY)");
  EXPECT_EQ(rows("bob", "LIST ALL OF bob").size(), 1U + 8U + 5U + 7U);
  as("bob", "GRANT SELECT ON bobs.t TO amy");
  as("amy", "SELECT * FROM bobs.t");
  as("bob", "DROP TABLE bobs.t");
  EXPECT_EQ(rows("bob", "LIST ALL OF bob").size(), 1U + 8U + 5U);
  as("bob", "CREATE TABLE bobs.t (k int PRIMARY KEY)");
  EXPECT_THAT(refusal("amy", "SELECT * FROM bobs.t"), HasSubstr("no SELECT permission"));
  as("bob", "DROP KEYSPACE bobs");
  EXPECT_EQ(rows("bob", "LIST ALL OF bob").size(), 1U);
  as("root", "GRANT CREATE ON ALL ROLES TO bob");
  as("bob", "CREATE ROLE his");
  as("bob", "GRANT his TO amy");
  EXPECT_EQ(refusal("bob", "CREATE ROLE c WITH SUPERUSER = true"),
            "2100 Only superusers can create a role with superuser status");
  as("bob", "DROP ROLE his");
}

TEST_F(RolesTest, ChangeOfThemselvesTheirPasswordOnly) {
  as("bob", "ALTER ROLE bob WITH PASSWORD = 'new'");
  EXPECT_TRUE(users_->check_password("bob", "new").ok());
  EXPECT_EQ(refusal("bob", "ALTER ROLE bob WITH LOGIN = true"),
            "2100 You aren't allowed to alter LOGIN");
  const std::string own =
      "2100 You aren't allowed to alter your own superuser status or that of a role granted to you";
  EXPECT_EQ(refusal("bob", "ALTER ROLE bob WITH SUPERUSER = true"), own);
  EXPECT_EQ(refusal("root", "ALTER ROLE root WITH SUPERUSER = false"), own);
  EXPECT_EQ(refusal("bob", "ALTER ROLE amy WITH SUPERUSER = true"),
            "2100 Only superusers are allowed to alter superuser status");
}

TEST_F(RolesTest, NeverTouchSystemKeyspaces) {
  EXPECT_EQ(refusal("root", "DROP TABLE system_auth.roles"),
            "2100 Cannot DROP <table system_auth.roles>");
  EXPECT_EQ(refusal("root", "CREATE TABLE system_auth.x (k int PRIMARY KEY)"),
            "2100 Cannot CREATE <all tables in system_auth>");
  EXPECT_EQ(refusal("root", "DROP KEYSPACE system"),
            "2100 system keyspace is not user-modifiable.");
}

TEST_F(RolesTest, AreNotAskedByAllowAllAuthorizer) {
  use({.users = users_.get(), .authenticates = true, .authorizes = false});
  as("bob", "SELECT * FROM t");
  as("bob", "CREATE ROLE c");
  EXPECT_EQ(refusal("bob", "CREATE ROLE d WITH SUPERUSER = true"),
            "2100 Only superusers can create a role with superuser status");
  EXPECT_EQ(refusal("root", "GRANT SELECT ON t TO bob"),
            "0000 java.lang.UnsupportedOperationException: GRANT operation is not supported by "
            "AllowAllAuthorizer");
  EXPECT_EQ(refusal("root", "LIST ALL PERMISSIONS"),
            "2200 LIST PERMISSIONS operation is not supported by AllowAllAuthorizer");
}

TEST_F(RolesTest, AreNobodysBusinessWithoutALogin) {
  use({.users = users_.get()});
  Performer anonymous;
  const auto text = [&](const std::string& cql) {
    const auto result = ask(anonymous, cql);
    return result.ok() ? "accepted" : result.error().message;
  };
  for (const char* cql : {"LIST ROLES", "CREATE ROLE c", "DROP ROLE bob", "GRANT reader TO bob",
                          "LIST ALL OF bob", "GRANT SELECT ON t TO bob"}) {
    EXPECT_EQ(text(cql), "You have to be logged in and not anonymous to perform this request");
  }
  EXPECT_EQ(text("CREATE ROLE c WITH PASSWORD = 'x'"),
            "org.apache.cassandra.auth.CassandraRoleManager doesn't support PASSWORD");
  EXPECT_EQ(text("SELECT k FROM t"), "accepted");
}

TEST_F(RolesTest, OutliveARestart) {
  as("root", "GRANT SELECT ON t TO bob");
  users_ = *security::UserStore::open(disk_, random_, folder_.path() + "/users.json");
  performers_.clear();
  use({.users = users_.get(), .authenticates = true, .authorizes = true});
  as("bob", "SELECT * FROM t");
  EXPECT_EQ(refusal("bob", "TRUNCATE t"), lacks("MODIFY", "<table ks.t>"));
}

}  // namespace
}  // namespace tidemill::tables::statements

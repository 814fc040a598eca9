// SPDX-License-Identifier: Apache-2.0
// Who may run which statement: Cassandra's authorizer over the store of users.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "security/user_store.h"
#include "tables/statements/syntax.h"
#include "wire/cql/response.h"

namespace tidemill::tables::statements {

using wire::cql::Outcome;

// What is configured. `users` outlives the executor; without it there are no roles.
struct AccessControl {
  security::UserStore* users = nullptr;
  bool authenticates = false;  // PasswordAuthenticator
  bool authorizes = false;     // CassandraAuthorizer
};

// What running a statement takes.
struct Access {
  security::Permission permission;
  security::Resource resource;
};

// A client, by the role it logged in as. Statements of nobody (REST, the engine) may do everything.
//
// Thread: name() and is_anonymous() any; the rest one at a time.
class Performer {
 public:
  Performer() = default;  // anonymous: nobody logs in
  explicit Performer(std::string name) : name_(std::move(name)), anonymous_(false) {}

  const std::string& name() const { return name_; }
  bool is_anonymous() const { return anonymous_; }

  // Unauthorized in Cassandra's words. Looks into what was worked out after the last change of any
  // role, so that a change counts from the next statement on.
  Outcome<> check(const security::UserStore& users, std::span<const Access> wanted);

 private:
  std::string name_ = "anonymous";
  bool anonymous_ = true;
  std::uint64_t generation_ = 0;  // of grants_
  security::Grants grants_;
};

wire::cql::CqlError lacks(std::string_view user, const Access& access);

// Access for a change of the schema; Unauthorized for system keyspaces, whoever asks.
Outcome<std::vector<Access>> access_to_change(security::Permission permission,
                                              security::Resource resource);
// Everybody reads what drivers and tools need of the system keyspaces.
bool is_readable_by_all(std::string_view keyspace, std::string_view table);

// After a change of the schema: who creates a keyspace or table gets all permissions on it, and
// those on a dropped one go. A text for the client when that could not be kept.
std::optional<std::string> keep_permissions(const AccessControl& control,
                                            const wire::cql::SchemaChange& change,
                                            const Performer* performer);

}  // namespace tidemill::tables::statements

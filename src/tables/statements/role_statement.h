// SPDX-License-Identifier: Apache-2.0
// What statements about roles and permissions share. Cassandra asks in this order: whether the
// performer may, whether the statement makes sense now, then it acts.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tables/statements/statement.h"

namespace tidemill::tables::statements {

// The performer of one execution and all roles as it begins.
class Standing {
 public:
  Standing(const AccessControl& control, const Performer* performer);

  const AccessControl& control() const { return control_; }
  const security::Users& roles() const { return *roles_; }
  bool has_role(const std::string& name) const { return roles_->contains(name); }
  // Empty for nobody.
  const std::string& name() const { return name_; }
  // Nobody (REST) is one; an anonymous client is none.
  bool is_superuser() const { return performer_ == nullptr || grants_.is_superuser(); }
  // Its own role and those granted to it.
  bool is_in(const std::string& role) const { return own_roles_.contains(role); }

  bool may(security::Permission permission, const security::Resource& resource) const;
  Outcome<> need(security::Permission permission, const security::Resource& resource) const;
  // The same in other words, as Cassandra does it for roles.
  Outcome<> need_on_role(security::Permission permission, const security::Resource& role) const;
  Outcome<> need_login() const;

 private:
  const AccessControl& control_;
  const Performer* performer_;
  std::string name_;
  std::shared_ptr<const security::Users> roles_;
  std::set<std::string> own_roles_;
  security::Grants grants_;
};

class RoleStatement : public Statement {
 public:
  Outcome<StatementResult> execute(const Parameters& parameters) const final;

 protected:
  explicit RoleStatement(Environment environment) : environment_(environment) {}

  virtual Outcome<> authorize(const Standing& standing) const = 0;
  virtual Outcome<> validate(const Standing& standing) const = 0;
  virtual Outcome<StatementResult> act(const Standing& standing) const = 0;

  security::UserStore& users() const { return *environment_.access.users; }

  const Environment environment_;
};

// Of CREATE and ALTER ROLE: refuses what is not supported.
Outcome<> check_options(const RoleOptions& options, const Environment& environment);

// The role in a change that is going on; it may have gone since validate().
Result<security::User*> role_in(security::Users& users, const std::string& name);

// Whether the keyspace, table or role is there.
bool exists(const security::Resource& resource, const Environment& environment,
            const Standing& standing);
// A resource of the statement; an error when its keyspace is not known.
Outcome<security::Resource> find_resource(const NamedResource& named, const Preparation& with);

// Rows of a table that is none, row by row.
class MadeRows {
 public:
  MadeRows(std::string_view table,
           std::span<const std::pair<std::string_view, wire::cql::Type>> columns);

  MadeRows& cell(BytesView value);
  MadeRows& cell(std::string_view value) { return cell(as_bytes(value)); }
  void end_row() { ++rows_.row_count; }
  // No rows at all are no result, in Cassandra's way.
  StatementResult finish() &&;

 private:
  wire::cql::Rows rows_;
};

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
// What statements that change the schema share: a check when prepared, a change when run.
#pragma once

#include <functional>
#include <utility>

#include "tables/statements/statement.h"

namespace tidemill::tables::statements {

// Runs a function; most schema statements need no more.
class SchemaStatement final : public Statement {
 public:
  using Change = std::function<Outcome<StatementResult>()>;
  SchemaStatement(std::vector<Access> access, Change change) : change_(std::move(change)) {
    access_ = std::move(access);
  }
  Outcome<StatementResult> execute(const Parameters&) const override { return change_(); }

 private:
  Change change_;
};

inline StatementPtr schema_statement(std::vector<Access> access, SchemaStatement::Change change) {
  return std::make_shared<const SchemaStatement>(std::move(access), std::move(change));
}

inline StatementResult changed(wire::cql::SchemaChange::Kind kind,
                               wire::cql::SchemaChange::Target target, std::string keyspace,
                               std::string name = {}) {
  StatementResult result;
  result.kind = wire::cql::SchemaChange{kind, target, std::move(keyspace), std::move(name)};
  return result;
}

inline CqlError already_exists(std::string message, std::string keyspace, std::string table) {
  CqlError failure{wire::cql::CqlErrorCode::AlreadyExists, std::move(message)};
  failure.keyspace = std::move(keyspace);
  failure.name = std::move(table);
  return failure;
}

}  // namespace tidemill::tables::statements

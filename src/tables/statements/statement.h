// SPDX-License-Identifier: Apache-2.0
// A statement that passed all checks and can run many times, and what running it gives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tables/embedded/store.h"
#include "tables/statements/access.h"
#include "tables/statements/syntax.h"
#include "tables/statements/term.h"
#include "wire/cql/response.h"

namespace tidemill::tables::statements {

struct SystemTables;

// What one SELECT may meet and hold, under Cassandra's names and with its defaults.
struct ReadLimits {
  std::uint64_t tombstone_warn_threshold = 1'000;
  std::uint64_t tombstone_failure_threshold = 100'000;
  // Bytes of a result that has to be in memory as a whole: without paging, sorted, in groups.
  std::size_t coordinator_read_size_fail_threshold = 256U << 20;
};

// What statements work on.
struct Environment {
  embedded::Store& store;
  TimeSource& time;
  SystemTables& system;
  const AccessControl& access;
  const ReadLimits& limits;
};

struct SetKeyspace {
  std::string keyspace;
};

struct StatementResult {
  std::variant<std::monostate, wire::cql::Rows, SetKeyspace, wire::cql::SchemaChange> kind = {};
  std::vector<std::string> warnings = {};
};

// Thread: any, several at a time; Environment outlives it.
class Statement {
 public:
  virtual ~Statement() = default;

  // Blocks (reads, schema changes, compare and set): run it on the blocking pool.
  virtual Outcome<StatementResult> execute(const Parameters& parameters) const = 0;

  // A write without conditions gives its mutations instead, without blocking.
  virtual bool is_plain_write() const { return false; }
  virtual Outcome<> append_mutations(const Parameters& parameters,
                                     std::vector<embedded::Mutation>& out) const {
    (void)parameters;
    (void)out;
    return invalid(
        "Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.");
  }

  // Of a BATCH in text.
  virtual std::optional<BatchStatement::Kind> batch_kind() const { return std::nullopt; }

  // What its performer must be allowed. Statements about roles ask themselves.
  const std::vector<Access>& access() const { return access_; }

  // The columns of its rows; null when it gives none or they depend on the execution.
  virtual std::shared_ptr<const wire::cql::Metadata> result() const { return nullptr; }
  // Tables it depends on: when one of them changes, it must be prepared again.
  virtual std::shared_ptr<const Table> table() const { return nullptr; }

  const std::shared_ptr<const wire::cql::Metadata>& markers() const { return markers_; }
  const std::vector<std::uint16_t>& partition_key_markers() const { return partition_key_markers_; }
  std::vector<std::string> marker_names;
  // By marker of the whole text; those of other parts of a batch are unknown.
  std::vector<std::optional<ColumnSpec>> known_markers;

 protected:
  std::shared_ptr<const wire::cql::Metadata> markers_ =
      std::make_shared<const wire::cql::Metadata>();
  std::vector<std::uint16_t> partition_key_markers_;
  std::vector<Access> access_;
};

// What checking a statement needs besides its syntax.
struct Preparation {
  Environment environment;
  std::string keyspace;  // in use; empty: none
  std::vector<std::string> markers;
};

using StatementPtr = std::shared_ptr<const Statement>;

// One per statement, each in the file named like it.
Outcome<StatementPtr> prepare_select(const SelectStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_insert(const InsertStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_update(const UpdateStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_delete(const DeleteStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_batch(const BatchStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_create_keyspace(const CreateKeyspaceStatement& syntax,
                                              const Preparation& with);
Outcome<StatementPtr> prepare_alter_keyspace(const AlterKeyspaceStatement& syntax,
                                             const Preparation& with);
Outcome<StatementPtr> prepare_drop_keyspace(const DropKeyspaceStatement& syntax,
                                            const Preparation& with);
Outcome<StatementPtr> prepare_use(const UseStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_create_table(const CreateTableStatement& syntax,
                                           const Preparation& with);
Outcome<StatementPtr> prepare_alter_table(const AlterTableStatement& syntax,
                                          const Preparation& with);
Outcome<StatementPtr> prepare_drop_table(const DropTableStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_truncate(const TruncateStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_create_type(const CreateTypeStatement& syntax,
                                          const Preparation& with);
Outcome<StatementPtr> prepare_alter_type(const AlterTypeStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_drop_type(const DropTypeStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_create_index(const CreateIndexStatement& syntax,
                                           const Preparation& with);
Outcome<StatementPtr> prepare_drop_index(const DropIndexStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_describe(const DescribeStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_create_role(const CreateRoleStatement& syntax,
                                          const Preparation& with);
Outcome<StatementPtr> prepare_alter_role(const AlterRoleStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_drop_role(const DropRoleStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_grant_role(const GrantRoleStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_list_roles(const ListRolesStatement& syntax, const Preparation& with);
Outcome<StatementPtr> prepare_grant_permissions(const GrantPermissionsStatement& syntax,
                                                const Preparation& with);
Outcome<StatementPtr> prepare_list_permissions(const ListPermissionsStatement& syntax,
                                               const Preparation& with);
Outcome<StatementPtr> prepare_unsupported(const UnsupportedStatement& syntax,
                                          const Preparation& with);

// statement_table.cc: by the kind of syntax.
Outcome<StatementPtr> prepare_syntax(const StatementSyntax& syntax, const Preparation& with);

// The keyspace a name means; an error when none is in use.
Outcome<std::string> keyspace_of(const QualifiedName& name, const Preparation& with);
// A table of the schema or a system table.
Outcome<std::shared_ptr<const Table>> find_table(const QualifiedName& name,
                                                 const Preparation& with);
// Refuses changes of system keyspaces.
Outcome<> check_modifiable(std::string_view keyspace);
bool is_system_keyspace(std::string_view keyspace);

}  // namespace tidemill::tables::statements

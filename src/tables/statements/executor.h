// SPDX-License-Identifier: Apache-2.0
// Where CQL comes in: compiles statements, keeps prepared ones, binds values.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "tables/statements/batch.h"
#include "tables/statements/statement.h"
#include "tables/statements/system_tables.h"
#include "wire/cql/request.h"

namespace tidemill::tables::statements {

// A prepared statement as clients know it.
struct PreparedStatement {
  Bytes id;                  // MD5 of the keyspace and the text
  Bytes result_metadata_id;  // v5
  std::string cql;
  std::string keyspace;
  std::shared_ptr<const Schema> schema;  // the one it was compiled for
  StatementPtr statement;
};
using PreparedPtr = std::shared_ptr<const PreparedStatement>;

// Thread:   any.
// Lifetime: the store, clock and random outlive it; it outlives its statements.
class Executor {
 public:
  Executor(embedded::Store& store, Clock& clock, Random& random, NodeDescription node,
           AccessControl access = {}, ReadLimits limits = {});

  Outcome<StatementPtr> compile(std::string_view cql, const std::string& keyspace) const;
  Outcome<PreparedPtr> prepare(std::string_view cql, const std::string& keyspace);
  // Unprepared when it is unknown, or its tables have changed so that clients must ask again;
  // `keeps_metadata` says that the client cannot be told of other result columns (before v5).
  Outcome<PreparedPtr> find(BytesView id, bool keeps_metadata);

  // Values by position or by name, checked for their number.
  Outcome<Parameters> bind(const Statement& statement,
                           const wire::cql::QueryOptions& options) const;
  Outcome<Parameters> bind(const Statement& statement, const wire::cql::QueryOptions& options,
                           std::span<const BoundValue> values) const;

  // Blocks. Permissions follow what it creates and drops.
  Outcome<StatementResult> execute(const Statement& statement, const Parameters& parameters) const;

  Environment environment() const { return {store_, time_, system_, access_, limits_}; }
  const AccessControl& access() const { return access_; }
  embedded::Store& store() const { return store_; }
  Clock& clock() const { return clock_; }
  const NodeDescription& node() const { return system_.node; }
  NodeDescription& node() { return system_.node; }
  std::size_t prepared_count() const;

 private:
  Outcome<PreparedPtr> make(std::string_view cql, const std::string& keyspace) const;

  // Beyond, the oldest is forgotten; its clients prepare it again.
  static constexpr std::size_t kPreparedMax = 10'000;

  embedded::Store& store_;
  Clock& clock_;
  const AccessControl access_;
  const ReadLimits limits_;
  mutable TimeSource time_;
  mutable SystemTables system_;
  mutable Mutex mutex_;
  std::map<Bytes, PreparedPtr> prepared_ TM_GUARDED_BY(mutex_);
  std::deque<Bytes> order_ TM_GUARDED_BY(mutex_);
};

// This server's identity; made once and kept in the store.
Result<NodeDescription> load_node(embedded::Store& store, Random& random);

}  // namespace tidemill::tables::statements

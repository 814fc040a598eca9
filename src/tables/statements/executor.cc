// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/executor.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

#include "tables/statements/parser.h"

namespace tidemill::tables::statements {
namespace {

Bytes md5(std::string_view first, std::string_view second) {
  std::string whole(first);
  whole += second;
  Bytes id(16);
  unsigned int length = 16;
  EVP_Digest(whole.data(), whole.size(), id.data(), &length, EVP_md5(), nullptr);
  return id;
}

CqlError unprepared(BytesView id) {
  CqlError failure{
      wire::cql::CqlErrorCode::Unprepared,
      fmt::format(
          "Prepared query with ID {} not found (either the query was not prepared on this host "
          "(maybe the host has been restarted?) or you have prepared too many queries and it has "
          "been evicted from the internal cache)",
          to_hex(id))};
  failure.statement_id.assign(id.begin(), id.end());
  return failure;
}

}  // namespace

Executor::Executor(embedded::Store& store, Clock& clock, Random& random, NodeDescription node,
                   AccessControl access, ReadLimits limits)
    : store_(store),
      clock_(clock),
      access_(access),
      limits_(limits),
      time_(clock, random),
      system_(std::move(node), access.users) {}

Outcome<StatementResult> Executor::execute(const Statement& statement,
                                           const Parameters& parameters) const {
  StatementResult result = TRY(statement.execute(parameters));
  if (const auto* change = std::get_if<wire::cql::SchemaChange>(&result.kind)) {
    auto problem = keep_permissions(access_, *change, parameters.performer);
    if (problem) result.warnings.push_back(*std::move(problem));
  }
  return result;
}

Outcome<StatementPtr> Executor::compile(std::string_view cql, const std::string& keyspace) const {
  const ParsedStatement parsed = TRY(parse_statement(cql));
  return prepare_syntax(parsed.syntax, {environment(), keyspace, parsed.markers});
}

Outcome<PreparedPtr> Executor::make(std::string_view cql, const std::string& keyspace) const {
  auto prepared = std::make_shared<PreparedStatement>();
  prepared->id = md5(keyspace, cql);
  prepared->cql = std::string(cql);
  prepared->keyspace = keyspace;
  prepared->schema = store_.schema();
  prepared->statement = TRY(compile(cql, keyspace));
  const auto result = prepared->statement->result();
  prepared->result_metadata_id = wire::cql::metadata_id(result ? *result : wire::cql::Metadata{});
  return PreparedPtr(std::move(prepared));
}

Outcome<PreparedPtr> Executor::prepare(std::string_view cql, const std::string& keyspace) {
  PreparedPtr prepared = TRY(make(cql, keyspace));
  const MutexLock lock(mutex_);
  if (!prepared_.contains(prepared->id)) {
    order_.push_back(prepared->id);
    if (order_.size() > kPreparedMax) {
      prepared_.erase(order_.front());
      order_.pop_front();
    }
  }
  prepared_[prepared->id] = prepared;
  return prepared;
}

Outcome<PreparedPtr> Executor::find(BytesView id, bool keeps_metadata) {
  const Bytes key(id.begin(), id.end());
  PreparedPtr found;
  {
    const MutexLock lock(mutex_);
    const auto at = prepared_.find(key);
    if (at == prepared_.end()) return unprepared(id);
    found = at->second;
  }
  if (found->schema == store_.schema()) return found;
  // The schema has moved on since: compile again, which also finds out whether it still can be.
  auto again = make(found->cql, found->keyspace);
  const bool usable =
      again.ok() && (!keeps_metadata || (*again)->result_metadata_id == found->result_metadata_id);
  const MutexLock lock(mutex_);
  if (!usable) {
    prepared_.erase(key);
    std::erase(order_, key);
    return unprepared(id);
  }
  prepared_[key] = *again;
  return *again;
}

std::size_t Executor::prepared_count() const {
  const MutexLock lock(mutex_);
  return prepared_.size();
}

Outcome<Parameters> Executor::bind(const Statement& statement,
                                   const wire::cql::QueryOptions& options) const {
  if (options.names.empty()) return bind(statement, options, options.values);
  std::vector<BoundValue> values(statement.markers()->columns.size(), BoundValue::unset());
  const auto& columns = statement.markers()->columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto at = std::ranges::find(options.names, columns[i].name);
    if (at == options.names.end()) {
      return invalid(
          fmt::format("Invalid amount of bind variables: no value for '{}'", columns[i].name));
    }
    values[i] = options.values[static_cast<std::size_t>(at - options.names.begin())];
  }
  return bind(statement, options, values);
}

Outcome<Parameters> Executor::bind(const Statement& statement,
                                   const wire::cql::QueryOptions& options,
                                   std::span<const BoundValue> values) const {
  if (values.size() != statement.markers()->columns.size()) {
    return invalid(fmt::format("Invalid amount of bind variables: expected {} but got {}",
                               statement.markers()->columns.size(), values.size()));
  }
  Parameters out;
  out.time = &time_;
  out.values.assign(values.begin(), values.end());
  out.consistency = options.consistency;
  out.serial_consistency = options.serial_consistency;
  out.page_size = std::max(options.page_size, 0);
  if (options.paging_state) out.paging_state = *options.paging_state;
  out.timestamp = options.timestamp;
  out.now_in_seconds = options.now_in_seconds;
  return out;
}

Result<NodeDescription> load_node(embedded::Store& store, Random& random) {
  NodeDescription node;
  const std::string key = "host_id";
  const auto known = TRY(store.get_local(key));
  if (known && known->size() == node.host_id.bytes.size()) {
    std::ranges::copy(*known, node.host_id.bytes.begin());
    return node;
  }
  node.host_id = random_uuid(random);
  TRY(store.put_local(key, node.host_id.bytes));
  return node;
}

}  // namespace tidemill::tables::statements

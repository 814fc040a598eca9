// SPDX-License-Identifier: Apache-2.0
// What a SELECT says when it met too many tombstones or grew too large, in Cassandra's words.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/log.h"
#include "tables/statements/select.h"
#include "wire/cql/literal.h"

namespace tidemill::tables::statements {
namespace {

constexpr std::size_t kShownTextMax = 512;

std::string key_text(const Type& type, BytesView value, bool quoted) {
  return wire::cql::to_shell_text(type, value, quoted);
}

// The columns of an encoded clustering key, ", 1, b"; as many as can be read.
std::string clustering_text(const Table& table, BytesView encoded) {
  std::string out;
  ByteReader in(encoded);
  for (const Column& column : table.clustering()) {
    Bytes value;
    if (in.at_end() || !take_ordered(column.type, column.descending, in, value).ok()) break;
    out += ", " + key_text(column.type, value, false);
  }
  return out;
}

wire::cql::CqlError read_failure(const Parameters& parameters, std::string message,
                                 wire::cql::FailureReason reason) {
  wire::cql::CqlError failure{wire::cql::CqlErrorCode::ReadFailure, std::move(message)};
  failure.consistency = static_cast<std::uint16_t>(parameters.consistency);
  failure.required = 1;
  failure.reason = reason;
  return failure;
}

}  // namespace

// The read as ReadCommand prints itself, without its clustering columns.
std::string SelectQuery::read_text(const Parameters& parameters,
                                   const embedded::ReadRequest& request,
                                   BytesView partition_key) const {
  const Table& table = *request.table;
  std::string columns;
  std::size_t shown = 0;
  for (const Column* column : slots_) {
    if (column->kind == ColumnKind::PartitionKey || column->kind == ColumnKind::Clustering) {
      continue;
    }
    columns += (columns.empty() ? "" : ", ") + wire::cql::quoted_name(column->name);
    ++shown;
  }
  if (shown == 0 || shown == table.others().size()) columns = "*";
  std::string text =
      fmt::format("SELECT {} FROM {}.{}", columns, wire::cql::quoted_name(table.keyspace),
                  wire::cql::quoted_name(table.name));
  std::string names;
  for (const Column& column : table.partition_key()) {
    names += (names.empty() ? "" : ", ") + wire::cql::quoted_name(column.name);
  }
  if (!request.partitions.empty()) {
    const auto values = embedded::split_partition_key(table, partition_key);
    for (std::size_t i = 0; values.ok() && i < values->size(); ++i) {
      const Column& column = table.partition_key()[i];
      text +=
          fmt::format(" {} {} = {}", i == 0 ? "WHERE" : "AND", wire::cql::quoted_name(column.name),
                      key_text(column.type, (*values)[i], true));
    }
  } else if (const embedded::TokenRange all;
             request.tokens.start != all.start || request.tokens.end != all.end) {
    text += fmt::format(" WHERE token({0}) >= {1} AND token({0}) <= {2}", names,
                        request.tokens.start, request.tokens.end);
  }
  if (parameters.page_size > 0) text += fmt::format(" LIMIT {}", parameters.page_size);
  return text + " ALLOW FILTERING";
}

wire::cql::CqlError SelectQuery::too_many_tombstones(const Parameters& parameters,
                                                     const embedded::ReadRequest& request) const {
  const embedded::ReadTally& tally = *request.tally;
  const Table& table = *request.table;
  std::string key;
  if (const auto values = embedded::split_partition_key(table, tally.partition_key); values.ok()) {
    for (std::size_t i = 0; i < values->size(); ++i) {
      key += (i == 0 ? "" : ", ") + key_text(table.partition_key()[i].type, (*values)[i], false);
    }
  }
  if (!tally.clustering.empty()) key = "(" + key + ")" + clustering_text(table, tally.clustering);
  log_error("tables",
            "Scanned over {} tombstones during query '{}' (last scanned row token was {} and "
            "partion key was ({})); query aborted",
            tally.tombstones,
            read_text(parameters, request, tally.partition_key).substr(0, kShownTextMax),
            embedded::token_of(tally.partition_key), key);
  const std::string& address = environment_.system.node.address;
  return read_failure(parameters,
                      fmt::format("Operation failed - received 0 responses and 1 failures: "
                                  "READ_TOO_MANY_TOMBSTONES from {}/{}:7000",
                                  address == "127.0.0.1" ? "localhost" : "", address),
                      wire::cql::FailureReason::ReadTooManyTombstones);
}

wire::cql::CqlError SelectQuery::too_much_memory(const Parameters& parameters,
                                                 const embedded::ReadRequest& request,
                                                 std::size_t bytes) const {
  const std::string first =
      request.partitions.empty() ? std::string() : std::string(as_text(request.partitions[0]));
  std::string message = fmt::format(
      "Query {} attempted to read {} bytes but max allowed is {} bytes; query aborted (see "
      "coordinator_read_size_fail_threshold)",
      read_text(parameters, request, as_bytes(first)).substr(0, kShownTextMax), bytes,
      environment_.limits.coordinator_read_size_fail_threshold);
  log_warning("tables", "{}", message);
  return read_failure(parameters, std::move(message), wire::cql::FailureReason::ReadSize);
}

void SelectQuery::add_warnings(const Parameters& parameters, const embedded::ReadRequest& request,
                               std::vector<std::string>& warnings) const {
  for (const auto& part : request.tally->warned) {
    std::string message = fmt::format(
        "Read {} live rows and {} tombstone cells for query {}; token {} (see "
        "tombstone_warn_threshold)",
        part.live_rows, part.tombstones,
        read_text(parameters, request, part.partition_key).substr(0, kShownTextMax),
        embedded::token_of(part.partition_key));
    log_warning("tables", "{}", message);
    warnings.push_back(std::move(message));
  }
}

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
#include "tables_contract.h"

namespace tidemill::tables {

TablesContract::TablesContract() : fixture_(GetParam().make()) {
  run("DROP KEYSPACE IF EXISTS contract");
  run("CREATE KEYSPACE contract WITH replication = {'class': 'SimpleStrategy', "
      "'replication_factor': 1}");
  run("CREATE TABLE contract.users (id text, seq int, name text, age int, "
      "PRIMARY KEY (id, seq))");
}

CqlResult TablesContract::run(const std::string& cql) {
  CqlRequest request;
  request.cql = cql;
  auto result = tables().execute(request);
  if (!result.ok()) throw std::runtime_error(cql + ": " + result.error().message);
  return *std::move(result);
}

std::vector<std::string> TablesContract::rows(const std::string& cql) {
  std::vector<std::string> lines;
  for (const auto& row : run(cql).text) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += '|';
      line += row[i].value_or("null");
    }
    lines.push_back(line);
  }
  return lines;
}

UpsertBatch TablesContract::batch(const std::vector<User>& users) {
  UpsertBatch out;
  out.rows = users.size();
  out.columns.resize(3);
  for (auto& column : out.columns) column.offsets.push_back(0);
  const auto add = [](ValueColumn& column, BytesView value, bool is_null) {
    column.data.insert(column.data.end(), value.begin(), value.end());
    column.offsets.push_back(static_cast<std::uint32_t>(column.data.size()));
    column.nulls.push_back(is_null ? 1 : 0);
  };
  for (const auto& user : users) {
    std::uint8_t seq[4];
    store_be(seq, user.seq);
    add(out.columns[0], as_bytes(user.id), false);
    add(out.columns[1], seq, false);
    add(out.columns[2], as_bytes(user.name.value_or("")), !user.name);
    out.write_timestamps.push_back(user.timestamp);
  }
  return out;
}

std::unique_ptr<Writer> TablesContract::open_writer() {
  auto writer = tables().open_writer("contract", "users", {"id", "seq", "name"});
  if (!writer.ok()) throw std::runtime_error(writer.error().message);
  return *std::move(writer);
}

}  // namespace tidemill::tables

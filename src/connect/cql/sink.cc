// SPDX-License-Identifier: Apache-2.0
#include "connect/cql/sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "connect/cql/encode.h"
#include "connect/sink_options.h"
#include "stream/sink.h"

namespace tidemill::connect::cql {
namespace {

// An epoch's rows are upserted together, in pieces of at most so much.
constexpr std::size_t kBatchBytes = 32UL * 1024 * 1024;

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + "\"";
}

// "id" | "a, b" | "(a, b), c": names in order, how many of them are the partition key.
struct PrimaryKey {
  std::vector<std::string> names;
  std::size_t partition = 1;
};

Result<PrimaryKey> parse_primary_key(const std::string& text) {
  PrimaryKey key;
  std::string name;
  bool inside = false;
  bool composite = false;
  const auto finish_name = [&]() -> Result<> {
    if (name.empty()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("sink option 'primary_key' is '{}', not names like 'a' or "
                               "'(a, b), c'",
                               text));
    }
    key.names.push_back(std::move(name));
    name.clear();
    return {};
  };
  for (const char c : text) {
    if (c == ' ') continue;
    if (c == '(' && key.names.empty() && name.empty() && !composite) {
      inside = composite = true;
    } else if (c == ')' && inside) {
      TRY(finish_name());
      inside = false;
      key.partition = key.names.size();
    } else if (c == ',') {
      if (name.empty() && composite && !inside && key.names.size() == key.partition) continue;
      TRY(finish_name());
    } else if (c == '(' || c == ')') {
      name.clear();
      TRY(finish_name());
    } else {
      name += c;
    }
  }
  if (inside) {
    name.clear();
    TRY(finish_name());
  }
  if (!name.empty() || key.names.empty() || text.ends_with(',')) TRY(finish_name());
  return key;
}

class CqlSink final : public stream::Sink {
 public:
  CqlSink(std::unique_ptr<tables::Writer> writer, std::vector<ColumnEncoder> encoders,
          std::vector<std::size_t> key_places, std::vector<std::string> key, std::string table,
          std::int32_t ttl_seconds, bool expires_by_record_time)
      : writer_(std::move(writer)),
        encoders_(std::move(encoders)),
        key_places_(std::move(key_places)),
        key_(std::move(key)),
        table_(std::move(table)),
        expires_by_record_time_(expires_by_record_time && ttl_seconds > 0) {
    batch_.columns.resize(encoders_.size());
    batch_.ttl_seconds = ttl_seconds;
  }

  stream::Delivery delivery() const override { return stream::Delivery::IdempotentUpsert; }
  std::vector<std::string> key_columns() const override { return key_; }
  std::string description() const override { return "cassandra[" + table_ + "]"; }

  void check(const Chunk& rows, std::vector<stream::RefusedRow>& refused) const override {
    for (const std::size_t place : key_places_) {
      const ColumnView& column = rows.column(place);
      for (std::size_t i = 0; i < rows.rows(); ++i) {
        const std::size_t at = rows.at(i);
        if (column.is_null(at)) {
          refused.push_back({i, "a column of the primary key is null"});
        } else if (is_text(column.type) && column.text(at).empty()) {
          refused.push_back({i, "a column of the primary key is empty"});
        } else if (is_text(column.type) && column.text(at).size() > 65535) {
          refused.push_back({i, "a column of the primary key is longer than 65535 bytes"});
        }
      }
    }
    for (std::size_t c = 0; c < encoders_.size(); ++c) {
      if (!encoders_[c].may_refuse()) continue;
      for (std::size_t i = 0; i < rows.rows(); ++i) {
        if (auto reason = encoders_[c].refusal(rows.column(c), rows.at(i))) {
          refused.push_back({i, *std::move(reason)});
        }
      }
    }
  }

  Result<> write(const Chunk& rows, std::span<const stream::RowOrigin> origins,
                 broker::TransactionalWriter&) override {
    std::size_t bytes = 0;
    for (std::size_t c = 0; c < encoders_.size(); ++c) {
      encoders_[c].append(rows, c, batch_.columns[c]);
      bytes += batch_.columns[c].data.size();
    }
    for (const auto& origin : origins) {
      batch_.write_timestamps.push_back(origin.write_time_us);
      if (expires_by_record_time_) batch_.expires_at_s.push_back(expiry_of(origin));
    }
    batch_.rows += rows.rows();
    return bytes < kBatchBytes ? Result<>() : flush();
  }

  Result<> flush() override {
    if (batch_.rows == 0) return {};
    auto written = writer_->upsert(batch_);
    // Also after a failure: the epoch comes again as a whole.
    batch_.rows = 0;
    batch_.write_timestamps.clear();
    batch_.expires_at_s.clear();
    for (auto& column : batch_.columns) {
      column.data.clear();
      column.offsets.clear();
      column.nulls.clear();
    }
    return std::move(written).context("while writing to table " + table_);
  }

 private:
  // A record without a timestamp has no other time than that of the write (0).
  std::int64_t expiry_of(const stream::RowOrigin& origin) const {
    constexpr std::int64_t kMicros = 1'000'000;
    constexpr std::int64_t kLast = std::numeric_limits<std::uint32_t>::max();
    if (origin.record_time_us <= 0) return 0;
    return std::min(origin.record_time_us / kMicros + batch_.ttl_seconds, kLast);
  }

  std::unique_ptr<tables::Writer> writer_;
  std::vector<ColumnEncoder> encoders_;
  std::vector<std::size_t> key_places_;  // of the output
  std::vector<std::string> key_;
  std::string table_;
  const bool expires_by_record_time_;
  tables::UpsertBatch batch_;
};

Result<> run(tables::Tables& tables, std::string cql) {
  tables::CqlRequest request;
  request.cql = std::move(cql);
  TRY(tables.execute(request));
  return {};
}

// CREATE TABLE for the output, when the table is not there.
Result<> create_table(tables::Tables& tables, const stream::QuerySpec& spec,
                      const std::string& keyspace, const std::string& table, const PrimaryKey& key,
                      std::optional<std::int64_t> ttl) {
  TRY(run(tables, fmt::format("CREATE KEYSPACE IF NOT EXISTS {} WITH replication = "
                              "{{'class': 'SimpleStrategy', 'replication_factor': 1}}",
                              quoted(keyspace))));
  std::string columns;
  for (const auto& column : spec.output) {
    columns += fmt::format("{} {}, ", quoted(column.name), cql_type_for(column.type));
  }
  std::string names;
  for (std::size_t i = 0; i < key.names.size(); ++i) {
    if (i == 0) names += "(";
    names += quoted(key.names[i]);
    if (i + 1 == key.partition) names += ")";
    if (i + 1 < key.names.size()) names += ", ";
  }
  std::string cql = fmt::format("CREATE TABLE IF NOT EXISTS {}.{} ({}PRIMARY KEY ({}))",
                                quoted(keyspace), quoted(table), columns, names);
  if (ttl) cql += fmt::format(" WITH default_time_to_live = {}", *ttl);
  return run(tables, std::move(cql));
}

Result<std::unique_ptr<stream::Sink>> make(tables::Tables& tables, const stream::QuerySpec& spec) {
  SinkOptions options(spec.sink.options);
  const auto keyspace = TRY(options.require("keyspace"));
  const auto table = TRY(options.require("table"));
  const auto primary_key = options.take("primary_key");
  const auto ttl = TRY(options.seconds("ttl"));
  const bool by_record_time = spec.sink.options.contains("write_timestamp");
  TRY(options.choice("write_timestamp", {"record_time"}));
  TRY(options.choice("delivery", {"idempotent"}));
  TRY(options.finish("cassandra"));
  constexpr std::int64_t kTtlMost = 20LL * 365 * 86400;  // Cassandra's limit
  if (ttl && *ttl > kTtlMost) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("sink option 'ttl' is {} s, the most is {} s", *ttl, kTtlMost));
  }

  auto described = tables.describe_table(keyspace, table);
  if (!described.ok() && described.error().code == ErrorCode::NotFound) {
    PrimaryKey key;
    if (primary_key) {
      key = TRY(parse_primary_key(*primary_key));
    } else if (!spec.key.empty()) {
      key.names = spec.key;
    } else {
      key.names = {"id"};
    }
    for (const auto& name : key.names) {
      if (std::ranges::find(spec.output, name, &Column::name) != spec.output.end()) continue;
      return error(ErrorCode::InvalidArgument,
                   fmt::format("primary key column '{}' is not in the output of '{}'", name,
                               spec.name))
          .with_hint("name the key columns with the sink option primary_key");
    }
    TRY(create_table(tables, spec, keyspace, table, key, ttl));
    described = tables.describe_table(keyspace, table);
  }
  const tables::TableInfo there = TRY(std::move(described));

  std::vector<ColumnEncoder> encoders;
  std::vector<std::string> names;
  for (const auto& column : spec.output) {
    const auto found = std::ranges::find(there.columns, column.name, &tables::ColumnInfo::name);
    if (found == there.columns.end()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("table {}.{} has no column '{}'", keyspace, table, column.name))
          .with_hint(fmt::format("ALTER TABLE {}.{} ADD {} {}", keyspace, table,
                                 quoted(column.name), cql_type_for(column.type)));
    }
    encoders.push_back(TRY(ColumnEncoder::make(column, found->type)));
    names.push_back(column.name);
  }
  std::vector<std::string> key;
  std::vector<std::size_t> places;
  for (const auto& column : there.columns) {
    if (column.kind != tables::ColumnKind::PartitionKey &&
        column.kind != tables::ColumnKind::Clustering) {
      continue;
    }
    const auto found = std::ranges::find(spec.output, column.name, &Column::name);
    if (found == spec.output.end()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("primary key column '{}' of table {}.{} is not in the output of "
                               "'{}'",
                               column.name, keyspace, table, spec.name));
    }
    key.push_back(column.name);
    places.push_back(static_cast<std::size_t>(found - spec.output.begin()));
  }
  auto writer = TRY(tables.open_writer(keyspace, table, names));
  return std::unique_ptr<stream::Sink>(std::make_unique<CqlSink>(
      std::move(writer), std::move(encoders), std::move(places), std::move(key),
      keyspace + "." + table, ttl ? static_cast<std::int32_t>(*ttl) : -1, by_record_time));
}

}  // namespace

stream::SinkMaker make_sink(tables::Tables& tables) {
  return [&tables](const stream::QuerySpec& spec) { return make(tables, spec); };
}

}  // namespace tidemill::connect::cql

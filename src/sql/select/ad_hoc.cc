// SPDX-License-Identifier: Apache-2.0
#include "sql/select/ad_hoc.h"

#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "duck/database.h"
#include "runtime/clock.h"
#include "runtime/threads.h"
#include "sql/bind/planning_database.h"
#include "sql/plan/relation.h"
#include "stream/batch_reader.h"
#include "stream/stage.h"
#include "stream/worker_pool.h"

namespace tidemill::sql {
namespace {

using Json = nlohmann::json;

constexpr const char* kPosition = "_tidemill_offset";  // the newest row of a key has the largest

// What the SELECT reads: names of tables in its tree, without those it defines itself.
struct Names {
  std::set<std::string> read;
  std::set<std::string> defined;  // WITH name AS
};

void collect(const Json& node, Names& names) {
  if (node.is_object()) {
    const auto type = node.find("type");
    if (type != node.end() && *type == "BASE_TABLE") {
      const std::string schema = node.value("schema_name", "");
      names.read.insert((schema.empty() ? "" : schema + ".") + node.value("table_name", ""));
    }
    const auto with = node.find("cte_map");
    if (with != node.end() && with->is_object() && with->contains("map")) {
      for (const auto& entry : (*with)["map"]) {
        if (entry.is_object()) names.defined.insert(entry.value("key", ""));
      }
    }
  }
  if (!node.is_structured()) return;
  for (const auto& child : node) collect(child, names);
}

// What one SELECT may still read, over everything it names, and until when.
struct Allowance {
  const AdHocLimits& limits;
  const Clock& clock;
  std::chrono::steady_clock::time_point deadline;
  std::uint64_t bytes = 0;  // read so far

  bool is_late() const { return clock.monotonic() >= deadline; }
};

Error too_late(const AdHocLimits& limits) {
  return error(ErrorCode::Timeout,
               fmt::format("the SELECT took more than {} s", limits.time.count()));
}

// One source or view, read to where it ends now.
class Reading {
 public:
  static Result<std::unique_ptr<Reading>> read(const Relation& relation, broker::Broker& broker,
                                               Allowance& allowance) {
    auto reading = std::unique_ptr<Reading>(new Reading(relation));
    TRY(reading->fill(broker, allowance));
    return reading;
  }
  const std::vector<Column>& columns() const { return spec_.output; }
  const std::vector<Chunk>& chunks() const { return chunks_; }

 private:
  explicit Reading(const Relation& relation) : pool_(1) {
    spec_.name = relation.source.name;
    spec_.source = relation.source;
    if (relation.is_view && !relation.key.empty()) {
      stream::SourceColumn position;
      position.column = {kPosition, ColumnType::BigInt};
      position.origin = stream::ColumnOrigin::Offset;
      spec_.source.columns.push_back(std::move(position));
    }
    std::string names;
    for (const auto& column : spec_.source.columns) {
      names += (names.empty() ? "" : ", ") + duck::quote_name(column.column.name);
      spec_.output.push_back(column.column);
    }
    spec_.select_sql = "SELECT " + names + " FROM input";
  }

  Result<> fill(broker::Broker& broker, Allowance& allowance) {
    const AdHocLimits& limits = allowance.limits;
    const std::string& topic = spec_.source.topic;
    std::vector<std::int64_t> at;
    std::vector<std::int64_t> ends;
    std::int64_t records = 0;
    for (const auto& partition : TRY(broker.describe_topic(topic)).partitions) {
      at.push_back(partition.log_start_offset);
      ends.push_back(partition.last_stable_offset);
      records += ends.back() - at.back();
    }
    if (records > limits.records) {
      return error(ErrorCode::TooLarge,
                   fmt::format("topic '{}' has {} records, a SELECT that stands for itself reads "
                               "at most {} of one",
                               topic, records, limits.records))
          .with_hint("CREATE MATERIALIZED VIEW keeps such an answer up to date");
    }
    const auto plan = TRY(stream::StagePlan::compile(spec_));
    workers_.push_back(TRY(stream::StageWorker::make(plan)));
    stream::BatchReader::Options options;
    options.topic = topic;
    stream::BatchReader reader(broker, plan, workers_, pool_, clock_, std::move(options));
    const auto behind = [&] {
      for (std::size_t i = 0; i < at.size(); ++i) {
        if (at[i] < ends[i]) return true;
      }
      return false;
    };
    while (behind()) {
      if (allowance.is_late()) return too_late(limits);
      auto batch = TRY(reader.read(at, std::chrono::milliseconds(0)));
      if (!batch->moved) break;
      at = batch->next;
      allowance.bytes += batch->bytes;
      if (allowance.bytes > limits.bytes) {
        return error(ErrorCode::TooLarge,
                     fmt::format("the SELECT reads more than {} MiB, which is what one that stands "
                                 "for itself reads at most; the last was of topic '{}'",
                                 limits.bytes >> 20, topic))
            .with_hint("CREATE MATERIALIZED VIEW keeps such an answer up to date");
      }
      for (const auto& slice : batch->slices) {
        for (const auto& output : slice->outputs) chunks_.push_back(output.rows);
      }
      batches_.push_back(std::move(batch));
    }
    return {};
  }

  stream::QuerySpec spec_;
  const SystemClock clock_;
  stream::WorkerPool pool_;
  std::vector<std::unique_ptr<stream::StageWorker>> workers_;
  std::vector<std::unique_ptr<stream::Batch>> batches_;  // texts of the chunks lie in them
  std::vector<Chunk> chunks_;
};

// name AS (SELECT the relation's columns FROM its input)
std::string definition(const std::string& name, const std::string& input,
                       const Relation& relation) {
  std::string columns;
  for (const auto& column : relation.source.columns) {
    columns += (columns.empty() ? "" : ", ") + duck::quote_name(column.column.name);
  }
  std::string sql = fmt::format("{} AS (SELECT {} FROM {}", duck::quote_name(name), columns, input);
  if (relation.is_view && !relation.key.empty()) {
    std::string keys;
    for (const auto& key : relation.key) {
      keys += (keys.empty() ? "" : ", ") + duck::quote_name(key);
    }
    sql += fmt::format(" QUALIFY row_number() OVER (PARTITION BY {} ORDER BY {} DESC) = 1", keys,
                       kPosition);
  }
  return sql + ")";
}

// A cross product of two topics never ends by itself.
Result<duck::TextTable> run_for(const duck::Connection& connection, const SqlText& sql,
                                const Allowance& allowance) {
  const AdHocLimits& limits = allowance.limits;
  std::atomic<bool> late = false;
  Thread watch("select-limit", [&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (allowance.is_late()) {
        late = true;
        connection.interrupt();
      }
      pause_thread(std::chrono::milliseconds(10));
    }
  });
  auto table = connection.query_text(sql.text, limits.rows);
  watch.stop();
  if (table.ok()) return table;
  if (late) return too_late(limits);
  if (table.error().code == ErrorCode::TooLarge) {
    return error(ErrorCode::TooLarge,
                 fmt::format("the SELECT gives more than {} rows", limits.rows))
        .with_hint("add a LIMIT, or aggregate");
  }
  return located_error(table.error(), sql);
}

}  // namespace

Result<> AdHocGate::enter(std::chrono::steady_clock::time_point deadline, const Clock& clock) {
  const MutexLock lock(mutex_);
  while (taken_) {
    const auto left = deadline - clock.monotonic();
    if (left.count() <= 0) {
      return error(ErrorCode::Exhausted,
                   "another SELECT that stands for itself is running, and this one's turn did not "
                   "come in its time")
          .with_hint("run it again later");
    }
    left_.wait_for(mutex_, left);
  }
  taken_ = true;
  return {};
}

void AdHocGate::leave() {
  const MutexLock lock(mutex_);
  taken_ = false;
  left_.notify_one();
}

Result<StatementResult> select_once(const Select& select, const Definitions& definitions,
                                    broker::Broker& broker, AdHocGate& gate,
                                    const AdHocLimits& limits) {
  const SystemClock clock;
  Allowance allowance{
      .limits = limits, .clock = clock, .deadline = clock.monotonic() + limits.time};
  TRY(gate.enter(allowance.deadline, clock));
  // Before what it read, so that it leaves when that is gone.
  struct Leave {
    AdHocGate& gate;
    ~Leave() { gate.leave(); }
  } const leave{gate};
  const std::string text = select.select.text.substr(select.select.lead);
  auto database = TRY(duck::Database::open());
  auto connection = TRY(database.connect());
  const auto tree = duck::serialize_sql(connection, text);
  if (!tree.ok()) return located_error(tree.error(), {text, select.select.position, 0});
  Names names;
  collect(Json::parse(*tree, nullptr, false), names);
  std::vector<std::unique_ptr<Reading>> readings;
  std::string with;
  for (const std::string& name : names.read) {
    if (names.defined.contains(name)) continue;
    const Relation relation = TRY(definitions.relation(name));
    readings.push_back(TRY(Reading::read(relation, broker, allowance)));
    const std::string input = fmt::format("_tidemill_input_{}", readings.size());
    TRY(database.declare_input(input, readings.back()->columns()));
    connection.set_input(input, readings.back()->chunks());
    with += (with.empty() ? "" : ", ") + definition(name, input, relation);
  }
  const std::string sql = with.empty() ? text : fmt::format("WITH {}\n{}", with, text);
  auto table =
      TRY(run_for(connection, {sql, select.select.position, sql.size() - text.size()}, allowance));
  StatementResult result;
  for (auto& column : table.columns) {
    result.columns.emplace_back(std::move(column.name), std::move(column.duckdb_type));
  }
  result.rows = std::move(table.rows);
  return result;
}

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
// The states behind the GET routes and the live channels of the same name.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "runtime/process.h"
#include "web/newest_rows.h"
#include "web/rates.h"
#include "web/render.h"

namespace tidemill::web {
namespace {

// The table that the first CQL sink fills: the one a newcomer wants to see.
std::optional<std::pair<std::string, std::string>> first_sink_table(
    const std::vector<stream::QueryStatus>& queries) {
  for (const auto& q : queries) {
    const auto keyspace = q.spec.sink.options.find("keyspace");
    const auto table = q.spec.sink.options.find("table");
    if (q.spec.sink.connector == "cassandra" && keyspace != q.spec.sink.options.end() &&
        table != q.spec.sink.options.end()) {
      return std::pair{keyspace->second, table->second};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Json> overview_state(Services& services) {
  const auto queries =
      services.engine != nullptr ? services.engine->list() : std::vector<stream::QueryStatus>{};
  // Several queries may read a topic: the one that is furthest says how many records came. (A
  // topic's offsets would count the markers of transactions too.)
  std::map<std::string, std::uint64_t> read_of_topic;
  stream::QueryTotals totals;
  std::array<double, 4> latency{};
  Json rejected = Json::array();
  Json lag = Json::array();
  Json states = Json::array();
  for (const auto& q : queries) {
    if (!q.spec.source.topic.starts_with("_tidemill")) {
      auto& read = read_of_topic[q.spec.source.topic];
      read = std::max(read, q.totals.input_rows);
    }
    totals.output_rows += q.totals.output_rows;
    totals.rejected_rows += q.totals.rejected_rows;
    totals.duplicate_rows += q.totals.duplicate_rows;
    totals.late_rows += q.totals.late_rows;
    for (const auto& [rule, count] : q.totals.rejected_by_rule) {
      rejected.push_back({{"query", q.spec.name}, {"rule", rule}, {"count", count}});
    }
    lag.push_back({{"query", q.spec.name}, {"topic", q.spec.source.topic}, {"records", q.lag}});
    if (q.progress && q.state == stream::QueryState::Running) {
      const auto& p = *q.progress;
      latency = {std::max(latency[0], p.latency_ms_p50), std::max(latency[1], p.latency_ms_p95),
                 std::max(latency[2], p.latency_ms_p99), std::max(latency[3], p.latency_ms_max)};
    }
    const Json summary = render_query_summary(q);
    Json state{{"name", q.spec.name},
               {"state", summary["state"]},
               {"processed_rows_per_second", summary["processed_rows_per_second"]}};
    if (!q.error.empty()) state["error"] = q.error;
    states.push_back(std::move(state));
  }

  Json topics{{"count", 0}, {"partitions", 0}, {"bytes", 0}};
  std::uint64_t records_in = 0;
  for (const auto& [topic, read] : read_of_topic) records_in += read;
  if (services.broker != nullptr) {
    std::uint64_t count = 0, partitions = 0, bytes = 0;
    for (const auto& topic : TRY(services.broker->list_topics())) {
      if (!is_internal(topic)) ++count;
      for (const auto& p : topic.partitions) {
        ++partitions;
        bytes += p.bytes;
      }
    }
    topics = {{"count", count}, {"partitions", partitions}, {"bytes", bytes}};
  }
  Json table_totals{{"count", 0}, {"bytes", 0}};
  Json newest = nullptr;
  if (services.tables != nullptr) {
    std::uint64_t count = 0, bytes = 0;
    for (const auto& table : TRY(services.tables->list_tables())) {
      if (table.system) continue;
      ++count;
      bytes += table.bytes;
    }
    table_totals = {{"count", count}, {"bytes", bytes}};
    if (const auto table = first_sink_table(queries)) {
      // The table may not exist yet: then there is nothing to show.
      if (auto rows = newest_rows(services, table->first, table->second, 10); rows.ok()) {
        newest = *std::move(rows);
      }
    }
  }
  const ProcessUsage usage = process_usage();
  const auto rate = [&](const char* name, double count) {
    return services.rates->observe(std::string("overview/") + name, count);
  };
  return Json{
      {"time_ms", services.clock->wall_ms()},
      {"uptime_ms", services.clock->wall_ms() - services.started_at_ms},
      {"records_in_per_second", rate("in", static_cast<double>(records_in))},
      {"records_out_per_second", rate("out", static_cast<double>(totals.output_rows))},
      {"rejected_per_second", rate("rejected", static_cast<double>(totals.rejected_rows))},
      {"totals",
       {{"records_in", records_in},
        {"records_out", totals.output_rows},
        {"rejected", totals.rejected_rows},
        {"duplicates", totals.duplicate_rows},
        {"late", totals.late_rows}}},
      {"latency_ms",
       {{"p50", latency[0]}, {"p95", latency[1]}, {"p99", latency[2]}, {"max", latency[3]}}},
      {"rejected_by_rule", std::move(rejected)},
      {"lag", std::move(lag)},
      {"queries", std::move(states)},
      {"topics", std::move(topics)},
      {"tables", std::move(table_totals)},
      {"newest_rows", std::move(newest)},
      {"resident_bytes", usage.resident_bytes},
      {"cpu_percent", rate("cpu", usage.cpu_seconds) * 100}};
}

Result<Json> topics_state(Services& services) {
  Json out = Json::array();
  for (const auto& topic : TRY(TRY(need_broker(services))->list_topics())) {
    out.push_back(render_topic_summary(services, topic));
  }
  return out;
}

Result<Json> topic_state(Services& services, const std::string& topic) {
  return render_topic_detail(services, TRY(TRY(need_broker(services))->describe_topic(topic)));
}

Result<Json> queries_state(Services& services) {
  Json out = Json::array();
  for (const auto& query : TRY(need_engine(services))->list()) {
    out.push_back(render_query_summary(query));
  }
  return out;
}

Result<Json> query_state(Services& services, const std::string& query) {
  return render_query_detail(services, TRY(TRY(need_engine(services))->status(query)));
}

Result<Json> tables_state(Services& services) {
  Json out = Json::array();
  for (const auto& table : TRY(TRY(need_tables(services))->list_tables())) {
    out.push_back(render_table_summary(table));
  }
  return out;
}

Result<Json> newest_rows(Services& services, const std::string& keyspace, const std::string& table,
                         std::size_t limit) {
  auto found = TRY(services.newest_rows->look(*TRY(need_tables(services)), keyspace, table));
  if (found.rows.size() > limit) found.rows.resize(limit);
  tables::CqlResult result;
  result.text = std::move(found.rows);
  Json names = Json::array();
  for (const auto& name : found.columns) names.push_back(name);
  Json rows = render_cql_result(result)["rows"];
  return Json{{"keyspace", keyspace},
              {"table", table},
              {"columns", std::move(names)},
              {"rows", std::move(rows)}};
}

}  // namespace tidemill::web

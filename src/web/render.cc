// SPDX-License-Identifier: Apache-2.0
#include "web/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "web/rates.h"

namespace tidemill::web {
namespace {

std::int64_t records_of(const broker::TopicInfo& topic) {
  std::int64_t total = 0;
  for (const auto& p : topic.partitions) total += p.high_watermark - p.log_start_offset;
  return total;
}

double written_of(const broker::TopicInfo& topic) {
  double total = 0;
  for (const auto& p : topic.partitions) total += static_cast<double>(p.high_watermark);
  return total;
}

std::uint64_t bytes_of(const broker::TopicInfo& topic) {
  std::uint64_t total = 0;
  for (const auto& p : topic.partitions) total += p.bytes;
  return total;
}

std::string_view name_of(stream::QueryState state) {
  switch (state) {
    case stream::QueryState::Starting:
      return "starting";
    case stream::QueryState::Running:
      return "running";
    case stream::QueryState::Paused:
      return "paused";
    case stream::QueryState::Failed:
      return "failed";
    case stream::QueryState::Finished:
      return "finished";
  }
  return "starting";
}

std::string trigger_text(const stream::Trigger& trigger) {
  switch (trigger.kind) {
    case stream::TriggerKind::Pipelined:
      return "PIPELINED";
    case stream::TriggerKind::Every:
      return fmt::format("EVERY {} ms", trigger.every.count());
    case stream::TriggerKind::AvailableNow:
      return "AVAILABLE NOW";
  }
  return "PIPELINED";
}

std::string target_of(const stream::QuerySpec& spec) {
  if (spec.kind == stream::QueryKind::MaterializedView) return spec.name;
  const auto option = [&](const char* name) {
    const auto found = spec.sink.options.find(name);
    return found == spec.sink.options.end() ? std::string() : found->second;
  };
  if (!option("table").empty()) {
    return fmt::format("{}.{}", option("keyspace"), option("table"));
  }
  return option("topic").empty() ? spec.sink.connector : option("topic");
}

Json offsets_json(const std::map<std::string, std::map<std::int32_t, std::int64_t>>& offsets) {
  Json out = Json::object();
  for (const auto& [topic, partitions] : offsets) {
    for (const auto& [partition, offset] : partitions) {
      out[topic][std::to_string(partition)] = offset;
    }
  }
  return out;
}

Json iso_or_null(std::int64_t unix_us) {
  return unix_us < 0 ? Json(nullptr) : Json(iso_time(unix_us / 1000));
}

std::string_view name_of(tables::ColumnKind kind) {
  switch (kind) {
    case tables::ColumnKind::PartitionKey:
      return "partition_key";
    case tables::ColumnKind::Clustering:
      return "clustering";
    case tables::ColumnKind::Static:
      return "static";
    case tables::ColumnKind::Regular:
      return "regular";
  }
  return "regular";
}

// The stages of a query for the plan graph.
Json plan_json(const stream::QuerySpec& spec) {
  Json nodes = Json::array();
  Json edges = Json::array();
  const auto add = [&](const char* id, std::string label, std::string detail) {
    if (!nodes.empty()) edges.push_back({{"from", nodes.back()["id"]}, {"to", id}});
    nodes.push_back({{"id", id}, {"label", std::move(label)}, {"detail", std::move(detail)}});
  };
  add("source", fmt::format("source {}", spec.source.name),
      fmt::format("topic {}", spec.source.topic));
  if (!spec.source.constraints.empty()) {
    std::string names;
    for (const auto& c : spec.source.constraints) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", c.name);
    }
    add("checks", fmt::format("{} checks", spec.source.constraints.size()), names);
  }
  add("select", "select", spec.select_sql);
  if (spec.dedup) {
    std::string keys;
    for (const auto& key : spec.dedup->key_columns) {
      keys += fmt::format("{}{}", keys.empty() ? "" : ", ", key);
    }
    add("dedup", "first per key", keys);
  }
  if (spec.window) {
    add("window",
        fmt::format("tumbling window {} s",
                    std::chrono::duration_cast<std::chrono::seconds>(spec.window->size).count()),
        spec.window->final_sql);
  }
  add("sink", fmt::format("sink {}", spec.sink.connector), target_of(spec));
  return {{"nodes", std::move(nodes)}, {"edges", std::move(edges)}};
}

}  // namespace

bool is_internal(const broker::TopicInfo& topic) {
  return topic.internal || topic.name.starts_with("_tidemill");
}

std::string iso_time(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms >= 0 ? unix_ms / 1000 : (unix_ms - 999) / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     unix_ms - seconds * 1000);
}

Json render_topic_summary(Services& services, const broker::TopicInfo& topic) {
  const auto retention =
      std::ranges::find(topic.configs, "retention.ms", &broker::ConfigValue::name);
  const std::uint64_t bytes = bytes_of(topic);
  return {{"name", topic.name},
          {"id", to_string(topic.id)},
          {"internal", is_internal(topic)},
          {"partitions", topic.partitions.size()},
          {"records", records_of(topic)},
          {"bytes", bytes},
          {"records_in_per_second",
           services.rates->observe("topic_records/" + topic.name, written_of(topic))},
          {"bytes_in_per_second",
           services.rates->observe("topic_bytes/" + topic.name, static_cast<double>(bytes))},
          {"retention_ms",
           retention == topic.configs.end() ? -1 : std::atoll(retention->value.c_str())},
          {"last_timestamp_ms",
           topic.last_timestamp_ms < 0 ? Json(nullptr) : Json(topic.last_timestamp_ms)}};
}

Json render_topic_detail(Services& services, const broker::TopicInfo& topic) {
  Json out = render_topic_summary(services, topic);
  out["configs"] = Json::array();
  for (const auto& c : topic.configs) {
    out["configs"].push_back({{"name", c.name},
                              {"value", c.value},
                              {"default", c.is_default},
                              {"source", c.is_default ? "default" : "dynamic"}});
  }
  out["partition_list"] = Json::array();
  for (const auto& p : topic.partitions) {
    out["partition_list"].push_back({{"partition", p.partition},
                                     {"leader_epoch", p.leader_epoch},
                                     {"log_start_offset", p.log_start_offset},
                                     {"high_watermark", p.high_watermark},
                                     {"last_stable_offset", p.last_stable_offset},
                                     {"bytes", p.bytes}});
  }
  return out;
}

Json render_record(const RecordView& record, std::int32_t partition) {
  Json headers = Json::array();
  if (const auto decoded = decode_headers(record.headers); decoded.ok()) {
    for (const auto& h : decoded.value()) {
      headers.push_back(
          {{"key", h.key}, {"value", h.value ? bytes_json(as_text(*h.value)) : Json(nullptr)}});
    }
  }
  return {{"partition", partition},
          {"offset", record.offset},
          {"timestamp_ms", record.timestamp_ms},
          {"key", record.has_key() ? bytes_json(as_text(record.key)) : Json(nullptr)},
          {"value", record.has_value() ? bytes_json(as_text(record.value)) : Json(nullptr)},
          {"headers", std::move(headers)},
          {"size", record.key.size() + record.value.size()}};
}

Json render_query_summary(const stream::QueryStatus& query) {
  Json out{
      {"name", query.spec.name},
      {"kind", query.spec.kind == stream::QueryKind::Sink ? "sink" : "materialized_view"},
      {"state", name_of(query.state)},
      {"source", query.spec.source.name},
      {"target", target_of(query.spec)},
      {"trigger", trigger_text(query.spec.trigger)},
      {"started_at", query.started_at_ms},
      {"input_rows_per_second", query.progress ? query.progress->input_rows_per_second : 0},
      {"processed_rows_per_second", query.progress ? query.progress->processed_rows_per_second : 0},
      {"lag", query.lag},
      {"watermark_ms", query.watermark_ms < 0 ? Json(nullptr) : Json(query.watermark_ms)},
      {"restarts", query.restarts}};
  if (!query.error.empty()) out["error"] = query.error;
  return out;
}

Json render_query_detail(Services& services, const stream::QueryStatus& query) {
  Json out = render_query_summary(query);
  out["sql"] = query.spec.sql;
  out["plan"] = plan_json(query.spec);
  out["progress"] = query.progress ? render_progress(query, *query.progress) : Json(nullptr);
  out["totals"] = {{"input_rows", query.totals.input_rows},
                   {"output_rows", query.totals.output_rows},
                   {"rejected_rows", query.totals.rejected_rows},
                   {"duplicate_rows", query.totals.duplicate_rows},
                   {"late_rows", query.totals.late_rows},
                   {"epochs", query.totals.epochs}};
  out["rejected_by_rule"] = Json::array();
  for (const auto& [rule, count] : query.totals.rejected_by_rule) {
    out["rejected_by_rule"].push_back({{"rule", rule}, {"count", count}});
  }
  const auto explained = services.catalog != nullptr ? services.catalog->explain(query.spec.name)
                                                     : Result<std::string>(std::string());
  out["explain"] = explained.ok() ? explained.value() : explained.error().message;
  return out;
}

Json render_progress(const stream::QueryStatus& query, const stream::Progress& p) {
  Json durations = Json::object();
  for (const auto& [phase, ms] : p.duration_ms_by_phase) durations[phase] = ms;
  Json event_time = Json::object();
  if (p.event_time_min_us >= 0) {
    event_time = {{"min", iso_or_null(p.event_time_min_us)},
                  {"avg", iso_or_null(p.event_time_avg_us)},
                  {"max", iso_or_null(p.event_time_max_us)}};
  }
  if (p.watermark_us >= 0) event_time["watermark"] = iso_or_null(p.watermark_us);
  Json operators = Json::array();
  for (const auto& op : p.state_operators) {
    operators.push_back({{"operatorName", op.operator_name},
                         {"numRowsTotal", op.rows_total},
                         {"numRowsUpdated", op.rows_updated},
                         {"numRowsRemoved", op.rows_removed},
                         {"memoryUsedBytes", op.memory_bytes},
                         {"numRowsDroppedByWatermark", op.rows_dropped_by_watermark}});
  }
  Json rejected = Json::object();
  for (const auto& [rule, count] : p.dead_letter_rows) rejected[rule] = count;
  return {{"id", query.id},
          {"runId", query.run_id},
          {"name", query.spec.name},
          {"timestamp", iso_time(p.timestamp_ms)},
          {"batchId", p.batch_id},
          {"batchDuration", p.duration_ms},
          {"numInputRows", p.input_rows},
          {"inputRowsPerSecond", p.input_rows_per_second},
          {"processedRowsPerSecond", p.processed_rows_per_second},
          {"durationMs", std::move(durations)},
          {"eventTime", std::move(event_time)},
          {"stateOperators", std::move(operators)},
          {"sources", Json::array({{{"description", p.source.description},
                                    {"startOffset", offsets_json(p.source.start)},
                                    {"endOffset", offsets_json(p.source.end)},
                                    {"latestOffset", offsets_json(p.source.latest)},
                                    {"numInputRows", p.source.input_rows},
                                    {"inputRowsPerSecond", p.input_rows_per_second},
                                    {"processedRowsPerSecond", p.processed_rows_per_second}}})},
          {"sink", {{"description", p.sink_description}, {"numOutputRows", p.output_rows}}},
          {"latencyMs",
           {{"p50", p.latency_ms_p50},
            {"p95", p.latency_ms_p95},
            {"p99", p.latency_ms_p99},
            {"max", p.latency_ms_max}}},
          {"deadLetterRows", std::move(rejected)},
          {"lateRows", p.late_rows},
          {"duplicatesDropped", p.duplicates_dropped},
          {"sinkRetries", p.sink_retries}};
}

Json render_table_summary(const tables::TableInfo& table) {
  Json key = Json::array();
  for (const auto& c : table.columns) {
    if (c.kind == tables::ColumnKind::PartitionKey || c.kind == tables::ColumnKind::Clustering) {
      key.push_back(c.name);
    }
  }
  return {{"keyspace", table.keyspace},    {"table", table.table},
          {"system", table.system},        {"columns", table.columns.size()},
          {"primary_key", std::move(key)}, {"rows_estimate", table.rows_estimate},
          {"bytes", table.bytes},          {"default_time_to_live", table.default_time_to_live}};
}

Json render_table_detail(const tables::TableInfo& table) {
  Json out = render_table_summary(table);
  out["column_list"] = Json::array();
  for (const auto& c : table.columns) {
    Json column{{"name", c.name}, {"type", c.type}, {"kind", name_of(c.kind)}};
    if (c.kind == tables::ColumnKind::Clustering) column["order"] = c.descending ? "desc" : "asc";
    out["column_list"].push_back(std::move(column));
  }
  out["create_statement"] = table.create_statement;
  return out;
}

Json render_cql_result(const tables::CqlResult& result) {
  Json columns = Json::array();
  for (const auto& c : result.columns) columns.push_back({{"name", c.name}, {"type", c.type}});
  Json rows = Json::array();
  for (const auto& row : result.text) {
    Json cells = Json::array();
    for (const auto& cell : row) cells.push_back(cell ? Json(*cell) : Json(nullptr));
    rows.push_back(std::move(cells));
  }
  Json out{
      {"columns", std::move(columns)}, {"rows", std::move(rows)}, {"warnings", result.warnings}};
  if (!result.paging_state.empty()) out["paging_state"] = to_base64(result.paging_state);
  return out;
}

std::string cql_name(std::string_view name) {
  const bool plain =
      !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (plain) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace tidemill::web

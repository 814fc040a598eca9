// SPDX-License-Identifier: Apache-2.0
#include "sql/explain/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "sql/parse/duration.h"

namespace tidemill::sql {
namespace {

using std::chrono::microseconds;

// Builds lines, each level two spaces further in.
class Lines {
 public:
  void node(std::string text) {
    out_ += fmt::format("{}{}\n", std::string(depth_ * 2, ' '), text);
    ++depth_;
  }
  void detail(std::string_view name, std::string_view text) {
    out_ += fmt::format("{}  {}: {}\n", std::string((depth_ - 1) * 2, ' '), name, text);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::size_t depth_ = 0;
};

std::string options_text(const std::map<std::string, std::string>& options) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : options) {
    const bool secret = name.find("password") != std::string::npos ||
                        name.find("token") != std::string::npos ||
                        name.find("secret") != std::string::npos;
    parts.push_back(fmt::format("{} = '{}'", name, secret ? "***" : value));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string columns_text(const std::vector<Column>& columns) {
  std::vector<std::string> parts;
  for (const Column& column : columns) {
    parts.push_back(fmt::format("{} {}", column.name, name_of(column.type)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string trigger_text(const stream::Trigger& trigger) {
  switch (trigger.kind) {
    case stream::TriggerKind::Pipelined:
      return "pipelined";
    case stream::TriggerKind::Every:
      return "every " + format_duration(trigger.every);
    case stream::TriggerKind::AvailableNow:
      return "available now";
  }
  return "";
}

std::string_view merge_name(stream::Merge merge) {
  switch (merge) {
    case stream::Merge::Sum:
      return "sum";
    case stream::Merge::Min:
      return "min";
    case stream::Merge::Max:
      return "max";
  }
  return "";
}

std::string_view origin_name(stream::ColumnOrigin origin) {
  switch (origin) {
    case stream::ColumnOrigin::Json:
      return "json";
    case stream::ColumnOrigin::Key:
      return "key";
    case stream::ColumnOrigin::Timestamp:
      return "timestamp";
    case stream::ColumnOrigin::Offset:
      return "offset";
    case stream::ColumnOrigin::Partition:
      return "partition";
    case stream::ColumnOrigin::Topic:
      return "topic";
    case stream::ColumnOrigin::Headers:
      return "headers";
  }
  return "";
}

void add_window(Lines& lines, const stream::WindowAggregate& window) {
  lines.node(fmt::format("tumbling window of {}", format_duration(window.size)));
  std::string emit = "on update";
  if (window.emit == stream::Emit::OnWindowClose) {
    emit = "on window close";
    if (window.close_after.count() > 0) emit += " after " + format_duration(window.close_after);
    if (window.close_after_idle) {
      emit += ", closed after idle " + format_duration(*window.close_after_idle);
    }
  }
  lines.detail("emit", emit);
  lines.detail("late rows",
               window.on_late == stream::OnLate::DeadLetter ? "dead letter" : "dropped");
  if (!window.keys.empty()) lines.detail("keys", columns_text(window.keys));
  std::vector<std::string> merges;
  for (const auto& accumulator : window.accumulators) {
    merges.push_back(fmt::format("{} {} by {}", accumulator.column.name,
                                 name_of(accumulator.column.type), merge_name(accumulator.merge)));
  }
  lines.detail("merge", fmt::format("{}", fmt::join(merges, ", ")));
  lines.detail("result", window.final_sql);
}

void add_source(Lines& lines, const stream::SourceSpec& source) {
  lines.node(fmt::format("source {} (topic '{}', from {})", source.name, source.topic,
                         source.startup == stream::Startup::Latest ? "latest" : "earliest"));
  std::vector<std::string> columns;
  for (const auto& column : source.columns) {
    std::string text = fmt::format("{} {}", column.column.name, name_of(column.column.type));
    if (column.coerce) text += " coerced";
    if (column.origin != stream::ColumnOrigin::Json) {
      text += fmt::format(" from {}", origin_name(column.origin));
    } else if (column.json_field != column.column.name) {
      text += fmt::format(" from field '{}'", column.json_field);
    }
    columns.push_back(std::move(text));
  }
  lines.detail("columns", fmt::format("{}", fmt::join(columns, ", ")));
  for (const auto& constraint : source.constraints) {
    lines.detail(fmt::format("rule {}", constraint.name), constraint.check_sql);
  }
  if (source.watermark) {
    lines.detail("watermark", fmt::format("{} - {}", source.watermark->column,
                                          format_duration(source.watermark->delay)));
  }
  switch (source.on_error) {
    case stream::OnError::DeadLetter:
      lines.detail("bad records", fmt::format("to topic '{}'", source.dead_letter_topic));
      break;
    case stream::OnError::Skip:
      lines.detail("bad records", "skipped");
      break;
    case stream::OnError::Fail:
      lines.detail("bad records", "stop the query");
      break;
  }
  if (!source.connector.empty()) {
    lines.detail("fed by",
                 fmt::format("{} ({})", source.connector, options_text(source.connector_options)));
  }
}

}  // namespace

std::string explain_query(const stream::QuerySpec& query) {
  Lines lines;
  lines.node(
      fmt::format("{} {} -> {} ({})",
                  query.kind == stream::QueryKind::MaterializedView ? "materialized view" : "sink",
                  query.name, query.sink.connector, options_text(query.sink.options)));
  lines.detail("columns", columns_text(query.output));
  if (!query.key.empty()) lines.detail("key", fmt::format("{}", fmt::join(query.key, ", ")));
  lines.detail("trigger", trigger_text(query.trigger));
  if (query.window) add_window(lines, *query.window);
  if (query.dedup) {
    const bool forever = query.dedup->within.count() == 0;
    lines.node(fmt::format("first row per ({})", fmt::join(query.dedup->key_columns, ", ")));
    lines.detail("remembered", forever ? "for ever" : format_duration(query.dedup->within));
  }
  lines.node("select");
  lines.detail("sql", query.select_sql);
  add_source(lines, query.source);
  return lines.take();
}

std::string explain_source(const stream::SourceSpec& source) {
  Lines lines;
  add_source(lines, source);
  return lines.take();
}

}  // namespace tidemill::sql

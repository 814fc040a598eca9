// SPDX-License-Identifier: Apache-2.0
// What the catalog tells: SHOW, SHOW CREATE, DESCRIBE, EXPLAIN.
#include <fmt/format.h>

#include "sql/catalog/local_catalog.h"
#include "sql/explain/explain.h"
#include "sql/plan/expression_rules.h"

namespace tidemill::sql {
namespace {

using Row = std::vector<std::optional<std::string>>;

StatementResult table(std::vector<std::string> columns) {
  StatementResult result;
  for (std::string& name : columns) result.columns.emplace_back(std::move(name), "VARCHAR");
  return result;
}

std::string_view state_name(stream::QueryState state) {
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
  return "";
}

std::string origin_text(const stream::SourceColumn& column) {
  switch (column.origin) {
    case stream::ColumnOrigin::Json:
      return fmt::format("field '{}'{}", column.json_field, column.coerce ? ", coerced" : "");
    case stream::ColumnOrigin::Key:
      return "the record's key";
    case stream::ColumnOrigin::Timestamp:
      return "the record's timestamp";
    case stream::ColumnOrigin::Offset:
      return "the record's offset";
    case stream::ColumnOrigin::Partition:
      return "the record's partition";
    case stream::ColumnOrigin::Topic:
      return "the record's topic";
    case stream::ColumnOrigin::Headers:
      return "the record's headers";
  }
  return "";
}

}  // namespace

std::vector<SourceInfo> LocalCatalog::sources() const {
  std::vector<SourceInfo> infos;
  const MutexLock lock(mutex_);
  for (const auto& [name, definition] : definitions_.all()) {
    if (!definition.is_query()) infos.push_back({definition.source, definition.sql});
  }
  return infos;
}

Result<SourceInfo> LocalCatalog::source(const std::string& name) const {
  const Definition definition = TRY(defined(name, "source"));
  if (definition.is_query()) {
    return error(ErrorCode::NotFound,
                 fmt::format("'{}' is a {}, not a source", name, name_of(definition.kind)));
  }
  return SourceInfo{definition.source, definition.sql};
}

Result<std::string> LocalCatalog::explain(const std::string& query) {
  const Definition definition = TRY(defined(query, "query"));
  return definition.is_query() ? explain_query(definition.query)
                               : explain_source(definition.source);
}

Result<StatementResult> LocalCatalog::show(const Show& show) const {
  const Definitions current = snapshot();
  if (show.what == ShowWhat::Tables) return show_tables();
  if (show.what == ShowWhat::Sources) {
    StatementResult result = table({"name", "topic", "connector", "dead_letter_topic", "problem"});
    for (const auto& [name, definition] : current.all()) {
      if (definition.is_query()) continue;
      const auto& source = definition.source;
      std::string problem = definition.problem;
      if (problem.empty() && !source.connector.empty() && feeders_.problem) {
        problem = feeders_.problem(name);
      }
      const bool dead_letter = source.on_error == stream::OnError::DeadLetter;
      result.rows.push_back(
          Row{name, source.topic, source.connector.empty() ? "kafka" : source.connector,
              dead_letter ? std::optional(source.dead_letter_topic) : std::nullopt,
              problem.empty() ? std::nullopt : std::optional(problem)});
    }
    return result;
  }
  StatementResult result = table({"name", "kind", "state", "reads", "writes", "lag", "error"});
  for (const auto& [name, definition] : current.all()) {
    if (!definition.is_query()) continue;
    if (show.what == ShowWhat::Sinks && definition.kind != ObjectKind::Sink) continue;
    if (show.what == ShowWhat::Views && definition.kind != ObjectKind::View) continue;
    const auto status = engine_.status(name);
    std::string problem = definition.problem;
    if (problem.empty() && status.ok()) problem = status->error;
    result.rows.push_back(
        Row{name, std::string(name_of(definition.kind)),
            std::string(status.ok() ? state_name(status->state) : "failed"), definition.reads,
            definition.query.sink.connector,
            status.ok() ? std::optional(std::to_string(status->lag)) : std::nullopt,
            problem.empty() ? std::nullopt : std::optional(problem)});
  }
  return result;
}

// The CQL tables, with the sink that writes each.
Result<StatementResult> LocalCatalog::show_tables() const {
  if (tables_ == nullptr) {
    return error(ErrorCode::Unavailable, "SHOW TABLES: the tables are not started in this process")
        .with_hint("add tables to --only");
  }
  const Definitions current = snapshot();
  StatementResult result =
      table({"keyspace", "name", "primary_key", "columns", "rows_estimate", "ttl_s", "written_by"});
  for (const auto& info : TRY(tables_->list_tables())) {
    if (info.system) continue;
    std::string key;
    for (const auto& column : info.columns) {
      if (column.kind != tables::ColumnKind::PartitionKey &&
          column.kind != tables::ColumnKind::Clustering) {
        continue;
      }
      key += (key.empty() ? "" : ", ") + column.name;
    }
    std::string writers;
    for (const auto& [name, definition] : current.all()) {
      const auto& sink = definition.query.sink;
      if (!definition.is_query() || sink.connector != "cassandra") continue;
      const auto keyspace = sink.options.find("keyspace");
      const auto target = sink.options.find("table");
      if (keyspace == sink.options.end() || keyspace->second != info.keyspace ||
          target == sink.options.end() || target->second != info.table) {
        continue;
      }
      writers += (writers.empty() ? "" : ", ") + name;
    }
    const bool expires = info.default_time_to_live > 0;
    result.rows.push_back(
        Row{info.keyspace, info.table, key, std::to_string(info.columns.size()),
            std::to_string(info.rows_estimate),
            expires ? std::optional(std::to_string(info.default_time_to_live)) : std::nullopt,
            writers.empty() ? std::nullopt : std::optional(writers)});
  }
  return result;
}

Result<StatementResult> LocalCatalog::show_create(const ShowCreate& show) const {
  const Definition definition = TRY(defined(show.name.text, "source, view or sink"));
  if (show.kind && *show.kind != definition.kind) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("'{}' is a {}, not a {}", definition.name, name_of(definition.kind),
                             name_of(*show.kind)));
  }
  StatementResult result = table({"name", "sql"});
  result.rows.push_back(Row{definition.name, definition.sql});
  return result;
}

Result<StatementResult> LocalCatalog::describe(const std::string& name) const {
  const Definition definition = TRY(defined(name, "source, view or sink"));
  StatementResult result = table({"column", "type", "from"});
  if (definition.is_query()) {
    for (const Column& column : definition.query.output) {
      result.rows.push_back(
          Row{column.name, std::string(tidemill::name_of(column.type)), "the SELECT list"});
    }
    return result;
  }
  for (const auto& column : definition.source.columns) {
    if (column.column.name == kRecordTime) continue;
    result.rows.push_back(Row{column.column.name,
                              std::string(tidemill::name_of(column.column.type)),
                              origin_text(column)});
  }
  return result;
}

Result<StatementResult> LocalCatalog::explain_statement(const Explain& explain) const {
  const Definitions current = snapshot();
  Definition definition;
  if (explain.name) {
    definition = TRY(defined(explain.name->text, "source, view or sink"));
  } else if (!created_name(*explain.statement).empty()) {
    bool blocked = false;
    definition = TRY(current.plan(*explain.statement, {}, blocked));
  } else {
    return error(ErrorCode::Unsupported, "EXPLAIN SELECT is not built; EXPLAIN CREATE SINK ... is");
  }
  StatementResult result = table({"plan"});
  std::string text =
      definition.is_query() ? explain_query(definition.query) : explain_source(definition.source);
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    result.rows.push_back(Row{text.substr(from, end - from)});
    from = end + 1;
  }
  return result;
}

}  // namespace tidemill::sql

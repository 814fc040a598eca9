// SPDX-License-Identifier: Apache-2.0
// Sources, queries, SQL and apply.
#include <fmt/format.h>

#include "web/render.h"
#include "web/routes/routes.h"

namespace tidemill::web::routes {
namespace {

// {"files": [{"path", "text"}...], "folder": the project's, which may be left out}
Result<sql::Pipeline> pipeline_of(const Request& request) {
  const Json body = TRY(request.json());
  const auto list = body.find("files");
  if (list == body.end() || !list->is_array()) {
    return error(ErrorCode::InvalidArgument, "member 'files' must be a list");
  }
  sql::Pipeline pipeline;
  if (body.contains("folder")) pipeline.folder = TRY(text_member(body, "folder"));
  if (!pipeline.folder.empty() && !pipeline.folder.starts_with('/')) {
    return error(
        ErrorCode::InvalidArgument,
        fmt::format("member 'folder' is '{}', it must be an absolute path", pipeline.folder));
  }
  for (const auto& file : *list) {
    if (!file.is_object()) {
      return error(ErrorCode::InvalidArgument, "a member of 'files' is not an object");
    }
    pipeline.files.push_back({TRY(text_member(file, "path")), TRY(text_member(file, "text"))});
  }
  return pipeline;
}

std::string_view name_of(sql::Change::Action action) {
  switch (action) {
    case sql::Change::Action::Create:
      return "create";
    case sql::Change::Action::Replace:
      return "replace";
    case sql::Change::Action::Drop:
      return "drop";
    case sql::Change::Action::Keep:
      return "keep";
  }
  return "keep";
}

Json render_changes(const std::vector<sql::Change>& changes) {
  Json out = Json::array();
  for (const auto& c : changes) {
    Json change{{"action", name_of(c.action)}, {"kind", c.kind}, {"name", c.name}};
    if (!c.before.empty()) change["before"] = c.before;
    if (!c.after.empty()) change["after"] = c.after;
    out.push_back(std::move(change));
  }
  return out;
}

Result<Response> query_summary(stream::Engine& engine, const std::string& name) {
  return json_response(render_query_summary(TRY(engine.status(name))));
}

// Through the catalogue, which keeps what was asked for over a restart.
Result<> run_on_query(Services& services, std::string_view verb, const std::string& query) {
  std::string quoted;
  for (const char c : query) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  TRY(TRY(need_catalog(services))->execute(fmt::format("{} \"{}\"", verb, quoted)));
  return {};
}

}  // namespace

Result<Response> list_sources(Services& services, const Request&) {
  Json out = Json::array();
  for (const auto& source : TRY(need_catalog(services))->sources()) {
    Json columns = Json::array();
    for (const auto& c : source.spec.columns) {
      columns.push_back({{"name", c.column.name}, {"type", tidemill::name_of(c.column.type)}});
    }
    Json constraints = Json::array();
    for (const auto& c : source.spec.constraints) {
      constraints.push_back({{"name", c.name}, {"check", c.check_sql}});
    }
    out.push_back({{"name", source.spec.name},
                   {"connector", source.spec.connector.empty() ? "kafka" : source.spec.connector},
                   {"topic", source.spec.topic},
                   {"columns", std::move(columns)},
                   {"constraints", std::move(constraints)},
                   {"dead_letter_topic", source.spec.dead_letter_topic},
                   {"sql", source.sql}});
  }
  return json_response(out);
}

Result<Response> list_queries(Services& services, const Request&) {
  return json_response(TRY(queries_state(services)));
}

Result<Response> get_query(Services& services, const Request& request) {
  return json_response(TRY(query_state(services, request.parameter("query"))));
}

Result<Response> get_progress(Services& services, const Request& request) {
  stream::Engine* engine = TRY(need_engine(services));
  const auto last = TRY(request.number("last", 60, 1, 600));
  const auto status = TRY(engine->status(request.parameter("query")));
  Json out = Json::array();
  for (const auto& p : TRY(engine->progress(status.spec.name, static_cast<std::size_t>(last)))) {
    out.push_back(render_progress(status, p));
  }
  return json_response(out);
}

Result<Response> pause_query(Services& services, const Request& request) {
  TRY(run_on_query(services, "PAUSE", request.parameter("query")));
  return query_summary(*TRY(need_engine(services)), request.parameter("query"));
}

Result<Response> resume_query(Services& services, const Request& request) {
  TRY(run_on_query(services, "RESUME", request.parameter("query")));
  return query_summary(*TRY(need_engine(services)), request.parameter("query"));
}

Result<Response> wait_query(Services& services, const Request& request) {
  stream::Engine* engine = TRY(need_engine(services));
  std::int64_t limit_ms = 60'000;
  if (!request.body.empty()) {
    limit_ms = TRY(number_member(TRY(request.json()), "timeout_ms", limit_ms, 0, 3'600'000));
  }
  TRY(engine->wait(request.parameter("query"), std::chrono::milliseconds{limit_ms}));
  return query_summary(*engine, request.parameter("query"));
}

Result<Response> drop_query(Services& services, const Request& request) {
  const auto status = TRY(TRY(need_engine(services))->status(request.parameter("query")));
  const bool sink = status.spec.kind == stream::QueryKind::Sink;
  TRY(run_on_query(services, sink ? "DROP SINK" : "DROP MATERIALIZED VIEW", status.spec.name));
  return Response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
}

Result<Response> run_sql(Services& services, const Request& request) {
  const Json body = TRY(request.json());
  const auto results = TRY(TRY(need_catalog(services))->execute(TRY(text_member(body, "sql"))));
  Json out = Json::array();
  for (const auto& r : results) {
    Json result{{"statement", r.statement}};
    if (!r.columns.empty()) {
      result["columns"] = Json::array();
      for (const auto& [name, type] : r.columns) {
        result["columns"].push_back({{"name", name}, {"type", type}});
      }
      result["rows"] = Json::array();
      for (const auto& row : r.rows) {
        Json cells = Json::array();
        for (const auto& cell : row) cells.push_back(cell ? Json(*cell) : Json(nullptr));
        result["rows"].push_back(std::move(cells));
      }
    }
    if (!r.message.empty()) result["message"] = r.message;
    out.push_back(std::move(result));
  }
  return json_response({{"results", std::move(out)}});
}

Result<Response> plan_apply(Services& services, const Request& request) {
  const auto changes = TRY(TRY(need_catalog(services))->plan(TRY(pipeline_of(request))));
  return json_response({{"changes", render_changes(changes)}});
}

Result<Response> apply(Services& services, const Request& request) {
  const auto changes = TRY(TRY(need_catalog(services))->apply(TRY(pipeline_of(request))));
  return json_response({{"changes", render_changes(changes)}, {"applied", true}});
}

}  // namespace tidemill::web::routes

// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/query_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sql/plan/bound_select.h"
#include "sql/plan/expression_rules.h"
#include "sql/plan/options.h"
#include "sql/plan/source_plan.h"
#include "sql/plan/window_plan.h"

namespace tidemill::sql {
namespace {

using stream::QuerySpec;

class QueryPlanner {
 public:
  QueryPlanner(const CreateQuery& statement, const std::string& text, const FindRelation& find)
      : in_(statement), find_(find) {
    spec().name = statement.name.text;
    spec().kind = statement.is_view ? stream::QueryKind::MaterializedView : stream::QueryKind::Sink;
    spec().sql = text;
  }

  Result<PlannedQuery> run() {
    auto database = TRY(PlanningDatabase::open());
    SqlText select = in_.select;
    if (in_.from_view) {
      const std::string lead = "SELECT * FROM ";
      select = {lead + quote_name(in_.from_view->text), in_.from_view->position, lead.size()};
    }
    const BoundSelect bound = TRY(bind_select(database, select, find_));
    planned_.reads = bound.relation.source.name;
    const bool grouped = !ast::group_expressions(bound.select).empty() ||
                         ast::groups_by_all(bound.select) ||
                         contains_aggregate(database, bound.select.at("select_list"));
    if (bound.tumble) {
      TRY(plan_windowed(database, bound, grouped));
    } else if (grouped) {
      return error_at(bound.text, bound.select, ErrorCode::Unsupported,
                      "GROUP BY without a window is not built")
          .with_hint(
              "read FROM tumble(source, time_column, INTERVAL '1 minute') and group by "
              "window_start");
    } else {
      TRY(plan_stateless(database, bound));
    }
    spec().source = bound.relation.source;
    TRY(set_trigger());
    TRY(set_sink());
    spec().plan_hash = plan_hash(spec());
    return std::move(planned_);
  }

 private:
  QuerySpec& spec() { return planned_.spec; }

  Result<> plan_windowed(PlanningDatabase& database, const BoundSelect& bound, bool grouped) {
    if (!grouped) {
      return error_at(bound.text, bound.select, ErrorCode::Unsupported,
                      "tumble() without GROUP BY is not built");
    }
    if (in_.within) {
      return option_error(in_.within_position, "WITHIN belongs to SELECT DISTINCT ON (...)");
    }
    WindowPlan plan = TRY(plan_window(database, bound));
    spec().select_sql = std::move(plan.select_sql);
    spec().window = std::move(plan.window);
    spec().output = std::move(plan.output);
    spec().key = std::move(plan.key);
    auto& window = *spec().window;
    if (in_.emit) {
      window.emit = in_.emit->kind == EmitKind::OnUpdate ? stream::Emit::OnUpdate
                                                         : stream::Emit::OnWindowClose;
      window.close_after = in_.emit->close_after;
      window.close_after_idle = in_.emit->close_after_idle;
    }
    if (in_.late_to_dead_letter.value_or(false)) window.on_late = stream::OnLate::DeadLetter;
    const bool needs_key = in_.is_view || window.emit == stream::Emit::OnUpdate;
    if (needs_key && !plan.missing_key.empty()) {
      return error_at(
          bound.text, bound.select, ErrorCode::InvalidArgument,
          fmt::format("'{}' is grouped by and not selected: {} is kept by its window "
                      "and keys, so the SELECT list must have them all",
                      plan.missing_key, in_.is_view ? "a view" : "a result with EMIT ON UPDATE"));
    }
    return {};
  }

  Result<> plan_stateless(PlanningDatabase& database, const BoundSelect& bound) {
    if (in_.emit)
      return option_error(in_.emit->position, "EMIT belongs to a GROUP BY over a window");
    if (in_.late_to_dead_letter) {
      return option_error(in_.name.position, "ON LATE belongs to a GROUP BY over a window");
    }
    for (const auto& column : bound.columns) {
      spec().output.push_back({column.name, stream_type(column)});
    }
    TRY(plan_dedup(bound));
    Tree select = bound.select;
    ast::remove_modifiers(select);
    ast::set_from(select, "input", bound.alias);
    if (has_record_time(bound.relation.source)) {
      ast::exclude_from_stars(select, std::string(kRecordTime));
    }
    spec().select_sql = with_stream_types(TRY(database.select_text(select)), bound.columns);
    if (spec().key.empty()) spec().key = inherited_key(bound);
    return {};
  }

  // Columns of types a stream cannot carry are cast to the nearest that it can.
  static std::string with_stream_types(std::string sql,
                                       const std::vector<duck::ResultColumn>& columns) {
    if (std::ranges::all_of(columns, [](const auto& column) { return column.type.has_value(); })) {
      return sql;
    }
    std::vector<std::string> items;
    for (const auto& column : columns) {
      const std::string name = quote_name(column.name);
      items.push_back(column.type
                          ? name
                          : fmt::format("CAST({0} AS {1}) AS {0}", name, name_of(column.nearest)));
    }
    return fmt::format("SELECT {} FROM ({})", fmt::join(items, ", "), sql);
  }

  Result<> plan_dedup(const BoundSelect& bound) {
    if (!ast::is_distinct(bound.select)) {
      if (!in_.within) return {};
      return option_error(in_.within_position, "WITHIN belongs to SELECT DISTINCT ON (...)");
    }
    stream::Dedup dedup;
    dedup.within = in_.within.value_or(std::chrono::microseconds{0});
    const auto targets = ast::distinct_on(bound.select);
    for (const Tree& target : targets) {
      dedup.key_columns.push_back(TRY(output_of(bound, target)));
    }
    if (targets.empty()) {
      for (const Column& column : spec().output) dedup.key_columns.push_back(column.name);
    }
    spec().key = dedup.key_columns;
    spec().dedup = std::move(dedup);
    return {};
  }

  // The output column that holds an expression of DISTINCT ON.
  Result<std::string> output_of(const BoundSelect& bound, const Tree& target) {
    const auto path =
        ast::is_column(target) ? ast::column_path(target) : std::vector<std::string>{};
    for (const Column& column : spec().output) {
      if (path.size() == 1 && equals_ignoring_case(column.name, path[0])) return column.name;
    }
    const auto list = ast::select_list(bound.select);
    const std::string print = ast::fingerprint(target);
    for (std::size_t i = 0; i < list.size() && list.size() == spec().output.size(); ++i) {
      if (ast::fingerprint(list[i]) == print) return spec().output[i].name;
    }
    return error_at(bound.text, target, ErrorCode::Unsupported,
                    "what stands in DISTINCT ON (...) must be in the SELECT list");
  }

  // Rows taken from a view keep its key as long as all of it comes along under its names.
  std::vector<std::string> inherited_key(const BoundSelect& bound) {
    for (const std::string& name : bound.relation.key) {
      if (std::ranges::find(spec().output, name, &Column::name) == spec().output.end()) return {};
    }
    for (const Tree& item : ast::select_list(bound.select)) {
      const bool renamed = !ast::alias_of(item).empty();
      if (!ast::is_star(item) && (!ast::is_column(item) || renamed) &&
          std::ranges::find(bound.relation.key, ast::alias_of(item)) != bound.relation.key.end()) {
        return {};
      }
    }
    return bound.relation.key;
  }

  Result<> set_trigger() {
    if (!in_.trigger) return {};
    switch (in_.trigger->choice) {
      case TriggerChoice::Pipelined:
        spec().trigger.kind = stream::TriggerKind::Pipelined;
        break;
      case TriggerChoice::Every:
        spec().trigger = {stream::TriggerKind::Every, in_.trigger->every};
        break;
      case TriggerChoice::AvailableNow:
        spec().trigger.kind = stream::TriggerKind::AvailableNow;
        break;
    }
    return {};
  }

  Result<> set_sink() {
    if (in_.is_view) return set_view_sink();
    OptionReader options(in_.options);
    const auto connector = options.take("connector");
    if (!connector) {
      return option_error(in_.options.empty() ? in_.name.position : in_.options_position,
                          "a sink needs the option connector: 'cassandra', 'kafka' or 'blackhole'");
    }
    spec().sink.connector = to_lower(connector->value);
    for (const auto& [name, option] : options.rest()) spec().sink.options[name] = option.value;
    if (in_.format) {
      if (spec().sink.connector != "kafka") {
        return option_error(in_.format->position, "FORMAT belongs to a sink into a topic (kafka)");
      }
      OptionReader format_options(in_.format->options);
      TRY(format_options.finish("ENCODE JSON of a sink"));
      if (in_.format->format == "upsert") spec().sink.options["format"] = "upsert";
    }
    if (in_.format && in_.format->format == "upsert" && spec().key.empty() &&
        !spec().sink.options.contains("key")) {
      return option_error(in_.format->position,
                          "FORMAT UPSERT needs a key: option key = 'column, column', SELECT "
                          "DISTINCT ON (...), or a grouped query that selects its window and keys");
    }
    return {};
  }

  Result<> set_view_sink() {
    OptionReader options(in_.options);
    TRY(options.finish("a materialized view"));
    if (in_.format) {
      return option_error(in_.format->position,
                          "FORMAT belongs to a sink; a view is kept as JSON by its key");
    }
    spec().sink.connector = "kafka";
    spec().sink.options = {{"topic", view_topic(spec().name)}, {"delivery", "exactly_once"}};
    return {};
  }

  // FNV-1a over what decides which rows of state there are and what they mean.
  static std::string plan_hash(const QuerySpec& spec) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&](std::string_view text) {
      for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
      }
      hash = (hash ^ 0xffU) * 0x100000001b3;
    };
    add(spec.source.topic);
    for (const auto& column : spec.source.columns) {
      add(fmt::format("{} {} {} {} {}", column.column.name, name_of(column.column.type),
                      static_cast<int>(column.origin), column.json_field, column.coerce));
    }
    for (const auto& constraint : spec.source.constraints) {
      add(constraint.name);
      add(constraint.check_sql);
    }
    add(spec.select_sql);
    if (spec.dedup) {
      add(fmt::format("{} {}", fmt::join(spec.dedup->key_columns, ","),
                      spec.dedup->within.count()));
    }
    if (spec.window) {
      add(fmt::format("{}", spec.window->size.count()));
      for (const auto& key : spec.window->keys)
        add(fmt::format("{} {}", key.name, name_of(key.type)));
      for (const auto& accumulator : spec.window->accumulators) {
        add(fmt::format("{} {} {}", accumulator.column.name, name_of(accumulator.column.type),
                        static_cast<int>(accumulator.merge)));
      }
    }
    return fmt::format("{:016x}", hash);
  }

  const CreateQuery& in_;
  const FindRelation& find_;
  PlannedQuery planned_;
};

}  // namespace

Result<PlannedQuery> plan_query(const CreateQuery& statement, const std::string& text,
                                const FindRelation& find) {
  return QueryPlanner(statement, text, find).run();
}

std::string view_topic(const std::string& view) {
  return "_tidemill_view_" + view;
}

Relation view_relation(const QuerySpec& view) {
  Relation relation;
  relation.is_view = true;
  relation.key = view.key;
  relation.source.name = view.name;
  relation.source.topic = view_topic(view.name);
  relation.source.dead_letter_topic = dead_letter_topic_of(relation.source.topic);
  for (const Column& column : view.output) {
    stream::SourceColumn source;
    source.column = column;
    source.json_field = column.name;
    relation.source.columns.push_back(std::move(source));
  }
  return relation;
}

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/plan/source_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "sql/plan/expression_rules.h"
#include "sql/plan/options.h"

namespace tidemill::sql {
namespace {

using stream::ColumnOrigin;

constexpr std::int32_t kPartitionsMax = 10'000;

Error fail(Position at, std::string_view message) {
  return error(ErrorCode::InvalidArgument, fmt::format("{}: {}", to_string(at), message));
}

Result<ColumnOrigin> origin_of(const Name& metadata, ColumnType type, const std::string& column) {
  struct Known {
    std::string_view name;
    ColumnOrigin origin;
    std::vector<ColumnType> types;
  };
  static const std::vector<Known> kKnown{
      {"timestamp", ColumnOrigin::Timestamp, {ColumnType::TimestampTz, ColumnType::Timestamp}},
      {"offset", ColumnOrigin::Offset, {ColumnType::BigInt}},
      {"partition", ColumnOrigin::Partition, {ColumnType::Integer}},
      {"key", ColumnOrigin::Key, {ColumnType::Varchar, ColumnType::Blob}},
      {"topic", ColumnOrigin::Topic, {ColumnType::Varchar}},
  };
  std::vector<std::string_view> names;
  for (const Known& known : kKnown) {
    names.push_back(known.name);
    if (known.name != metadata.text) continue;
    if (std::ranges::find(known.types, type) != known.types.end()) return known.origin;
    return fail(metadata.position,
                fmt::format("column '{}' takes the record's {}, so its type must be {}, not {}",
                            column, known.name, name_of(known.types.front()), name_of(type)));
  }
  std::string message = fmt::format(
      "METADATA FROM '{}' is unknown, expected 'timestamp', 'offset', 'partition', "
      "'key' or 'topic'",
      metadata.text);
  const std::string_view close = nearest(metadata.text, names);
  if (!close.empty()) message += fmt::format("; did you mean '{}'?", close);
  return fail(metadata.position, message);
}

class SourcePlanner {
 public:
  explicit SourcePlanner(const CreateSource& statement) : in_(statement) {}

  Result<PlannedSource> run() {
    spec().name = in_.name.text;
    for (const ParsedColumn& column : in_.columns) TRY(add_column(column));
    if (spec().columns.empty()) return fail(in_.name.position, "a source needs a column");
    database_.emplace(TRY(PlanningDatabase::open()));
    TRY(database_->declare(in_.name.text, columns_of(spec())));
    for (const ParsedConstraint& constraint : in_.constraints) TRY(add_check(constraint));
    if (in_.watermark) TRY(set_watermark(*in_.watermark));
    TRY(read_options());
    TRY(read_format());
    set_error_action();
    return std::move(planned_);
  }

 private:
  stream::SourceSpec& spec() { return planned_.spec; }

  Result<> add_column(const ParsedColumn& parsed) {
    const std::string& name = parsed.name.text;
    for (const auto& other : spec().columns) {
      if (equals_ignoring_case(other.column.name, name)) {
        return fail(parsed.name.position, fmt::format("column '{}' is there twice", name));
      }
    }
    if (name == kRecordTime) {
      return fail(parsed.name.position, fmt::format("column name '{}' is reserved", name));
    }
    const auto type = parse_column_type(parsed.type);
    if (!type.ok()) {
      return fail(parsed.name.position, fmt::format("column '{}': {}", name, type.error().message));
    }
    stream::SourceColumn column;
    column.column = {name, *type};
    column.json_field = parsed.json_field.value_or(name);
    column.coerce = parsed.coerce;
    if (parsed.coerce && *type != ColumnType::Varchar) {
      return fail(parsed.name.position,
                  fmt::format("column '{}': COERCE is for TEXT columns, not for {}", name,
                              tidemill::name_of(*type)));
    }
    if (parsed.metadata) {
      if (parsed.json_field || parsed.coerce) {
        return fail(parsed.name.position,
                    fmt::format("column '{}' has METADATA and a JSON field", name));
      }
      column.origin = TRY(origin_of(*parsed.metadata, *type, name));
      column.json_field.clear();
    }
    spec().columns.push_back(std::move(column));
    if (parsed.not_null) {
      TRY(add_constraint(name + "_present", quote_name(name) + " IS NOT NULL",
                         parsed.name.position));
    }
    return {};
  }

  Result<> add_constraint(std::string name, std::string check, Position at) {
    for (const auto& other : spec().constraints) {
      if (other.name == name) {
        return fail(at, fmt::format("constraint '{}' is there twice", name));
      }
    }
    spec().constraints.push_back({std::move(name), std::move(check)});
    return {};
  }

  Result<> add_check(const ParsedConstraint& parsed) {
    const Position at = parsed.name ? parsed.name->position : parsed.check.position;
    std::string name =
        parsed.name ? parsed.name->text : fmt::format("check_{}", spec().constraints.size() + 1);
    if (name == "json" || name.starts_with("type_")) {
      return fail(at, fmt::format("constraint name '{}' is reserved for what cannot be read as "
                                  "JSON or as the column's type",
                                  name));
    }
    // The same text inside a SELECT, so that places of errors can be told.
    constexpr std::string_view kBefore = "SELECT ";
    SqlText select = parsed.check;
    select.text = fmt::format("{}{}\nFROM {}", kBefore, parsed.check.text, quote_name(spec().name));
    select.lead = kBefore.size();
    const auto columns = TRY(database_->describe(select));
    const Tree tree = TRY(database_->parse(select));
    const auto list = ast::select_list(tree);
    if (list.size() != 1 || ast::unsupported_clause(tree)) {
      return fail(parsed.check.position, fmt::format("CHECK of '{}' is not one condition", name));
    }
    Tree check = list[0];
    TRY(check_expression(*database_, select, check));
    if (contains_aggregate(*database_, check)) {
      return fail(parsed.check.position,
                  fmt::format("CHECK of '{}' sees one record, it cannot aggregate", name));
    }
    if (columns[0].type != ColumnType::Boolean) {
      return fail(parsed.check.position, fmt::format("CHECK of '{}' must be BOOLEAN, it is {}",
                                                     name, columns[0].duckdb_type));
    }
    if (replace_clock(check)) add_record_time(spec());
    return add_constraint(std::move(name), TRY(database_->expression_text(check)), at);
  }

  Result<> set_watermark(const ParsedWatermark& parsed) {
    const auto found = std::ranges::find_if(spec().columns, [&](const auto& column) {
      return column.column.name == parsed.column.text;
    });
    if (found == spec().columns.end()) {
      return fail(parsed.column.position,
                  fmt::format("WATERMARK FOR '{}': no such column", parsed.column.text));
    }
    const ColumnType type = found->column.type;
    if (type != ColumnType::Timestamp && type != ColumnType::TimestampTz) {
      return fail(
          parsed.column.position,
          fmt::format("WATERMARK FOR '{}': its type must be TIMESTAMP or TIMESTAMPTZ, not {}",
                      parsed.column.text, tidemill::name_of(type)));
    }
    stream::Watermark watermark{parsed.column.text, std::chrono::microseconds{0}};
    if (!parsed.expression.text.empty()) watermark.delay = TRY(delay_of(parsed));
    spec().watermark = std::move(watermark);
    return {};
  }

  // The expression is the column, or the column minus an interval.
  Result<std::chrono::microseconds> delay_of(const ParsedWatermark& parsed) {
    const Error wrong = fail(parsed.expression.position,
                             fmt::format("WATERMARK FOR {0} AS must be {0}, or {0} - INTERVAL '5 "
                                         "seconds'",
                                         parsed.column.text));
    const auto tree = database_->parse_expression(parsed.expression.text);
    if (!tree.ok()) return located_error(tree.error(), {"", parsed.expression.position, 0});
    const auto is_the_column = [&](const Tree& node) {
      const auto path = ast::is_column(node) ? ast::column_path(node) : std::vector<std::string>{};
      return path.size() == 1 && equals_ignoring_case(path[0], parsed.column.text);
    };
    if (is_the_column(*tree)) return std::chrono::microseconds{0};
    if (!ast::is_function(*tree) || ast::function_name(*tree) != "-") return wrong;
    const auto arguments = ast::aggregate_of(*tree).arguments;
    if (arguments.size() != 2 || !is_the_column(arguments[0])) return wrong;
    const auto delay = database_->interval(arguments[1]);
    if (!delay.ok()) return wrong;
    if (delay->count() < 0) {
      return fail(parsed.expression.position, "the delay of a watermark must not be negative");
    }
    return delay;
  }

  Result<> read_options() {
    OptionReader options(in_.options);
    const auto connector = options.take("connector");
    const std::string kind = connector ? to_lower(connector->value) : "kafka";
    const auto topic = options.take("topic");
    spec().topic = topic ? topic->value : spec().name;
    const auto startup = TRY(options.take_choice("startup", "earliest", {"earliest", "latest"}));
    spec().startup = startup == "latest" ? stream::Startup::Latest : stream::Startup::Earliest;
    spec().idle_timeout = TRY(options.take_duration("idle_timeout", spec().idle_timeout));
    spec().max_future_skew = TRY(options.take_duration("max_future_skew", spec().max_future_skew));
    if (const auto partitions = options.take("partitions")) {
      const std::string& text = partitions->value;
      const auto [end, problem] =
          std::from_chars(text.data(), text.data() + text.size(), planned_.partitions);
      if (problem != std::errc{} || end != text.data() + text.size() || planned_.partitions < 1 ||
          planned_.partitions > kPartitionsMax) {
        return option_error(
            partitions->position,
            fmt::format("option 'partitions' is '{}', it must be 1 to {}", text, kPartitionsMax));
      }
    }
    if (kind == "kafka") return options.finish("a source over a topic (connector 'kafka')");
    static const std::vector<std::string_view> kConnectors{"kafka", "generator", "http", "file"};
    if (std::ranges::find(kConnectors, kind) == kConnectors.end()) {
      std::string message =
          fmt::format("connector '{}' is unknown, expected kafka, generator, http or file", kind);
      const std::string_view close = nearest(kind, kConnectors);
      if (!close.empty()) message += fmt::format("; did you mean {}?", close);
      return option_error(connector->position, message);
    }
    spec().connector = kind;
    for (const auto& [name, option] : options.rest()) {
      spec().connector_options[name] = option.value;
    }
    return {};
  }

  Result<> read_format() {
    if (!in_.format) return {};
    if (in_.format->format != "plain") {
      return error(ErrorCode::Unsupported,
                   fmt::format("{}: a source with FORMAT UPSERT is not built; use PLAIN",
                               to_string(in_.format->position)));
    }
    OptionReader options(in_.format->options);
    const auto unknown = TRY(options.take_choice("unknown_fields", "ignore", {"ignore", "reject"}));
    spec().reject_unknown_fields = unknown == "reject";
    return options.finish("ENCODE JSON");
  }

  void set_error_action() {
    switch (in_.on_error.value_or(ErrorAction::DeadLetter)) {
      case ErrorAction::DeadLetter:
        spec().on_error = stream::OnError::DeadLetter;
        break;
      case ErrorAction::Skip:
        spec().on_error = stream::OnError::Skip;
        break;
      case ErrorAction::Fail:
        spec().on_error = stream::OnError::Fail;
        break;
    }
    // Late rows may need it whatever happens to bad ones.
    spec().dead_letter_topic = in_.dead_letter_topic.value_or(dead_letter_topic_of(spec().topic));
  }

  const CreateSource& in_;
  PlannedSource planned_;
  std::optional<PlanningDatabase> database_;
};

}  // namespace

Result<PlannedSource> plan_source(const CreateSource& statement) {
  return SourcePlanner(statement).run();
}

std::vector<Column> columns_of(const stream::SourceSpec& source) {
  std::vector<Column> columns;
  for (const auto& column : source.columns) columns.push_back(column.column);
  return columns;
}

std::string dead_letter_topic_of(const std::string& topic) {
  return topic + ".dlq";
}

bool has_record_time(const stream::SourceSpec& source) {
  return std::ranges::any_of(source.columns,
                             [](const auto& column) { return column.column.name == kRecordTime; });
}

void add_record_time(stream::SourceSpec& source) {
  if (has_record_time(source)) return;
  stream::SourceColumn column;
  column.column = {std::string(kRecordTime), ColumnType::TimestampTz};
  column.origin = ColumnOrigin::Timestamp;
  source.columns.push_back(std::move(column));
}

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
// Statements as the parser understands them: names and clauses, nothing resolved or typed. A
// SELECT stays text; DuckDB parses it (bind/select_ast.h).
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/parse/lexer.h"

namespace tidemill::sql {

struct Name {
  std::string text;
  Position position;
};

// Part of a statement that DuckDB reads: an expression or a SELECT.
struct SqlText {
  std::string text;
  Position position;     // of the first byte the user wrote
  std::size_t lead = 0;  // bytes in front of it that are ours
};

struct ParsedOption {
  std::string value;
  Position position;
};
using ParsedOptions = std::map<std::string, ParsedOption>;  // names in lower case

struct ParsedColumn {
  Name name;
  std::string type;
  bool coerce = false;
  bool not_null = false;
  std::optional<Name> metadata;  // METADATA FROM 'timestamp'
  std::optional<std::string> json_field;
};

struct ParsedConstraint {
  std::optional<Name> name;
  SqlText check;
};

struct ParsedWatermark {
  Name column;
  SqlText expression;  // empty: the column itself
};

struct ParsedFormat {
  std::string format;  // "plain", "upsert"
  std::string encode;  // "json"
  ParsedOptions options;
  Position position;
};

enum class ErrorAction { DeadLetter, Skip, Fail };

struct CreateSource {
  Name name;
  bool if_not_exists = false;
  std::vector<ParsedColumn> columns;
  std::vector<ParsedConstraint> constraints;
  std::optional<ParsedWatermark> watermark;
  ParsedOptions options;
  std::optional<ParsedFormat> format;
  std::optional<ErrorAction> on_error;
  std::optional<std::string> dead_letter_topic;
};

enum class EmitKind { OnWindowClose, OnUpdate };

struct ParsedEmit {
  EmitKind kind = EmitKind::OnWindowClose;
  std::chrono::microseconds close_after{0};
  std::optional<std::chrono::microseconds> close_after_idle;
  Position position;
};

enum class TriggerChoice { Pipelined, Every, AvailableNow };

struct ParsedTrigger {
  TriggerChoice choice = TriggerChoice::Pipelined;
  std::chrono::milliseconds every{0};
};

struct CreateQuery {
  bool is_view = false;
  Name name;
  bool if_not_exists = false;
  std::optional<Name> from_view;  // CREATE SINK x FROM view
  SqlText select;                 // else
  std::optional<std::chrono::microseconds> within;
  Position within_position;
  std::optional<ParsedEmit> emit;
  std::optional<bool> late_to_dead_letter;
  ParsedOptions options;
  Position options_position;
  std::optional<ParsedFormat> format;
  std::optional<ParsedTrigger> trigger;
};

enum class ObjectKind { Source, View, Sink };

struct RunSink {
  Name name;
  ParsedTrigger trigger;
};

enum class ShowWhat { Sources, Sinks, Views, Queries, Tables };
struct Show {
  ShowWhat what = ShowWhat::Sources;
};
struct ShowCreate {
  std::optional<ObjectKind> kind;
  Name name;
};
struct Describe {
  Name name;
};
struct PauseQuery {
  Name name;
};
struct ResumeQuery {
  Name name;
};
struct Drop {
  ObjectKind kind = ObjectKind::Source;
  Name name;
  bool if_exists = false;
};
struct Select {
  SqlText select;
};
struct Explain;

struct Statement {
  std::variant<CreateSource, CreateQuery, RunSink, Show, ShowCreate, Describe, PauseQuery,
               ResumeQuery, Drop, Select, std::shared_ptr<const Explain>>
      body;
  std::string text;  // as written, without the semicolon
  Position position;
  std::string_view title() const;  // "CREATE SOURCE"
};

struct Explain {
  std::optional<Name> name;
  std::optional<Statement> statement;
};

std::string_view name_of(ObjectKind kind);  // "source", "materialized view", "sink"

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/parser.h"

#include <fmt/format.h>

#include <array>

#include "sql/parse/clauses.h"
#include "sql/parse/select_text.h"

namespace tidemill::sql {
namespace {

constexpr std::size_t kStatementsMax = 10'000;

// Statements people may try that exist elsewhere and not here.
struct KnownUnbuilt {
  std::string_view keyword;
  std::string_view instead;
};
constexpr std::array<KnownUnbuilt, 14> kUnbuilt{{
    {"ALTER", "drop and create it again, or change the file and run `tidemill apply`"},
    {"INSERT", "write to the topic: `tidemill topic produce`"},
    {"UPDATE", "tables are changed over CQL: `tidemill cql`"},
    {"DELETE", "tables are changed over CQL: `tidemill cql`"},
    {"SET", "options are set in tidemill.yaml"},
    {"COPY", "a source with connector = 'file' reads files"},
    {"ATTACH", "a query reads sources and views"},
    {"BEGIN", "each statement stands for itself"},
    {"COMMIT", "each statement stands for itself"},
    {"ROLLBACK", "each statement stands for itself"},
    {"REFRESH", "views follow their source by themselves"},
    {"GRANT", "there are no users yet"},
    {"USE", "there is one namespace"},
    {"TRUNCATE", "delete and create the topic"},
}};

Result<Statement> parse_statement(TokenReader& in, bool explained);

Error unbuilt(const TokenReader& in, Position at, std::string_view what) {
  return in.unsupported(at, fmt::format("{} is not built", what));
}

Result<bool> accept_view(TokenReader& in) {
  if (in.accept("MATERIALIZED")) {
    TRY(in.expect("VIEW"));
    return true;
  }
  return false;
}

Result<Statement> parse_create(TokenReader& in) {
  const Position at = in.peek().position;
  Statement statement;
  if (in.accept("SOURCE")) {
    statement.body = TRY(parse_create_source(in));
  } else if (in.accept("SINK")) {
    statement.body = TRY(parse_create_query(in, false));
  } else if (TRY(accept_view(in))) {
    statement.body = TRY(parse_create_query(in, true));
  } else if (in.at("OR")) {
    return unbuilt(in, at, "CREATE OR REPLACE");
  } else if (in.at("VIEW")) {
    return unbuilt(in, at, "CREATE VIEW").with_hint("use CREATE MATERIALIZED VIEW");
  } else if (in.at("TABLE")) {
    return unbuilt(in, at, "CREATE TABLE")
        .with_hint("CREATE SOURCE declares a topic; a sink creates its CQL table");
  } else if (in.at("STREAM")) {
    return unbuilt(in, at, "CREATE STREAM").with_hint("use CREATE SOURCE");
  } else if (in.at("FUNCTION") || in.at("INDEX") || in.at("SCHEMA") || in.at("DATABASE")) {
    return unbuilt(in, at, fmt::format("CREATE {}", in.peek().value));
  } else {
    return in.unexpected({"SOURCE", "SINK", "MATERIALIZED VIEW"});
  }
  return statement;
}

Result<ObjectKind> parse_kind(TokenReader& in) {
  if (in.accept("SOURCE")) return ObjectKind::Source;
  if (in.accept("SINK")) return ObjectKind::Sink;
  if (TRY(accept_view(in))) return ObjectKind::View;
  return in.unexpected({"SOURCE", "SINK", "MATERIALIZED VIEW"});
}

Result<Statement> parse_show(TokenReader& in) {
  Statement statement;
  if (in.accept("CREATE")) {
    ShowCreate show;
    const bool kind_follows = in.at("SOURCE") || in.at("SINK") || in.at("MATERIALIZED");
    if (kind_follows && in.peek(1).kind == TokenKind::Word) show.kind = TRY(parse_kind(in));
    show.name = TRY(in.name("the name of a source, view or sink"));
    statement.body = std::move(show);
    return statement;
  }
  if (in.accept("SOURCES")) {
    statement.body = Show{ShowWhat::Sources};
  } else if (in.accept("SINKS")) {
    statement.body = Show{ShowWhat::Sinks};
  } else if (in.accept("MATERIALIZED")) {
    TRY(in.expect("VIEWS"));
    statement.body = Show{ShowWhat::Views};
  } else if (in.accept("VIEWS")) {
    statement.body = Show{ShowWhat::Views};
  } else if (in.accept("QUERIES")) {
    statement.body = Show{ShowWhat::Queries};
  } else if (in.accept("TABLES")) {
    statement.body = Show{ShowWhat::Tables};
  } else {
    return in.unexpected({"SOURCES", "SINKS", "MATERIALIZED VIEWS", "QUERIES", "TABLES", "CREATE"});
  }
  return statement;
}

Result<Statement> parse_drop(TokenReader& in) {
  Drop drop;
  drop.kind = TRY(parse_kind(in));
  drop.if_exists = in.accept("IF EXISTS");
  drop.name = TRY(in.name(fmt::format("the name of a {}", name_of(drop.kind))));
  if (in.at("CASCADE")) return unbuilt(in, in.peek().position, "DROP ... CASCADE");
  in.accept("RESTRICT");
  Statement statement;
  statement.body = std::move(drop);
  return statement;
}

Result<Statement> parse_run(TokenReader& in) {
  TRY(in.expect("SINK"));
  RunSink run;
  run.name = TRY(in.name("the name of a sink"));
  run.trigger.choice = TriggerChoice::AvailableNow;
  const Position at = in.peek().position;
  if (in.accept("TRIGGER")) run.trigger = TRY(parse_trigger(in));
  if (run.trigger.choice != TriggerChoice::AvailableNow) {
    return in.unsupported(at, "RUN SINK takes TRIGGER AVAILABLE NOW only");
  }
  Statement statement;
  statement.body = std::move(run);
  return statement;
}

// After PAUSE and RESUME the kind may be left out.
Result<Name> parse_query_name(TokenReader& in) {
  if (in.peek(1).kind == TokenKind::Word) {
    if (!in.accept("SINK") && !in.accept("QUERY")) TRY(accept_view(in));
  }
  return in.name("the name of a query");
}

Result<Statement> parse_explain(TokenReader& in) {
  auto explain = std::make_shared<Explain>();
  if (in.at("EXPLAIN") || in.at("ANALYZE")) {
    return unbuilt(in, in.peek().position, fmt::format("EXPLAIN {}", in.peek().value));
  }
  if (in.at("CREATE") || in.at("SELECT")) {
    explain->statement = TRY(parse_statement(in, true));
  } else {
    explain->name = TRY(parse_query_name(in));
  }
  Statement statement;
  statement.body = std::shared_ptr<const Explain>(std::move(explain));
  return statement;
}

Result<Statement> parse_body(TokenReader& in, bool explained) {
  Statement statement;
  const Position at = in.peek().position;
  if (in.accept("CREATE")) return parse_create(in);
  if (in.at("SELECT")) {
    statement.body = Select{TRY(take_select(in))};
    return statement;
  }
  if (explained) return in.unexpected({"CREATE", "SELECT"});
  if (in.accept("EXPLAIN")) return parse_explain(in);
  if (in.accept("SHOW")) return parse_show(in);
  if (in.accept("DROP")) return parse_drop(in);
  if (in.accept("RUN")) return parse_run(in);
  if (in.accept("DESCRIBE") || in.accept("DESC")) {
    statement.body = Describe{TRY(parse_query_name(in))};
    return statement;
  }
  if (in.accept("PAUSE")) {
    statement.body = PauseQuery{TRY(parse_query_name(in))};
    return statement;
  }
  if (in.accept("RESUME")) {
    statement.body = ResumeQuery{TRY(parse_query_name(in))};
    return statement;
  }
  for (const auto& [keyword, instead] : kUnbuilt) {
    if (in.at(keyword)) return unbuilt(in, at, keyword).with_hint(std::string(instead));
  }
  return in.unexpected(
      {"CREATE", "DROP", "SHOW", "DESCRIBE", "EXPLAIN", "PAUSE", "RESUME", "RUN", "SELECT"});
}

Result<Statement> parse_statement(TokenReader& in, bool explained) {
  const std::size_t first = in.index();
  const Position at = in.peek().position;
  Statement statement = TRY(parse_body(in, explained));
  if (!in.at_end()) return in.unexpected({"';'"});
  statement.text = in.text_between(first, in.index() - 1);
  statement.position = at;
  return statement;
}

}  // namespace

Result<std::vector<Statement>> parse_statements(std::string_view sql) {
  TokenReader in(sql, TRY(tokenize(sql)));
  std::vector<Statement> statements;
  for (;;) {
    while (in.accept_symbol(";")) {
    }
    if (in.peek().kind == TokenKind::End) return statements;
    if (statements.size() == kStatementsMax) {
      return in.fail(in.peek().position, fmt::format("more than {} statements", kStatementsMax));
    }
    statements.push_back(TRY(parse_statement(in, false)));
  }
}

std::string_view name_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Source:
      return "source";
    case ObjectKind::View:
      return "materialized view";
    case ObjectKind::Sink:
      return "sink";
  }
  return "";
}

std::string_view Statement::title() const {
  struct Titles {
    std::string_view operator()(const CreateSource&) const { return "CREATE SOURCE"; }
    std::string_view operator()(const CreateQuery& query) const {
      return query.is_view ? "CREATE MATERIALIZED VIEW" : "CREATE SINK";
    }
    std::string_view operator()(const RunSink&) const { return "RUN SINK"; }
    std::string_view operator()(const Show&) const { return "SHOW"; }
    std::string_view operator()(const ShowCreate&) const { return "SHOW CREATE"; }
    std::string_view operator()(const Describe&) const { return "DESCRIBE"; }
    std::string_view operator()(const PauseQuery&) const { return "PAUSE"; }
    std::string_view operator()(const ResumeQuery&) const { return "RESUME"; }
    std::string_view operator()(const Drop& drop) const {
      switch (drop.kind) {
        case ObjectKind::Source:
          return "DROP SOURCE";
        case ObjectKind::View:
          return "DROP MATERIALIZED VIEW";
        case ObjectKind::Sink:
          return "DROP SINK";
      }
      return "DROP";
    }
    std::string_view operator()(const Select&) const { return "SELECT"; }
    std::string_view operator()(const std::shared_ptr<const Explain>&) const { return "EXPLAIN"; }
  };
  return std::visit(Titles{}, body);
}

}  // namespace tidemill::sql

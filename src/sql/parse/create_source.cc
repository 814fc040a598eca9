// SPDX-License-Identifier: Apache-2.0
// CREATE SOURCE [IF NOT EXISTS] name (column TYPE [COERCE] [NOT NULL] [METADATA FROM 'timestamp'],
//   [CONSTRAINT name] CHECK (...), WATERMARK FOR column [AS column - INTERVAL ...])
//   [WITH (...)] [FORMAT PLAIN ENCODE JSON [(...)]] [ON ERROR DEAD LETTER [TO TOPIC 't']]
#include <fmt/format.h>

#include "sql/parse/clauses.h"

namespace tidemill::sql {
namespace {

constexpr std::size_t kColumnsMax = 1000;

// DOUBLE PRECISION, TIMESTAMP WITH TIME ZONE, DECIMAL(10, 2): the words up to a word of ours.
Result<std::string> parse_type(TokenReader& in) {
  if (in.peek().kind != TokenKind::Word) return in.unexpected({"a type such as TEXT or BIGINT"});
  std::string type = in.next().value;
  if (in.accept("PRECISION")) type += " PRECISION";
  if (in.accept("WITH TIME ZONE")) type += " WITH TIME ZONE";
  if (in.accept("WITHOUT TIME ZONE")) type += " WITHOUT TIME ZONE";
  if (in.at_symbol("(")) {
    type += fmt::format("({})", TRY(in.parenthesized("a size")).text);
  }
  return type;
}

Result<ParsedColumn> parse_column(TokenReader& in) {
  ParsedColumn column;
  column.name = TRY(in.name("the name of a column"));
  column.type = TRY(parse_type(in));
  for (;;) {
    if (in.accept("COERCE")) {
      column.coerce = true;
    } else if (in.accept("NOT NULL")) {
      column.not_null = true;
    } else if (in.accept("NULL")) {
      column.not_null = false;
    } else if (in.accept("METADATA")) {
      Position at = in.peek().position;
      std::string origin = column.name.text;
      if (in.accept("FROM")) {
        at = in.peek().position;
        origin = TRY(in.string("'timestamp', 'offset', 'partition', 'key' or 'topic'"));
      }
      column.metadata = Name{to_lower(origin), at};
    } else if (in.accept("FROM")) {
      column.json_field = TRY(in.string("the name of a JSON field in quotes"));
    } else if (in.at("PRIMARY") || in.at("UNIQUE") || in.at("DEFAULT") || in.at("GENERATED") ||
               in.at("REFERENCES") || in.at("AS")) {
      return in.unsupported(in.peek().position,
                            fmt::format("{} in a source's column is not built", in.peek().value));
    } else {
      return column;
    }
  }
}

Result<ParsedConstraint> parse_constraint(TokenReader& in) {
  ParsedConstraint constraint;
  if (in.accept("CONSTRAINT")) constraint.name = TRY(in.name("the name of a constraint"));
  if (in.at("PRIMARY") || in.at("UNIQUE") || in.at("FOREIGN")) {
    return in.unsupported(
        in.peek().position,
        fmt::format("constraint {} is not built; a source knows CHECK (...)", in.peek().value));
  }
  TRY(in.expect("CHECK"));
  constraint.check = TRY(in.parenthesized("a condition"));
  return constraint;
}

Result<ParsedWatermark> parse_watermark(TokenReader& in) {
  TRY(in.expect("FOR"));
  ParsedWatermark watermark;
  watermark.column = TRY(in.name("the column with the event time"));
  if (!in.accept("AS")) return watermark;
  const std::size_t first = in.index();
  for (std::size_t depth = 0; in.peek().kind != TokenKind::End; in.next()) {
    if (depth == 0 && (in.at_symbol(",") || in.at_symbol(")"))) break;
    if (in.at_symbol("(")) ++depth;
    if (in.at_symbol(")")) --depth;
  }
  if (in.index() == first) return in.unexpected({"the column minus an INTERVAL"});
  watermark.expression = in.slice(first, in.index());
  return watermark;
}

Result<> parse_elements(TokenReader& in, CreateSource& source) {
  do {
    const Position at = in.peek().position;
    if (in.at("WATERMARK") && in.at("FOR", 1)) {
      in.next();
      if (source.watermark) return in.fail(at, "a source has at most one WATERMARK");
      source.watermark = TRY(parse_watermark(in));
    } else if (in.at("CONSTRAINT") || in.at("PRIMARY") || in.at("UNIQUE") || in.at("FOREIGN") ||
               (in.at("CHECK") && in.peek(1).is_symbol("("))) {
      source.constraints.push_back(TRY(parse_constraint(in)));
    } else {
      source.columns.push_back(TRY(parse_column(in)));
    }
    if (source.columns.size() + source.constraints.size() > kColumnsMax) {
      return in.fail(at, fmt::format("more than {} columns and constraints", kColumnsMax));
    }
  } while (in.accept_symbol(","));
  if (in.accept_symbol(")")) return {};
  return in.unexpected({"','", "')'", "COERCE", "NOT NULL", "METADATA FROM"});
}

Result<> parse_on_error(TokenReader& in, CreateSource& source) {
  if (in.accept("SKIP")) {
    source.on_error = ErrorAction::Skip;
  } else if (in.accept("FAIL")) {
    source.on_error = ErrorAction::Fail;
  } else if (in.accept("DEAD")) {
    TRY(in.expect("LETTER"));
    source.on_error = ErrorAction::DeadLetter;
    if (in.accept("TO")) {
      TRY(in.expect("TOPIC"));
      source.dead_letter_topic = TRY(in.string("the name of a topic in quotes"));
    }
  } else {
    return in.unexpected({"DEAD LETTER", "SKIP", "FAIL"});
  }
  return {};
}

}  // namespace

Result<CreateSource> parse_create_source(TokenReader& in) {
  CreateSource source;
  source.if_not_exists = in.accept("IF NOT EXISTS");
  source.name = TRY(in.name("the name of a source"));
  TRY(in.expect_symbol("("));
  TRY(parse_elements(in, source));
  bool with = false;
  while (!in.at_end()) {
    const Position at = in.peek().position;
    if (in.at("WITH") && !with) {
      in.next();
      source.options = TRY(parse_options(in));
      with = true;
    } else if (in.at("FORMAT") && !source.format) {
      in.next();
      source.format = TRY(parse_format(in, at));
    } else if (in.at("ON") && !source.on_error) {
      in.next();
      TRY(in.expect("ERROR"));
      TRY(parse_on_error(in, source));
    } else {
      return in.unexpected({"WITH", "FORMAT", "ON ERROR", "';'"});
    }
  }
  return source;
}

}  // namespace tidemill::sql

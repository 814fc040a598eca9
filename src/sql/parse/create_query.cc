// SPDX-License-Identifier: Apache-2.0
// CREATE SINK [IF NOT EXISTS] name AS SELECT ... | FROM view
// CREATE MATERIALIZED VIEW [IF NOT EXISTS] name AS SELECT ...
//   [WITHIN INTERVAL ...] [EMIT ...] [ON LATE ...] [WITH (...)] [FORMAT ...] [TRIGGER ...]
// The clauses may stand in any order, each once.
#include <fmt/format.h>

#include "sql/parse/clauses.h"
#include "sql/parse/select_text.h"

namespace tidemill::sql {
namespace {

class ClauseParser {
 public:
  ClauseParser(TokenReader& in, CreateQuery& query) : in_(in), query_(query) {}

  Result<> parse_all() {
    while (!in_.at_end()) TRY(parse_one());
    return {};
  }

 private:
  Result<> parse_one() {
    const Position at = in_.peek().position;
    if (in_.at("WITHIN") && !query_.within) {
      in_.next();
      query_.within_position = at;
      query_.within = TRY(parse_length(in_));
      if (query_.within->count() <= 0) return in_.fail(at, "WITHIN must be longer than 0");
    } else if (in_.at("EMIT") && !query_.emit) {
      in_.next();
      query_.emit = TRY(parse_emit(in_, at));
    } else if (in_.at("OUTPUT") && !query_.emit) {
      in_.next();
      TRY(in_.expect("MODE"));
      query_.emit = TRY(parse_output_mode(in_, at));
    } else if (in_.at("ON") && !query_.late_to_dead_letter) {
      in_.next();
      TRY(in_.expect("LATE"));
      query_.late_to_dead_letter = TRY(parse_on_late(in_));
    } else if (in_.at("WITH") && !with_) {
      in_.next();
      query_.options_position = at;
      query_.options = TRY(parse_options(in_));
      with_ = true;
    } else if (in_.at("FORMAT") && !query_.format) {
      in_.next();
      query_.format = TRY(parse_format(in_, at));
    } else if (in_.at("TRIGGER") && !query_.trigger) {
      in_.next();
      query_.trigger = TRY(parse_trigger(in_));
    } else {
      return unexpected_clause();
    }
    return {};
  }

  Error unexpected_clause() const {
    std::vector<std::string_view> expected;
    if (!query_.within) expected.push_back("WITHIN");
    if (!query_.emit) expected.push_back("EMIT");
    if (!query_.late_to_dead_letter) expected.push_back("ON LATE");
    if (!with_) expected.push_back("WITH");
    if (!query_.format) expected.push_back("FORMAT");
    if (!query_.trigger) expected.push_back("TRIGGER");
    expected.push_back("';'");
    return in_.unexpected(std::move(expected));
  }

  TokenReader& in_;
  CreateQuery& query_;
  bool with_ = false;
};

}  // namespace

Result<CreateQuery> parse_create_query(TokenReader& in, bool is_view) {
  CreateQuery query;
  query.is_view = is_view;
  query.if_not_exists = in.accept("IF NOT EXISTS");
  query.name = TRY(in.name(is_view ? "the name of a view" : "the name of a sink"));
  if (!is_view && in.accept("FROM")) {
    query.from_view = TRY(in.name("the name of a view or source"));
  } else if (in.accept("AS")) {
    query.select = TRY(take_select(in));
  } else {
    return is_view ? in.unexpected({"AS"}) : in.unexpected({"AS SELECT", "FROM"});
  }
  TRY(ClauseParser(in, query).parse_all());
  return query;
}

}  // namespace tidemill::sql

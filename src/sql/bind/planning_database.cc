// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/planning_database.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <map>

#include "base/mutex.h"

namespace tidemill::sql {
namespace {

// The clauses a misspelt word may have been meant for: unknown words end up in the SELECT.
const std::vector<std::string_view> kClauses{"EMIT", "WITHIN", "TRIGGER", "FORMAT", "OUTPUT"};

// DuckDB quotes the line with a caret below; long lines are cut on both sides by "...".
std::optional<std::size_t> caret_offset(std::string_view message, std::string_view text) {
  const std::size_t line = message.rfind("\nLINE ");
  if (line == std::string_view::npos) return std::nullopt;
  std::string_view shown = message.substr(line + 1);
  const std::size_t colon = shown.find(": ");
  const std::size_t end = shown.find('\n');
  if (colon == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
  const std::string_view below = shown.substr(end + 1);
  const std::size_t caret = below.find('^');
  std::size_t prefix = colon + 2;
  if (caret == std::string_view::npos || caret < prefix) return std::nullopt;
  shown = shown.substr(prefix, end - prefix);
  if (shown.starts_with("...")) {
    shown.remove_prefix(3);
    prefix += 3;
  }
  if (shown.ends_with("...")) shown.remove_suffix(3);
  const std::size_t found = text.find(shown);
  if (found == std::string_view::npos || caret < prefix) return std::nullopt;
  return std::min(found + caret - prefix, text.size());
}

// serialize_sql gives "(at character 12)" instead.
std::optional<std::size_t> character_offset(std::string_view message) {
  constexpr std::string_view kMark = "(at character ";
  const std::size_t at = message.rfind(kMark);
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t offset = 0;
  const char* from = message.data() + at + kMark.size();
  const auto [end, problem] = std::from_chars(from, message.data() + message.size(), offset);
  if (problem != std::errc{}) return std::nullopt;
  return offset;
}

std::string bare_message(std::string_view message) {
  message = message.substr(0, message.find("\n\nLINE "));
  message = message.substr(0, message.find("\nLINE "));
  message = message.substr(0, message.rfind(" (at character "));
  for (const std::string_view prefix :
       {"Binder Error: ", "Parser Error: ", "Catalog Error: ", "Conversion Error: ",
        "Not implemented Error: ", "Invalid Input Error: "}) {
    if (message.starts_with(prefix)) message.remove_prefix(prefix.size());
  }
  std::string out;
  for (const char c : message) out += c == '\n' ? ' ' : c;
  if (out.size() > 1 && std::isupper(static_cast<unsigned char>(out[0])) != 0 &&
      std::islower(static_cast<unsigned char>(out[1])) != 0) {
    out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
  }
  while (!out.empty() && (out.back() == '.' || out.back() == ' ')) out.pop_back();
  return out;
}

// A word just before the place of the error that looks like a clause of ours.
std::string_view misspelt_clause(std::string_view text, std::size_t offset) {
  const auto tokens = tokenize(text);
  if (!tokens.ok()) return {};
  std::string_view close;
  for (std::size_t i = 0; i < tokens->size(); ++i) {
    const Token& token = (*tokens)[i];
    if (token.offset > offset) break;
    const bool near =
        token.offset == offset || (i + 1 < tokens->size() && (*tokens)[i + 1].offset >= offset);
    if (near && token.kind == TokenKind::Word) {
      const std::string_view found = nearest(token.value, kClauses);
      if (!found.empty()) close = found;
    }
  }
  return close;
}

Position place_in(const SqlText& text, std::size_t offset) {
  offset = std::min(offset, text.text.size());
  if (offset <= text.lead) return text.position;
  return position_within(text.position, std::string_view(text.text).substr(text.lead),
                         offset - text.lead);
}

}  // namespace

Error located_error(const Error& from_duckdb, const SqlText& text) {
  if (from_duckdb.code != ErrorCode::InvalidArgument) return from_duckdb;
  auto offset = caret_offset(from_duckdb.message, text.text);
  if (!offset) offset = character_offset(from_duckdb.message);
  const Position at = offset ? place_in(text, *offset) : text.position;
  std::string message = fmt::format("{}: {}", to_string(at), bare_message(from_duckdb.message));
  if (offset && from_duckdb.message.find("syntax error") != std::string::npos) {
    const std::string_view clause = misspelt_clause(text.text, *offset);
    if (!clause.empty()) message += fmt::format("; did you mean {}?", clause);
  }
  return error(ErrorCode::InvalidArgument, std::move(message));
}

Error error_at(const SqlText& text, const Tree& node, ErrorCode code, std::string_view message) {
  const Position at = place_in(text, ast::location(node).value_or(0));
  return error(code, fmt::format("{}: {}", to_string(at), message));
}

Result<PlanningDatabase> PlanningDatabase::open() {
  duck::DatabaseOptions options;
  options.memory_bytes_max = 64UL * 1024 * 1024;
  auto database = TRY(duck::Database::open(options));
  auto connection = TRY(database.connect());
  return PlanningDatabase(std::move(database), std::move(connection));
}

Result<> PlanningDatabase::declare(const std::string& table, const std::vector<Column>& columns) {
  return database_.declare_input(table, columns);
}

Result<Tree> PlanningDatabase::parse(const SqlText& select) const {
  auto document = duck::serialize_sql(connection_, select.text);
  if (!document.ok()) return located_error(document.error(), select);
  auto node = ast::select_node(*document);
  if (!node.ok()) {
    return error(node.error().code,
                 fmt::format("{}: {}", to_string(select.position), node.error().message));
  }
  return node;
}

Result<std::vector<duck::ResultColumn>> PlanningDatabase::describe(const SqlText& select) const {
  auto columns = connection_.describe(select.text);
  if (!columns.ok()) return located_error(columns.error(), select);
  return columns;
}

Result<std::vector<duck::ResultColumn>> PlanningDatabase::describe_own(
    const std::string& select) const {
  return connection_.describe(select);
}

Result<Tree> PlanningDatabase::parse_expression(const std::string& expression) const {
  const Tree node =
      TRY(ast::select_node(TRY(duck::serialize_sql(connection_, "SELECT " + expression))));
  return ast::select_list(node).at(0);
}

Result<std::string> PlanningDatabase::select_text(const Tree& select) const {
  return duck::deserialize_sql(connection_, ast::document_of(select));
}

Result<std::string> PlanningDatabase::expression_text(const Tree& expression) const {
  Tree bare = expression;
  bare["alias"] = "";
  const std::string text = TRY(select_text(ast::select_of({bare})));
  constexpr std::string_view kSelect = "SELECT ";
  if (!text.starts_with(kSelect)) {
    return error(ErrorCode::Internal, fmt::format("json_deserialize_sql gave '{}'", text));
  }
  return text.substr(kSelect.size());
}

Result<std::chrono::microseconds> PlanningDatabase::interval(const Tree& expression) const {
  const std::string text = TRY(expression_text(expression));
  const auto table = TRY(connection_.query_text(
      fmt::format("SELECT epoch_us({0}), datepart('month', {0}) + datepart('year', {0})", text)));
  if (table.rows.empty() || !table.rows[0][0] || !table.rows[0][1]) {
    return error(ErrorCode::InvalidArgument, "expected a constant INTERVAL");
  }
  if (*table.rows[0][1] != "0") {
    return error(ErrorCode::InvalidArgument, "months and years have no fixed length");
  }
  std::int64_t count = 0;
  const std::string& digits = *table.rows[0][0];
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return std::chrono::microseconds{count};
}

Result<PlanningDatabase::FunctionTraits> PlanningDatabase::function(const std::string& name) const {
  // DuckDB's list is the same in every database and takes a while to make.
  static Mutex mutex;
  static std::map<std::string, FunctionTraits> known;
  const MutexLock lock(mutex);
  if (known.empty()) {
    const auto table = TRY(connection_.query_text(
        "SELECT function_name, max(CASE WHEN function_type = 'aggregate' THEN 1 ELSE 0 END), "
        "coalesce(any_value(stability), '') FROM duckdb_functions() WHERE function_type IN "
        "('scalar', 'aggregate') GROUP BY 1"));
    for (const auto& row : table.rows) {
      const bool aggregate = row[1] == "1";
      known[row[0].value_or("")] = {aggregate ? "aggregate" : "scalar", row[2].value_or("")};
    }
  }
  const auto found = known.find(name);
  return found == known.end() ? FunctionTraits{} : found->second;
}

}  // namespace tidemill::sql

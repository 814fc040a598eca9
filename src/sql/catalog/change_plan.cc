// SPDX-License-Identifier: Apache-2.0
// Files against what runs. Only what came from files is dropped when no file has it any more; what
// a statement created stays.
#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/local_catalog.h"
#include "sql/parse/parser.h"

namespace tidemill::sql {
namespace {

Result<std::vector<NamedStatement>> read_files(std::vector<PipelineFile> files) {
  std::ranges::sort(files, {}, &PipelineFile::path);
  std::vector<NamedStatement> statements;
  std::map<std::string, std::string> places;
  for (const PipelineFile& file : files) {
    auto parsed = parse_statements(file.text).context(file.path);
    if (!parsed.ok()) return std::move(parsed).error();
    for (Statement& statement : *parsed) {
      const std::string name = created_name(statement);
      const std::string at = fmt::format("{}: {}", file.path, to_string(statement.position));
      if (name.empty()) {
        return error(ErrorCode::InvalidArgument,
                     fmt::format("{}: {} in a pipeline's file; it may hold CREATE statements only",
                                 at, statement.title()));
      }
      if (const auto other = places.find(name); other != places.end()) {
        return error(
            ErrorCode::InvalidArgument,
            fmt::format("{}: '{}' is defined twice, first in {}", at, name, other->second));
      }
      places[name] = at;
      statements.push_back({std::move(statement), file.path});
    }
  }
  return statements;
}

// Everything that has to go when `names` go: they and their users.
void add_users(const Definitions& definitions, std::set<std::string>& names) {
  std::vector<std::string> open(names.begin(), names.end());
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    for (const std::string& user : definitions.users_of(name)) {
      if (names.insert(user).second) open.push_back(user);
    }
  }
}

Change change(Change::Action action, const Definition& definition, std::string before,
              std::string after) {
  return {action, std::string(name_of(definition.kind)), definition.name, std::move(before),
          std::move(after)};
}

}  // namespace

Result<ChangePlan> plan_changes(const Definitions& current, const Pipeline& pipeline) {
  std::vector<NamedStatement> statements = TRY(read_files(pipeline.files));

  // What stays as it is beside the files: made by statements and not redefined.
  Definitions wanted;
  std::set<std::string> redefined;
  for (const auto& named : statements) redefined.insert(created_name(named.statement));
  for (const std::string& name : current.in_order()) {
    const Definition& definition = *current.find(name);
    if (definition.file.empty() && !redefined.contains(name)) wanted.put(definition);
  }
  const auto order = TRY(plan_all(wanted, std::move(statements)));

  std::set<std::string> gone;
  for (const auto& [name, definition] : current.all()) {
    const Definition* after = wanted.find(name);
    if (after == nullptr || after->kind != definition.kind ||
        comparable(after->sql) != comparable(definition.sql) || !definition.problem.empty()) {
      gone.insert(name);
    }
  }
  add_users(current, gone);

  ChangePlan plan;
  auto reverse = current.in_order();
  std::ranges::reverse(reverse);
  for (const std::string& name : reverse) {
    if (!gone.contains(name)) continue;
    plan.drop.push_back(name);
    const Definition& before = *current.find(name);
    if (wanted.find(name) != nullptr) continue;
    plan.changes.push_back(change(Change::Action::Drop, before, before.sql, ""));
  }
  for (const std::string& name : wanted.in_order()) {
    const Definition& after = *wanted.find(name);
    const Definition* before = current.find(name);
    if (before != nullptr && !gone.contains(name)) {
      if (redefined.contains(name)) {
        plan.changes.push_back(change(Change::Action::Keep, after, before->sql, after.sql));
        if (!before->is_query() && before->source.folder != pipeline.folder) {
          plan.moved.push_back(*before);
          plan.moved.back().source.folder = pipeline.folder;
        }
      }
      continue;
    }
    plan.changes.push_back(before == nullptr
                               ? change(Change::Action::Create, after, "", after.sql)
                               : change(Change::Action::Replace, after, before->sql, after.sql));
    Definition made = after;
    made.problem.clear();
    if (!made.is_query() && redefined.contains(name)) made.source.folder = pipeline.folder;
    plan.create.push_back(std::move(made));
  }
  return plan;
}

}  // namespace tidemill::sql

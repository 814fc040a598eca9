// SPDX-License-Identifier: Apache-2.0
#include "sql/catalog/definitions.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/plan/query_plan.h"
#include "sql/plan/source_plan.h"

namespace tidemill::sql {

const Definition* Definitions::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

Definition* Definitions::find(const std::string& name) {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

void Definitions::put(Definition definition) {
  std::string name = definition.name;
  by_name_.insert_or_assign(std::move(name), std::move(definition));
}

Error Definitions::not_found(const std::string& name, std::string_view kind) const {
  std::vector<std::string_view> names;
  for (const auto& [other, definition] : by_name_) names.push_back(other);
  std::string message = fmt::format("'{}' is no {}", name, kind);
  const std::string_view close = nearest(name, names);
  if (!close.empty()) message += fmt::format("; did you mean '{}'?", close);
  return error(ErrorCode::NotFound, std::move(message)).with_hint("SHOW SOURCES; SHOW QUERIES");
}

Result<Relation> Definitions::relation(const std::string& name) const {
  const Definition* found = find(name);
  if (found == nullptr) return not_found(name, "source or view");
  if (found->kind == ObjectKind::Source) return Relation{found->source, false, {}};
  if (found->kind == ObjectKind::View) return view_relation(found->query);
  return error(ErrorCode::InvalidArgument,
               fmt::format("'{}' is a sink; a query reads a source or a view", name));
}

std::vector<std::string> Definitions::users_of(const std::string& name) const {
  std::vector<std::string> users;
  for (const auto& [other, definition] : by_name_) {
    if (definition.is_query() && definition.reads == name) users.push_back(other);
  }
  return users;
}

const Definition* Definitions::letter_keeper(const std::string& source) const {
  for (const std::string& user : users_of(source)) {
    if (find(user)->keeps_letters) return find(user);
  }
  return nullptr;
}

Definitions::LetterChange Definitions::next_letter_keeper(const std::string& source) const {
  const auto runs = [](const Definition& user) { return !user.paused && user.problem.empty(); };
  // One that always runs before one that waits for its next AVAILABLE NOW.
  const auto rank = [&](const Definition& user) {
    if (!runs(user)) return 2;
    return user.query.trigger.kind == stream::TriggerKind::AvailableNow ? 1 : 0;
  };
  const Definition* keeper = letter_keeper(source);
  if (keeper != nullptr && runs(*keeper)) return {};
  const Definition* best = keeper;
  for (const std::string& name : users_of(source)) {
    const Definition* user = find(name);
    if (best == nullptr || rank(*user) < rank(*best)) best = user;
  }
  if (best == nullptr || best == keeper) return {};
  return {keeper != nullptr ? keeper->name : "", best->name};
}

Result<Definition> Definitions::plan(const Statement& statement, const std::set<std::string>& later,
                                     bool& blocked) const {
  Definition definition;
  definition.kind = created_kind(statement);
  definition.name = created_name(statement);
  definition.sql = statement.text;
  if (const auto* source = std::get_if<CreateSource>(&statement.body)) {
    PlannedSource planned = TRY(plan_source(*source));
    definition.source = std::move(planned.spec);
    definition.partitions = planned.partitions;
    return definition;
  }
  const auto& query = std::get<CreateQuery>(statement.body);
  const FindRelation resolve = [&](const std::string& name) -> Result<Relation> {
    if (find(name) == nullptr && later.contains(name)) blocked = true;
    return relation(name);
  };
  PlannedQuery planned = TRY(plan_query(query, statement.text, resolve));
  definition.query = std::move(planned.spec);
  definition.reads = std::move(planned.reads);
  return definition;
}

std::vector<std::string> Definitions::in_order() const {
  std::vector<std::string> order;
  std::set<std::string> placed;
  // A query reads one thing that was there before it, so that each pass places at least one.
  while (placed.size() < by_name_.size()) {
    const std::size_t before = placed.size();
    for (const auto& [name, definition] : by_name_) {
      const bool ready = !definition.is_query() || !by_name_.contains(definition.reads) ||
                         placed.contains(definition.reads);
      if (ready && placed.insert(name).second) order.push_back(name);
    }
    if (placed.size() == before) break;
  }
  return order;
}

std::string created_name(const Statement& statement) {
  if (const auto* source = std::get_if<CreateSource>(&statement.body)) return source->name.text;
  if (const auto* query = std::get_if<CreateQuery>(&statement.body)) return query->name.text;
  return "";
}

ObjectKind created_kind(const Statement& statement) {
  if (const auto* query = std::get_if<CreateQuery>(&statement.body)) {
    return query->is_view ? ObjectKind::View : ObjectKind::Sink;
  }
  return ObjectKind::Source;
}

bool created_if_not_exists(const Statement& statement) {
  if (const auto* source = std::get_if<CreateSource>(&statement.body)) return source->if_not_exists;
  if (const auto* query = std::get_if<CreateQuery>(&statement.body)) return query->if_not_exists;
  return false;
}

Result<std::vector<std::string>> plan_all(Definitions& definitions,
                                          std::vector<NamedStatement> statements) {
  std::set<std::string> later;
  for (const auto& named : statements) later.insert(created_name(named.statement));
  std::vector<std::string> order;
  while (!statements.empty()) {
    std::vector<NamedStatement> waiting;
    for (auto& named : statements) {
      bool blocked = false;
      auto planned = definitions.plan(named.statement, later, blocked);
      if (!planned.ok()) {
        if (!blocked) {
          if (named.file.empty()) return std::move(planned).error();
          return std::move(planned).context(named.file).error();
        }
        waiting.push_back(std::move(named));
        continue;
      }
      planned->file = named.file;
      later.erase(planned->name);
      order.push_back(planned->name);
      definitions.put(std::move(*planned));
    }
    if (waiting.size() == statements.size()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("'{}' and others read each other in a circle",
                               created_name(waiting.front().statement)));
    }
    statements = std::move(waiting);
  }
  return order;
}

std::string comparable(std::string_view sql) {
  std::string text = normalized(sql);
  for (const std::string_view head :
       {"create source ", "create sink ", "create materialized view "}) {
    constexpr std::string_view kClause = "if not exists ";
    if (text.starts_with(head) && text.substr(head.size()).starts_with(kClause)) {
      text.erase(head.size(), kClause.size());
    }
  }
  return text;
}

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
// What is defined: sources, views and sinks with their plans, as a value. The catalog holds one;
// a plan of changes makes a second and compares.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sql/parse/statement.h"
#include "sql/plan/relation.h"

namespace tidemill::sql {

struct Definition {
  ObjectKind kind = ObjectKind::Source;
  std::string name;
  std::string sql;
  std::string file;     // that it was applied from; empty: by a statement
  bool paused = false;  // stays so over restarts
  // Of the queries over one source only one keeps its bad records, so that each is kept once
  // (stream/letter_keeper.h).
  bool keeps_letters = true;
  std::string problem;  // why it does not run, found when starting

  stream::SourceSpec source;     // of a source
  std::int32_t partitions = -1;  // of its topic
  stream::QuerySpec query;       // of a view or sink
  std::string reads;             // its source or view

  bool is_query() const { return kind != ObjectKind::Source; }
};

class Definitions {
 public:
  const Definition* find(const std::string& name) const;
  Definition* find(const std::string& name);
  void put(Definition definition);
  void erase(const std::string& name) { by_name_.erase(name); }
  const std::map<std::string, Definition>& all() const { return by_name_; }

  // NotFound names the nearest; kind: "source or view".
  Error not_found(const std::string& name, std::string_view kind) const;
  Result<Relation> relation(const std::string& name) const;
  std::vector<std::string> users_of(const std::string& name) const;
  // The query that keeps the bad records of this source; null: none does.
  const Definition* letter_keeper(const std::string& source) const;
  // What has to change so that a running query keeps them, where there is one.
  struct LetterChange {
    std::string leaves;  // empty: none did
    std::string keeps;   // empty: nothing changes
  };
  LetterChange next_letter_keeper(const std::string& source) const;

  // Plans a CREATE statement on what is defined here. When it reads one of `later`, which is not
  // planned yet, `blocked` is set and the error means nothing.
  Result<Definition> plan(const Statement& statement, const std::set<std::string>& later,
                          bool& blocked) const;
  // Each after what it reads.
  std::vector<std::string> in_order() const;

 private:
  std::map<std::string, Definition> by_name_;
};

// The name a CREATE statement defines; empty for other statements.
std::string created_name(const Statement& statement);
ObjectKind created_kind(const Statement& statement);
bool created_if_not_exists(const Statement& statement);

// Plans CREATE statements in whatever order they depend on each other and adds them; the names in
// the order of planning.
struct NamedStatement {
  Statement statement;
  std::string file;
};
Result<std::vector<std::string>> plan_all(Definitions& definitions,
                                          std::vector<NamedStatement> statements);

// Equal for two spellings of a definition: as normalized(), without IF NOT EXISTS.
std::string comparable(std::string_view sql);

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
// The door for SQL text: statements in, results out. Keeps the definitions of sources, views and
// sinks in the log (topic `_tidemill_catalog`, compacted, key KIND/NAME, value JSON), so that a
// restart, or another process on the same cluster, finds them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "stream/engine.h"
#include "stream/query.h"
#include "tables/tables.h"

namespace tidemill::sql {

struct StatementResult {
  std::string statement;                                     // "CREATE SOURCE"
  std::vector<std::pair<std::string, std::string>> columns;  // name, type
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::string message;  // "source 'users_created' created"
};

struct SourceInfo {
  stream::SourceSpec spec;
  std::string sql;
};

// One change that apply would make.
struct Change {
  enum class Action { Create, Replace, Drop, Keep } action = Action::Keep;
  std::string kind;  // "source", "materialized view", "sink"
  std::string name;
  std::string before;  // SQL; empty when there was none
  std::string after;
};

struct PipelineFile {
  std::string path;
  std::string text;
};

// The files of one project.
struct Pipeline {
  std::vector<PipelineFile> files;
  // Absolute; relative paths in the files start from it. Empty: the instance's folder.
  std::string folder;
};

// Called when a source with a connector appears or goes: connect/ feeds its topic.
struct FeederHooks {
  // Whether the options of the connector are right; without effect.
  std::function<Result<>(const stream::SourceSpec&)> check;
  std::function<Result<>(const stream::SourceSpec&)> start;
  std::function<Result<>(const std::string& source)> drop;
  // Why a source is not being fed; empty: it is, or all of its records are there.
  std::function<std::string(const std::string& source)> problem;
};

// Thread:   any; calls block.
// Lifetime: broker and engine outlive it.
class Catalog {
 public:
  virtual ~Catalog() = default;
  // Reads the stored definitions and starts every query. Once, before the rest.
  virtual Result<> load() = 0;
  // Runs statements one after the other and stops at the first error, whose text names the line and
  // column.
  virtual Result<std::vector<StatementResult>> execute(const std::string& sql) = 0;
  virtual std::vector<SourceInfo> sources() const = 0;
  virtual Result<SourceInfo> source(const std::string& name) const = 0;
  // The plan of a query as EXPLAIN prints it.
  virtual Result<std::string> explain(const std::string& query) = 0;
  // What the files' statements would change against what runs. Replacing is drop and create.
  virtual Result<std::vector<Change>> plan(const Pipeline& pipeline) = 0;
  virtual Result<std::vector<Change>> apply(const Pipeline& pipeline) = 0;
};

// `tables`: what SHOW TABLES lists; null: there are none in this process.
Result<std::unique_ptr<Catalog>> make_catalog(broker::Broker& broker, stream::Engine& engine,
                                              FeederHooks feeders,
                                              tables::Tables* tables = nullptr);

}  // namespace tidemill::sql

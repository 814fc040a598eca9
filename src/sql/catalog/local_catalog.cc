// SPDX-License-Identifier: Apache-2.0
// What the catalog changes; what it shows is in show.cc.
#include "sql/catalog/local_catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/log.h"
#include "sql/parse/parser.h"
#include "sql/select/ad_hoc.h"

namespace tidemill::sql {
namespace {

constexpr std::chrono::minutes kRunLimit{60};

StatementResult message(std::string text) {
  StatementResult result;
  result.message = std::move(text);
  return result;
}

}  // namespace

Definitions LocalCatalog::snapshot() const {
  const MutexLock lock(mutex_);
  return definitions_;
}

Result<Definition> LocalCatalog::defined(const std::string& name, std::string_view kind) const {
  const MutexLock lock(mutex_);
  const Definition* found = definitions_.find(name);
  if (found == nullptr) return definitions_.not_found(name, kind);
  return *found;
}

Result<> LocalCatalog::load() {
  const MutexLock serial(statement_);
  Definitions loaded;
  std::vector<NamedStatement> statements;
  std::map<std::string, StoredDefinition> stored;
  for (auto& definition : TRY(store_.load())) {
    const auto parsed = parse_statements(definition.sql);
    if (parsed.ok() && parsed->size() == 1) statements.push_back({parsed->front(), ""});
    stored.insert_or_assign(definition.name, std::move(definition));
  }
  // One that this version cannot plan must not keep the others from running.
  if (const auto planned = plan_all(loaded, statements); !planned.ok()) {
    for (const auto& named : statements) {
      const auto one = plan_all(loaded, {named});
      if (!one.ok()) {
        log_error("sql", "'{}' cannot be planned: {}", created_name(named.statement),
                  one.error().message);
      }
    }
  }
  for (const auto& [name, definition] : stored) {
    Definition* known = loaded.find(name);
    if (known == nullptr) {
      Definition broken;
      broken.kind = definition.kind;
      broken.name = name;
      broken.sql = definition.sql;
      broken.file = definition.file;
      broken.problem = "its definition cannot be planned by this version";
      loaded.put(std::move(broken));
      continue;
    }
    known->file = definition.file;
    known->source.folder = definition.folder;
    known->paused = definition.paused;
    known->keeps_letters = definition.keeps_letters;
  }
  std::set<std::string> sources;
  for (const auto& [name, definition] : loaded.all()) {
    if (definition.is_query()) sources.insert(definition.reads);
  }
  for (const std::string& source : sources) {
    const auto change = loaded.next_letter_keeper(source);
    if (!change.leaves.empty()) {
      loaded.find(change.leaves)->keeps_letters = false;
      TRY(store_.put(*loaded.find(change.leaves)));
    }
    if (!change.keeps.empty()) {
      loaded.find(change.keeps)->keeps_letters = true;
      TRY(store_.put(*loaded.find(change.keeps)));
    }
  }
  for (const std::string& name : loaded.in_order()) {
    Definition& definition = *loaded.find(name);
    if (!definition.problem.empty()) continue;
    auto started = make_topics(definition);
    if (started.ok()) started = start(definition);
    if (!started.ok()) {
      definition.problem = started.error().message;
      log_error("sql", "{} '{}' does not start: {}", name_of(definition.kind), name,
                definition.problem);
    }
  }
  const MutexLock lock(mutex_);
  definitions_ = std::move(loaded);
  return {};
}

Result<> LocalCatalog::make_topic(const std::string& name, std::int32_t partitions,
                                  bool compacted) {
  broker::NewTopic topic;
  topic.name = name;
  topic.partitions = partitions;
  if (compacted) topic.configs["cleanup.policy"] = "compact";
  const auto created = broker_.create_topic(topic);
  if (created.ok() || created.error().code == ErrorCode::AlreadyExists) return {};
  return created.error();
}

Result<> LocalCatalog::make_topics(const Definition& definition) {
  if (definition.kind == ObjectKind::Source) {
    TRY(make_topic(definition.source.topic, definition.partitions, false));
    if (definition.source.on_error == stream::OnError::DeadLetter) {
      TRY(make_topic(definition.source.dead_letter_topic, 1, false));
    }
    return {};
  }
  const auto& query = definition.query;
  if (definition.kind == ObjectKind::View) {
    TRY(make_topic(view_topic(query.name), -1, !query.key.empty()));
  }
  const bool late_rows = query.window && query.window->on_late == stream::OnLate::DeadLetter;
  const bool reads_view = query.source.topic == view_topic(query.source.name);
  if (late_rows || reads_view) TRY(make_topic(query.source.dead_letter_topic, 1, false));
  return {};
}

Result<> LocalCatalog::start(const Definition& definition) {
  if (definition.kind == ObjectKind::Source) {
    if (definition.source.connector.empty() || !feeders_.start) return {};
    return feeders_.start(definition.source);
  }
  stream::QuerySpec query = definition.query;
  query.keeps_letters = definition.keeps_letters;
  TRY(engine_.start(query));
  if (definition.paused) TRY(engine_.pause(definition.name));
  return {};
}

Result<> LocalCatalog::install(Definition definition) {
  if (!definition.source.connector.empty()) {
    if (!feeders_.check) {
      return error(ErrorCode::Unsupported,
                   fmt::format("source '{}': connector '{}' is not available in this process",
                               definition.name, definition.source.connector));
    }
    TRY(feeders_.check(definition.source).context(fmt::format("source '{}'", definition.name)));
  }
  if (definition.is_query()) {
    definition.keeps_letters = snapshot().letter_keeper(definition.reads) == nullptr;
  }
  TRY(make_topics(definition));
  TRY(store_.put(definition));
  auto started = start(definition);
  if (!started.ok()) {
    if (const auto erased = store_.erase(definition); !erased.ok()) {
      log_error("sql", "'{}' failed to start and stays defined: {}", definition.name,
                erased.error().message);
    }
    return started;
  }
  const std::string reads = definition.reads;
  {
    const MutexLock lock(mutex_);
    definitions_.put(std::move(definition));
  }
  return reads.empty() ? Result<>() : settle_letters(reads);
}

// Another query takes over the bad records of a source when the one that kept them was dropped or
// paused. The store never names two: after a crash between its two steps load() finds a new one.
Result<> LocalCatalog::settle_letters(const std::string& source) {
  const Definitions current = snapshot();
  const auto change = current.next_letter_keeper(source);
  if (change.keeps.empty()) return {};
  const auto set = [this, &current](const std::string& name, bool keeps) -> Result<> {
    Definition definition = *current.find(name);
    definition.keeps_letters = keeps;
    TRY(store_.put(definition));
    const MutexLock lock(mutex_);
    definitions_.put(std::move(definition));
    return {};
  };
  if (!change.leaves.empty()) {
    TRY(set(change.leaves, false));
    TRY(engine_.leave_letters(change.leaves));
  }
  TRY(set(change.keeps, true));
  return engine_.keep_letters(change.keeps);
}

// The feeder goes on where it was, with files of the new folder.
Result<> LocalCatalog::move(Definition definition) {
  TRY(store_.put(definition));
  TRY(start(definition));
  const MutexLock lock(mutex_);
  definitions_.put(std::move(definition));
  return {};
}

Result<> LocalCatalog::remove(const std::string& name) {
  const Definition definition = TRY(defined(name, "source, view or sink"));
  if (definition.is_query()) {
    const auto dropped = engine_.drop(name);
    if (!dropped.ok() && dropped.error().code != ErrorCode::NotFound) return dropped;
  } else if (!definition.source.connector.empty() && feeders_.drop) {
    TRY(feeders_.drop(name));
  }
  TRY(store_.erase(definition));
  {
    const MutexLock lock(mutex_);
    definitions_.erase(name);
  }
  if (definition.kind == ObjectKind::View) {
    const auto deleted = broker_.delete_topic(view_topic(name));
    if (!deleted.ok() && deleted.error().code != ErrorCode::NotFound) return deleted;
  }
  return definition.is_query() ? settle_letters(definition.reads) : Result<>();
}

Result<std::vector<StatementResult>> LocalCatalog::execute(const std::string& sql) {
  const auto statements = TRY(parse_statements(sql));
  std::vector<StatementResult> results;
  for (const Statement& statement : statements) {
    auto result = run(statement);
    if (!result.ok()) {
      Error failure = std::move(result).error();
      if (!failure.message.starts_with("line ")) {
        failure.message = fmt::format("{}: {}", to_string(statement.position), failure.message);
      }
      return failure;
    }
    result->statement = statement.title();
    results.push_back(std::move(*result));
  }
  return results;
}

Result<StatementResult> LocalCatalog::run(const Statement& statement) {
  struct Run {
    LocalCatalog& self;
    const Statement& statement;
    Result<StatementResult> operator()(const CreateSource&) { return self.create(statement); }
    Result<StatementResult> operator()(const CreateQuery&) { return self.create(statement); }
    Result<StatementResult> operator()(const RunSink& body) { return self.run_sink(body); }
    Result<StatementResult> operator()(const Show& body) { return self.show(body); }
    Result<StatementResult> operator()(const ShowCreate& body) { return self.show_create(body); }
    Result<StatementResult> operator()(const Describe& body) {
      return self.describe(body.name.text);
    }
    Result<StatementResult> operator()(const PauseQuery& body) {
      return self.pause(body.name.text, true);
    }
    Result<StatementResult> operator()(const ResumeQuery& body) {
      return self.pause(body.name.text, false);
    }
    Result<StatementResult> operator()(const Drop& body) { return self.drop(body); }
    Result<StatementResult> operator()(const Select& body) {
      return select_once(body, self.snapshot(), self.broker_, self.selects_);
    }
    Result<StatementResult> operator()(const std::shared_ptr<const Explain>& body) {
      return self.explain_statement(*body);
    }
  };
  return std::visit(Run{*this, statement}, statement.body);
}

Result<StatementResult> LocalCatalog::create(const Statement& statement) {
  const MutexLock serial(statement_);
  const Definitions current = snapshot();
  const std::string name = created_name(statement);
  if (const Definition* there = current.find(name)) {
    if (created_if_not_exists(statement) && there->kind == created_kind(statement)) {
      return message(fmt::format("{} '{}' exists", name_of(there->kind), name));
    }
    return error(ErrorCode::AlreadyExists,
                 fmt::format("{} '{}' exists", name_of(there->kind), name))
        .with_hint(fmt::format("DROP it first, or CREATE {} IF NOT EXISTS",
                               created_kind(statement) == ObjectKind::Source ? "SOURCE" : "SINK"));
  }
  bool blocked = false;
  Definition definition = TRY(current.plan(statement, {}, blocked));
  const ObjectKind kind = definition.kind;
  TRY(install(std::move(definition)));
  return message(fmt::format("{} '{}' created", name_of(kind), name));
}

Result<StatementResult> LocalCatalog::drop(const Drop& drop) {
  const MutexLock serial(statement_);
  const Definitions current = snapshot();
  const Definition* found = current.find(drop.name.text);
  if (found == nullptr || found->kind != drop.kind) {
    if (drop.if_exists && found == nullptr) {
      return message(fmt::format("{} '{}' does not exist", name_of(drop.kind), drop.name.text));
    }
    if (found != nullptr) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("{}: '{}' is a {}, not a {}", to_string(drop.name.position),
                               drop.name.text, name_of(found->kind), name_of(drop.kind)));
    }
    return current.not_found(drop.name.text, name_of(drop.kind));
  }
  const auto users = current.users_of(drop.name.text);
  if (!users.empty()) {
    return error(ErrorCode::Conflict, fmt::format("{} '{}' is read by {}", name_of(drop.kind),
                                                  drop.name.text, fmt::join(users, ", ")))
        .with_hint("drop those first");
  }
  TRY(remove(drop.name.text));
  return message(fmt::format("{} '{}' dropped", name_of(drop.kind), drop.name.text));
}

Result<StatementResult> LocalCatalog::pause(const std::string& name, bool paused) {
  const MutexLock serial(statement_);
  Definition definition = TRY(defined(name, "query"));
  if (!definition.is_query()) {
    return error(ErrorCode::InvalidArgument, fmt::format("'{}' is a source, not a query", name));
  }
  TRY(paused ? engine_.pause(name) : engine_.resume(name));
  definition.paused = paused;
  TRY(store_.put(definition));
  const std::string reads = definition.reads;
  {
    const MutexLock lock(mutex_);
    definitions_.put(std::move(definition));
  }
  TRY(settle_letters(reads));
  return message(fmt::format("'{}' {}", name, paused ? "paused" : "resumed"));
}

Result<StatementResult> LocalCatalog::run_sink(const RunSink& run) {
  const std::string& name = run.name.text;
  const Definition definition = TRY(defined(name, "sink"));
  if (!definition.is_query()) {
    return error(ErrorCode::InvalidArgument, fmt::format("'{}' is a source, not a sink", name));
  }
  const auto before = TRY(engine_.status(name));
  if (before.state == stream::QueryState::Paused) {
    return error(ErrorCode::Conflict, fmt::format("sink '{}' is paused", name))
        .with_hint(fmt::format("RESUME {}", name));
  }
  if (before.state == stream::QueryState::Finished || before.state == stream::QueryState::Failed) {
    TRY(engine_.resume(name));
  }
  TRY(engine_.wait(name, kRunLimit));
  const auto after = TRY(engine_.status(name));
  return message(fmt::format("sink '{}' has caught up: {} rows in, {} out, {} rejected", name,
                             after.totals.input_rows - before.totals.input_rows,
                             after.totals.output_rows - before.totals.output_rows,
                             after.totals.rejected_rows - before.totals.rejected_rows));
}

Result<std::vector<Change>> LocalCatalog::plan(const Pipeline& pipeline) {
  return TRY(plan_changes(snapshot(), pipeline)).changes;
}

Result<std::vector<Change>> LocalCatalog::apply(const Pipeline& pipeline) {
  const MutexLock serial(statement_);
  ChangePlan plan = TRY(plan_changes(snapshot(), pipeline));
  for (const auto* changed : {&plan.create, &plan.moved}) {
    for (const Definition& definition : *changed) {
      if (definition.source.connector.empty() || !feeders_.check) continue;
      TRY(feeders_.check(definition.source).context(fmt::format("source '{}'", definition.name)));
    }
  }
  for (Definition& definition : plan.moved) TRY(move(std::move(definition)));
  for (const std::string& name : plan.drop) TRY(remove(name));
  for (Definition& definition : plan.create) {
    const std::string what = fmt::format("{} '{}'", name_of(definition.kind), definition.name);
    TRY(install(std::move(definition)).context(what));
  }
  return std::move(plan.changes);
}

Result<std::unique_ptr<Catalog>> make_catalog(broker::Broker& broker, stream::Engine& engine,
                                              FeederHooks feeders, tables::Tables* tables) {
  return std::unique_ptr<Catalog>(
      std::make_unique<LocalCatalog>(broker, engine, std::move(feeders), tables));
}

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
// The Catalog over a broker and an engine of this process.
#pragma once

#include "base/mutex.h"
#include "sql/catalog.h"
#include "sql/catalog/definition_store.h"
#include "sql/select/ad_hoc.h"

namespace tidemill::sql {

class LocalCatalog final : public Catalog {
 public:
  LocalCatalog(broker::Broker& broker, stream::Engine& engine, FeederHooks feeders,
               tables::Tables* tables)
      : broker_(broker),
        engine_(engine),
        feeders_(std::move(feeders)),
        tables_(tables),
        store_(broker) {}

  Result<> load() override;
  Result<std::vector<StatementResult>> execute(const std::string& sql) override;
  std::vector<SourceInfo> sources() const override;
  Result<SourceInfo> source(const std::string& name) const override;
  Result<std::string> explain(const std::string& query) override;
  Result<std::vector<Change>> plan(const Pipeline& pipeline) override;
  Result<std::vector<Change>> apply(const Pipeline& pipeline) override;

 private:
  Definitions snapshot() const;
  Result<Definition> defined(const std::string& name, std::string_view kind) const;

  // Makes topics, keeps the definition, starts what it says. Nothing is left of a failure.
  Result<> install(Definition definition);
  Result<> start(const Definition& definition);
  Result<> move(Definition definition);
  Result<> settle_letters(const std::string& source);
  Result<> remove(const std::string& name);
  Result<> make_topics(const Definition& definition);
  Result<> make_topic(const std::string& name, std::int32_t partitions, bool compacted);

  Result<StatementResult> run(const Statement& statement);
  Result<StatementResult> create(const Statement& statement);
  Result<StatementResult> drop(const Drop& drop);
  Result<StatementResult> pause(const std::string& name, bool paused);
  Result<StatementResult> run_sink(const RunSink& run);
  Result<StatementResult> show(const Show& show) const;
  Result<StatementResult> show_tables() const;
  Result<StatementResult> show_create(const ShowCreate& show) const;
  Result<StatementResult> describe(const std::string& name) const;
  Result<StatementResult> explain_statement(const Explain& explain) const;

  broker::Broker& broker_;
  stream::Engine& engine_;
  FeederHooks feeders_;
  tables::Tables* tables_;
  DefinitionStore store_;
  AdHocGate selects_;
  // Held while a statement changes things, so that two do not mix; readers take only mutex_.
  mutable Mutex statement_;
  mutable Mutex mutex_;
  Definitions definitions_ TM_GUARDED_BY(mutex_);
};

struct ChangePlan {
  std::vector<Change> changes;
  std::vector<std::string> drop;   // in this order
  std::vector<Definition> create;  // in this order
  std::vector<Definition> moved;   // unchanged sources, whose project is in another folder now
};
// What would change from `current` to what the pipeline defines.
Result<ChangePlan> plan_changes(const Definitions& current, const Pipeline& pipeline);

}  // namespace tidemill::sql

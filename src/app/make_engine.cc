// SPDX-License-Identifier: Apache-2.0
#include "app/make_engine.h"

#include "connect/blackhole/sink.h"
#include "connect/cql/sink.h"
#include "connect/feeder.h"
#include "connect/kafka/sink.h"
#include "runtime/process.h"
#include "stream/sink.h"

namespace tidemill::app {
namespace {

Result<std::unique_ptr<stream::Sink>> refuse_tables(const stream::QuerySpec& spec) {
  return error(ErrorCode::Unavailable,
               "query '" + spec.name + "' writes to a table, but the tables are not started here")
      .with_hint("add tables to --only");
}

class LocalPart final : public EnginePart {
 public:
  LocalPart(const PartContext& context, broker::Broker& broker, tables::Tables* tables)
      : engine_(stream::make_engine(
            options_of(context), broker, context.disk,
            {{"blackhole", connect::blackhole::make_sink()},
             {"cassandra", tables != nullptr ? connect::cql::make_sink(*tables)
                                             : stream::SinkMaker(refuse_tables)},
             {"kafka", connect::kafka::make_sink(broker)}},
            context.clock, context.random, context.metrics)),
        tables_(tables),
        feeders_(broker, context.clock, context.metrics, context.folder) {}

  Result<> start(broker::Broker& broker) {
    sql::FeederHooks hooks;
    hooks.check = [this](const stream::SourceSpec& source) { return feeders_.check(source); };
    hooks.start = [this](const stream::SourceSpec& source) { return feeders_.start(source); };
    hooks.drop = [this](const std::string& source) { return feeders_.drop(source); };
    hooks.problem = [this](const std::string& source) { return feeders_.problem(source); };
    catalog_ = TRY(sql::make_catalog(broker, *engine_, std::move(hooks), tables_));
    return catalog_->load();
  }

  stream::Engine& engine() override { return *engine_; }
  sql::Catalog& catalog() override { return *catalog_; }
  void stop() override {
    feeders_.stop();
    engine_->stop();
  }

 private:
  static stream::EngineOptions options_of(const PartContext& context) {
    stream::EngineOptions options;
    const auto threads = static_cast<std::size_t>(context.config.number("engine.threads"));
    options.worker_threads = threads != 0 ? threads : processors();
    options.epoch_bytes_max =
        static_cast<std::size_t>(context.config.number("engine.epoch_bytes_max"));
    options.state_folder = context.data + "/engine";
    return options;
  }

  std::unique_ptr<stream::Engine> engine_;
  tables::Tables* tables_;
  connect::Feeders feeders_;
  std::unique_ptr<sql::Catalog> catalog_;
};

}  // namespace

Result<std::unique_ptr<EnginePart>> make_engine_part(const PartContext& context,
                                                     broker::Broker& broker,
                                                     tables::Tables* tables) {
  auto part = std::make_unique<LocalPart>(context, broker, tables);
  if (auto started = part->start(broker); !started.ok()) {
    part->stop();
    return std::move(started).error();
  }
  return std::unique_ptr<EnginePart>(std::move(part));
}

}  // namespace tidemill::app

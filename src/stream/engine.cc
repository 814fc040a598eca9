// SPDX-License-Identifier: Apache-2.0
#include "stream/engine.h"

#include <fmt/format.h>

#include "base/mutex.h"
#include "runtime/log.h"
#include "stream/query_runner.h"

namespace tidemill::stream {
namespace {

class LocalEngine final : public Engine {
 public:
  LocalEngine(EngineOptions options, broker::Broker& broker, Disk& disk,
              std::map<std::string, SinkMaker> sinks, const Clock& clock, Random& random,
              Metrics& metrics)
      : options_(std::move(options)),
        broker_(broker),
        disk_(disk),
        sinks_(std::move(sinks)),
        clock_(clock),
        random_(random),
        metrics_(metrics),
        pool_(options_.worker_threads) {}
  ~LocalEngine() override { stop(); }

  Result<> start(const QuerySpec& spec) override {
    const auto maker = sinks_.find(spec.sink.connector);
    if (maker == sinks_.end()) {
      std::string known;
      for (const auto& [name, make] : sinks_) known += (known.empty() ? "" : ", ") + name;
      return error(ErrorCode::InvalidArgument,
                   fmt::format("sink connector '{}' is not one of {}", spec.sink.connector, known));
    }
    {
      const MutexLock lock(mutex_);
      if (stopping_) return error(ErrorCode::Unavailable, "the engine stops");
      if (queries_.contains(spec.name)) {
        return error(ErrorCode::AlreadyExists, fmt::format("query '{}' runs already", spec.name));
      }
      queries_[spec.name] = nullptr;  // taken while it starts
    }
    auto runner = QueryRunner::start(
        spec, maker->second,
        QueryRunner::Seams{broker_, disk_, clock_, random_, metrics_, pool_, options_});
    const MutexLock lock(mutex_);
    if (!runner.ok()) {
      queries_.erase(spec.name);
      return std::move(runner).error();
    }
    queries_[spec.name] = std::move(*runner);
    return {};
  }

  Result<> pause(const std::string& name) override { return TRY(find(name))->pause(); }
  Result<> resume(const std::string& name) override { return TRY(find(name))->resume(); }

  Result<> keep_letters(const std::string& name) override {
    TRY(find(name))->keep_letters(true);
    return {};
  }
  Result<> leave_letters(const std::string& name) override {
    TRY(find(name))->keep_letters(false);
    return {};
  }

  Result<> drop(const std::string& name) override {
    const auto runner = TRY(find(name));
    {
      const MutexLock lock(mutex_);
      queries_.erase(name);
    }
    runner->stop();
    const QueryPlaces& places = runner->places();
    if (!places.snapshot_path.empty() && disk_.exists(places.snapshot_path)) {
      TRY(disk_.remove(places.snapshot_path));
    }
    auto deleted = broker_.delete_topic(places.changelog_topic);
    if (!deleted.ok() && deleted.error().code != ErrorCode::NotFound) return deleted;
    // The port has no deletion of groups: without the changelog nobody reads these offsets.
    return {};
  }

  std::vector<QueryStatus> list() const override {
    std::vector<std::shared_ptr<QueryRunner>> runners;
    {
      const MutexLock lock(mutex_);
      for (const auto& [name, runner] : queries_) {
        if (runner) runners.push_back(runner);
      }
    }
    std::vector<QueryStatus> all;
    for (const auto& runner : runners) all.push_back(runner->status());
    return all;
  }

  Result<QueryStatus> status(const std::string& name) const override {
    return TRY(find(name))->status();
  }
  Result<std::vector<Progress>> progress(const std::string& name, std::size_t last) const override {
    return TRY(find(name))->progress(last);
  }
  Result<> wait(const std::string& name, std::chrono::milliseconds limit) override {
    return TRY(find(name))->wait(limit);
  }

  void stop() override {
    std::map<std::string, std::shared_ptr<QueryRunner>> queries;
    {
      const MutexLock lock(mutex_);
      stopping_ = true;
      queries.swap(queries_);
    }
    for (const auto& [name, runner] : queries) {
      if (runner) runner->stop();
    }
  }

 private:
  Result<std::shared_ptr<QueryRunner>> find(const std::string& name) const {
    const MutexLock lock(mutex_);
    const auto found = queries_.find(name);
    if (found == queries_.end() || !found->second) {
      return error(ErrorCode::NotFound, fmt::format("query '{}' does not exist", name));
    }
    return found->second;
  }

  const EngineOptions options_;
  broker::Broker& broker_;
  Disk& disk_;
  const std::map<std::string, SinkMaker> sinks_;
  const Clock& clock_;
  Random& random_;
  Metrics& metrics_;
  WorkerPool pool_;

  mutable Mutex mutex_;
  bool stopping_ TM_GUARDED_BY(mutex_) = false;
  // Shared with calls under way; last: the runners use all of the above.
  std::map<std::string, std::shared_ptr<QueryRunner>> queries_ TM_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Engine> make_engine(EngineOptions options, broker::Broker& broker, Disk& disk,
                                    std::map<std::string, SinkMaker> sinks, const Clock& clock,
                                    Random& random, Metrics& metrics) {
  return std::make_unique<LocalEngine>(std::move(options), broker, disk, std::move(sinks), clock,
                                       random, metrics);
}

}  // namespace tidemill::stream

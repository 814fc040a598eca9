// SPDX-License-Identifier: Apache-2.0
#include "stream/query_runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/log.h"
#include "stream/progress.h"

namespace tidemill::stream {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kIdleWait{100};
constexpr milliseconds kPoll{20};
constexpr milliseconds kBackOffFirst{100};
constexpr milliseconds kBackOffMost{10'000};
constexpr std::chrono::seconds kDiscovery{10};

Result<> create_topic(broker::Broker& broker, broker::NewTopic topic) {
  auto created = broker.create_topic(topic);
  if (created.ok() || created.error().code == ErrorCode::AlreadyExists) return {};
  return std::move(created).error().context("while creating topic '" + topic.name + "'");
}

// One that an older release made, or a user, gets the settings too.
Result<> create_or_alter_topic(broker::Broker& broker, const broker::NewTopic& topic) {
  const auto created = broker.create_topic(topic);
  if (created.ok()) return {};
  if (created.error().code != ErrorCode::AlreadyExists) {
    return Result<>(created.error()).context("while creating topic '" + topic.name + "'");
  }
  return broker.alter_topic(topic.name, {topic.configs.begin(), topic.configs.end()})
      .context("while altering topic '" + topic.name + "'");
}

}  // namespace

QueryRunner::QueryRunner(const QuerySpec& spec, const Seams& seams)
    : spec_(spec),
      seams_(seams),
      places_(places_of(spec.name, seams.options.state_folder)),
      metrics_(seams.metrics, spec.name),
      letters_(spec_, seams.broker) {}

QueryRunner::~QueryRunner() {
  stop();
}

Result<std::unique_ptr<QueryRunner>> QueryRunner::start(const QuerySpec& spec,
                                                        const SinkMaker& maker,
                                                        const Seams& seams) {
  auto runner = std::unique_ptr<QueryRunner>(new QueryRunner(spec, seams));
  TRY(runner->prepare(maker));
  runner->thread_ = Thread("query-" + spec.name,
                           [self = runner.get()](const std::stop_token&) { self->serve(); });
  return runner;
}

Result<> QueryRunner::prepare(const SinkMaker& maker) {
  plan_ = TRY(StagePlan::compile(spec_));
  for (std::size_t i = 0; i < seams_.pool.size(); ++i) {
    workers_.push_back(TRY(StageWorker::make(plan_)));
  }
  TRY(make_topics());
  sink_ = TRY(maker(spec_));
  StageWorker::Limits limits;
  limits.sink = sink_.get();
  // DISTINCT ON the sink's own key writes each key once: its times need no memory.
  if (sink_->delivery() == Delivery::IdempotentUpsert && !spec_.window) {
    const auto keys = sink_->key_columns();
    const bool once = spec_.dedup && std::ranges::is_permutation(keys, spec_.dedup->key_columns);
    for (const auto& name : once ? std::vector<std::string>() : keys) {
      const auto found = std::ranges::find(spec_.output, name, &Column::name);
      if (found == spec_.output.end()) {
        return error(ErrorCode::InvalidArgument,
                     fmt::format("the sink's key column '{}' is not in the output", name));
      }
      limits.sink_key_columns.push_back(static_cast<std::size_t>(found - spec_.output.begin()));
    }
  }
  memory_ = std::make_unique<QueryMemory>(spec_, !limits.sink_key_columns.empty());
  BatchReader::Options options;
  options.topic = spec_.source.topic;
  options.bytes_max = seams_.options.epoch_bytes_max;
  reader_ = std::make_unique<BatchReader>(seams_.broker, plan_, workers_, seams_.pool, seams_.clock,
                                          std::move(options));
  reader_->set_limits(std::move(limits));
  processor_ = std::make_unique<EpochProcessor>(
      EpochProcessor::Parts{seams_.broker, seams_.pool, seams_.clock, plan_, workers_, *memory_,
                            *sink_, letters_, places_, seams_.options});
  if (!places_.snapshot_path.empty()) {
    TRY(seams_.disk.create_directories(seams_.options.state_folder));
  }
  // A query of another plan must be refused here, not minutes later.
  auto recovered = recover();
  if (!recovered.ok() && !retryable(recovered.error().code)) return recovered;
  return {};
}

Result<> QueryRunner::make_topics() {
  // Tombstones stay for ever: a snapshot may be older than any time after which they could go.
  // Small segments, so that compaction has full ones to work on.
  TRY(create_or_alter_topic(seams_.broker, {places_.changelog_topic,
                                            1,
                                            {{"cleanup.policy", "compact"},
                                             {"delete.retention.ms", "9223372036854775807"},
                                             {"segment.bytes", "33554432"}}}));
  const bool letters = spec_.source.on_error == OnError::DeadLetter ||
                       (spec_.window && spec_.window->on_late == OnLate::DeadLetter);
  if (!letters || spec_.source.dead_letter_topic.empty()) return {};
  TRY(create_topic(seams_.broker, {spec_.source.dead_letter_topic, -1, {}}));
  const auto described = TRY(seams_.broker.describe_topic(spec_.source.dead_letter_topic));
  letters_.set_partitions(std::max(static_cast<std::int32_t>(described.partitions.size()), 1));
  return {};
}

// Fences whoever wrote before and takes up the state that the log has.
Result<> QueryRunner::recover() {
  reader_->discard();
  memory_->rollback();
  writer_.reset();
  writer_ = TRY(seams_.broker.open_writer(places_.transactional_id));
  TRY(memory_->restore(seams_.broker, seams_.disk, places_));
  auto& record = memory_->record;
  if (record.query_id.is_nil()) record.query_id = random_uuid(seams_.random);
  record.plan_hash = spec_.plan_hash;
  record.topic = spec_.source.topic;
  {
    const MutexLock lock(mutex_);
    committed_ = record;
  }
  dirty_ = false;
  return {};
}

// Positions of partitions that are new to the query.
Result<> QueryRunner::find_positions() {
  const auto topic = TRY(seams_.broker.describe_topic(spec_.source.topic));
  auto& positions = memory_->record.positions;
  // A partition that comes later holds records nobody has read: from its beginning.
  const bool first = positions.empty();
  for (std::size_t i = positions.size(); i < topic.partitions.size(); ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    const bool latest = first && spec_.source.startup == Startup::Latest;
    const auto offset = TRY(seams_.broker.find_offset(
        {spec_.source.topic, partition},
        latest ? broker::OffsetSpec::Latest : broker::OffsetSpec::Earliest));
    positions.push_back({partition, offset, INT64_MIN});
  }
  data_at_.resize(positions.size(), seams_.clock.monotonic());
  next_discovery_ = seams_.clock.monotonic() + kDiscovery;
  return {};
}

// Records that retention removed before they were read cannot come any more: on with what is there.
bool QueryRunner::skip_expired() {
  bool skipped = false;
  for (auto& position : memory_->record.positions) {
    const auto first = seams_.broker.find_offset({spec_.source.topic, position.partition},
                                                 broker::OffsetSpec::Earliest);
    if (!first.ok() || *first <= position.next_offset) continue;
    log_warning("stream", "query '{}': records {} to {} of '{}' partition {} expired unread",
                spec_.name, position.next_offset, *first - 1, spec_.source.topic,
                position.partition);
    position.next_offset = *first;
    skipped = true;
  }
  return skipped;
}

void QueryRunner::serve() {
  while (true) {
    {
      MutexLock lock(mutex_);
      while (wish_ == Wish::Pause) {
        if (state_ != QueryState::Paused) {
          state_ = QueryState::Paused;
          changed_.notify_all();
        }
        changed_.wait(mutex_);
      }
      if (wish_ == Wish::Stop) break;
      state_ = QueryState::Starting;
      run_id_ = to_string(random_uuid(seams_.random));
      started_at_ms_ = seams_.clock.wall_ms();
    }
    run_until_wish();
  }
  reader_->discard();
  if (!dirty_) save_snapshot(true);
}

void QueryRunner::run_until_wish() {
  bool begun = false;
  while (wished(Wish::Run)) {
    Result<> outcome;
    if (dirty_) outcome = recover();
    if (outcome.ok() && !begun) {
      outcome = find_positions();
      if (outcome.ok()) outcome = letters_.load(memory_->record.positions);
      if (outcome.ok()) outcome = initial_epoch();
      begun = outcome.ok();
      if (begun) set_state(QueryState::Running, "");
    }
    if (outcome.ok()) outcome = follow_letters();
    if (outcome.ok()) outcome = run_trigger();
    if (outcome.ok()) continue;
    dirty_ = true;
    const bool had_topic = begun;
    begun = false;
    const Error failure = std::move(outcome).error();
    const bool sink = processor_->part() == EpochPart::Sink;
    const bool missing_topic = !had_topic && failure.code == ErrorCode::NotFound;
    const bool expired = failure.code == ErrorCode::InvalidArgument && skip_expired();
    if (!retryable(failure.code) && !missing_topic && !expired) {
      failed(failure);
      MutexLock lock(mutex_);
      while (wish_ == Wish::Run && state_ == QueryState::Failed) changed_.wait(mutex_);
      continue;
    }
    log_warning("stream", "query '{}' goes back to epoch {}: {}", spec_.name, memory_->record.epoch,
                failure.message);
    {
      const MutexLock lock(mutex_);
      error_ = failure.message;
      ++restarts_;
      if (sink) ++sink_retries_;
    }
    metrics_.restarts.add();
    if (sink) metrics_.sink_retries.add();
    back_off_ = std::clamp(back_off_ * 2, kBackOffFirst, kBackOffMost);
    (void)wait_for(back_off_);
  }
  reader_->discard();
}

// As a new keeper: writes what nobody has kept of the records that this query has read already.
Result<> QueryRunner::follow_letters() {
  const auto& positions = memory_->record.positions;
  if (letters_.is_due()) TRY(letters_.load(positions));
  while (wished(Wish::Run)) {
    const auto from = letters_.missing(positions);
    if (from.empty()) return {};
    reader_->discard();
    auto batch = TRY(reader_->read(from, milliseconds(0)));
    TRY(writer_->begin());
    auto outcome = letters_.write_missing(*batch, positions, *writer_);
    if (outcome.ok()) outcome = writer_->commit();
    const bool moved = batch->moved;
    reader_->recycle(std::move(batch));
    TRY(std::move(outcome));
    letters_.committed();
    if (!moved) return error(ErrorCode::Unavailable, "records that were read cannot be read again");
  }
  return {};
}

void QueryRunner::failed(const Error& failure) {
  log_error("stream", "query '{}' failed: {}", spec_.name, failure.message);
  set_state(QueryState::Failed,
            failure.message + (failure.hint.empty() ? "" : " (" + failure.hint + ")"));
}

// Counts the start, so that this run's write times differ from those of one that crashed.
Result<> QueryRunner::initial_epoch() {
  ++memory_->record.run;
  Batch empty;
  for (const auto& position : memory_->record.positions) {
    empty.next.push_back(position.next_offset);
  }
  const auto outcome = TRY(processor_->run(empty, *writer_, {}));
  memory_->changelog_at(
      TRY(seams_.broker.find_offset({places_.changelog_topic, 0}, broker::OffsetSpec::Latest)));
  const MutexLock lock(mutex_);
  committed_ = outcome.record;
  return {};
}

Result<> QueryRunner::run_trigger() {
  if (seams_.clock.monotonic() >= next_discovery_ && !reader_->is_started()) TRY(find_positions());
  switch (spec_.trigger.kind) {
    case TriggerKind::Pipelined:
      return run_pipelined();
    case TriggerKind::Every: {
      TRY(drain(TRY(timed_ends())));
      const auto every = std::max(spec_.trigger.every, milliseconds(1));
      const auto now = seams_.clock.monotonic().time_since_epoch();
      const auto next = (now / every + 1) * every;
      while (seams_.clock.monotonic().time_since_epoch() < next) {
        const auto left =
            std::chrono::ceil<milliseconds>(next - seams_.clock.monotonic().time_since_epoch());
        if (!wait_for(std::min(left, kPoll))) return {};
        if (letters_.is_due()) TRY(follow_letters());
      }
      return {};
    }
    case TriggerKind::AvailableNow: {
      TRY(drain(TRY(timed_ends())));
      if (!wished(Wish::Run)) return {};
      MutexLock lock(mutex_);
      state_ = QueryState::Finished;
      changed_.notify_all();
      while (wish_ == Wish::Run && state_ == QueryState::Finished) changed_.wait(mutex_);
      return {};
    }
  }
  return {};
}

Result<std::vector<std::int64_t>> QueryRunner::ends() const {
  std::vector<std::int64_t> targets;
  for (std::size_t i = 0; i < memory_->record.positions.size(); ++i) {
    targets.push_back(TRY(seams_.broker.find_offset(
        {spec_.source.topic, static_cast<std::int32_t>(i)}, broker::OffsetSpec::Latest)));
  }
  return targets;
}

Result<std::vector<std::int64_t>> QueryRunner::timed_ends() {
  const auto begin = seams_.clock.monotonic();
  auto targets = ends();
  ends_time_ =
      std::chrono::duration_cast<std::chrono::microseconds>(seams_.clock.monotonic() - begin);
  return targets;
}

Result<> QueryRunner::drain(const std::vector<std::int64_t>& targets) {
  while (wished(Wish::Run)) {
    std::vector<std::int64_t> positions;
    bool done = true;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      positions.push_back(memory_->record.positions[i].next_offset);
      done = done && positions[i] >= targets[i];
    }
    if (done) break;
    auto batch =
        TRY(reader_->is_started() ? reader_->take() : reader_->read(positions, milliseconds(0)));
    if (!batch->moved) {
      // The end was seen and cannot be read yet: another transaction is open below it.
      (void)wait_for(kPoll);
      continue;
    }
    if (batch->full) reader_->start(batch->next);
    TRY(run_epoch(std::move(batch), false));
  }
  reader_->discard();
  if (wished(Wish::Run) && processor_->has_idle_work()) {
    auto empty = std::make_unique<Batch>();
    for (const auto& position : memory_->record.positions) {
      empty->next.push_back(position.next_offset);
    }
    empty->latest.assign(empty->next.size(), -1);
    TRY(run_epoch(std::move(empty), true));
  }
  return {};
}

Result<> QueryRunner::run_pipelined() {
  std::vector<std::int64_t> positions;
  for (const auto& position : memory_->record.positions) positions.push_back(position.next_offset);
  const bool ahead = reader_->is_started();
  auto batch = TRY(ahead ? reader_->take() : reader_->read(positions, kIdleWait));
  if (!batch->moved) {
    const auto now = seams_.clock.monotonic();
    const auto& window = spec_.window;
    const bool quiet =
        window && window->close_after_idle && std::ranges::all_of(data_at_, [&](auto at) {
          return now - at >= *window->close_after_idle;
        });
    if (quiet && processor_->has_idle_work()) return run_epoch(std::move(batch), true);
    reader_->recycle(std::move(batch));
    return {};
  }
  const bool full = batch->full;
  if (full) reader_->start(batch->next);
  const auto begin = seams_.clock.monotonic();
  TRY(run_epoch(std::move(batch), false));
  if (full) return {};
  // An epoch costs the same for one row as for a hundred: let some come together.
  const auto cost = std::chrono::ceil<milliseconds>(seams_.clock.monotonic() - begin);
  const auto pace = std::clamp(cost * 5 / 4, seams_.options.pipelined_epoch_min,
                               seams_.options.pipelined_epoch_max);
  if (pace > cost) (void)wait_for(pace - cost);
  return {};
}

EpochProcessor::Clocking QueryRunner::clocking(const Batch& batch, bool idle_close) {
  const auto now = seams_.clock.monotonic();
  for (const auto& chunk : batch.chunks) {
    if (!chunk.records.empty()) data_at_[static_cast<std::size_t>(chunk.source.partition)] = now;
  }
  EpochProcessor::Clocking clock;
  clock.idle_close = idle_close;
  for (std::size_t i = 0; i < data_at_.size(); ++i) {
    const bool behind = i < batch.latest.size() && batch.latest[i] > batch.next[i];
    const bool never =
        memory_->record.positions[i].max_event_us == INT64_MIN && now != data_at_[i] && !behind;
    clock.idle.push_back(!behind && (never || now - data_at_[i] >= spec_.source.idle_timeout));
  }
  // A partition that never had anything does not hold the others back.
  for (const auto& chunk : batch.chunks) {
    if (!chunk.records.empty())
      clock.idle[static_cast<std::size_t>(chunk.source.partition)] = false;
  }
  return clock;
}

Result<> QueryRunner::run_epoch(std::unique_ptr<Batch> batch, bool idle_close) {
  const auto begin = seams_.clock.monotonic() - batch->fetch_time - batch->prepare_time;
  const EpochRecord before = memory_->record;
  auto outcome = processor_->run(*batch, *writer_, clocking(*batch, idle_close));
  if (!outcome.ok()) {
    reader_->recycle(std::move(batch));
    return std::move(outcome).error();
  }
  memory_->changelog_at(
      TRY(seams_.broker.find_offset({places_.changelog_topic, 0}, broker::OffsetSpec::Latest)));
  outcome->keys_removed += processor_->forget();
  back_off_ = milliseconds(0);
  publish(*batch, *outcome, begin, before);
  reader_->recycle(std::move(batch));
  save_snapshot(false);
  return {};
}

void QueryRunner::publish(const Batch& batch, const EpochOutcome& outcome,
                          std::chrono::steady_clock::time_point begin, const EpochRecord& before) {
  const auto total =
      std::chrono::duration_cast<std::chrono::microseconds>(seams_.clock.monotonic() - begin) +
      ends_time_;
  metrics_.input_rows.add(batch.rows);
  metrics_.output_rows.add(outcome.output_rows);
  metrics_.rejected_rows.add(outcome.rejected_rows);
  metrics_.duplicate_rows.add(outcome.duplicate_rows);
  metrics_.late_rows.add(outcome.late_rows);
  metrics_.epochs.add();
  metrics_.epoch_seconds.observe_us(static_cast<std::uint64_t>(total.count()));
  metrics_.state_bytes.set(static_cast<std::int64_t>(memory_->memory_bytes()));
  Progress progress = make_progress(spec_, *memory_, batch, outcome, before,
                                    {.total = total, .latest_offset = ends_time_});
  ends_time_ = {};
  progress.timestamp_ms = seams_.clock.wall_ms();
  progress.sink_description = sink_->description();
  const MutexLock lock(mutex_);
  progress.sink_retries = sink_retries_;
  if (!history_.empty() && progress.timestamp_ms > history_.back().timestamp_ms) {
    progress.input_rows_per_second =
        static_cast<double>(batch.rows) * 1000.0 /
        static_cast<double>(progress.timestamp_ms - history_.back().timestamp_ms);
  }
  history_.push_back(std::move(progress));
  if (history_.size() > seams_.options.progress_history) history_.pop_front();
  committed_ = outcome.record;
  error_.clear();
  ++epochs_;
  changed_.notify_all();
}

void QueryRunner::save_snapshot(bool always) {
  const auto written = memory_->bytes_since_snapshot();
  if (written == 0) return;
  // A snapshot copies the whole state: not more often than the changelog grows by as much, so that
  // a start reads at most twice the state.
  if (!always && written < std::max<std::uint64_t>(seams_.options.snapshot_bytes_min,
                                                   memory_->memory_bytes())) {
    return;
  }
  if (auto saved = memory_->save(seams_.disk, places_); !saved.ok()) {
    log_warning("stream", "query '{}': no snapshot, the changelog has it all: {}", spec_.name,
                saved.error().message);
  }
}

bool QueryRunner::wait_for(milliseconds time) {
  MutexLock lock(mutex_);
  if (wish_ != Wish::Run) return false;
  changed_.wait_for(mutex_, time);
  return wish_ == Wish::Run;
}

bool QueryRunner::wished(Wish wish) const {
  const MutexLock lock(mutex_);
  return wish_ == wish;
}

void QueryRunner::set_state(QueryState state, const std::string& text) {
  const MutexLock lock(mutex_);
  state_ = state;
  error_ = text;
  changed_.notify_all();
}

Result<> QueryRunner::pause() {
  MutexLock lock(mutex_);
  if (wish_ == Wish::Stop) return error(ErrorCode::Unavailable, "the engine stops");
  wish_ = Wish::Pause;
  changed_.notify_all();
  while (wish_ == Wish::Pause && state_ != QueryState::Paused) changed_.wait(mutex_);
  return {};
}

Result<> QueryRunner::resume() {
  const MutexLock lock(mutex_);
  if (wish_ == Wish::Stop) return error(ErrorCode::Unavailable, "the engine stops");
  if (wish_ == Wish::Run && state_ != QueryState::Finished && state_ != QueryState::Failed) {
    return {};
  }
  wish_ = Wish::Run;
  state_ = QueryState::Starting;
  error_.clear();
  changed_.notify_all();
  return {};
}

void QueryRunner::keep_letters(bool keep) {
  const MutexLock lock(mutex_);
  letters_.want(keep);
  changed_.notify_all();
}

void QueryRunner::stop() {
  {
    const MutexLock lock(mutex_);
    wish_ = Wish::Stop;
  }
  changed_.notify_all();
  thread_.stop();
}

QueryStatus QueryRunner::status() const {
  QueryStatus status;
  status.spec = spec_;
  EpochRecord committed;
  {
    const MutexLock lock(mutex_);
    committed = committed_;
    status.run_id = run_id_;
    status.state = state_;
    status.error = error_;
    status.started_at_ms = started_at_ms_;
    status.restarts = restarts_;
    status.totals.epochs = epochs_;
    if (!history_.empty()) status.progress = history_.back();
  }
  status.id = to_string(committed.query_id);
  status.watermark_ms = committed.watermark_us == INT64_MIN ? -1 : committed.watermark_us / 1000;
  status.totals.input_rows = committed.input_rows;
  status.totals.output_rows = committed.output_rows;
  status.totals.rejected_rows = committed.rejected_rows;
  status.totals.duplicate_rows = committed.duplicate_rows;
  status.totals.late_rows = committed.late_rows;
  status.totals.rejected_by_rule = committed.rejected_by_rule;
  for (const auto& position : committed.positions) {
    const auto end = seams_.broker.find_offset({spec_.source.topic, position.partition},
                                               broker::OffsetSpec::Latest);
    if (end.ok()) status.lag += std::max<std::int64_t>(*end - position.next_offset, 0);
  }
  return status;
}

std::vector<Progress> QueryRunner::progress(std::size_t last) const {
  const MutexLock lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(last, history_.size()));
  return {history_.end() - count, history_.end()};
}

Result<> QueryRunner::wait(milliseconds limit) const {
  const auto topic = TRY(seams_.broker.describe_topic(spec_.source.topic));
  std::vector<std::int64_t> targets;
  for (const auto& partition : topic.partitions) targets.push_back(partition.last_stable_offset);
  const auto deadline = seams_.clock.monotonic() + limit;
  MutexLock lock(mutex_);
  while (true) {
    bool reached = committed_.positions.size() >= targets.size();
    for (std::size_t i = 0; reached && i < targets.size(); ++i) {
      reached = committed_.positions[i].next_offset >= targets[i];
    }
    // AVAILABLE NOW is through once it says so: its last epoch may close windows.
    const bool through = spec_.trigger.kind != TriggerKind::AvailableNow ||
                         state_ == QueryState::Finished || wish_ == Wish::Pause;
    if (reached && through) return {};
    if (state_ == QueryState::Failed) return error(ErrorCode::Internal, error_);
    if (wish_ == Wish::Stop) return error(ErrorCode::Unavailable, "the engine stops");
    if (seams_.clock.monotonic() >= deadline) {
      return error(ErrorCode::Timeout,
                   fmt::format("query '{}' has not caught up within {} ms{}", spec_.name,
                               limit.count(), error_.empty() ? "" : ": " + error_));
    }
    changed_.wait_for(mutex_, kPoll);
  }
}

}  // namespace tidemill::stream

// SPDX-License-Identifier: Apache-2.0
// One epoch: state, sink, and the one transaction that commits it (docs/dev/engine.md).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/broker.h"
#include "runtime/clock.h"
#include "stream/batch_reader.h"
#include "stream/engine.h"
#include "stream/letter_keeper.h"
#include "stream/query_memory.h"
#include "stream/sink.h"

namespace tidemill::stream {

// What an epoch did, for the progress record.
struct EpochOutcome {
  EpochRecord record;
  std::uint64_t output_rows = 0;
  std::map<std::string, std::uint64_t> rejected;
  std::uint64_t rejected_rows = 0;
  std::uint64_t late_rows = 0;
  std::uint64_t duplicate_rows = 0;
  std::uint64_t keys_added = 0;
  std::uint64_t keys_removed = 0;
  std::int64_t event_min_us = INT64_MAX;
  std::int64_t event_max_us = INT64_MIN;
  double event_sum_us = 0;
  std::uint64_t event_rows = 0;
  std::vector<std::int64_t> latency_us;  // a sample, sorted
  std::chrono::microseconds state_time{0};
  std::chrono::microseconds sink_time{0};
  std::chrono::microseconds log_time{0};
  std::chrono::microseconds commit_time{0};
};

// Which part failed decides what happens next.
enum class EpochPart { Process, Sink, Commit };

// Thread: one at a time.
class EpochProcessor {
 public:
  struct Parts {
    broker::Broker& broker;
    WorkerPool& pool;
    const Clock& clock;
    const std::shared_ptr<const StagePlan>& plan;
    std::vector<std::unique_ptr<StageWorker>>& workers;
    QueryMemory& state;
    Sink& sink;
    LetterKeeper& letters;
    const QueryPlaces& places;
    const EngineOptions& options;
  };
  explicit EpochProcessor(Parts parts);

  // The watermark that a batch moves the query to. `idle`: partitions to leave out; `idle_close`:
  // nothing comes any more, so windows close by the wall clock.
  struct Clocking {
    std::vector<bool> idle;
    bool idle_close = false;
  };
  // Processes and commits. On failure nothing of the state has changed; whether the transaction
  // committed is for restore() to find out when `part()` is Commit.
  Result<EpochOutcome> run(Batch& batch, broker::TransactionalWriter& writer,
                           const Clocking& clocking);
  EpochPart part() const { return part_; }
  // Forgets keys that no row can meet any more; between epochs. Gives how many.
  std::size_t forget();
  // Whether an epoch without records would close a window.
  bool has_idle_work() const;

 private:
  Result<> deduplicate(Batch& batch, EpochOutcome& outcome);
  Result<> emit_rows(Batch& batch, broker::TransactionalWriter& writer, EpochOutcome& outcome);
  Result<> merge_windows(Batch& batch, broker::TransactionalWriter& writer,
                         const Clocking& clocking, EpochOutcome& outcome);
  Result<> emit_groups(std::span<const std::pair<std::int64_t, const WindowGroup*>> groups,
                       broker::TransactionalWriter& writer, EpochOutcome& outcome);
  Result<> count_rejected(const Batch& batch, EpochOutcome& outcome) const;
  void advance(const Batch& batch, const Clocking& clocking, EpochOutcome& outcome);
  Result<> step(std::string_view name) const;
  std::int64_t idle_end_us() const;

  Parts parts_;
  const QuerySpec& spec_;
  std::vector<RowOrigin> origins_;
  EpochPart part_ = EpochPart::Process;
  std::int64_t forgotten_us_ = INT64_MIN;  // the watermark of the last forget()
};

}  // namespace tidemill::stream

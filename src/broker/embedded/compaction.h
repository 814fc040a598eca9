// SPDX-License-Identifier: Apache-2.0
// Compaction of one partition: which records stay (Kafka's log cleaner, KIP-58, KIP-98, KIP-534).
//
// Of each key the newest record stays. A tombstone (no value) hides the older ones, and goes
// delete.retention.ms after a pass has first met it: that time is in the batch as its delete
// horizon. What an aborted transaction wrote goes at once. An end marker goes as a tombstone does,
// once no batch of its transaction is left. The newest batch of a producer that is still known
// stays, if without records, so that its sequence can be read from the log.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/embedded/key_offsets.h"
#include "store/log/segment_rewriter.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

struct CompactionTask {
  std::string folder;
  std::vector<std::shared_ptr<store::log::Segment>> segments;  // full, from the log start on
  std::int64_t clean_offset = 0;  // below, no key is looked for in later records of its own part
  std::vector<store::log::AbortedRange> aborted;  // of all transactions that ended here or later
  // Of each known producer the last offset of its newest batch; -1: it left end markers only.
  std::unordered_map<std::int64_t, std::int64_t> newest_batches;
  std::uint64_t segment_bytes = 0;
  std::uint32_t index_interval_bytes = 0;
  std::int64_t delete_retention_ms = 0;
  std::int64_t now_ms = 0;
};

struct CompactionOutcome {
  std::int64_t clean_offset = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t kept_bytes = 0;
  std::uint64_t dropped_records = 0;
};

// Memory: the key table, a megabyte or a batch of reading, a batch of unpacked records, a megabyte
//         of writing.
// Thread: one at a time.
class Compaction {
 public:
  using Segments = std::vector<std::shared_ptr<store::log::Segment>>;
  // Puts the rewritten segment in the place of the sources; fails where they are no longer there.
  using Replace =
      std::function<Result<>(const Segments& sources, std::shared_ptr<store::log::Segment> made)>;

  Compaction(CompactionTask task, store::log::FileCache& files, KeyOffsets& keys,
             std::function<bool()> stop, Replace replace);

  // One pass. Unavailable where it was told to stop; what has been replaced stays replaced.
  Result<CompactionOutcome> run();

 private:
  using Header = wire::kafka::BatchHeader;
  using Visit = std::function<Result<bool>(const wire::kafka::BatchView&)>;

  // In order until the visitor gives false.
  Result<> each_batch(const store::log::Segment& segment, std::int64_t from, const Visit& visit);
  Result<> collect_keys();
  Result<bool> collect_batch(const wire::kafka::BatchView& batch);
  Result<> rewrite(const std::shared_ptr<store::log::Segment>& segment);
  Result<> take(const wire::kafka::BatchView& batch);
  Result<> take_marker(const wire::kafka::BatchView& batch);
  Result<> take_records(const wire::kafka::BatchView& batch);
  Result<> keep(BytesView batch);
  Result<> keep_rewritten(const wire::kafka::BatchView& batch, std::span<const RecordView> kept,
                          std::optional<std::int64_t> delete_horizon_ms);
  Result<> drop(const wire::kafka::BatchView& batch);
  Result<> finish_group();
  bool aborted(const Header& header) const;
  bool newest_of_producer(const Header& header) const;
  bool stays(const Header& header, const RecordView& record) const;
  Result<std::vector<RecordView>> unpack(const wire::kafka::BatchView& batch);

  CompactionTask task_;
  store::log::FileCache& files_;
  KeyOffsets& keys_;
  const std::function<bool()> stop_;
  const Replace replace_;
  CompactionOutcome outcome_;
  // By producer, sorted by offset.
  std::unordered_map<std::int64_t, std::vector<store::log::AbortedRange>> aborted_;
  // Producers with batches of a transaction whose end has not come yet in this pass.
  std::unordered_set<std::int64_t> open_;
  Bytes plain_;

  std::unique_ptr<store::log::SegmentRewriter> rewriter_;
  Segments sources_;
  std::vector<store::log::AbortedRange> kept_aborted_;
  Header last_;           // of the last batch read
  bool changed_ = false;  // the group differs from its source
};

}  // namespace tidemill::broker::embedded

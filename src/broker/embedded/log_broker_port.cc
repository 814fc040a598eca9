// SPDX-License-Identifier: Apache-2.0
// The port's records, offsets and groups, for the engine, the web server and the command line.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "broker/embedded/blocking.h"
#include "broker/embedded/kafka_fault.h"
#include "broker/embedded/log_broker.h"
#include "broker/embedded/log_writer.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

namespace kafka = wire::kafka;

namespace {

constexpr std::size_t kPlainBytesMax = std::size_t{256} << 20;
constexpr std::chrono::milliseconds kTakeOverLimit{10'000};
constexpr std::chrono::milliseconds kTakeOverRetry{5};

// Walks read batches and says which of them a read_committed reader must not see.
class AbortedFilter {
 public:
  explicit AbortedFilter(const std::vector<AbortedTransaction>& aborted) : aborted_(aborted) {}

  // Asked once per batch, in offset order.
  bool hides(const kafka::BatchHeader& header) {
    while (next_ < aborted_.size() && aborted_[next_].first_offset <= header.last_offset()) {
      producers_.insert(aborted_[next_++].producer_id);
    }
    if (header.control()) {
      producers_.erase(header.producer_id);
      return true;
    }
    return header.transactional() && producers_.contains(header.producer_id);
  }

 private:
  const std::vector<AbortedTransaction>& aborted_;
  std::size_t next_ = 0;
  std::set<std::int64_t> producers_;
};

// The records of the batches from the offset on.
Result<> decode_batches(const ReadBatches& read, std::int64_t from, Isolation isolation,
                        RecordChunk& chunk) {
  AbortedFilter filter(read.aborted);
  bool own_memory = false;
  for (BytesView rest = read.batches; !rest.empty();) {
    const auto batch = TRY(kafka::next_batch(rest));
    if (!batch) break;
    chunk.next_offset = batch->header.last_offset() + 1;
    const bool hidden = filter.hides(batch->header);
    if (batch->header.control() || (hidden && isolation == Isolation::ReadCommitted)) continue;
    TRY(kafka::check_batch_crc(*batch).context(
        fmt::format("batch at offset {}", batch->header.base_offset)));
    auto unpacked = std::make_shared<Bytes>();
    const BytesView plain = TRY(kafka::plain_records(*batch, kPlainBytesMax, *unpacked));
    if (!unpacked->empty()) {
      chunk.memory.push_back(std::move(unpacked));
    } else {
      own_memory = true;
    }
    // A count from the network: what follows must hold as many records of at least 7 bytes.
    chunk.records.reserve(
        chunk.records.size() +
        std::min<std::size_t>(static_cast<std::size_t>(std::max(0, batch->header.record_count)),
                              plain.size() / 7));
    kafka::RecordReader reader(batch->header, plain);
    RecordView record;
    while (TRY(reader.next(record))) {
      if (record.offset < from) continue;
      chunk.bytes += record.key.size() + record.value.size();
      chunk.records.push_back(record);
    }
  }
  if (own_memory) chunk.memory.push_back(read.memory);
  return {};
}

}  // namespace

Result<ProducedAt> LogBroker::produce(const TopicPartition& target,
                                      std::span<const NewRecord> records) {
  const auto partition = TRY(get_partition(target));
  const std::int64_t now = runtime_.clock.wall_ms();
  if (records.empty()) return ProducedAt{partition->offsets().log_end_offset, now};
  Bytes batches;
  TRY(build_batches(
      records, partition->max_message_bytes(), [now] { return kafka::BatchBuilder(now); },
      [&batches](Bytes batch, std::int32_t) -> Result<> {
        if (batches.empty()) {
          batches = std::move(batch);
        } else {
          batches.insert(batches.end(), batch.begin(), batch.end());
        }
        return {};
      }));
  const Appended appended =
      TRY(await_completion<Result<Appended>>([&](Completion<Result<Appended>> done) {
        partition->append(batches, AckWhen::Durable, Origin::Client, std::move(done));
      }));
  std::int64_t timestamp = appended.log_append_time_ms;
  if (timestamp < 0) timestamp = records.front().timestamp_ms;
  return ProducedAt{appended.base_offset, timestamp < 0 ? now : timestamp};
}

Result<std::unique_ptr<TransactionalWriter>> LogBroker::open_writer(
    const std::string& transactional_id) {
  const auto give_up = runtime_.clock.monotonic() + kTakeOverLimit;
  while (true) {
    auto producer =
        await_completion<Result<ProducerIdentity>>([&](Completion<Result<ProducerIdentity>> done) {
          transactions_.init_producer_id(transactional_id, options_.transaction_timeout_max,
                                         std::nullopt, std::move(done));
        });
    if (producer.ok()) {
      return std::unique_ptr<TransactionalWriter>(
          std::make_unique<LogWriter>(*this, transactional_id, *producer));
    }
    // The older writer is in the middle of its end: it will be through in a moment.
    if (kafka_error_of(producer.error()) != KafkaError::ConcurrentTransactions ||
        runtime_.clock.monotonic() >= give_up) {
      return std::move(producer).error();
    }
    const MutexLock lock(mutex_);
    if (closing_) return error(ErrorCode::Unavailable, "the broker stops");
    stopped_.wait_for(mutex_, kTakeOverRetry);
  }
}

Result<std::vector<RecordChunk>> LogBroker::fetch(std::span<const FetchPosition> positions,
                                                  const FetchLimits& limits) {
  struct Bell {
    Mutex mutex;
    CondVar rung;
    bool ringing TM_GUARDED_BY(mutex) = false;
  };
  std::vector<std::shared_ptr<LogPartition>> partitions;
  for (const FetchPosition& position : positions) {
    partitions.push_back(TRY(get_partition(position.source)));
  }
  const auto deadline = runtime_.clock.monotonic() + limits.max_wait;
  while (true) {
    std::vector<RecordChunk> chunks;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const FetchPosition& position = positions[i];
      const ReadBatches read =
          TRY(partitions[i]->read(position.offset, limits.max_bytes, limits.isolation));
      if (read.batches.empty()) continue;
      RecordChunk chunk;
      chunk.source = position.source;
      chunk.log_start_offset = read.log_start_offset;
      chunk.high_watermark = read.high_watermark;
      chunk.last_stable_offset = read.last_stable_offset;
      TRY(decode_batches(read, position.offset, limits.isolation, chunk)
              .context(fmt::format("partition {}-{}", position.source.topic,
                                   position.source.partition)));
      chunks.push_back(std::move(chunk));
    }
    const auto left = deadline - runtime_.clock.monotonic();
    if (!chunks.empty() || left <= std::chrono::nanoseconds::zero() || positions.empty()) {
      return chunks;
    }
    auto bell = std::make_shared<Bell>();
    std::vector<WaitId> waits;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      waits.push_back(partitions[i]->wait_readable(positions[i].offset, limits.isolation, [bell] {
        const MutexLock lock(bell->mutex);
        bell->ringing = true;
        bell->rung.notify_one();
      }));
    }
    bool ringing = false;
    {
      const MutexLock lock(bell->mutex);
      if (!bell->ringing) bell->rung.wait_for(bell->mutex, left);
      ringing = bell->ringing;
    }
    for (std::size_t i = 0; i < positions.size(); ++i) partitions[i]->cancel_wait(waits[i]);
    if (!ringing && runtime_.clock.monotonic() >= deadline) return chunks;
  }
}

Result<std::int64_t> LogBroker::find_offset(const TopicPartition& source, OffsetSpec spec,
                                            std::int64_t timestamp_ms, Isolation isolation) {
  const auto partition = TRY(get_partition(source));
  TRY(partition->health());
  const PartitionOffsets offsets = partition->offsets();
  const std::int64_t end =
      isolation == Isolation::ReadCommitted ? offsets.last_stable_offset : offsets.high_watermark;
  switch (spec) {
    case OffsetSpec::Earliest:
      return offsets.log_start_offset;
    case OffsetSpec::Latest:
      return end;
    case OffsetSpec::Timestamp: {
      const FoundOffset found = TRY(partition->find_timestamp(timestamp_ms, isolation));
      return found.offset < 0 ? end : found.offset;
    }
  }
  return error(ErrorCode::Internal, "unknown kind of offset");
}

Result<std::vector<CommittedOffset>> LogBroker::committed_offsets(const std::string& group) {
  std::vector<CommittedOffset> offsets;
  for (auto& [source, stored] : offsets_.list(group)) {
    offsets.push_back({source, stored.offset, std::move(stored.metadata)});
  }
  return offsets;
}

Result<> LogBroker::commit_offsets(const std::string& group,
                                   std::span<const CommittedOffset> offsets) {
  std::vector<OffsetCommit> commits;
  for (const CommittedOffset& offset : offsets) {
    TRY(get_partition(offset.source));
    commits.push_back(
        {.source = offset.source, .offset = offset.offset, .metadata = offset.metadata});
  }
  return await_completion<Result<>>([&](Completion<Result<>> done) {
    offsets_.commit(group, std::move(commits), std::move(done));
  });
}

Result<std::vector<GroupInfo>> LogBroker::list_groups() {
  GroupDirectory* directory = nullptr;
  {
    const MutexLock lock(mutex_);
    directory = directory_;
  }
  std::vector<GroupInfo> groups;
  if (directory != nullptr) groups = directory->list();
  for (std::string& name : offsets_.groups()) {
    if (std::ranges::find(groups, name, &GroupInfo::group) != groups.end()) continue;
    GroupInfo group;
    group.group = std::move(name);
    group.state = "Empty";
    groups.push_back(std::move(group));
  }
  std::ranges::sort(groups, {}, &GroupInfo::group);
  return groups;
}

Result<GroupInfo> LogBroker::describe_group(const std::string& group) {
  for (GroupInfo& known : TRY(list_groups())) {
    if (known.group == group) return std::move(known);
  }
  return fault(ErrorCode::NotFound, KafkaError::GroupIdNotFound,
               fmt::format("group '{}' does not exist", group));
}

}  // namespace tidemill::broker::embedded

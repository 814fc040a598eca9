// SPDX-License-Identifier: Apache-2.0
#include "stream/testing/fake_broker.h"

#include <algorithm>

namespace tidemill::stream::testing {

class FakeWriter final : public broker::TransactionalWriter {
 public:
  FakeWriter(FakeBroker& broker, std::string id, std::uint64_t epoch)
      : broker_(broker), id_(std::move(id)), epoch_(epoch) {}
  ~FakeWriter() override {
    if (transaction_ != 0) (void)abort();
  }
  Result<> begin() override {
    const MutexLock lock(broker_.mutex_);
    if (broker_.writers_[id_] != epoch_) return error(ErrorCode::Conflict, "writer is fenced");
    transaction_ = broker_.next_transaction_++;
    broker_.open_.insert(transaction_);
    broker_.writer_txn_[id_] = transaction_;
    offsets_.clear();
    return {};
  }
  Result<> write(const TopicPartition& target, std::span<const NewRecord> records) override {
    const MutexLock lock(broker_.mutex_);
    if (broker_.writers_[id_] != epoch_) return error(ErrorCode::Conflict, "writer is fenced");
    if (!broker_.find(target).ok()) return error(ErrorCode::NotFound, "no topic " + target.topic);
    for (const auto& record : records) broker_.append(target, record, transaction_);
    return {};
  }
  Result<> commit_offsets(const std::string& group,
                          std::span<const broker::CommittedOffset> offsets) override {
    for (const auto& offset : offsets) offsets_.emplace_back(group, offset);
    return {};
  }
  Result<> commit() override {
    if (broker_.before_commit) {
      if (auto allowed = broker_.before_commit(); !allowed.ok()) return allowed;
    }
    const MutexLock lock(broker_.mutex_);
    if (broker_.writers_[id_] != epoch_) return error(ErrorCode::Conflict, "writer is fenced");
    broker_.end_transaction(transaction_, true);
    for (const auto& [group, offset] : offsets_) {
      broker_.groups_[group][offset.source.partition] = offset;
    }
    ++broker_.commits_;
    transaction_ = 0;
    broker_.writer_txn_[id_] = 0;
    return {};
  }
  Result<> abort() override {
    const MutexLock lock(broker_.mutex_);
    if (transaction_ != 0 && broker_.open_.contains(transaction_)) {
      broker_.end_transaction(transaction_, false);
    }
    transaction_ = 0;
    return {};
  }

 private:
  FakeBroker& broker_;
  std::string id_;
  std::uint64_t epoch_;
  std::uint64_t transaction_ = 0;
  std::vector<std::pair<std::string, broker::CommittedOffset>> offsets_;
};

void FakeBroker::append(const TopicPartition& target, const NewRecord& record,
                        std::uint64_t transaction) {
  Stored stored;
  if (record.key) stored.key = std::string(as_text(*record.key));
  if (record.value) stored.value = std::string(as_text(*record.value));
  stored.headers = std::string(as_text(record.headers));
  stored.timestamp_ms = record.timestamp_ms;
  stored.transaction = transaction;
  topics_[target.topic][static_cast<std::size_t>(target.partition)].push_back(std::move(stored));
  if (transaction != 0) touched_[transaction].insert(target);
  grown_.notify_all();
}

void FakeBroker::end_transaction(std::uint64_t id, bool commit) {
  open_.erase(id);
  if (!commit) aborted_.insert(id);
  for (const auto& target : touched_[id]) {
    Stored marker;
    marker.marker = true;
    const auto topic = topics_.find(target.topic);
    if (topic == topics_.end()) continue;
    topic->second[static_cast<std::size_t>(target.partition)].push_back(marker);
  }
  touched_.erase(id);
  grown_.notify_all();
}

std::int64_t FakeBroker::stable_end(const Partition& partition) const {
  for (std::size_t i = 0; i < partition.size(); ++i) {
    if (open_.contains(partition[i].transaction)) return static_cast<std::int64_t>(i);
  }
  return static_cast<std::int64_t>(partition.size());
}

Result<FakeBroker::Partition*> FakeBroker::find(const TopicPartition& source) {
  const auto topic = topics_.find(source.topic);
  if (topic == topics_.end() ||
      static_cast<std::size_t>(source.partition) >= topic->second.size()) {
    return error(ErrorCode::NotFound, "topic '" + source.topic + "' does not exist");
  }
  return &topic->second[static_cast<std::size_t>(source.partition)];
}

Result<broker::TopicInfo> FakeBroker::create_topic(const broker::NewTopic& topic) {
  {
    const MutexLock lock(mutex_);
    if (topics_.contains(topic.name)) return error(ErrorCode::AlreadyExists, "topic exists");
    topics_[topic.name].resize(static_cast<std::size_t>(std::max(topic.partitions, 1)));
  }
  return describe_topic(topic.name);
}

Result<> FakeBroker::delete_topic(const std::string& topic) {
  const MutexLock lock(mutex_);
  if (topics_.erase(topic) == 0) return error(ErrorCode::NotFound, "no topic");
  return {};
}

Result<> FakeBroker::create_partitions(const std::string& topic, std::int32_t total) {
  const MutexLock lock(mutex_);
  topics_[topic].resize(static_cast<std::size_t>(total));
  return {};
}

Result<std::vector<broker::TopicInfo>> FakeBroker::list_topics() {
  return std::vector<broker::TopicInfo>();
}

Result<broker::TopicInfo> FakeBroker::describe_topic(const std::string& topic) {
  const MutexLock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) {
    return error(ErrorCode::NotFound, "topic '" + topic + "' does not exist");
  }
  broker::TopicInfo info;
  info.name = topic;
  for (std::size_t i = 0; i < found->second.size(); ++i) {
    broker::PartitionInfo partition;
    partition.partition = static_cast<std::int32_t>(i);
    partition.high_watermark = static_cast<std::int64_t>(found->second[i].size());
    partition.last_stable_offset = stable_end(found->second[i]);
    info.partitions.push_back(partition);
  }
  return info;
}

Result<broker::ProducedAt> FakeBroker::produce(const TopicPartition& target,
                                               std::span<const NewRecord> records) {
  const MutexLock lock(mutex_);
  auto* partition = TRY(find(target));
  const auto base = static_cast<std::int64_t>(partition->size());
  for (const auto& record : records) append(target, record, 0);
  return broker::ProducedAt{base, records.empty() ? -1 : records[0].timestamp_ms};
}

Result<std::unique_ptr<broker::TransactionalWriter>> FakeBroker::open_writer(
    const std::string& id) {
  const MutexLock lock(mutex_);
  if (const auto open = writer_txn_[id]; open_.contains(open)) end_transaction(open, false);
  const auto epoch = ++writers_[id];
  return std::unique_ptr<broker::TransactionalWriter>(
      std::make_unique<FakeWriter>(*this, id, epoch));
}

Result<std::vector<RecordChunk>> FakeBroker::fetch(std::span<const broker::FetchPosition> positions,
                                                   const broker::FetchLimits& limits) {
  mutex_.lock();
  std::vector<RecordChunk> chunks;
  for (int turn = 0; turn < 2; ++turn) {
    for (const auto& position : positions) {
      auto found = find(position.source);
      if (!found.ok()) {
        mutex_.unlock();
        return std::move(found).error();
      }
      const Partition& partition = **found;
      const std::int64_t end = stable_end(partition);
      if (position.offset > static_cast<std::int64_t>(partition.size()) ||
          position.offset < std::min(log_start_[position.source.topic],
                                     static_cast<std::int64_t>(partition.size()))) {
        mutex_.unlock();
        return error(ErrorCode::InvalidArgument, "offset out of range");
      }
      if (position.offset >= end) continue;
      RecordChunk chunk;
      chunk.source = position.source;
      chunk.high_watermark = static_cast<std::int64_t>(partition.size());
      chunk.last_stable_offset = end;
      auto memory = std::make_shared<Bytes>();
      std::size_t total = 0;
      for (const auto& stored : partition) {
        total += stored.headers.size() + stored.key.value_or("").size() +
                 stored.value.value_or("").size() + 1;
      }
      memory->reserve(total);
      const auto keep = [&](const std::string& text) {
        const std::size_t at = memory->size();
        memory->insert(memory->end(), text.begin(), text.end());
        return BytesView(memory->data() + at, text.size());
      };
      for (auto at = position.offset; at < end; ++at) {
        const Stored& stored = partition[static_cast<std::size_t>(at)];
        chunk.next_offset = at + 1;
        if (stored.marker || aborted_.contains(stored.transaction)) continue;
        RecordView view;
        view.offset = at;
        view.timestamp_ms = stored.timestamp_ms;
        if (stored.key) view.key = keep(*stored.key);
        if (stored.value) view.value = keep(*stored.value);
        view.headers = keep(stored.headers);
        chunk.bytes += view.key.size() + view.value.size();
        chunk.records.push_back(view);
        if (chunk.bytes >= limits.max_bytes) break;
      }
      chunk.memory.push_back(std::move(memory));
      chunks.push_back(std::move(chunk));
    }
    if (!chunks.empty() || limits.max_wait.count() == 0 || turn == 1) break;
    grown_.wait_for(mutex_, limits.max_wait);
  }
  mutex_.unlock();
  return chunks;
}

Result<std::int64_t> FakeBroker::find_offset(const TopicPartition& source, broker::OffsetSpec spec,
                                             std::int64_t, broker::Isolation) {
  if (before_find_offset) before_find_offset();
  const MutexLock lock(mutex_);
  const auto* partition = TRY(find(source));
  if (spec == broker::OffsetSpec::Earliest) {
    return std::min(log_start_[source.topic], static_cast<std::int64_t>(partition->size()));
  }
  return stable_end(*partition);
}

Result<std::vector<broker::CommittedOffset>> FakeBroker::committed_offsets(
    const std::string& group) {
  const MutexLock lock(mutex_);
  std::vector<broker::CommittedOffset> offsets;
  for (const auto& [partition, offset] : groups_[group]) offsets.push_back(offset);
  return offsets;
}

Result<> FakeBroker::commit_offsets(const std::string&, std::span<const broker::CommittedOffset>) {
  return {};
}

std::vector<FakeBroker::Stored> FakeBroker::committed(const std::string& topic) const {
  const MutexLock lock(mutex_);
  std::vector<Stored> all;
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return all;
  for (const auto& partition : found->second) {
    for (const auto& stored : partition) {
      if (stored.marker || aborted_.contains(stored.transaction) ||
          open_.contains(stored.transaction)) {
        continue;
      }
      all.push_back(stored);
    }
  }
  return all;
}

std::map<std::int32_t, std::int64_t> FakeBroker::group(const std::string& name) const {
  const MutexLock lock(mutex_);
  const auto found = groups_.find(name);
  std::map<std::int32_t, std::int64_t> next;
  if (found == groups_.end()) return next;
  for (const auto& [partition, offset] : found->second) next[partition] = offset.offset;
  return next;
}

std::size_t FakeBroker::commits() const {
  const MutexLock lock(mutex_);
  return commits_;
}

}  // namespace tidemill::stream::testing

// SPDX-License-Identifier: Apache-2.0
#include "broker/testing/memory_broker.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::broker::testing {
namespace {

std::optional<std::string> copied(const std::optional<BytesView>& bytes) {
  if (!bytes || bytes->data() == nullptr) return std::nullopt;
  return std::string(as_text(*bytes));
}

Error no_topic(const std::string& topic) {
  return error(ErrorCode::NotFound, fmt::format("topic '{}' does not exist", topic));
}

}  // namespace

class MemoryWriter final : public TransactionalWriter {
 public:
  MemoryWriter(MemoryBroker& broker, std::string id, std::uint64_t epoch)
      : broker_(broker), id_(std::move(id)), epoch_(epoch) {}

  Result<> begin() override {
    const MutexLock lock(broker_.mutex_);
    TRY(check_not_fenced());
    open_ = true;
    return {};
  }

  Result<> write(const TopicPartition& target, std::span<const NewRecord> records) override {
    const MutexLock lock(broker_.mutex_);
    TRY(check_open());
    TRY(broker_.partition(target));
    for (const NewRecord& record : records) pending_.emplace_back(target, broker_.stored(record));
    return {};
  }

  Result<> commit_offsets(const std::string& group,
                          std::span<const CommittedOffset> offsets) override {
    const MutexLock lock(broker_.mutex_);
    TRY(check_open());
    for (const CommittedOffset& offset : offsets) groups_[group][offset.source] = offset;
    return {};
  }

  Result<> commit() override {
    const MutexLock lock(broker_.mutex_);
    TRY(check_open());
    if (broker_.commit_fails_) return error(ErrorCode::Unavailable, "commits fail in this test");
    for (auto& [target, record] : pending_) {
      TRY(broker_.partition(target))->push_back(std::move(record));
    }
    for (const auto& [group, offsets] : groups_) {
      for (const auto& [source, offset] : offsets) broker_.groups_[group][source] = offset;
    }
    ++broker_.commits_;
    clear();
    broker_.grown_.notify_all();
    return {};
  }

  Result<> abort() override {
    const MutexLock lock(broker_.mutex_);
    clear();
    return {};
  }

 private:
  Result<> check_not_fenced() TM_REQUIRES(broker_.mutex_) {
    if (broker_.writer_epochs_[id_] == epoch_) return {};
    return error(ErrorCode::Conflict, fmt::format("writer '{}' is fenced by a newer one", id_));
  }
  Result<> check_open() TM_REQUIRES(broker_.mutex_) {
    TRY(check_not_fenced());
    if (open_) return {};
    return error(ErrorCode::InvalidArgument, "no transaction is open");
  }
  void clear() {
    open_ = false;
    pending_.clear();
    groups_.clear();
  }

  MemoryBroker& broker_;
  std::string id_;
  std::uint64_t epoch_;
  bool open_ = false;
  MemoryBroker::Pending pending_;
  MemoryBroker::Groups groups_;
};

std::vector<Stored> MemoryBroker::records(const std::string& topic, std::int32_t partition) const {
  const MutexLock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return {};
  return found->second.partitions.at(static_cast<std::size_t>(partition));
}

void MemoryBroker::commit_fails(bool fails) {
  const MutexLock lock(mutex_);
  commit_fails_ = fails;
}

std::uint64_t MemoryBroker::commits() const {
  const MutexLock lock(mutex_);
  return commits_;
}

Result<TopicInfo> MemoryBroker::create_topic(const NewTopic& topic) {
  const MutexLock lock(mutex_);
  if (topics_.contains(topic.name)) {
    return error(ErrorCode::AlreadyExists, fmt::format("topic '{}' exists", topic.name));
  }
  Topic made;
  made.configs = topic.configs;
  made.id.bytes[15] = static_cast<std::uint8_t>(++topics_made_);
  made.partitions.resize(topic.partitions < 1 ? 1 : static_cast<std::size_t>(topic.partitions));
  const auto at = topics_.emplace(topic.name, std::move(made)).first;
  return info(topic.name, at->second);
}

Result<> MemoryBroker::delete_topic(const std::string& topic) {
  const MutexLock lock(mutex_);
  if (topics_.erase(topic) == 0) return no_topic(topic);
  return {};
}

Result<> MemoryBroker::create_partitions(const std::string& topic, std::int32_t total) {
  const MutexLock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return no_topic(topic);
  found->second.partitions.resize(static_cast<std::size_t>(total));
  return {};
}

Result<> MemoryBroker::alter_topic(
    const std::string& topic, const std::map<std::string, std::optional<std::string>>& configs) {
  const MutexLock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return no_topic(topic);
  for (const auto& [name, value] : configs) {
    if (value) {
      found->second.configs[name] = *value;
    } else {
      found->second.configs.erase(name);
    }
  }
  return {};
}

Result<std::vector<TopicInfo>> MemoryBroker::list_topics() {
  const MutexLock lock(mutex_);
  std::vector<TopicInfo> infos;
  for (const auto& [name, topic] : topics_) infos.push_back(info(name, topic));
  return infos;
}

Result<TopicInfo> MemoryBroker::describe_topic(const std::string& topic) {
  const MutexLock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return no_topic(topic);
  return info(topic, found->second);
}

TopicInfo MemoryBroker::info(const std::string& name, const Topic& topic) const {
  TopicInfo info;
  info.name = name;
  info.id = topic.id;
  info.internal = name.starts_with('_');
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    PartitionInfo partition;
    partition.partition = static_cast<std::int32_t>(i);
    partition.high_watermark = static_cast<std::int64_t>(topic.partitions[i].size());
    partition.last_stable_offset = partition.high_watermark;
    info.partitions.push_back(partition);
  }
  for (const auto& [config, value] : topic.configs) info.configs.push_back({config, value, false});
  return info;
}

Result<std::vector<Stored>*> MemoryBroker::partition(const TopicPartition& target) {
  const auto found = topics_.find(target.topic);
  if (found == topics_.end()) return no_topic(target.topic);
  auto& partitions = found->second.partitions;
  if (target.partition < 0 || static_cast<std::size_t>(target.partition) >= partitions.size()) {
    return error(ErrorCode::NotFound,
                 fmt::format("topic '{}' has no partition {}", target.topic, target.partition));
  }
  return &partitions[static_cast<std::size_t>(target.partition)];
}

Stored MemoryBroker::stored(const NewRecord& record) {
  Stored made;
  made.key = copied(record.key);
  made.value = copied(record.value);
  made.timestamp_ms = record.timestamp_ms >= 0 ? record.timestamp_ms : next_timestamp_ms_++;
  made.headers.assign(record.headers.begin(), record.headers.end());
  return made;
}

Result<ProducedAt> MemoryBroker::produce(const TopicPartition& target,
                                         std::span<const NewRecord> records) {
  const MutexLock lock(mutex_);
  auto* log = TRY(partition(target));
  ProducedAt at;
  at.base_offset = static_cast<std::int64_t>(log->size());
  for (const NewRecord& record : records) log->push_back(stored(record));
  if (!records.empty()) {
    at.timestamp_ms = (*log)[static_cast<std::size_t>(at.base_offset)].timestamp_ms;
  }
  grown_.notify_all();
  return at;
}

Result<std::unique_ptr<TransactionalWriter>> MemoryBroker::open_writer(
    const std::string& transactional_id) {
  const MutexLock lock(mutex_);
  const std::uint64_t epoch = ++writer_epochs_[transactional_id];
  return std::unique_ptr<TransactionalWriter>(
      std::make_unique<MemoryWriter>(*this, transactional_id, epoch));
}

Result<std::vector<RecordChunk>> MemoryBroker::fetch(std::span<const FetchPosition> positions,
                                                     const FetchLimits& limits) {
  const MutexLock lock(mutex_);
  for (int round = 0;; ++round) {
    std::vector<RecordChunk> chunks;
    for (const FetchPosition& position : positions) {
      const auto* log = TRY(partition(position.source));
      if (position.offset < 0 || static_cast<std::size_t>(position.offset) > log->size()) {
        return error(ErrorCode::InvalidArgument,
                     fmt::format("offset {} of '{}' is out of range", position.offset,
                                 position.source.topic));
      }
      const auto from = static_cast<std::size_t>(position.offset);
      if (from == log->size()) continue;
      RecordChunk chunk;
      chunk.source = position.source;
      const auto size_of = [](const Stored& record) {
        return (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0) +
               record.headers.size();
      };
      std::size_t end = from;
      std::size_t bytes = 0;
      while (end < log->size() &&
             (end == from || bytes + size_of((*log)[end]) <= limits.max_bytes)) {
        bytes += size_of((*log)[end++]);
      }
      // One byte more, so that an empty text has an address of its own.
      auto memory = std::make_shared<Bytes>(bytes + 1);
      std::uint8_t* to = memory->data();
      const auto view = [&](std::string_view text) {
        std::copy(text.begin(), text.end(), to);
        const BytesView placed(to, text.size());
        to += text.size();
        return placed;
      };
      for (std::size_t i = from; i < end; ++i) {
        const Stored& record = (*log)[i];
        RecordView made;
        made.offset = static_cast<std::int64_t>(i);
        made.timestamp_ms = record.timestamp_ms;
        if (record.key) made.key = view(*record.key);
        if (record.value) made.value = view(*record.value);
        if (!record.headers.empty()) made.headers = view(as_text(record.headers));
        chunk.bytes += made.key.size() + made.value.size();
        chunk.records.push_back(made);
      }
      chunk.memory.push_back(std::move(memory));
      chunk.next_offset = static_cast<std::int64_t>(end);
      chunk.high_watermark = static_cast<std::int64_t>(log->size());
      chunk.last_stable_offset = chunk.high_watermark;
      chunks.push_back(std::move(chunk));
    }
    if (!chunks.empty() || round > 0 || limits.max_wait.count() == 0) return chunks;
    grown_.wait_for(mutex_, limits.max_wait);
  }
}

Result<std::int64_t> MemoryBroker::find_offset(const TopicPartition& source, OffsetSpec spec,
                                               std::int64_t timestamp_ms, Isolation) {
  const MutexLock lock(mutex_);
  const auto* log = TRY(partition(source));
  switch (spec) {
    case OffsetSpec::Earliest:
      return std::int64_t{0};
    case OffsetSpec::Latest:
      return static_cast<std::int64_t>(log->size());
    case OffsetSpec::Timestamp:
      break;
  }
  const auto found = std::ranges::find_if(
      *log, [&](const Stored& record) { return record.timestamp_ms >= timestamp_ms; });
  return static_cast<std::int64_t>(found - log->begin());
}

Result<std::vector<CommittedOffset>> MemoryBroker::committed_offsets(const std::string& group) {
  const MutexLock lock(mutex_);
  std::vector<CommittedOffset> offsets;
  if (const auto found = groups_.find(group); found != groups_.end()) {
    for (const auto& [source, offset] : found->second) offsets.push_back(offset);
  }
  return offsets;
}

Result<> MemoryBroker::commit_offsets(const std::string& group,
                                      std::span<const CommittedOffset> offsets) {
  const MutexLock lock(mutex_);
  for (const CommittedOffset& offset : offsets) groups_[group][offset.source] = offset;
  return {};
}

Result<std::vector<GroupInfo>> MemoryBroker::list_groups() {
  const MutexLock lock(mutex_);
  std::vector<GroupInfo> infos;
  for (const auto& [name, offsets] : groups_) infos.push_back({name, "Empty", "", "", {}});
  return infos;
}

Result<GroupInfo> MemoryBroker::describe_group(const std::string& group) {
  const MutexLock lock(mutex_);
  if (!groups_.contains(group)) {
    return error(ErrorCode::NotFound, fmt::format("group '{}' does not exist", group));
  }
  return GroupInfo{group, "Empty", "", "", {}};
}

}  // namespace tidemill::broker::testing

// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/log_offset_store.h"

#include <fmt/format.h>

#include <utility>

#include "broker/embedded/blocking.h"
#include "broker/embedded/offset_records.h"
#include "runtime/log.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

namespace kafka = wire::kafka;

namespace {

constexpr std::size_t kReplayBytes = 1 << 20;
constexpr std::size_t kPlainBytesMax = std::size_t{64} << 20;
constexpr std::size_t kSnapshotBatchBytes = 512 << 10;

NewRecord record_of(const Bytes& key, const std::optional<Bytes>& value) {
  NewRecord record;
  record.key = BytesView{key};
  if (value) record.value = BytesView{*value};
  return record;
}

}  // namespace

std::int32_t coordinator_partition(std::string_view name, std::int32_t partitions) {
  // Java hashes UTF-16 units; names outside of ASCII may land elsewhere than in Kafka, always the
  // same.
  std::uint32_t hash = 0;
  for (const char c : name) hash = hash * 31 + static_cast<std::uint8_t>(c);
  return static_cast<std::int32_t>((hash & 0x7fffffffU) % static_cast<std::uint32_t>(partitions));
}

LogPartition& LogOffsetStore::partition_of(std::string_view group) const {
  const auto index = coordinator_partition(group, static_cast<std::int32_t>(partitions_.size()));
  return *partitions_[static_cast<std::size_t>(index)];
}

Result<> LogOffsetStore::open(std::vector<std::shared_ptr<LogPartition>> partitions) {
  partitions_ = std::move(partitions);
  // A damaged one refuses its groups by itself.
  for (const auto& partition : partitions_) {
    if (partition->health().ok()) TRY(replay(*partition));
  }
  return {};
}

Result<> LogOffsetStore::replay(LogPartition& partition) {
  std::int64_t offset = partition.offsets().log_start_offset;
  while (true) {
    const ReadBatches read = TRY(partition.read(offset, kReplayBytes, Isolation::ReadUncommitted));
    if (read.batches.empty()) return {};
    for (BytesView rest = read.batches; !rest.empty();) {
      const auto frame = TRY(store::log::parse_frame(rest));
      TRY(replay_batch(rest.first(frame.size))
              .context(fmt::format("in {}-{} at offset {}", partition.topic(), partition.index(),
                                   frame.base_offset)));
      offset = frame.next_offset();
      rest = rest.subspan(frame.size);
    }
  }
}

Result<> LogOffsetStore::replay_batch(BytesView batch) {
  const kafka::BatchView view{TRY(kafka::parse_batch_header(batch)), batch};
  if (view.header.control()) {
    const auto marker = store::log::parse_end_marker(batch);
    if (marker.ok()) {
      complete_transaction(view.header.producer_id, marker->commit, view.header.base_offset);
    }
    return {};
  }
  Bytes unpacked;
  const BytesView plain = TRY(kafka::plain_records(view, kPlainBytesMax, unpacked));
  kafka::RecordReader reader(view.header, plain);
  RecordView record;
  const MutexLock lock(mutex_);
  while (TRY(reader.next(record))) {
    const auto key = TRY(decode_offset_key(record.key));
    if (!key) {
      Bytes name(record.key.begin(), record.key.end());
      if (record.has_value()) {
        group_records_[std::move(name)] = Bytes(record.value.begin(), record.value.end());
      } else {
        group_records_.erase(name);
      }
      continue;
    }
    Change change{.group = key->group, .source = key->source, .value = {}};
    if (record.has_value()) change.value = TRY(decode_offset_value(record.value));
    if (view.header.transactional() && change.value) {
      add_pending(
          change.group, view.header.producer_id,
          {change.source, change.value->offset, change.value->leader_epoch, change.value->metadata},
          change.value->commit_timestamp_ms);
    } else {
      apply(change, record.offset);
    }
  }
  return {};
}

void LogOffsetStore::apply(const Change& change, std::int64_t log_offset) {
  GroupOffsets& offsets = groups_[change.group];
  const auto known = offsets.find(change.source);
  if (known != offsets.end() && known->second.log_offset > log_offset) return;
  if (change.value) {
    offsets[change.source] = Entry{*change.value, log_offset};
  } else if (known != offsets.end()) {
    offsets.erase(known);
  }
  if (offsets.empty()) groups_.erase(change.group);
}

void LogOffsetStore::add_pending(const std::string& group, std::int64_t producer_id,
                                 OffsetCommit commit, std::int64_t timestamp_ms) {
  pending_[producer_id].push_back({group, std::move(commit), timestamp_ms});
}

void LogOffsetStore::append(const std::string& group, Bytes batch, AckWhen when,
                            Completion<Result<Appended>> done) {
  {
    const MutexLock lock(mutex_);
    ++in_flight_;
  }
  partition_of(group).append(batch, when, Origin::Coordinator, std::move(done));
}

void LogOffsetStore::commit(const std::string& group, std::vector<OffsetCommit> offsets,
                            Completion<Result<>> done) {
  const std::int64_t now = clock_.wall_ms();
  kafka::BatchBuilder builder(now);
  std::vector<Change> changes;
  changes.reserve(offsets.size());
  for (OffsetCommit& commit : offsets) {
    const StoredOffset stored{.offset = commit.offset,
                              .leader_epoch = commit.leader_epoch,
                              .metadata = std::move(commit.metadata),
                              .commit_timestamp_ms = now};
    const Bytes key = encode_offset_key(group, commit.source);
    builder.add(record_of(key, encode_offset_value(stored)));
    changes.push_back({group, std::move(commit.source), stored});
  }
  if (changes.empty()) {
    done({});
    return;
  }
  auto batch = builder.finish();
  if (!batch.ok()) {
    done(std::move(batch).error());
    return;
  }
  append(group, *std::move(batch), AckWhen::Durable,
         [this, changes = std::move(changes),
          done = std::move(done)](Result<Appended> appended) mutable {
           {
             const MutexLock lock(mutex_);
             --in_flight_;
             if (appended.ok()) {
               std::int64_t at = appended->base_offset;
               for (const Change& change : changes) apply(change, at++);
             }
           }
           done(appended.ok() ? Result<>{} : Result<>(std::move(appended).error()));
         });
}

void LogOffsetStore::commit_in_transaction(const std::string& group, ProducerIdentity producer,
                                           std::vector<OffsetCommit> offsets, AckWhen when,
                                           Completion<Result<>> done) {
  const std::int64_t now = clock_.wall_ms();
  // Kafka's coordinator writes sequence 0 too; nobody checks it.
  kafka::BatchBuilder builder(
      now, {.id = producer.id, .epoch = producer.epoch, .base_sequence = 0, .transactional = true});
  for (const OffsetCommit& commit : offsets) {
    const Bytes key = encode_offset_key(group, commit.source);
    builder.add(record_of(key, encode_offset_value({.offset = commit.offset,
                                                    .leader_epoch = commit.leader_epoch,
                                                    .metadata = commit.metadata,
                                                    .commit_timestamp_ms = now})));
  }
  if (offsets.empty()) {
    done({});
    return;
  }
  auto batch = builder.finish();
  if (!batch.ok()) {
    done(std::move(batch).error());
    return;
  }
  append(group, *std::move(batch), when,
         [this, group, producer, now, offsets = std::move(offsets),
          done = std::move(done)](Result<Appended> appended) mutable {
           {
             const MutexLock lock(mutex_);
             --in_flight_;
             if (appended.ok()) {
               for (OffsetCommit& commit : offsets) {
                 add_pending(group, producer.id, std::move(commit), now);
               }
             }
           }
           done(appended.ok() ? Result<>{} : Result<>(std::move(appended).error()));
         });
}

void LogOffsetStore::complete_transaction(std::int64_t producer_id, bool commit,
                                          std::int64_t marker_offset) {
  const MutexLock lock(mutex_);
  const auto found = pending_.find(producer_id);
  if (found == pending_.end()) return;
  if (commit) {
    for (PendingOffset& pending : found->second) {
      apply({std::move(pending.group), std::move(pending.commit.source),
             StoredOffset{.offset = pending.commit.offset,
                          .leader_epoch = pending.commit.leader_epoch,
                          .metadata = std::move(pending.commit.metadata),
                          .commit_timestamp_ms = pending.timestamp_ms}},
            marker_offset);
    }
  }
  pending_.erase(found);
}

std::optional<StoredOffset> LogOffsetStore::find(const std::string& group,
                                                 const TopicPartition& source) const {
  const MutexLock lock(mutex_);
  std::optional<StoredOffset> found;
  if (const auto known = groups_.find(group); known != groups_.end()) {
    if (const auto at = known->second.find(source); at != known->second.end()) {
      found = at->second.stored;
    }
  }
  for (const auto& [producer, offsets] : pending_) {
    for (const PendingOffset& pending : offsets) {
      if (pending.group != group || pending.commit.source != source) continue;
      if (!found) found.emplace();
      found->pending = true;
    }
  }
  return found;
}

std::vector<std::pair<TopicPartition, StoredOffset>> LogOffsetStore::list(
    const std::string& group) const {
  const MutexLock lock(mutex_);
  std::vector<std::pair<TopicPartition, StoredOffset>> listed;
  const auto known = groups_.find(group);
  if (known == groups_.end()) return listed;
  for (const auto& [source, entry] : known->second) listed.emplace_back(source, entry.stored);
  for (const auto& [producer, offsets] : pending_) {
    for (const PendingOffset& pending : offsets) {
      if (pending.group != group) continue;
      for (auto& [source, stored] : listed) {
        if (source == pending.commit.source) stored.pending = true;
      }
    }
  }
  return listed;
}

std::vector<std::string> LogOffsetStore::groups() const {
  const MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, offsets] : groups_) names.push_back(name);
  return names;
}

void LogOffsetStore::erase(const std::string& group, std::vector<TopicPartition> sources,
                           Completion<Result<>> done) {
  kafka::BatchBuilder builder(clock_.wall_ms());
  for (const TopicPartition& source : sources) {
    builder.add(record_of(encode_offset_key(group, source), std::nullopt));
  }
  if (sources.empty()) {
    done({});
    return;
  }
  auto batch = builder.finish();
  if (!batch.ok()) {
    done(std::move(batch).error());
    return;
  }
  append(group, *std::move(batch), AckWhen::Durable,
         [this, group, sources = std::move(sources),
          done = std::move(done)](Result<Appended> appended) mutable {
           {
             const MutexLock lock(mutex_);
             --in_flight_;
             if (appended.ok()) {
               std::int64_t at = appended->base_offset;
               for (TopicPartition& source : sources) apply({group, std::move(source), {}}, at++);
             }
           }
           done(appended.ok() ? Result<>{} : Result<>(std::move(appended).error()));
         });
}

void LogOffsetStore::erase_group(const std::string& group, Completion<Result<>> done) {
  std::vector<TopicPartition> sources;
  for (auto& [source, stored] : list(group)) sources.push_back(std::move(source));
  erase(group, std::move(sources), std::move(done));
}

void LogOffsetStore::erase_topic(const std::string& topic) {
  std::map<std::string, std::vector<TopicPartition>> sources;
  {
    const MutexLock lock(mutex_);
    for (const auto& [group, offsets] : groups_) {
      for (const auto& [source, entry] : offsets) {
        if (source.topic == topic) sources[group].push_back(source);
      }
    }
  }
  for (auto& [group, list] : sources) {
    erase(group, std::move(list), [topic](const Result<>& erased) {
      if (!erased.ok()) {
        log_warning("broker", "committed offsets of deleted topic '{}' stay: {}", topic,
                    erased.error().message);
      }
    });
  }
}

void LogOffsetStore::write_group_records(const std::string& group, std::vector<GroupRecord> records,
                                         Completion<Result<>> done) {
  kafka::BatchBuilder builder(clock_.wall_ms());
  for (const GroupRecord& record : records) builder.add(record_of(record.key, record.value));
  if (records.empty()) {
    done({});
    return;
  }
  auto batch = builder.finish();
  if (!batch.ok()) {
    done(std::move(batch).error());
    return;
  }
  append(group, *std::move(batch), AckWhen::Durable,
         [this, records = std::move(records),
          done = std::move(done)](Result<Appended> appended) mutable {
           {
             const MutexLock lock(mutex_);
             --in_flight_;
             if (appended.ok()) {
               for (GroupRecord& record : records) {
                 if (record.value) {
                   group_records_[std::move(record.key)] = *std::move(record.value);
                 } else {
                   group_records_.erase(record.key);
                 }
               }
             }
           }
           done(appended.ok() ? Result<>{} : Result<>(std::move(appended).error()));
         });
}

std::vector<GroupRecord> LogOffsetStore::take_group_records() {
  const MutexLock lock(mutex_);
  std::vector<GroupRecord> records;
  for (const auto& [key, value] : group_records_) records.push_back({key, value});
  return records;
}

// Everything one partition keeps, as a row of batches.
Result<Bytes> LogOffsetStore::snapshot(std::size_t partition) const {
  const auto count = static_cast<std::int32_t>(partitions_.size());
  const auto here = [&](std::string_view group) {
    return coordinator_partition(group, count) == static_cast<std::int32_t>(partition);
  };
  kafka::BatchBuilder builder(clock_.wall_ms());
  Bytes batches;
  const auto flush = [&](std::size_t least) -> Result<> {
    if (builder.count() == 0 || builder.plain_bytes() < least) return {};
    const Bytes batch = TRY(builder.finish());
    batches.insert(batches.end(), batch.begin(), batch.end());
    return {};
  };
  for (const auto& [key, value] : group_records_) {
    if (!here(TRY(group_of_key(key)))) continue;
    builder.add(record_of(key, value));
    TRY(flush(kSnapshotBatchBytes));
  }
  for (const auto& [group, offsets] : groups_) {
    if (!here(group)) continue;
    for (const auto& [source, entry] : offsets) {
      const Bytes key = encode_offset_key(group, source);
      builder.add(record_of(key, encode_offset_value(entry.stored)));
      TRY(flush(kSnapshotBatchBytes));
    }
  }
  TRY(flush(0));
  return batches;
}

Result<> LogOffsetStore::compact(std::uint64_t bytes_max) {
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    LogPartition& partition = *partitions_[i];
    if (partition.bytes_on_disk() <= bytes_max) continue;
    Result<Appended> appended;
    {
      // What is in the log but not in the maps, or in no map yet, must not end up below the
      // snapshot: come back later.
      const MutexLock lock(mutex_);
      if (in_flight_ > 0 || !pending_.empty()) continue;
      Bytes batches = TRY(snapshot(i));
      if (batches.empty()) continue;
      partition.append(batches, AckWhen::Written, Origin::Coordinator,
                       [&appended](Result<Appended> outcome) { appended = std::move(outcome); });
      if (!appended.ok()) return std::move(appended).error();
    }
    TRY(await_completion<Result<>>(
        [&partition](Completion<Result<>> done) { partition.sync(std::move(done)); }));
    TRY(partition.delete_records(appended->base_offset));
  }
  return {};
}

}  // namespace tidemill::broker::embedded

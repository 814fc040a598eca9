// SPDX-License-Identifier: Apache-2.0
// Opening, closing and upkeep of the folder. Topics: log_broker_topics.cc; the port's records and
// groups: log_broker_port.cc.
#include "broker/embedded/log_broker.h"

#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <set>

#include "broker/embedded/blocking.h"
#include "broker/embedded/kafka_fault.h"
#include "runtime/log.h"

namespace tidemill::broker::embedded {
namespace {

constexpr std::string_view kRegistryFile = "topics.registry";
constexpr std::string_view kFlushedFile = "flushed-offsets";
constexpr std::string_view kCleanFile = "clean-shutdown";
// One partition each: commits of all groups and transactions then share one sync.
constexpr std::int32_t kInternalPartitions = 1;
constexpr std::uint64_t kInternalBytesMax = std::uint64_t{32} << 20;
constexpr std::chrono::milliseconds kTick{500};
// From so many on one sync of the file system is quicker than those of all their files.
constexpr std::size_t kManyPartitions = 256;

store::log::SyncBy sync_by(std::size_t partitions) {
  return partitions < kManyPartitions ? store::log::SyncBy::File : store::log::SyncBy::Caller;
}

}  // namespace

Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::open(EmbeddedOptions options,
                                                             EmbeddedRuntime runtime) {
  // What says the same as Kafka's default is shown as that: clients tell the two apart.
  std::erase_if(options.topic_defaults, [](const auto& entry) {
    const TopicConfigSpec* const spec = find_topic_config(entry.first);
    return spec != nullptr && spec->default_value == entry.second;
  });
  auto broker = std::make_unique<LogBroker>(std::move(options), runtime);
  TRY(broker->start());
  return std::unique_ptr<EmbeddedBroker>(std::move(broker));
}

LogBroker::LogBroker(EmbeddedOptions options, EmbeddedRuntime runtime)
    : options_(std::move(options)),
      runtime_(runtime),
      metrics_(runtime.metrics),
      files_(runtime.disk, options_.open_files_max),
      flusher_(runtime.clock),
      ids_(runtime.disk, path("producer-ids")),
      offsets_(runtime.clock),
      transactions_(
          {.clock = runtime.clock,
           .ids = ids_,
           .offsets = offsets_,
           .find_partition = [this](const TopicPartition& which) -> std::shared_ptr<LogPartition> {
             auto found = get_partition(which);
             return found.ok() ? *std::move(found) : nullptr;
           },
           .all_partitions = [this] { return all_partitions(); },
           .timeout_max = options_.transaction_timeout_max}) {}

LogBroker::~LogBroker() {
  if (const auto closed = close(); !closed.ok()) {
    log_error("broker", "the log was not closed cleanly: {}", closed.error().message);
  }
}

Result<> LogBroker::lock_folder() {
  lock_file_ = TRY(runtime_.disk.open(path("lock"), OpenMode::ReadWrite));
  if (lock_file_->descriptor() >= 0 && ::flock(lock_file_->descriptor(), LOCK_EX | LOCK_NB) != 0) {
    return error(ErrorCode::Unavailable,
                 fmt::format("data folder '{}' is in use by another process", options_.folder))
        .with_hint("stop the other instance, or choose another folder with --data");
  }
  return {};
}

std::string LogBroker::partition_folder(std::string_view topic, std::int32_t index) const {
  return fmt::format("{}/logs/{}-{}", options_.folder, topic, index);
}

// Folders of topics whose creation or deletion was interrupted.
Result<> LogBroker::remove_strays(const StoredRegistry& registry) {
  std::set<std::string> known;
  for (const StoredTopic& topic : registry.topics) {
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
      known.insert(fmt::format("{}-{}", topic.name, i));
    }
  }
  for (const std::string& name : TRY(runtime_.disk.list(path("logs")))) {
    if (!known.contains(name)) TRY(runtime_.disk.remove_tree(path("logs/" + name)));
  }
  return {};
}

Result<> LogBroker::start() {
  Disk& disk = runtime_.disk;
  TRY(disk.create_directories(path("logs")));
  TRY(lock_folder());
  StoredRegistry registry;
  auto read = read_registry(disk, path(kRegistryFile));
  const bool fresh = !read.ok() && read.error().code == ErrorCode::NotFound;
  if (fresh) {
    if (!TRY(disk.list(path("logs"))).empty()) {
      return error(ErrorCode::Corrupt,
                   fmt::format("'{}' is missing, but there are logs: the folder is incomplete",
                               path(kRegistryFile)))
          .with_hint("restore the file from a copy of the data folder");
    }
    registry.cluster_id = random_uuid(runtime_.random);
    TRY(write_registry(disk, path(kRegistryFile), registry));
  } else {
    registry = TRY(std::move(read));
  }
  cluster_id_ = registry.cluster_id;
  // Gone before anything is loaded: a crash while loading is a crash (KAFKA-10471).
  const bool clean = disk.exists(path(kCleanFile));
  if (clean) {
    TRY(disk.remove(path(kCleanFile)));
    TRY(disk.sync_directory(options_.folder));
  }
  std::map<std::pair<Uuid, std::int32_t>, std::int64_t> durable;
  const auto flushed = TRY(read_flushed_offsets(disk, path(kFlushedFile)));
  for (const FlushedOffset& entry : flushed) {
    durable[{entry.topic_id, entry.partition}] = entry.durable_offset;
  }
  TRY(remove_strays(registry));
  TRY(ids_.open());

  const PartitionShared shared{runtime_.clock, files_, flusher_, metrics_};
  std::size_t count = 0;
  for (const StoredTopic& topic : registry.topics) {
    count += static_cast<std::size_t>(topic.partitions);
  }
  bool recovered = false;
  Topics topics;
  for (const StoredTopic& topic : registry.topics) {
    const TopicSettings settings = TRY(settings_of(topic.configs));
    std::vector<std::shared_ptr<LogPartition>> logs;
    for (std::int32_t i = 0; i < topic.partitions; ++i) {
      const auto known = durable.find({topic.id, i});
      logs.push_back(LogPartition::open(
          shared, topic.name, topic.id, i, partition_folder(topic.name, i), settings,
          {.durable_offset = known == durable.end() ? 0 : known->second,
           .clean = clean,
           .sync_by = sync_by(count)}));
      recovered = recovered || logs.back()->was_recovered();
    }
    topics[topic.name] = make_topic(topic, std::move(logs));
  }
  if (recovered && sync_by(count) == store::log::SyncBy::Caller) {
    TRY(disk.sync_all(options_.folder));
  }
  publish(std::move(topics));
  TRY(create_internal_topic(kOffsetsTopic, kInternalPartitions));
  TRY(create_internal_topic(kTransactionsTopic, kInternalPartitions));
  TRY(offsets_.open(find_log_topic(kOffsetsTopic)->logs));
  TRY(transactions_.open(find_log_topic(kTransactionsTopic)->logs));
  started_ = true;
  housekeeper_ = Thread("log-care", [this](const std::stop_token&) { housekeep(); });
  compactor_ = Thread("log-compact", [this](const std::stop_token&) { compact_in_turns(); });
  return {};
}

Result<> LogBroker::create_internal_topic(std::string_view name, std::int32_t partitions) {
  const MutexLock changes(changes_);
  if (find_log_topic(name) != nullptr) return {};
  TRY(add_topic({.name = std::string(name),
                 .id = random_uuid(runtime_.random),
                 .internal = true,
                 .partitions = partitions,
                 .configs = {{"cleanup.policy", "compact"},
                             {"segment.bytes", "16777216"},
                             {"max.message.bytes", "16777216"},
                             {"tidemill.durability", "sync"}}}));
  return {};
}

void LogBroker::set_group_directory(GroupDirectory* directory) {
  const MutexLock lock(mutex_);
  directory_ = directory;
}

Result<> LogBroker::write_checkpoint() {
  const MutexLock one_at_a_time(checkpoint_);
  std::vector<FlushedOffset> offsets;
  for (const auto& partition : all_partitions()) {
    const std::int64_t durable = partition->durable_offset();
    if (durable > 0) offsets.push_back({partition->topic_id(), partition->index(), durable});
  }
  if (offsets == checkpointed_) return {};
  TRY(write_flushed_offsets(runtime_.disk, path(kFlushedFile), offsets));
  checkpointed_ = std::move(offsets);
  return {};
}

void LogBroker::run_housekeeping() {
  take_care();
  compact_partitions();
}

void LogBroker::take_care() {
  const auto partitions = all_partitions();
  for (const auto& partition : partitions) partition->repair();
  transactions_.run_housekeeping();
  const auto warn = [](const Result<>& outcome, std::string_view what) {
    if (!outcome.ok()) log_warning("broker", "{}: {}", what, outcome.error().message);
  };
  warn(ids_.refill(), "producer ids are not reserved");
  for (const auto& partition : partitions) {
    partition->run_retention(options_.producer_id_expiration.count());
  }
  warn(offsets_.compact(kInternalBytesMax), "committed offsets are not compacted");
  warn(transactions_.compact(kInternalBytesMax), "transaction states are not compacted");
  warn(write_checkpoint(), "flushed offsets are not noted");
}

void LogBroker::housekeep() {
  auto checkpoint_at = runtime_.clock.monotonic() + options_.checkpoint_interval;
  auto retention_at = runtime_.clock.monotonic() + options_.retention_check_interval;
  while (true) {
    {
      const MutexLock lock(mutex_);
      if (!closing_) stopped_.wait_for(mutex_, kTick);
      if (closing_) return;
    }
    const auto now = runtime_.clock.monotonic();
    for (const auto& partition : all_partitions()) partition->repair();
    transactions_.run_housekeeping();
    if (now >= retention_at) {
      take_care();
      retention_at = now + options_.retention_check_interval;
      checkpoint_at = now + options_.checkpoint_interval;
    } else if (now >= checkpoint_at) {
      if (auto written = write_checkpoint(); !written.ok()) {
        log_warning("broker", "flushed offsets are not noted: {}", written.error().message);
      }
      if (auto reserved = ids_.refill(); !reserved.ok()) {
        log_warning("broker", "producer ids are not reserved: {}", reserved.error().message);
      }
      checkpoint_at = now + options_.checkpoint_interval;
    }
  }
}

void LogBroker::compact_partitions() {
  for (const auto& partition : all_partitions()) {
    if (stop_compaction_.load()) return;
    // The coordinators' topics are small: they write their content anew themselves.
    if (partition->topic() == kOffsetsTopic || partition->topic() == kTransactionsTopic) continue;
    partition->run_compaction(options_.compaction_bytes_max, runtime_.random, stop_compaction_);
  }
}

void LogBroker::compact_in_turns() {
  auto due = runtime_.clock.monotonic() + options_.compaction_interval;
  while (true) {
    {
      const MutexLock lock(mutex_);
      if (!closing_) stopped_.wait_for(mutex_, std::min(kTick, options_.compaction_interval));
      if (closing_) return;
    }
    if (runtime_.clock.monotonic() < due) continue;
    compact_partitions();
    due = runtime_.clock.monotonic() + options_.compaction_interval;
  }
}

Result<> LogBroker::close() {
  {
    const MutexLock lock(mutex_);
    if (closing_) return {};
    closing_ = true;
    stopped_.notify_all();
  }
  stop_compaction_.store(true);
  housekeeper_.stop();
  compactor_.stop();
  transactions_.stop();
  flusher_.stop();
  const MutexLock changes(changes_);
  Result<> outcome;
  const auto partitions = all_partitions();
  const auto syncing = sync_by(partitions.size());
  for (const auto& partition : partitions) {
    if (auto closed = partition->close(syncing); !closed.ok() && outcome.ok()) outcome = closed;
  }
  if (!started_) return outcome;
  if (syncing == store::log::SyncBy::Caller) TRY(runtime_.disk.sync_all(options_.folder));
  TRY(write_checkpoint());
  TRY(std::move(outcome));
  const auto marker = TRY(runtime_.disk.open(path(kCleanFile), OpenMode::ReadWrite));
  TRY(marker->sync());
  TRY(runtime_.disk.sync_directory(options_.folder));
  lock_file_.reset();
  return {};
}

}  // namespace tidemill::broker::embedded

// SPDX-License-Identifier: Apache-2.0
// The topic registry: lookups, creation, deletion, configurations.
#include <fmt/format.h>

#include <algorithm>

#include "broker/embedded/kafka_fault.h"
#include "broker/embedded/log_broker.h"
#include "runtime/log.h"

namespace tidemill::broker::embedded {
namespace {

constexpr std::size_t kTopicNameBytesMax = 249;

Result<> check_topic_name(std::string_view name) {
  const bool letters = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  if (!name.empty() && name.size() <= kTopicNameBytesMax && letters && name != "." &&
      name != "..") {
    return {};
  }
  return fault(ErrorCode::InvalidArgument, KafkaError::InvalidTopicException,
               fmt::format("topic name '{}' is not allowed: 1 to {} of a-z, A-Z, 0-9, '.', '_' "
                           "and '-'",
                           name.substr(0, kTopicNameBytesMax), kTopicNameBytesMax));
}

Error unknown_topic(std::string_view name) {
  return fault(ErrorCode::NotFound, KafkaError::UnknownTopicOrPartition,
               fmt::format("topic '{}' does not exist", name));
}

StoredTopic stored(const Topic& topic) {
  return {.name = topic.name,
          .id = topic.id,
          .internal = topic.internal,
          .partitions = static_cast<std::int32_t>(topic.partitions.size()),
          .configs = topic.configs};
}

}  // namespace

std::shared_ptr<const LogBroker::LogTopic> LogBroker::find_log_topic(std::string_view name) const {
  const MutexLock lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second;
}

Result<std::shared_ptr<const LogBroker::LogTopic>> LogBroker::get_topic(
    std::string_view name) const {
  auto found = find_log_topic(name);
  if (found == nullptr) return unknown_topic(name);
  return found;
}

std::shared_ptr<const Topic> LogBroker::find_topic(std::string_view name) const {
  const auto found = find_log_topic(name);
  return found == nullptr ? nullptr : found->view;
}

std::shared_ptr<const Topic> LogBroker::find_topic(const Uuid& id) const {
  const MutexLock lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second->view;
}

std::shared_ptr<Partition> LogBroker::find_partition(std::string_view topic,
                                                     std::int32_t index) const {
  const MutexLock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end() || index < 0 ||
      static_cast<std::size_t>(index) >= found->second->logs.size()) {
    return nullptr;
  }
  return found->second->logs[static_cast<std::size_t>(index)];
}

std::shared_ptr<Partition> LogBroker::find_partition(const Uuid& topic_id,
                                                     std::int32_t index) const {
  const MutexLock lock(mutex_);
  const auto found = by_id_.find(topic_id);
  if (found == by_id_.end() || index < 0 ||
      static_cast<std::size_t>(index) >= found->second->logs.size()) {
    return nullptr;
  }
  return found->second->logs[static_cast<std::size_t>(index)];
}

Result<std::shared_ptr<LogPartition>> LogBroker::get_partition(const TopicPartition& which) const {
  const MutexLock lock(mutex_);
  const auto found = topics_.find(which.topic);
  if (found == topics_.end()) return unknown_topic(which.topic);
  const auto& logs = found->second->logs;
  if (which.partition < 0 || static_cast<std::size_t>(which.partition) >= logs.size()) {
    return fault(ErrorCode::NotFound, KafkaError::UnknownTopicOrPartition,
                 fmt::format("topic '{}' has {} partitions, there is no partition {}", which.topic,
                             logs.size(), which.partition));
  }
  return logs[static_cast<std::size_t>(which.partition)];
}

std::vector<std::shared_ptr<const Topic>> LogBroker::topics() const {
  const MutexLock lock(mutex_);
  std::vector<std::shared_ptr<const Topic>> all;
  all.reserve(topics_.size());
  for (const auto& [name, topic] : topics_) all.push_back(topic->view);
  return all;
}

std::vector<std::shared_ptr<LogPartition>> LogBroker::all_partitions() const {
  const MutexLock lock(mutex_);
  std::vector<std::shared_ptr<LogPartition>> all;
  for (const auto& [name, topic] : topics_) {
    all.insert(all.end(), topic->logs.begin(), topic->logs.end());
  }
  return all;
}

LogBroker::Topics LogBroker::copy_topics() const {
  const MutexLock lock(mutex_);
  return topics_;
}

void LogBroker::publish(Topics topics) {
  std::map<Uuid, std::shared_ptr<const LogTopic>> by_id;
  for (const auto& [name, topic] : topics) by_id[topic->view->id] = topic;
  const MutexLock lock(mutex_);
  topics_.swap(topics);
  by_id_.swap(by_id);
}

std::shared_ptr<const LogBroker::LogTopic> LogBroker::make_topic(
    const StoredTopic& topic, std::vector<std::shared_ptr<LogPartition>> logs) const {
  auto view = std::make_shared<Topic>();
  view->name = topic.name;
  view->id = topic.id;
  view->internal = topic.internal;
  view->configs = topic.configs;
  view->partitions.assign(logs.begin(), logs.end());
  auto made = std::make_shared<LogTopic>();
  made->view = std::move(view);
  made->logs = std::move(logs);
  return made;
}

Result<TopicSettings> LogBroker::settings_of(const TopicConfigs& overrides) const {
  TopicConfigs effective = overrides;
  for (const auto& [name, value] : options_.topic_defaults) effective.emplace(name, value);
  if (!effective.contains("tidemill.durability")) {
    switch (options_.default_durability) {
      case Durability::Sync:
        break;
      case Durability::Interval:
        effective["tidemill.durability"] = "interval";
        break;
      case Durability::Os:
        effective["tidemill.durability"] = "os";
        break;
    }
  }
  return parse_topic_settings(effective);
}

Result<> LogBroker::store_registry(const Topics& topics) {
  StoredRegistry registry{.cluster_id = cluster_id_, .topics = {}};
  for (const auto& [name, topic] : topics) registry.topics.push_back(stored(*topic->view));
  return write_registry(runtime_.disk, path("topics.registry"), registry);
}

// Folders first, durable, then the registry: what the registry names exists.
Result<std::vector<std::shared_ptr<LogPartition>>> LogBroker::make_partitions(
    const StoredTopic& topic, std::int32_t from) {
  const TopicSettings settings = TRY(settings_of(topic.configs));
  const PartitionShared shared{runtime_.clock, files_, flusher_, metrics_};
  std::vector<std::shared_ptr<LogPartition>> logs;
  for (std::int32_t i = from; i < topic.partitions; ++i) {
    const std::string folder = partition_folder(topic.name, i);
    if (runtime_.disk.exists(folder)) TRY(runtime_.disk.remove_tree(folder));
    TRY(runtime_.disk.create_directories(folder));
    logs.push_back(LogPartition::open(shared, topic.name, topic.id, i, folder, settings, {}));
    TRY(logs.back()->health());
  }
  TRY(runtime_.disk.sync_directory(path("logs")));
  return logs;
}

Result<std::shared_ptr<const LogBroker::LogTopic>> LogBroker::add_topic(const StoredTopic& topic) {
  auto made = make_topic(topic, TRY(make_partitions(topic, 0)));
  Topics next = copy_topics();
  next[topic.name] = made;
  TRY(store_registry(next));
  publish(std::move(next));
  return made;
}

Result<> LogBroker::check_topic(const NewTopic& topic) const {
  TRY(check_topic_name(topic.name));
  std::size_t partitions = 0;
  {
    const MutexLock lock(mutex_);
    if (closing_) return error(ErrorCode::Unavailable, "the broker stops");
    if (topics_.contains(topic.name)) {
      return fault(ErrorCode::AlreadyExists, KafkaError::TopicAlreadyExists,
                   fmt::format("topic '{}' exists already", topic.name));
    }
    for (const auto& [name, other] : topics_) partitions += other->logs.size();
  }
  const std::int32_t wanted =
      topic.partitions == -1 ? options_.default_partitions : topic.partitions;
  const std::int32_t free = options_.partitions_max - static_cast<std::int32_t>(partitions);
  if (wanted < 1 || wanted > free) {
    return fault(ErrorCode::InvalidArgument, KafkaError::InvalidPartitions,
                 fmt::format("topic '{}' cannot have {} partitions, 1 to {} are possible",
                             topic.name, wanted, free));
  }
  const TopicConfigs overrides(topic.configs.begin(), topic.configs.end());
  TRY(settings_of(overrides));
  return {};
}

Result<TopicInfo> LogBroker::create_topic(const NewTopic& topic) {
  const MutexLock changes(changes_);
  TRY(check_topic(topic));
  const auto made = TRY(add_topic(
      {.name = topic.name,
       .id = random_uuid(runtime_.random),
       .internal = false,
       .partitions = topic.partitions == -1 ? options_.default_partitions : topic.partitions,
       .configs = {topic.configs.begin(), topic.configs.end()}}));
  return info_of(*made);
}

Result<> LogBroker::delete_topic(const std::string& topic) {
  const MutexLock changes(changes_);
  const auto found = TRY(get_topic(topic));
  if (found->view->internal) {
    return fault(ErrorCode::InvalidArgument, KafkaError::InvalidTopicException,
                 fmt::format("topic '{}' is internal and cannot be deleted", topic));
  }
  Topics next = copy_topics();
  next.erase(topic);
  TRY(store_registry(next));
  publish(std::move(next));
  offsets_.erase_topic(topic);
  for (const auto& log : found->logs) log->mark_deleted();
  for (const auto& log : found->logs) {
    // What cannot be removed now goes at the next start.
    if (auto removed = runtime_.disk.remove_tree(partition_folder(topic, log->index()));
        !removed.ok()) {
      log_warning("broker", "files of deleted topic '{}' stay for now: {}", topic,
                  removed.error().message);
    }
  }
  return {};
}

Result<> LogBroker::create_partitions(const std::string& topic, std::int32_t total) {
  const MutexLock changes(changes_);
  const auto found = TRY(get_topic(topic));
  const auto before = static_cast<std::int32_t>(found->logs.size());
  const auto all = static_cast<std::int32_t>(all_partitions().size());
  if (total <= before || total - before > options_.partitions_max - all) {
    return fault(
        ErrorCode::InvalidArgument, KafkaError::InvalidPartitions,
        fmt::format("topic '{}' has {} partitions, cannot change to {}: {} to {} are "
                    "possible",
                    topic, before, total, before + 1, before + options_.partitions_max - all));
  }
  StoredTopic changed = stored(*found->view);
  changed.partitions = total;
  auto logs = found->logs;
  for (auto& log : TRY(make_partitions(changed, before))) logs.push_back(std::move(log));
  Topics next = copy_topics();
  next[topic] = make_topic(changed, std::move(logs));
  TRY(store_registry(next));
  publish(std::move(next));
  return {};
}

Result<> LogBroker::change_configs(const std::string& topic, const TopicConfigs& overrides) {
  const auto found = TRY(get_topic(topic));
  const TopicSettings settings = TRY(settings_of(overrides));
  StoredTopic changed = stored(*found->view);
  changed.configs = overrides;
  Topics next = copy_topics();
  next[topic] = make_topic(changed, found->logs);
  TRY(store_registry(next));
  publish(std::move(next));
  for (const auto& log : found->logs) log->set_settings(settings);
  return {};
}

Result<> LogBroker::set_topic_configs(const std::string& topic, const TopicConfigs& overrides) {
  const MutexLock changes(changes_);
  return change_configs(topic, overrides);
}

Result<> LogBroker::alter_topic(const std::string& topic,
                                const std::map<std::string, std::optional<std::string>>& configs) {
  const MutexLock changes(changes_);
  const auto found = TRY(get_topic(topic));
  TopicConfigs overrides = found->view->configs;
  for (const auto& [name, value] : configs) {
    if (find_topic_config(name) == nullptr) {
      return fault(ErrorCode::InvalidArgument, KafkaError::InvalidConfig,
                   fmt::format("topic configuration '{}' is unknown", name));
    }
    if (value) {
      overrides[name] = *value;
    } else {
      overrides.erase(name);
    }
  }
  return change_configs(topic, overrides);
}

TopicInfo LogBroker::info_of(const LogTopic& topic) const {
  TopicInfo info{.name = topic.view->name,
                 .id = topic.view->id,
                 .internal = topic.view->internal,
                 .partitions = {},
                 .configs = describe_topic_configs(topic.view->configs, options_.topic_defaults)};
  for (const auto& log : topic.logs) {
    const PartitionOffsets offsets = log->offsets();
    info.partitions.push_back({.partition = log->index(),
                               .leader_epoch = log->leader_epoch(),
                               .log_start_offset = offsets.log_start_offset,
                               .high_watermark = offsets.high_watermark,
                               .last_stable_offset = offsets.last_stable_offset,
                               .bytes = log->bytes_on_disk()});
    info.last_timestamp_ms = std::max(info.last_timestamp_ms, log->max_timestamp());
  }
  return info;
}

Result<std::vector<TopicInfo>> LogBroker::list_topics() {
  std::vector<TopicInfo> all;
  for (const auto& [name, topic] : copy_topics()) all.push_back(info_of(*topic));
  return all;
}

Result<TopicInfo> LogBroker::describe_topic(const std::string& topic) {
  return info_of(*TRY(get_topic(topic)));
}

}  // namespace tidemill::broker::embedded

// SPDX-License-Identifier: Apache-2.0
// The topic configurations: Kafka's names and defaults, in one table that parsing, DescribeConfigs,
// CreateTopics and AlterConfigs read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/broker.h"

namespace tidemill::broker::embedded {

using TopicConfigs = std::map<std::string, std::string>;

// The type as DescribeConfigs reports it (the numbers are Kafka's).
enum class ConfigType : std::int8_t {
  Boolean = 1,
  String = 2,
  Int = 3,
  Long = 5,
  Double = 6,
  List = 7,
};

struct TopicConfigSpec {
  std::string_view name;
  ConfigType type;
  std::string_view default_value;
  std::string_view broker_synonym;  // the broker's configuration that gives the default, or ""
  std::string_view help;
};

// Sorted by name.
std::span<const TopicConfigSpec> topic_config_specs();
const TopicConfigSpec* find_topic_config(std::string_view name);

enum class Durability {
  Sync,      // acks=all waits for the group-committed sync
  Interval,  // synced at most flush.ms (100 ms unless set) after the append
  Os,        // the operating system writes when it likes
};
enum class TimestampType : std::int8_t { CreateTime = 0, LogAppendTime = 1 };

// What a partition asks on its hot paths, parsed once.
struct TopicSettings {
  Durability durability = Durability::Sync;
  TimestampType timestamp_type = TimestampType::CreateTime;
  std::int64_t flush_ms = 100;
  std::int64_t max_message_bytes = 1048588;
  std::int64_t segment_bytes = 1073741824;
  std::int64_t segment_ms = 604800000;
  std::int64_t retention_ms = 604800000;  // -1: keep
  std::int64_t retention_bytes = -1;      // -1: keep
  std::int64_t index_interval_bytes = 4096;
  std::int64_t timestamp_before_max_ms = INT64_MAX;
  std::int64_t timestamp_after_max_ms = 3600000;
  bool compacted = false;  // cleanup.policy has "compact": records need keys
  bool deletes = true;     // cleanup.policy has "delete"
  std::int64_t min_compaction_lag_ms = 0;
  std::int64_t max_compaction_lag_ms = INT64_MAX;
  std::int64_t delete_retention_ms = 86400000;
  double min_cleanable_ratio = 0.5;
};

// Fails with InvalidArgument naming the configuration, the value and what is allowed.
Result<TopicSettings> parse_topic_settings(const TopicConfigs& overrides);
// Every configuration with its value, sorted by name; `defaults` are the broker's own.
std::vector<ConfigValue> describe_topic_configs(const TopicConfigs& overrides,
                                                const TopicConfigs& defaults = {});

}  // namespace tidemill::broker::embedded

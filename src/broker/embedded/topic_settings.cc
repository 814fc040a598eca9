// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/topic_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "broker/embedded/kafka_fault.h"

namespace tidemill::broker::embedded {
namespace {

using enum ConfigType;

// Sorted by name. `bounds` are checked for numbers, `words` for strings and lists.
struct Rule {
  TopicConfigSpec spec;
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
  std::string_view words = "";  // allowed, separated by blanks; "" allows anything
};

constexpr std::array kRules = {
    Rule{{"cleanup.policy", List, "delete", "log.cleanup.policy",
          "What happens to old records: delete (by age and size), compact (the newest of each key "
          "stays; every record needs a key), or both."},
         0,
         0,
         "delete compact"},
    Rule{{"compression.type", String, "producer", "compression.type",
          "The codec batches are kept in. Batches stay as the producer sent them."},
         0,
         0,
         "producer uncompressed gzip snappy lz4 zstd"},
    Rule{
        {"delete.retention.ms", Long, "86400000", "log.cleaner.delete.retention.ms",
         "How long a compacted topic keeps tombstones and end markers of transactions after a pass "
         "has first met them."},
        0},
    Rule{{"file.delete.delay.ms", Long, "60000", "log.segment.delete.delay.ms",
          "Kept for tools; files go as soon as no reader has them open."},
         0},
    Rule{{"flush.messages", Long, "9223372036854775807", "log.flush.interval.messages",
          "Kept for tools; see tidemill.durability."},
         1},
    Rule{
        {"flush.ms", Long, "9223372036854775807", "log.flush.interval.ms",
         "With durability interval: how long a record may wait for the disk, at most 100 ms unless "
         "set."},
        0},
    Rule{{"index.interval.bytes", Int, "4096", "log.index.interval.bytes",
          "Bytes of batches between two entries of the offset index."},
         0,
         INT32_MAX},
    Rule{{"max.compaction.lag.ms", Long, "9223372036854775807", "log.cleaner.max.compaction.lag.ms",
          "How long a record may stay uncompacted; past it a pass begins whatever the ratio, and "
          "segments roll at least this often."},
         1},
    Rule{{"max.message.bytes", Int, "1048588", "message.max.bytes",
          "The largest record batch taken, as it comes (compressed)."},
         0,
         INT32_MAX},
    Rule{{"message.timestamp.after.max.ms", Long, "3600000", "log.message.timestamp.after.max.ms",
          "How far a record's timestamp may be ahead of this machine's clock."},
         0},
    Rule{{"message.timestamp.before.max.ms", Long, "9223372036854775807",
          "log.message.timestamp.before.max.ms",
          "How far a record's timestamp may be behind this machine's clock."},
         0},
    Rule{{"message.timestamp.type", String, "CreateTime", "log.message.timestamp.type",
          "Whose time records carry: the producer's or that of the append."},
         0,
         0,
         "CreateTime LogAppendTime"},
    Rule{{"min.cleanable.dirty.ratio", Double, "0.5", "log.cleaner.min.cleanable.ratio",
          "The share of uncompacted bytes at which compaction starts."}},
    Rule{{"min.compaction.lag.ms", Long, "0", "log.cleaner.min.compaction.lag.ms",
          "How long a record stays uncompacted."},
         0},
    Rule{{"min.insync.replicas", Int, "1", "min.insync.replicas",
          "Kept for tools; there is one replica."},
         1,
         INT32_MAX},
    Rule{{"preallocate", Boolean, "false", "log.preallocate",
          "Kept for tools; the end of a segment is written ahead on its own."}},
    Rule{{"retention.bytes", Long, "-1", "log.retention.bytes",
          "Bytes kept per partition; -1: no limit."},
         -1},
    Rule{{"retention.ms", Long, "604800000", "log.retention.ms",
          "How long records are kept, by their timestamps; -1: for ever."},
         -1},
    Rule{{"segment.bytes", Int, "1073741824", "log.segment.bytes", "Size of a segment file."},
         14,
         INT32_MAX},
    Rule{{"segment.index.bytes", Int, "10485760", "log.index.size.max.bytes",
          "Kept for tools; an index is as large as its segment asks."},
         4,
         INT32_MAX},
    Rule{{"segment.jitter.ms", Long, "0", "log.roll.jitter.ms",
          "Kept for tools; segments roll without jitter."},
         0},
    Rule{{"segment.ms", Long, "604800000", "log.roll.ms",
          "Span of record timestamps after which a new segment begins."},
         1},
    Rule{{"tidemill.durability", String, "sync", "tidemill.durability",
          "When acks=all is answered: sync (after the disk has it), interval (the disk has it "
          "within flush.ms), os (when the operating system likes)."},
         0,
         0,
         "sync interval os"},
    Rule{{"unclean.leader.election.enable", Boolean, "false", "unclean.leader.election.enable",
          "Kept for tools; there is one replica."}},
};
static_assert(std::ranges::is_sorted(kRules, {}, [](const Rule& rule) { return rule.spec.name; }));

constexpr auto kSpecs = [] {
  std::array<TopicConfigSpec, kRules.size()> specs{};
  for (std::size_t i = 0; i < kRules.size(); ++i) specs[i] = kRules[i].spec;
  return specs;
}();

Error bad_value(std::string_view name, std::string_view value, std::string_view allowed) {
  return fault(ErrorCode::InvalidArgument, KafkaError::InvalidConfig,
               fmt::format("topic configuration {} is '{}', allowed is {}", name, value, allowed));
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The elements of a comma-separated list, blanks around them dropped.
std::vector<std::string_view> split_list(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    std::string_view part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return parts;
}

Result<> check_value(const Rule& rule, std::string_view value) {
  const std::string_view name = rule.spec.name;
  switch (rule.spec.type) {
    case Boolean:
      if (value != "true" && value != "false") return bad_value(name, value, "true or false");
      return {};
    case Int:
    case Long: {
      const auto number = parse_number<std::int64_t>(value);
      if (!number || *number < rule.least || *number > rule.most) {
        return bad_value(name, value,
                         fmt::format("a whole number from {} to {}", rule.least, rule.most));
      }
      return {};
    }
    case Double: {
      const auto number = parse_number<double>(value);
      if (!number || !(*number >= 0 && *number <= 1)) {
        return bad_value(name, value, "a number from 0 to 1");
      }
      return {};
    }
    case String:
    case List: {
      const auto allowed = split_list(rule.words, ' ');
      const auto given =
          rule.spec.type == List ? split_list(value, ',') : std::vector<std::string_view>{value};
      for (const std::string_view word : given) {
        if (std::ranges::find(allowed, word) == allowed.end()) {
          return bad_value(name, value, fmt::format("one of {}", rule.words));
        }
      }
      if (given.empty()) return bad_value(name, value, fmt::format("one of {}", rule.words));
      return {};
    }
  }
  return {};
}

}  // namespace

std::span<const TopicConfigSpec> topic_config_specs() {
  return kSpecs;
}

const TopicConfigSpec* find_topic_config(std::string_view name) {
  const auto found = std::ranges::lower_bound(kSpecs, name, {}, &TopicConfigSpec::name);
  return found != kSpecs.end() && found->name == name ? &*found : nullptr;
}

Result<TopicSettings> parse_topic_settings(const TopicConfigs& overrides) {
  for (const auto& [name, value] : overrides) {
    const auto rule = std::ranges::find(kRules, name, [](const Rule& r) { return r.spec.name; });
    if (rule == kRules.end()) {
      return fault(ErrorCode::InvalidArgument, KafkaError::InvalidConfig,
                   fmt::format("topic configuration '{}' is unknown", name));
    }
    TRY(check_value(*rule, value));
  }
  const auto text = [&overrides](std::string_view name) -> std::string_view {
    const auto set = overrides.find(std::string(name));
    return set != overrides.end() ? std::string_view{set->second}
                                  : find_topic_config(name)->default_value;
  };
  const auto number = [&text](std::string_view name) {
    return parse_number<std::int64_t>(text(name)).value_or(0);
  };
  TopicSettings settings;
  const std::string_view durability = text("tidemill.durability");
  settings.durability = durability == "os"         ? Durability::Os
                        : durability == "interval" ? Durability::Interval
                                                   : Durability::Sync;
  settings.timestamp_type = text("message.timestamp.type") == "LogAppendTime"
                                ? TimestampType::LogAppendTime
                                : TimestampType::CreateTime;
  if (overrides.contains("flush.ms")) settings.flush_ms = number("flush.ms");
  settings.max_message_bytes = number("max.message.bytes");
  settings.segment_bytes = number("segment.bytes");
  settings.segment_ms = number("segment.ms");
  settings.retention_ms = number("retention.ms");
  settings.retention_bytes = number("retention.bytes");
  settings.index_interval_bytes = number("index.interval.bytes");
  settings.timestamp_before_max_ms = number("message.timestamp.before.max.ms");
  settings.timestamp_after_max_ms = number("message.timestamp.after.max.ms");
  const auto policies = split_list(text("cleanup.policy"), ',');
  settings.compacted = std::ranges::find(policies, "compact") != policies.end();
  settings.deletes = std::ranges::find(policies, "delete") != policies.end();
  settings.min_compaction_lag_ms = number("min.compaction.lag.ms");
  settings.max_compaction_lag_ms = number("max.compaction.lag.ms");
  settings.delete_retention_ms = number("delete.retention.ms");
  settings.min_cleanable_ratio =
      parse_number<double>(text("min.cleanable.dirty.ratio")).value_or(0.5);
  if (settings.min_compaction_lag_ms > settings.max_compaction_lag_ms) {
    return fault(ErrorCode::InvalidArgument, KafkaError::InvalidConfig,
                 fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > "
                             "max.compaction.lag.ms ({})",
                             settings.min_compaction_lag_ms, settings.max_compaction_lag_ms));
  }
  return settings;
}

std::vector<ConfigValue> describe_topic_configs(const TopicConfigs& overrides,
                                                const TopicConfigs& defaults) {
  std::vector<ConfigValue> values;
  values.reserve(kSpecs.size());
  for (const TopicConfigSpec& spec : kSpecs) {
    const auto set = overrides.find(std::string(spec.name));
    const bool is_default = set == overrides.end();
    const auto ours = defaults.find(std::string(spec.name));
    values.push_back({.name = std::string(spec.name),
                      .value = !is_default              ? set->second
                               : ours != defaults.end() ? ours->second
                                                        : std::string(spec.default_value),
                      .is_default = is_default});
  }
  return values;
}

}  // namespace tidemill::broker::embedded

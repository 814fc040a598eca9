// SPDX-License-Identifier: Apache-2.0
// The embedded broker: one node, its logs in one data folder. Implements the port, and gives the
// Kafka server (broker/server, api, groups) what it needs without blocking.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/broker.h"
#include "broker/embedded/offset_store.h"
#include "broker/embedded/partition.h"
#include "broker/embedded/topic_settings.h"
#include "broker/embedded/transactions.h"
#include "runtime/clock.h"
#include "runtime/disk.h"
#include "runtime/metrics.h"
#include "runtime/random.h"

namespace tidemill::broker::embedded {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
inline constexpr std::string_view kTransactionsTopic = "__transaction_state";

struct EmbeddedOptions {
  std::string folder = {};
  std::int32_t default_partitions = 1;  // num.partitions
  Durability default_durability = Durability::Sync;
  TopicConfigs topic_defaults = {};  // broker-wide defaults of topic configurations
  std::chrono::milliseconds retention_check_interval{60'000};
  std::chrono::milliseconds checkpoint_interval{5'000};          // flushed offsets
  std::chrono::milliseconds compaction_interval{15'000};         // log.cleaner.backoff.ms
  std::uint64_t compaction_bytes_max = std::uint64_t{64} << 20;  // of the table of keys
  std::chrono::milliseconds transaction_timeout_max{900'000};
  std::chrono::milliseconds producer_id_expiration{86'400'000};
  std::size_t open_files_max = 512;
  std::int32_t partitions_max = 20'000;  // of all topics together
};

// What the broker asks of the process; all outlive it.
struct EmbeddedRuntime {
  Clock& clock;
  Disk& disk;
  Random& random;
  Metrics& metrics;
};

// One topic as the registry knows it. Immutable: a change makes another one.
struct Topic {
  std::string name;
  Uuid id;
  bool internal = false;
  TopicConfigs configs;  // the overrides
  std::vector<std::shared_ptr<Partition>> partitions;
};

// The live members of groups; implemented by broker/groups.
class GroupDirectory {
 public:
  virtual ~GroupDirectory() = default;
  virtual std::vector<GroupInfo> list() const = 0;
  virtual std::optional<GroupInfo> describe(const std::string& group) const = 0;
};

// Thread:   any; find_* never block. The port's calls and the topic changes touch the disk: not on
//           an I/O thread.
// Lifetime: close() (or the destructor) waits for open transactions' ends in progress, syncs all
//           logs and writes the clean-shutdown marker; calls fail with Unavailable from then on.
//           Writers and partitions handed out must not be used after destruction.
// Durable:  topic changes survive a crash once the call returns.
class EmbeddedBroker : public Broker {
 public:
  // Recovers every partition. A damaged one is refused by name in the log and in its health(); the
  // others work. Fails when the folder is in use, unreadable, or of a newer format.
  static Result<std::unique_ptr<EmbeddedBroker>> open(EmbeddedOptions options,
                                                      EmbeddedRuntime runtime);

  virtual Result<> close() = 0;

  // Null where there is none.
  virtual std::shared_ptr<const Topic> find_topic(std::string_view name) const = 0;
  virtual std::shared_ptr<const Topic> find_topic(const Uuid& id) const = 0;
  virtual std::shared_ptr<Partition> find_partition(std::string_view topic,
                                                    std::int32_t index) const = 0;
  virtual std::shared_ptr<Partition> find_partition(const Uuid& topic_id,
                                                    std::int32_t index) const = 0;
  // All topics, internal ones included, sorted by name.
  virtual std::vector<std::shared_ptr<const Topic>> topics() const = 0;

  // The checks of create_topic and create_partitions alone (validate_only).
  virtual Result<> check_topic(const NewTopic& topic) const = 0;
  // Replaces all overrides of a topic (AlterConfigs; the handler of IncrementalAlterConfigs works
  // out appended and subtracted lists). Checks everything before it changes anything.
  virtual Result<> set_topic_configs(const std::string& topic, const TopicConfigs& overrides) = 0;

  virtual OffsetStore& offset_store() = 0;
  virtual Transactions& transactions() = 0;
  // Null: groups are known by their offsets alone. Before serving; outlives close().
  virtual void set_group_directory(GroupDirectory* directory) = 0;

  virtual const Uuid& cluster_id() const = 0;
  virtual const EmbeddedOptions& options() const = 0;
  // Retention, compaction, transaction timeouts, checkpoint of flushed offsets: what the broker's
  // own threads do at their intervals. For tests that turn the clock.
  virtual void run_housekeeping() = 0;
};

}  // namespace tidemill::broker::embedded

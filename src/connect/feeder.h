// SPDX-License-Identifier: Apache-2.0
// Feeds the topics of sources that have a connector: generator, http, file.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "broker/broker.h"
#include "connect/feed_reader.h"
#include "runtime/metrics.h"
#include "runtime/threads.h"
#include "stream/query.h"

namespace tidemill::connect {

enum class FeederState { Running, Finished, Retrying };

struct FeederStatus {
  std::string source;
  std::string connector;
  std::string topic;
  FeederState state = FeederState::Running;
  std::string error;               // why it is retrying
  std::int64_t records_total = 0;  // over all runs
  std::uint64_t records = 0;       // since the start of this process
  std::uint64_t bytes = 0;
  double records_per_second = 0;  // over the last seconds
};

// What all feeders know beside their own options.
struct FeedPlan {
  std::string source;
  std::string connector;
  std::string topic;
  std::string folder;          // that relative paths start from; empty: the instance's
  double rows_per_second = 0;  // 0: flat out
  FeedOptions options;         // those of the connector
  std::string identity;        // changes when the records would be others
};

// Checks the options; InvalidArgument names the wrong one.
Result<FeedPlan> plan_feed(const stream::SourceSpec& source);
Result<std::unique_ptr<FeedReader>> make_reader(const FeedPlan& plan, const ReaderContext& context);

// The feeders of a process. A feeder writes its records and its position in one transaction
// (committed offset of the group `tidemill.feeder.SOURCE`), so that each record is in the topic
// exactly once, whenever the process dies.
//
// Thread:   any.
// Lifetime: broker, clock and metrics outlive it. stop() ends every feeder; the destructor calls
// it.
class Feeders {
 public:
  Feeders(broker::Broker& broker, const Clock& clock, Metrics& metrics, std::string base_folder);
  ~Feeders();

  Result<> check(const stream::SourceSpec& source) const;
  // Starts or continues. One that has ended stays ended while its options and its topic stay.
  Result<> start(const stream::SourceSpec& source);
  // Stops it. Its position stays: the topic has the records, and feeding them again would double
  // them.
  Result<> drop(const std::string& source);
  std::vector<FeederStatus> list() const;
  // Why it is retrying; empty: it is not.
  std::string problem(const std::string& source) const;
  void stop();

 private:
  class Feeder;
  const std::string& folder_of(const FeedPlan& plan) const;
  broker::Broker& broker_;
  const Clock& clock_;
  Metrics& metrics_;
  std::string base_folder_;
  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<Feeder>> feeders_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::connect

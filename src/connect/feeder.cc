// SPDX-License-Identifier: Apache-2.0
#include "connect/feeder.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

#include "base/uuid.h"
#include "connect/feed_options.h"
#include "connect/file/file_reader.h"
#include "connect/generator/generator_reader.h"
#include "connect/http/http_reader.h"
#include "connect/partitioner.h"
#include "connect/read_ahead.h"
#include "runtime/log.h"

namespace tidemill::connect {
namespace {

using std::chrono::milliseconds;
using Json = nlohmann::json;
using Instant = std::chrono::steady_clock::time_point;

constexpr milliseconds kPaceStep{20};
constexpr milliseconds kRetryFirst{200};
constexpr milliseconds kRetryLongest{30'000};
constexpr std::chrono::seconds kRateWindow{5};
// Records without a key go to partitions in turns of this many, so that batches stay full.
constexpr std::int64_t kTurnRecords = 256;

std::string group_of(const std::string& source) {
  return "tidemill.feeder." + source;
}

std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

// Where a feeder stands: kept as the metadata of its committed offset.
struct FeedPosition {
  std::string identity;
  std::string topic_id;
  std::string state;
  bool ended = false;
  std::int64_t records = 0;

  std::string encode() const {
    Json json;
    json["identity"] = identity;
    json["topic_id"] = topic_id;
    json["state"] = state;
    json["ended"] = ended;
    return json.dump();
  }

  static FeedPosition decode(const std::string& metadata, std::int64_t records) {
    FeedPosition position;
    const Json json = Json::parse(metadata, nullptr, false);
    if (!json.is_object()) return position;
    position.identity = json.value("identity", "");
    position.topic_id = json.value("topic_id", "");
    position.state = json.value("state", "");
    position.ended = json.value("ended", false);
    position.records = records;
    return position;
  }
};

}  // namespace

Result<FeedPlan> plan_feed(const stream::SourceSpec& source) {
  OptionTaker options(source.connector, source.connector_options);
  FeedPlan plan;
  plan.source = source.name;
  plan.connector = source.connector;
  plan.topic = source.topic;
  plan.folder = source.folder;
  const double fallback = source.connector == "generator" ? 100 : 0;
  plan.rows_per_second = TRY(options.number("rows_per_second", fallback, 0, 1e9));
  plan.options = source.connector_options;
  plan.options.erase("rows_per_second");
  std::string identity = source.connector;
  for (const auto& [name, value] : plan.options) {
    // More records of the same kind: continue after those that are there.
    if (name != "count") identity += fmt::format("\n{}={}", name, value);
  }
  plan.identity = hash_of(identity);
  return plan;
}

Result<std::unique_ptr<FeedReader>> make_reader(const FeedPlan& plan,
                                                const ReaderContext& context) {
  if (plan.connector == "generator") return generator::make_reader(plan.options);
  if (plan.connector == "file") return file::make_reader(plan.options, context);
  if (plan.connector == "http") return http::make_reader(plan.options, context);
  return error(
      ErrorCode::InvalidArgument,
      fmt::format("connector '{}' is unknown, expected generator, http or file", plan.connector));
}

// One source's thread.
class Feeders::Feeder {
 public:
  Feeder(Feeders& owner, FeedPlan plan)
      : owner_(owner),
        plan_(std::move(plan)),
        records_counter_(owner.metrics_.counter("tidemill_connect_fed_records_total",
                                                "Records a feeder wrote to its source's topic",
                                                {{"source", plan_.source}})),
        bytes_counter_(owner.metrics_.counter("tidemill_connect_fed_bytes_total",
                                              "Bytes of keys and values a feeder wrote",
                                              {{"source", plan_.source}})),
        failures_counter_(owner.metrics_.counter("tidemill_connect_feed_failures_total",
                                                 "Times a feeder had to start over",
                                                 {{"source", plan_.source}})),
        thread_("feed " + plan_.source, [this](std::stop_token stop) { run(stop); }) {}

  FeederStatus status() const {
    const MutexLock lock(mutex_);
    FeederStatus status;
    status.source = plan_.source;
    status.connector = plan_.connector;
    status.topic = plan_.topic;
    status.state = state_;
    status.error = problem_;
    status.records_total = position_.records;
    status.records = records_counter_.value() - records_before_;
    status.bytes = bytes_counter_.value() - bytes_before_;
    status.records_per_second = rate();
    return status;
  }

 private:
  void run(const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] {
      const MutexLock lock(mutex_);
      wake_.notify_all();
    });
    milliseconds pause = kRetryFirst;
    while (!stop.stop_requested()) {
      const std::uint64_t before = records_counter_.value();
      const auto outcome = feed(stop);
      if (outcome.ok() || stop.stop_requested()) return;
      if (records_counter_.value() != before) pause = kRetryFirst;
      failures_counter_.add();
      log_warning("connect", "feeder of source '{}' starts over in {} ms: {}", plan_.source,
                  pause.count(), outcome.error().message);
      set_state(FeederState::Retrying, outcome.error().message);
      wait(stop, pause);
      pause = std::min(pause * 2, kRetryLongest);
    }
  }

  // Until the reader ends or the token asks; an error means: start over from the last commit.
  Result<> feed(const std::stop_token& stop) {
    const auto topic = TRY(owner_.broker_.describe_topic(plan_.topic));
    // Opened first: from here on no older feeder of this source can commit.
    auto writer = TRY(owner_.broker_.open_writer(group_of(plan_.source)));
    TRY(find_position(to_string(topic.id)));
    auto reader = TRY(make_reader(plan_, {owner_.clock_, owner_.folder_of(plan_)}));
    TRY(reader->open(position_.state));
    set_state(FeederState::Running, "");
    const auto partitions = topic.partitions.size();
    return plan_.rows_per_second > 0 ? feed_paced(stop, *reader, *writer, partitions)
                                     : feed_flat_out(stop, *reader, *writer, partitions);
  }

  Result<> feed_paced(const std::stop_token& stop, FeedReader& reader,
                      broker::TransactionalWriter& writer, std::size_t partitions) {
    restart_pace();
    FeedBatch batch;
    while (!stop.stop_requested()) {
      ReadLimits limits;
      limits.records = allowance(limits.records);
      if (limits.records == 0) {
        wait(stop, kPaceStep);
        continue;
      }
      batch.clear();
      batch.state = position_.state;
      const auto outcome = TRY(reader.read(limits, batch, stop));
      if (stop.stop_requested()) return {};
      TRY(take_over(writer, batch, partitions, outcome));
      if (outcome == ReadOutcome::Ended) return {};
      if (outcome == ReadOutcome::Idle) wait(stop, reader.idle_for());
    }
    return {};
  }

  // The next records are read while these are being committed.
  Result<> feed_flat_out(const std::stop_token& stop, FeedReader& reader,
                         broker::TransactionalWriter& writer, std::size_t partitions) {
    ReadAhead ahead(reader, stop);
    FeedBatch batch;
    ahead.ask(position_.state);
    while (!stop.stop_requested()) {
      const auto outcome = TRY(ahead.take(batch));
      if (stop.stop_requested()) return {};
      if (outcome == ReadOutcome::More) ahead.ask(batch.state);
      TRY(take_over(writer, batch, partitions, outcome));
      if (outcome == ReadOutcome::Ended) return {};
      if (outcome == ReadOutcome::More) continue;
      wait(stop, reader.idle_for());
      ahead.ask(batch.state);
    }
    return {};
  }

  // Commits what was read, if it is news.
  Result<> take_over(broker::TransactionalWriter& writer, const FeedBatch& batch,
                     std::size_t partitions, ReadOutcome outcome) {
    const bool ended = outcome == ReadOutcome::Ended;
    if (batch.size() > 0 || batch.state != position_.state || ended != position_.ended) {
      TRY(commit(writer, batch, partitions, ended));
    }
    if (ended) {
      set_state(FeederState::Finished, "");
      log_info("connect", "feeder of source '{}' has written all of its {} records", plan_.source,
               position_.records);
    }
    return {};
  }

  Result<> find_position(const std::string& topic_id) {
    FeedPosition found;
    for (const auto& offset : TRY(owner_.broker_.committed_offsets(group_of(plan_.source)))) {
      if (offset.source.topic == plan_.topic) {
        found = FeedPosition::decode(offset.metadata, offset.offset);
      }
    }
    // Other options or another topic: other records, from the start.
    if (found.identity != plan_.identity || found.topic_id != topic_id) found = {};
    found.identity = plan_.identity;
    found.topic_id = topic_id;
    const MutexLock lock(mutex_);
    position_ = std::move(found);
    return {};
  }

  Result<> commit(broker::TransactionalWriter& writer, const FeedBatch& batch,
                  std::size_t partitions, bool ended) {
    FeedPosition next = position_;
    next.state = batch.state;
    next.ended = ended;
    by_partition_.resize(std::max<std::size_t>(partitions, 1));
    for (auto& records : by_partition_) records.clear();
    for (const auto& entry : batch.entries()) {
      NewRecord record;
      record.value = as_bytes(batch.value(entry));
      std::size_t to = static_cast<std::size_t>(next.records / kTurnRecords) % by_partition_.size();
      if (entry.has_key) {
        record.key = as_bytes(batch.key(entry));
        to = static_cast<std::size_t>(partition_of(batch.key(entry), by_partition_.size()));
      }
      by_partition_[to].push_back(record);
      ++next.records;
    }
    TRY(writer.begin());
    for (std::size_t i = 0; i < by_partition_.size(); ++i) {
      if (by_partition_[i].empty()) continue;
      TRY(writer.write({plan_.topic, static_cast<std::int32_t>(i)}, by_partition_[i]));
    }
    const broker::CommittedOffset offset{{plan_.topic, 0}, next.records, next.encode()};
    TRY(writer.commit_offsets(group_of(plan_.source), {&offset, 1}));
    TRY(writer.commit());
    records_counter_.add(batch.size());
    bytes_counter_.add(batch.bytes());
    const MutexLock lock(mutex_);
    position_ = std::move(next);
    note_rate();
    return {};
  }

  void restart_pace() {
    pace_from_ = owner_.clock_.monotonic();
    paced_ = 0;
  }

  // How many records may go now. A slow second is not made up for: the rate is a ceiling.
  std::size_t allowance(std::size_t most) {
    if (plan_.rows_per_second <= 0) return most;
    const std::chrono::duration<double> passed = owner_.clock_.monotonic() - pace_from_;
    const double due = passed.count() * plan_.rows_per_second - static_cast<double>(paced_);
    if (due < 1) return 0;
    const auto now = std::min(most, static_cast<std::size_t>(due));
    if (due > plan_.rows_per_second + 1) {
      restart_pace();
    } else {
      paced_ += now;
    }
    return now;
  }

  void wait(const std::stop_token& stop, milliseconds length) {
    const MutexLock lock(mutex_);
    if (!stop.stop_requested()) wake_.wait_for(mutex_, length);
  }

  void set_state(FeederState state, std::string problem) {
    const MutexLock lock(mutex_);
    state_ = state;
    problem_ = std::move(problem);
  }

  void note_rate() TM_REQUIRES(mutex_) {
    const Instant now = owner_.clock_.monotonic();
    recent_.emplace_back(now, records_counter_.value());
    while (recent_.size() > 2 && now - recent_.front().first > kRateWindow) recent_.pop_front();
  }

  double rate() const TM_REQUIRES(mutex_) {
    if (recent_.size() < 2 || state_ != FeederState::Running) return 0;
    const std::chrono::duration<double> passed = owner_.clock_.monotonic() - recent_.front().first;
    const auto records = static_cast<double>(recent_.back().second - recent_.front().second);
    return passed.count() > 0 ? records / passed.count() : 0;
  }

  Feeders& owner_;
  FeedPlan plan_;
  Counter& records_counter_;
  Counter& bytes_counter_;
  Counter& failures_counter_;
  std::uint64_t records_before_ = records_counter_.value();
  std::uint64_t bytes_before_ = bytes_counter_.value();
  mutable Mutex mutex_;
  CondVar wake_;
  FeederState state_ TM_GUARDED_BY(mutex_) = FeederState::Running;
  std::string problem_ TM_GUARDED_BY(mutex_);
  // Written by the thread under the lock, so that it may read it without.
  FeedPosition position_;
  std::deque<std::pair<Instant, std::uint64_t>> recent_ TM_GUARDED_BY(mutex_);
  Instant pace_from_;
  std::uint64_t paced_ = 0;
  std::vector<std::vector<NewRecord>> by_partition_;
  Thread thread_;  // last: it uses the rest
};

Feeders::Feeders(broker::Broker& broker, const Clock& clock, Metrics& metrics,
                 std::string base_folder)
    : broker_(broker), clock_(clock), metrics_(metrics), base_folder_(std::move(base_folder)) {}

const std::string& Feeders::folder_of(const FeedPlan& plan) const {
  return plan.folder.empty() ? base_folder_ : plan.folder;
}

Feeders::~Feeders() {
  stop();
}

Result<> Feeders::check(const stream::SourceSpec& source) const {
  const FeedPlan plan = TRY(plan_feed(source));
  TRY(make_reader(plan, {clock_, folder_of(plan)}));
  return {};
}

Result<> Feeders::start(const stream::SourceSpec& source) {
  FeedPlan plan = TRY(plan_feed(source));
  TRY(make_reader(plan, {clock_, folder_of(plan)}));
  const MutexLock lock(mutex_);
  auto& feeder = feeders_[source.name];
  feeder.reset();  // joins the old one first
  feeder = std::make_unique<Feeder>(*this, std::move(plan));
  return {};
}

Result<> Feeders::drop(const std::string& source) {
  std::unique_ptr<Feeder> gone;
  {
    const MutexLock lock(mutex_);
    const auto found = feeders_.find(source);
    if (found == feeders_.end()) return {};
    gone = std::move(found->second);
    feeders_.erase(found);
  }
  return {};
}

std::vector<FeederStatus> Feeders::list() const {
  std::vector<FeederStatus> all;
  const MutexLock lock(mutex_);
  for (const auto& [name, feeder] : feeders_) {
    if (feeder) all.push_back(feeder->status());
  }
  return all;
}

std::string Feeders::problem(const std::string& source) const {
  const MutexLock lock(mutex_);
  const auto found = feeders_.find(source);
  return found == feeders_.end() || !found->second ? "" : found->second->status().error;
}

void Feeders::stop() {
  std::map<std::string, std::unique_ptr<Feeder>> gone;
  {
    const MutexLock lock(mutex_);
    gone.swap(feeders_);
  }
}

}  // namespace tidemill::connect

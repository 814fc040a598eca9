// SPDX-License-Identifier: Apache-2.0
// The coordinator of consumer groups of the newer protocol (KIP-848): heartbeats in, assignments
// out. A member that joins, leaves, falls silent or changes its wishes begins a new epoch of its
// group, and so do topics that come, go or grow.
//
// The group's epoch is kept in __consumer_offsets; its members are not: after a restart they are
// told so and join again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/embedded/offset_store.h"
#include "broker/groups/consumer_group.h"
#include "runtime/clock.h"
#include "wire/kafka/consumer_group_describe.h"
#include "wire/kafka/consumer_group_heartbeat.h"

namespace tidemill::broker::groups {

struct ConsumerGroupLimits {
  milliseconds session_timeout{45'000};    // group.consumer.session.timeout.ms
  milliseconds heartbeat_interval{5'000};  // group.consumer.heartbeat.interval.ms
  milliseconds topics_interval{1'000};     // how old what is known of topics may be
  std::size_t members_max = 10'000;
};

// Thread: as the lock of GroupCoordinator, which owns it, says.
class ConsumerGroups {
 public:
  using Request = wire::kafka::ConsumerGroupHeartbeatRequest;
  using Response = wire::kafka::ConsumerGroupHeartbeatResponse;

  ConsumerGroups(Clock& clock, ConsumerGroupLimits limits) : clock_(clock), limits_(limits) {}

  // `fresh_id` is for a member that brings none. Creates the group for a joining member.
  Response heartbeat(const Request& request, const Caller& caller, const std::string& fresh_id,
                     const TopicDirectory& topics);
  // Members that fell silent or do not give up their partitions are removed; the next deadline.
  std::optional<TimePoint> run_due();

  const ConsumerGroup* find(const std::string& group_id) const;
  std::size_t size() const { return groups_.size(); }
  const std::map<std::string, ConsumerGroup, std::less<>>& all() const { return groups_; }
  void forget(const std::string& group_id) { groups_.erase(group_id); }
  // As the log says of it.
  void restore(const std::string& group_id, std::int32_t epoch);
  wire::kafka::KafkaError check_member(const std::string& group_id, const std::string& member_id,
                                       std::int32_t epoch) const;
  wire::kafka::ConsumerGroupDescribeResponse::Group describe(const ConsumerGroup& group) const;
  // Groups whose epoch has changed since they were last asked for.
  std::vector<std::string> take_changed() { return std::exchange(changed_, {}); }

 private:
  Response leave(ConsumerGroup& group, const Request& request);
  // What is wrong with the request as such; nothing if it can be served.
  std::optional<Response> refuse(const Request& request, std::int16_t version) const;
  // Finds or makes the member of a request; else the refusal is in `response`.
  ConsumerMember* admit(ConsumerGroup& group, const Request& request, const std::string& member_id,
                        Response& response);
  // Whether the member wants something else than before.
  static bool take_wishes(ConsumerMember& member, const Request& request,
                          std::shared_ptr<const TopicFilter> filter);
  bool refresh_topics(ConsumerGroup& group, const TopicDirectory& topics, bool at_once);
  void bump(ConsumerGroup& group);
  TimePoint now() const { return clock_.monotonic(); }

  Clock& clock_;
  const ConsumerGroupLimits limits_;
  std::map<std::string, ConsumerGroup, std::less<>> groups_;
  std::vector<std::string> changed_;
};

// key := version:i16(3) group:string; value := version:i16(0) epoch:i32 tags:uvarint(0), as Kafka's
// ConsumerGroupMetadata.
embedded::GroupRecord encode_consumer_group(const std::string& group, std::int32_t epoch);
embedded::GroupRecord encode_consumer_group_tombstone(const std::string& group);
struct StoredConsumerGroup {
  std::string id;
  std::int32_t epoch = 0;
};
// Nothing for records of other kinds.
Result<std::optional<StoredConsumerGroup>> decode_consumer_group(
    const embedded::GroupRecord& record);

}  // namespace tidemill::broker::groups

// SPDX-License-Identifier: Apache-2.0
// The coordinator of all groups. Those of the newer protocol (KIP-848) are in consumer_groups.h;
// here are the classic ones: Kafka's join, sync, heartbeat, leave protocol with static members and
// cooperative rebalances. Offsets themselves are in embedded::OffsetStore.
//
//   Empty -> PreparingRebalance -> CompletingRebalance -> Stable -> PreparingRebalance ...
//
// PreparingRebalance collects JoinGroup until all known members are back or the rebalance timeout
// passes; CompletingRebalance waits for the leader's assignment; the group's metadata is on disk
// before members learn their assignment.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "broker/embedded/embedded_broker.h"
#include "broker/groups/consumer_groups.h"
#include "broker/groups/group.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "wire/kafka/describe_groups.h"
#include "wire/kafka/heartbeat.h"
#include "wire/kafka/kafka_error.h"
#include "wire/kafka/leave_group.h"
#include "wire/kafka/list_groups.h"

namespace tidemill::broker::groups {

struct GroupOptions {
  milliseconds session_timeout_min{6'000};
  milliseconds session_timeout_max{1'800'000};
  milliseconds initial_rebalance_delay{0};  // Kafka's default is 3 s
  ConsumerGroupLimits consumer_groups = {};
  std::size_t members_max = 10'000;  // of one group
  std::size_t groups_max = 100'000;
  // Offsets of a group without members are forgotten that long after the group became empty, or,
  // for a group that never had members, after their commit (offsets.retention.minutes).
  std::chrono::milliseconds offsets_retention{std::chrono::days(7)};
  std::chrono::milliseconds offsets_check_interval{600'000};
};

// Answers that are due, given once no lock is held.
class Answers {
 public:
  template <class T>
  void add(Completion<T> done, T value) {
    calls_.push_back(
        [done = std::move(done), value = std::move(value)]() mutable { done(std::move(value)); });
  }
  void add(std::move_only_function<void()> call) { calls_.push_back(std::move(call)); }
  void give() {
    for (auto& call : calls_) call();
  }

 private:
  std::vector<std::move_only_function<void()>> calls_;
};

// Thread:   any; completions are called with no lock held, perhaps before the call returns.
// Lifetime: stop() answers everything that waits, before what it answers to goes away.
class GroupCoordinator final : public embedded::GroupDirectory {
 public:
  GroupCoordinator(embedded::OffsetStore& store, Clock& clock, Random& random,
                   GroupOptions options);

  // Takes over what the log says about groups. Once, before serving.
  Result<> load();
  void stop();

  void join(wire::kafka::JoinGroupRequest request, Caller caller,
            Completion<wire::kafka::JoinGroupResponse> done);
  void sync(wire::kafka::SyncGroupRequest request, Completion<wire::kafka::SyncGroupResponse> done);
  wire::kafka::KafkaError heartbeat(const wire::kafka::HeartbeatRequest& request);
  wire::kafka::LeaveGroupResponse leave(const wire::kafka::LeaveGroupRequest& request,
                                        std::int16_t api_version);

  // KIP-848. A group is of one kind as long as it has members; an empty one becomes what is asked
  // for.
  wire::kafka::ConsumerGroupHeartbeatResponse consumer_heartbeat(
      const wire::kafka::ConsumerGroupHeartbeatRequest& request, const Caller& caller,
      const TopicDirectory& topics);
  wire::kafka::ConsumerGroupDescribeResponse::Group describe_consumer(
      const std::string& group) const;
  // Whether who asks for a group's offsets as a member is one (OffsetFetch from version 9 on).
  wire::kafka::KafkaError check_fetch(const std::string& group, const std::string& member_id,
                                      std::int32_t epoch) const;

  // Whether a member may commit offsets; keeps it alive. A generation below zero is a client
  // without membership: allowed as long as the group has no members.
  struct Committer {
    std::string group;
    std::string member_id = {};
    std::optional<std::string> instance_id = {};
    std::int32_t generation = -1;
    bool in_transaction = false;
  };
  wire::kafka::KafkaError check_commit(const Committer& committer);

  wire::kafka::DescribeGroupsResponse::Group describe_kafka(const std::string& group) const;
  std::vector<wire::kafka::ListGroupsResponse::Group> list_kafka() const;
  void remove_group(std::string group, Completion<wire::kafka::KafkaError> done);
  // Whether the offsets of a topic may be deleted from the group now.
  wire::kafka::KafkaError check_offset_delete(const std::string& group,
                                              const std::string& topic) const;

  std::vector<GroupInfo> list() const override;
  std::optional<GroupInfo> describe(const std::string& group) const override;

  // Ends what is overdue; gives the time of the next deadline.
  std::optional<TimePoint> run_due();
  // Called, from any thread and with the lock held, when a deadline before the last one that
  // run_due() gave comes up. Must only post.
  void on_earlier_deadline(std::function<void()> wake);

 private:
  using JoinDone = Completion<wire::kafka::JoinGroupResponse>;
  using SyncDone = Completion<wire::kafka::SyncGroupResponse>;

  // join.cc
  void join_locked(wire::kafka::JoinGroupRequest request, const Caller& caller, JoinDone done,
                   Answers& answers) TM_REQUIRES(mutex_);
  void join_unknown(Group& group, wire::kafka::JoinGroupRequest request, const Caller& caller,
                    JoinDone done, Answers& answers) TM_REQUIRES(mutex_);
  void join_known(Group& group, wire::kafka::JoinGroupRequest request, const Caller& caller,
                  JoinDone done, Answers& answers) TM_REQUIRES(mutex_);
  void replace_static(Group& group, Member replacement, JoinDone done, Answers& answers)
      TM_REQUIRES(mutex_);
  void enter(Group& group, Member member, const std::string& protocol_type, JoinDone done,
             Answers& answers) TM_REQUIRES(mutex_);
  void rejoin(Group& group, Member& member, wire::kafka::JoinGroupRequest request,
              const Caller& caller, JoinDone done, Answers& answers) TM_REQUIRES(mutex_);
  void rebalance(Group& group, Answers& answers) TM_REQUIRES(mutex_);
  void prepare_rebalance(Group& group, Answers& answers) TM_REQUIRES(mutex_);
  void try_complete_join(Group& group, Answers& answers) TM_REQUIRES(mutex_);
  void complete_join(Group& group, Answers& answers) TM_REQUIRES(mutex_);
  wire::kafka::JoinGroupResponse joined(const Group& group, const Member& member) const
      TM_REQUIRES(mutex_);

  // sync.cc
  void sync_locked(wire::kafka::SyncGroupRequest request, SyncDone done, Answers& answers)
      TM_REQUIRES(mutex_);
  void store_assignment(Group& group, Answers& answers) TM_REQUIRES(mutex_);
  void assignment_stored(const std::string& group_id, std::int32_t generation,
                         const Result<>& outcome);
  wire::kafka::KafkaError check_member(const std::string& group_id, std::string_view member_id,
                                       const std::optional<std::string>& instance_id) const
      TM_REQUIRES(mutex_);
  wire::kafka::KafkaError leave_one(const std::string& group_id, const std::string& member_id,
                                    const std::optional<std::string>& instance_id, Answers& answers)
      TM_REQUIRES(mutex_);
  void drop_member(Group& group, const std::string& member_id, Answers& answers)
      TM_REQUIRES(mutex_);
  void expire(Group& group, TimePoint now, Answers& answers) TM_REQUIRES(mutex_);
  void expire_offsets();
  void expire_offsets_of(const std::string& group_id);

  void store_consumer_groups(Answers& answers) TM_REQUIRES(mutex_);

  Group* find(const std::string& group_id) TM_REQUIRES(mutex_);
  const Group* find(const std::string& group_id) const TM_REQUIRES(mutex_);
  void keep_alive(Member& member) TM_REQUIRES(mutex_);
  void arm(TimePoint deadline) TM_REQUIRES(mutex_);
  void set_state(Group& group, GroupState state) TM_REQUIRES(mutex_);
  void store(const Group& group, Answers& answers) TM_REQUIRES(mutex_);
  TimePoint now() const { return clock_.monotonic(); }

  embedded::OffsetStore& store_;
  Clock& clock_;
  Random& random_;
  const GroupOptions options_;
  mutable Mutex mutex_;
  bool stopped_ TM_GUARDED_BY(mutex_) = false;
  std::map<std::string, Group, std::less<>> groups_ TM_GUARDED_BY(mutex_);
  ConsumerGroups consumers_ TM_GUARDED_BY(mutex_);
  std::optional<TimePoint> armed_ TM_GUARDED_BY(mutex_);
  TimePoint next_offsets_check_ TM_GUARDED_BY(mutex_);
  std::function<void()> wake_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::broker::groups

// SPDX-License-Identifier: Apache-2.0
// Start, stop, deadlines, and what administrators ask. The group protocol is in join.cc, sync.cc.
#include "broker/groups/coordinator.h"

#include <algorithm>
#include <utility>

#include "broker/groups/consumer_protocol.h"
#include "broker/groups/group_records.h"
#include "broker/kafka_error_of.h"
#include "runtime/log.h"

namespace tidemill::broker::groups {

using wire::kafka::DescribeGroupsResponse;
using wire::kafka::JoinGroupResponse;
using wire::kafka::KafkaError;
using wire::kafka::ListGroupsResponse;
using wire::kafka::SyncGroupResponse;

namespace {

constexpr std::string_view kConsumerProtocol = "consumer";
constexpr std::string_view kEnginePrefix = "tidemill.";

bool has_offsets(const embedded::OffsetStore& store, const std::string& group) {
  return !store.list(group).empty();
}

// What is known of a group without members.
GroupInfo group_with_offsets(const std::string& group) {
  GroupInfo shown;
  shown.group = group;
  shown.state = name_of(GroupState::Empty);
  return shown;
}

GroupInfo describe_group(const Group& group) {
  GroupInfo shown = group_with_offsets(group.id);
  shown.state = name_of(group.state);
  shown.protocol_type = group.protocol_type;
  shown.protocol = group.protocol.value_or("");
  for (const auto& [id, member] : group.members) {
    auto assignment = group.protocol_type == kConsumerProtocol
                          ? parse_assignment(member.assignment)
                          : Result<std::vector<TopicPartition>>(std::vector<TopicPartition>{});
    shown.members.push_back(
        {.member_id = id,
         .instance_id = member.instance_id.value_or(""),
         .client_id = member.client_id,
         .host = member.client_host,
         .assignment = assignment.ok() ? *std::move(assignment) : std::vector<TopicPartition>{}});
  }
  return shown;
}

GroupInfo describe_group(const ConsumerGroup& group) {
  GroupInfo shown;
  shown.group = group.id;
  shown.state = group.state_name();
  shown.protocol_type = kConsumerProtocol;
  shown.protocol = name_of(group.assignor);
  std::map<Uuid, std::string> names;
  for (const auto& [name, topic] : group.topics) names[topic.id] = name;
  for (const auto& [id, member] : group.members) {
    GroupMember& one = shown.members.emplace_back();
    one.member_id = id;
    one.instance_id = member.instance_id.value_or("");
    one.client_id = member.client_id;
    one.host = member.client_host;
    for (const TopicIdPartition& each : member.assigned) {
      if (const auto name = names.find(each.topic); name != names.end()) {
        one.assignment.push_back({name->second, each.partition});
      }
    }
    std::ranges::sort(one.assignment);
  }
  return shown;
}

}  // namespace

GroupCoordinator::GroupCoordinator(embedded::OffsetStore& store, Clock& clock, Random& random,
                                   GroupOptions options)
    : store_(store),
      clock_(clock),
      random_(random),
      options_(options),
      consumers_(clock, options.consumer_groups),
      next_offsets_check_(clock.monotonic() + options.offsets_check_interval) {}

Result<> GroupCoordinator::load() {
  const MutexLock lock(mutex_);
  for (const embedded::GroupRecord& record : store_.take_group_records()) {
    if (const auto consumer = decode_consumer_group(record); consumer.ok() && *consumer) {
      consumers_.restore((*consumer)->id, (*consumer)->epoch);
      continue;
    }
    auto decoded = decode_group(record);
    if (!decoded.ok()) {
      // Members join again; refusing to start because of one group would be worse.
      log_warning("broker.groups", "a group record was skipped: {}", decoded.error().message);
      continue;
    }
    if (!*decoded) continue;
    Group group = *std::move(*decoded);
    for (auto& [id, member] : group.members) {
      member.synced = true;
      keep_alive(member);
    }
    std::string id = group.id;
    groups_.insert_or_assign(std::move(id), std::move(group));
  }
  return {};
}

void GroupCoordinator::stop() {
  Answers answers;
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
    for (auto& [id, group] : groups_) {
      for (auto& [member_id, member] : group.members) {
        if (member.waits_for_join()) {
          JoinGroupResponse response;
          response.error_code = KafkaError::NotCoordinator;
          response.member_id = member_id;
          answers.add(std::exchange(member.join_done, nullptr), std::move(response));
        }
        if (member.waits_for_sync()) {
          SyncGroupResponse response;
          response.error_code = KafkaError::NotCoordinator;
          answers.add(std::exchange(member.sync_done, nullptr), std::move(response));
        }
      }
    }
  }
  answers.give();
}

Group* GroupCoordinator::find(const std::string& group_id) {
  const auto at = groups_.find(group_id);
  return at == groups_.end() ? nullptr : &at->second;
}

const Group* GroupCoordinator::find(const std::string& group_id) const {
  const auto at = groups_.find(group_id);
  return at == groups_.end() ? nullptr : &at->second;
}

void GroupCoordinator::keep_alive(Member& member) {
  member.expires_at = now() + member.session_timeout;
  arm(member.expires_at);
}

void GroupCoordinator::arm(TimePoint deadline) {
  if (armed_ && *armed_ <= deadline) return;
  armed_ = deadline;
  if (wake_) wake_();
}

void GroupCoordinator::on_earlier_deadline(std::function<void()> wake) {
  const MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

void GroupCoordinator::set_state(Group& group, GroupState state) {
  group.state = state;
  group.state_since_ms = clock_.wall_ms();
}

void GroupCoordinator::store(const Group& group, Answers& answers) {
  std::vector<embedded::GroupRecord> records;
  records.push_back(encode_group(group, clock_.wall_ms()));
  answers.add([this, id = group.id, records = std::move(records)]() mutable {
    store_.write_group_records(id, std::move(records), [id](const Result<>& outcome) {
      if (outcome.ok()) return;
      log_warning("broker.groups", "state of group '{}' was not stored: {}", id,
                  outcome.error().message);
    });
  });
}

std::optional<TimePoint> GroupCoordinator::run_due() {
  Answers answers;
  std::optional<TimePoint> next;
  bool check_offsets = false;
  {
    const MutexLock lock(mutex_);
    if (stopped_) return std::nullopt;
    const TimePoint at = now();
    check_offsets = at >= next_offsets_check_;
    if (check_offsets) next_offsets_check_ = at + options_.offsets_check_interval;
    const auto consider = [&next](TimePoint deadline) {
      next = next ? std::min(*next, deadline) : deadline;
    };
    for (auto& [id, group] : groups_) {
      expire(group, at, answers);
      for (const auto& [member_id, lapses] : group.pending_members) consider(lapses);
      for (const auto& [member_id, member] : group.members) {
        if (!member.waits_for_join() && !member.waits_for_sync()) consider(member.expires_at);
      }
      for (const auto& deadline : {group.hold_until, group.join_ends_at, group.sync_ends_at}) {
        if (deadline) consider(*deadline);
      }
    }
    if (const auto deadline = consumers_.run_due()) consider(*deadline);
    store_consumer_groups(answers);
    consider(next_offsets_check_);
    armed_ = next;
    // Who asked for an id and never came back leaves nothing behind.
    std::erase_if(groups_, [](const auto& entry) {
      const Group& group = entry.second;
      return group.generation == 0 && group.members.empty() && group.pending_members.empty();
    });
  }
  answers.give();
  if (check_offsets) expire_offsets();
  return next;
}

void GroupCoordinator::expire_offsets() {
  for (const GroupInfo& group : list()) {
    // The engine's groups (letters, feeders, queries) have offsets and never members.
    if (group.members.empty() && !group.group.starts_with(kEnginePrefix)) {
      expire_offsets_of(group.group);
    }
  }
}

void GroupCoordinator::expire_offsets_of(const std::string& group_id) {
  std::int64_t empty_since = -1;
  {
    const MutexLock lock(mutex_);
    const Group* const group = find(group_id);
    if (group != nullptr && !group->members.empty()) return;
    if (group != nullptr) empty_since = group->state_since_ms;
    if (const ConsumerGroup* const consumer = consumers_.find(group_id); consumer != nullptr) {
      if (!consumer->members.empty()) return;
      empty_since = consumer->state_since_ms;
    }
  }
  const std::int64_t oldest = clock_.wall_ms() - options_.offsets_retention.count();
  std::vector<TopicPartition> expired;
  const auto all = store_.list(group_id);
  for (const auto& [source, offset] : all) {
    const std::int64_t since = std::max(offset.commit_timestamp_ms, empty_since);
    if (!offset.pending && since <= oldest) expired.push_back(source);
  }
  if (expired.size() == all.size() && empty_since <= oldest) {
    remove_group(group_id, [](KafkaError) {});
  } else if (!expired.empty()) {
    store_.erase(group_id, std::move(expired), [group_id](const Result<>& outcome) {
      if (outcome.ok()) return;
      log_warning("broker.groups", "expired offsets of group '{}' were not erased: {}", group_id,
                  outcome.error().message);
    });
  }
}

KafkaError GroupCoordinator::check_commit(const Committer& committer) {
  const MutexLock lock(mutex_);
  if (stopped_) return KafkaError::NotCoordinator;
  if (committer.group.empty()) return KafkaError::InvalidGroupId;
  if (consumers_.find(committer.group) != nullptr) {
    if (committer.in_transaction && committer.generation < 0) return KafkaError::None;
    const KafkaError wrong =
        consumers_.check_member(committer.group, committer.member_id, committer.generation);
    // TxnOffsetCommit has no code for an epoch: its clients know generations.
    return committer.in_transaction && wrong == KafkaError::StaleMemberEpoch
               ? KafkaError::IllegalGeneration
               : wrong;
  }
  Group* const group = find(committer.group);
  const bool without_membership = committer.generation < 0 && committer.member_id.empty();
  if (group == nullptr || group->members.empty()) {
    if (committer.generation < 0) return KafkaError::None;
    return group == nullptr ? KafkaError::IllegalGeneration : KafkaError::UnknownMemberId;
  }
  if (without_membership && !committer.instance_id) {
    // A transaction of an old producer carries no membership at all (TxnOffsetCommit before v3).
    return committer.in_transaction ? KafkaError::None : KafkaError::UnknownMemberId;
  }
  const KafkaError wrong =
      check_member(committer.group, committer.member_id, committer.instance_id);
  if (wrong != KafkaError::None) return wrong;
  if (committer.generation != group->generation) return KafkaError::IllegalGeneration;
  if (group->state == GroupState::CompletingRebalance && !committer.in_transaction) {
    return KafkaError::RebalanceInProgress;
  }
  keep_alive(*group->find(committer.member_id));
  return KafkaError::None;
}

DescribeGroupsResponse::Group GroupCoordinator::describe_kafka(const std::string& group_id) const {
  DescribeGroupsResponse::Group shown;
  shown.group_id = group_id;
  const MutexLock lock(mutex_);
  const Group* const group = find(group_id);
  if (consumers_.find(group_id) != nullptr) {
    shown.group_state = name_of(GroupState::Dead);  // as a classic group
    return shown;
  }
  if (group == nullptr) {
    shown.group_state =
        name_of(has_offsets(store_, group_id) ? GroupState::Empty : GroupState::Dead);
    return shown;
  }
  shown.group_state = name_of(group->state);
  shown.protocol_type = group->protocol_type;
  const bool stable = group->state == GroupState::Stable;
  if (stable) shown.protocol_data = group->protocol.value_or("");
  for (const auto& [id, member] : group->members) {
    DescribeGroupsResponse::Group::Member one;
    one.member_id = id;
    one.group_instance_id = member.instance_id;
    one.client_id = member.client_id;
    one.client_host = member.client_host;
    if (stable) {
      const BytesView metadata = member.metadata_for(shown.protocol_data);
      one.member_metadata = Bytes(metadata.begin(), metadata.end());
      one.member_assignment = member.assignment;
    }
    shown.members.push_back(std::move(one));
  }
  return shown;
}

std::vector<ListGroupsResponse::Group> GroupCoordinator::list_kafka() const {
  std::vector<ListGroupsResponse::Group> all;
  const auto groups = list();
  const MutexLock lock(mutex_);
  for (const GroupInfo& group : groups) {
    const bool consumer = consumers_.find(group.group) != nullptr;
    all.push_back({.group_id = group.group,
                   .protocol_type = group.protocol_type,
                   .group_state = group.state,
                   .group_type = consumer ? "consumer" : "classic"});
  }
  return all;
}

void GroupCoordinator::remove_group(std::string group_id, Completion<KafkaError> done) {
  KafkaError refusal =
      has_offsets(store_, group_id) ? KafkaError::None : KafkaError::GroupIdNotFound;
  bool consumer_group = false;
  {
    const MutexLock lock(mutex_);
    if (const Group* const group = find(group_id); group != nullptr) {
      const bool empty = group->members.empty() && group->pending_members.empty();
      refusal = empty ? KafkaError::None : KafkaError::NonEmptyGroup;
      if (empty) groups_.erase(group_id);
    }
    if (const ConsumerGroup* const consumer = consumers_.find(group_id); consumer != nullptr) {
      refusal = consumer->members.empty() ? KafkaError::None : KafkaError::NonEmptyGroup;
      consumer_group = refusal == KafkaError::None;
      if (consumer_group) consumers_.forget(group_id);
    }
  }
  if (refusal != KafkaError::None) return done(refusal);
  std::vector<embedded::GroupRecord> records;
  if (consumer_group) records.push_back(encode_consumer_group_tombstone(group_id));
  records.push_back(encode_group_tombstone(group_id));
  store_.write_group_records(
      group_id, std::move(records),
      [this, group_id, done = std::move(done)](const Result<>& outcome) mutable {
        if (!outcome.ok()) return done(kafka_error_of(outcome.error()));
        store_.erase_group(group_id, [done = std::move(done)](const Result<>& erased) mutable {
          done(erased.ok() ? KafkaError::None : kafka_error_of(erased.error()));
        });
      });
}

KafkaError GroupCoordinator::check_offset_delete(const std::string& group_id,
                                                 const std::string& topic) const {
  const MutexLock lock(mutex_);
  const Group* const group = find(group_id);
  if (const ConsumerGroup* const consumer = consumers_.find(group_id); consumer != nullptr) {
    const bool subscribed = std::ranges::any_of(consumer->members, [&](const auto& entry) {
      const ConsumerMember& member = entry.second;
      return std::ranges::binary_search(member.topics, topic) ||
             (member.filter != nullptr && member.filter->matches(topic));
    });
    return subscribed ? KafkaError::GroupSubscribedToTopic : KafkaError::None;
  }
  if (group == nullptr || group->members.empty()) {
    return group == nullptr && !has_offsets(store_, group_id) ? KafkaError::GroupIdNotFound
                                                              : KafkaError::None;
  }
  if (group->protocol_type != kConsumerProtocol) return KafkaError::NonEmptyGroup;
  for (const auto& [id, member] : group->members) {
    for (const auto& protocol : member.protocols) {
      const auto topics = parse_subscription(protocol.metadata);
      if (!topics.ok() || std::ranges::find(*topics, topic) != topics->end()) {
        return KafkaError::GroupSubscribedToTopic;
      }
    }
  }
  return KafkaError::None;
}

std::vector<GroupInfo> GroupCoordinator::list() const {
  std::map<std::string, GroupInfo> all;
  for (const std::string& group : store_.groups()) {
    all[group] = group_with_offsets(group);
  }
  const MutexLock lock(mutex_);
  for (const auto& [id, group] : groups_) all[id] = describe_group(group);
  for (const auto& [id, group] : consumers_.all()) all[id] = describe_group(group);
  std::vector<GroupInfo> listed;
  for (auto& [id, group] : all) listed.push_back(std::move(group));
  return listed;
}

std::optional<GroupInfo> GroupCoordinator::describe(const std::string& group_id) const {
  const MutexLock lock(mutex_);
  const Group* const group = find(group_id);
  if (const ConsumerGroup* const consumer = consumers_.find(group_id); consumer != nullptr) {
    return describe_group(*consumer);
  }
  if (group != nullptr) return describe_group(*group);
  if (!has_offsets(store_, group_id)) return std::nullopt;
  return group_with_offsets(group_id);
}

}  // namespace tidemill::broker::groups

// SPDX-License-Identifier: Apache-2.0
// JoinGroup: how members enter a group and how a generation begins.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "broker/groups/coordinator.h"

namespace tidemill::broker::groups {

using wire::kafka::JoinGroupRequest;
using wire::kafka::JoinGroupResponse;
using wire::kafka::KafkaError;
using wire::kafka::SyncGroupResponse;

namespace {

// From this version on a member must come back with the id it was given (KIP-394), so that a
// client that gives up waiting leaves no ghost behind.
constexpr std::int16_t kMemberIdRequiredFrom = 4;
constexpr std::int16_t kSkipAssignmentFrom = 9;
constexpr std::size_t kIdPrefixBytesMax = 255;

JoinGroupResponse refused(KafkaError code, std::string member_id) {
  JoinGroupResponse response;
  response.error_code = code;
  response.member_id = std::move(member_id);
  return response;
}

Member member_of(const JoinGroupRequest& request, const Caller& caller, std::string id) {
  Member member;
  member.id = std::move(id);
  member.instance_id = request.group_instance_id;
  member.client_id = caller.client_id;
  member.client_host = caller.host;
  member.session_timeout = milliseconds(request.session_timeout_ms);
  member.rebalance_timeout = milliseconds(
      request.rebalance_timeout_ms < 0 ? request.session_timeout_ms : request.rebalance_timeout_ms);
  member.protocols = request.protocols;
  member.may_skip_assignment = caller.api_version >= kSkipAssignmentFrom;
  return member;
}

}  // namespace

void GroupCoordinator::join(JoinGroupRequest request, Caller caller, JoinDone done) {
  Answers answers;
  {
    const MutexLock lock(mutex_);
    join_locked(std::move(request), caller, std::move(done), answers);
  }
  answers.give();
}

void GroupCoordinator::join_locked(JoinGroupRequest request, const Caller& caller, JoinDone done,
                                   Answers& answers) {
  const auto refuse = [&](KafkaError code) {
    answers.add(std::move(done), refused(code, request.member_id));
  };
  if (stopped_) return refuse(KafkaError::NotCoordinator);
  if (request.group_id.empty()) return refuse(KafkaError::InvalidGroupId);
  const milliseconds session(request.session_timeout_ms);
  if (session < options_.session_timeout_min || session > options_.session_timeout_max) {
    return refuse(KafkaError::InvalidSessionTimeout);
  }
  if (request.protocol_type.empty() || request.protocols.empty()) {
    return refuse(KafkaError::InconsistentGroupProtocol);
  }
  Group* group = find(request.group_id);
  if (const ConsumerGroup* const consumer = consumers_.find(request.group_id);
      consumer != nullptr) {
    if (!consumer->members.empty()) return refuse(KafkaError::InconsistentGroupProtocol);
    consumers_.forget(request.group_id);
    std::vector<embedded::GroupRecord> records;
    records.push_back(encode_consumer_group_tombstone(request.group_id));
    answers.add([this, id = request.group_id, records = std::move(records)]() mutable {
      store_.write_group_records(id, std::move(records), [](const Result<>&) {});
    });
  }
  if (group == nullptr) {
    if (!request.member_id.empty()) return refuse(KafkaError::UnknownMemberId);
    if (groups_.size() >= options_.groups_max) return refuse(KafkaError::CoordinatorNotAvailable);
    group = &groups_[request.group_id];
    group->id = request.group_id;
    set_state(*group, GroupState::Empty);
  }
  const bool enters = group->find(request.member_id) == nullptr;
  if (enters && group->members.size() + group->pending_members.size() >= options_.members_max) {
    return refuse(KafkaError::GroupMaxSizeReached);
  }
  if (!group->accepts(request.protocol_type, request.protocols)) {
    return refuse(KafkaError::InconsistentGroupProtocol);
  }
  if (request.member_id.empty()) {
    join_unknown(*group, std::move(request), caller, std::move(done), answers);
  } else {
    join_known(*group, std::move(request), caller, std::move(done), answers);
  }
}

void GroupCoordinator::join_unknown(Group& group, JoinGroupRequest request, const Caller& caller,
                                    JoinDone done, Answers& answers) {
  const std::string prefix =
      request.group_instance_id.value_or(caller.client_id).substr(0, kIdPrefixBytesMax);
  Member member =
      member_of(request, caller, fmt::format("{}-{}", prefix, to_string(random_uuid(random_))));
  if (request.group_instance_id) {
    if (group.find_static(*request.group_instance_id) != nullptr) {
      return replace_static(group, std::move(member), std::move(done), answers);
    }
    return enter(group, std::move(member), request.protocol_type, std::move(done), answers);
  }
  if (caller.api_version >= kMemberIdRequiredFrom) {
    const TimePoint lapses = now() + member.session_timeout;
    group.pending_members[member.id] = lapses;
    arm(lapses);
    return answers.add(std::move(done), refused(KafkaError::MemberIdRequired, member.id));
  }
  enter(group, std::move(member), request.protocol_type, std::move(done), answers);
}

void GroupCoordinator::join_known(Group& group, JoinGroupRequest request, const Caller& caller,
                                  JoinDone done, Answers& answers) {
  const auto refuse = [&](KafkaError code) {
    answers.add(std::move(done), refused(code, request.member_id));
  };
  if (!request.group_instance_id && group.pending_members.contains(request.member_id)) {
    Member member = member_of(request, caller, request.member_id);
    return enter(group, std::move(member), request.protocol_type, std::move(done), answers);
  }
  const KafkaError wrong = check_member(group.id, request.member_id, request.group_instance_id);
  if (wrong != KafkaError::None) return refuse(wrong);
  Member& member = *group.find(request.member_id);
  const bool same = std::ranges::equal(member.protocols, request.protocols);
  switch (group.state) {
    case GroupState::PreparingRebalance:
      return rejoin(group, member, std::move(request), caller, std::move(done), answers);
    case GroupState::CompletingRebalance:
      // The answer to its join got lost: it may have it again.
      if (!same) return rejoin(group, member, std::move(request), caller, std::move(done), answers);
      break;
    case GroupState::Stable:
      // The leader joins again to have the group rebalanced, a follower with the same metadata
      // because it lost the answer.
      if (group.is_leader(member.id) || !same) {
        return rejoin(group, member, std::move(request), caller, std::move(done), answers);
      }
      break;
    case GroupState::Empty:
    case GroupState::Dead:
      return refuse(KafkaError::UnknownMemberId);
  }
  keep_alive(member);
  answers.add(std::move(done), joined(group, member));
}

// A static member came back under a new id: it takes the place of its former self, without a
// rebalance as long as the group's protocol stays (KIP-345).
void GroupCoordinator::replace_static(Group& group, Member replacement, JoinDone done,
                                      Answers& answers) {
  Member* const former = group.find_static(*replacement.instance_id);
  const std::string former_id = former->id;
  const bool was_leader = group.is_leader(former_id);
  if (former->waits_for_join()) {
    answers.add(std::move(former->join_done), refused(KafkaError::FencedInstanceId, former_id));
  }
  if (former->waits_for_sync()) {
    SyncGroupResponse fenced;
    fenced.error_code = KafkaError::FencedInstanceId;
    answers.add(std::move(former->sync_done), std::move(fenced));
  }
  replacement.assignment = std::move(former->assignment);
  replacement.synced = former->synced;
  const std::string id = replacement.id;
  group.remove(former_id);
  group.add(std::move(replacement));
  if (was_leader) group.leader = id;
  Member& member = *group.find(id);
  keep_alive(member);

  const bool protocol_stays = group.protocol == group.select_protocol();
  if (group.state == GroupState::Stable && protocol_stays) {
    store(group, answers);
    JoinGroupResponse response = joined(group, member);
    if (was_leader) {
      // It must not assign anew: newer clients are told so, older ones told of another leader.
      response.skip_assignment = member.may_skip_assignment;
      if (!member.may_skip_assignment) {
        response.leader = former_id;
        response.members.clear();
      }
    }
    return answers.add(std::move(done), std::move(response));
  }
  member.join_done = std::move(done);
  rebalance(group, answers);
}

void GroupCoordinator::enter(Group& group, Member member, const std::string& protocol_type,
                             JoinDone done, Answers& answers) {
  if (group.members.empty()) group.protocol_type = protocol_type;
  member.join_done = std::move(done);
  keep_alive(member);
  group.add(std::move(member));
  rebalance(group, answers);
}

void GroupCoordinator::rejoin(Group& group, Member& member, JoinGroupRequest request,
                              const Caller& caller, JoinDone done, Answers& answers) {
  if (member.waits_for_join()) {
    answers.add(std::exchange(member.join_done, nullptr),
                refused(KafkaError::RebalanceInProgress, member.id));
  }
  Member fresh = member_of(request, caller, member.id);
  member.client_id = std::move(fresh.client_id);
  member.client_host = std::move(fresh.client_host);
  member.session_timeout = fresh.session_timeout;
  member.rebalance_timeout = fresh.rebalance_timeout;
  member.protocols = std::move(fresh.protocols);
  member.may_skip_assignment = fresh.may_skip_assignment;
  member.join_done = std::move(done);
  rebalance(group, answers);
}

void GroupCoordinator::rebalance(Group& group, Answers& answers) {
  if (group.state != GroupState::PreparingRebalance) prepare_rebalance(group, answers);
  try_complete_join(group, answers);
}

void GroupCoordinator::prepare_rebalance(Group& group, Answers& answers) {
  for (auto& [id, member] : group.members) {
    if (group.state == GroupState::CompletingRebalance) member.assignment.clear();
    if (!member.waits_for_sync()) continue;
    SyncGroupResponse again;
    again.error_code = KafkaError::RebalanceInProgress;
    answers.add(std::exchange(member.sync_done, nullptr), std::move(again));
    keep_alive(member);
  }
  group.sync_ends_at.reset();
  group.join_ends_at = now() + group.rebalance_timeout();
  arm(*group.join_ends_at);
  if (group.state == GroupState::Empty && options_.initial_rebalance_delay > milliseconds(0)) {
    group.hold_until = now() + options_.initial_rebalance_delay;
    arm(*group.hold_until);
  }
  set_state(group, GroupState::PreparingRebalance);
}

void GroupCoordinator::try_complete_join(Group& group, Answers& answers) {
  if (group.state != GroupState::PreparingRebalance) return;
  if (group.hold_until && now() < *group.hold_until) return;
  if (group.all_joined()) complete_join(group, answers);
}

void GroupCoordinator::complete_join(Group& group, Answers& answers) {
  std::vector<std::string> absent;
  for (const auto& [id, member] : group.members) {
    if (!member.waits_for_join() && !member.instance_id) absent.push_back(id);
  }
  for (const std::string& id : absent) group.remove(id);
  if (!group.members.empty() && !group.elect_joined_leader()) {
    // Only static members that are away: they keep their places until their session ends.
    group.join_ends_at = now() + group.rebalance_timeout();
    return arm(*group.join_ends_at);
  }
  group.hold_until.reset();
  group.join_ends_at.reset();
  ++group.generation;
  if (group.members.empty()) {
    group.protocol.reset();
    group.leader.reset();
    set_state(group, GroupState::Empty);
    return store(group, answers);
  }
  group.protocol = group.select_protocol();
  set_state(group, GroupState::CompletingRebalance);
  group.sync_ends_at = now() + group.rebalance_timeout();
  arm(*group.sync_ends_at);
  for (auto& [id, member] : group.members) {
    member.synced = false;
    if (!member.waits_for_join()) continue;
    keep_alive(member);
    answers.add(std::exchange(member.join_done, nullptr), joined(group, member));
  }
}

JoinGroupResponse GroupCoordinator::joined(const Group& group, const Member& member) const {
  JoinGroupResponse response;
  response.generation_id = group.generation;
  response.protocol_type = group.protocol_type;
  response.protocol_name = group.protocol;
  response.leader = group.leader.value_or("");
  response.member_id = member.id;
  if (group.is_leader(member.id)) response.members = group.joined_members();
  return response;
}

}  // namespace tidemill::broker::groups

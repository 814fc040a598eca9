// SPDX-License-Identifier: Apache-2.0
// SyncGroup, Heartbeat, LeaveGroup, and the ends of sessions.
#include <utility>

#include "broker/groups/coordinator.h"
#include "broker/groups/group_records.h"
#include "broker/kafka_error_of.h"
#include "runtime/log.h"

namespace tidemill::broker::groups {

using wire::kafka::HeartbeatRequest;
using wire::kafka::JoinGroupResponse;
using wire::kafka::KafkaError;
using wire::kafka::LeaveGroupRequest;
using wire::kafka::LeaveGroupResponse;
using wire::kafka::SyncGroupRequest;
using wire::kafka::SyncGroupResponse;

namespace {

constexpr std::int16_t kLeaveSeveralFrom = 3;

SyncGroupResponse sync_failure(KafkaError code) {
  SyncGroupResponse response;
  response.error_code = code;
  return response;
}

SyncGroupResponse assigned(const Group& group, const Member& member) {
  SyncGroupResponse response;
  response.protocol_type = group.protocol_type;
  response.protocol_name = group.protocol;
  response.assignment = member.assignment;
  return response;
}

bool differs(const std::optional<std::string>& named, const std::optional<std::string>& actual) {
  return named && named != actual;
}

}  // namespace

KafkaError GroupCoordinator::check_member(const std::string& group_id, std::string_view member_id,
                                          const std::optional<std::string>& instance_id) const {
  const Group* const group = find(group_id);
  if (group == nullptr) return KafkaError::UnknownMemberId;
  if (instance_id) {
    const auto at = group->static_members.find(*instance_id);
    if (at == group->static_members.end()) return KafkaError::UnknownMemberId;
    if (at->second != member_id) return KafkaError::FencedInstanceId;
  }
  return group->find(member_id) == nullptr ? KafkaError::UnknownMemberId : KafkaError::None;
}

void GroupCoordinator::sync(SyncGroupRequest request, SyncDone done) {
  Answers answers;
  {
    const MutexLock lock(mutex_);
    sync_locked(std::move(request), std::move(done), answers);
  }
  answers.give();
}

void GroupCoordinator::sync_locked(SyncGroupRequest request, SyncDone done, Answers& answers) {
  const auto refuse = [&](KafkaError code) { answers.add(std::move(done), sync_failure(code)); };
  if (stopped_) return refuse(KafkaError::NotCoordinator);
  if (request.group_id.empty()) return refuse(KafkaError::InvalidGroupId);
  const KafkaError wrong =
      check_member(request.group_id, request.member_id, request.group_instance_id);
  if (wrong != KafkaError::None) return refuse(wrong);
  Group& group = *find(request.group_id);
  if (request.generation_id != group.generation) return refuse(KafkaError::IllegalGeneration);
  if (differs(request.protocol_type, group.protocol_type) ||
      differs(request.protocol_name, group.protocol)) {
    return refuse(KafkaError::InconsistentGroupProtocol);
  }
  Member& member = *group.find(request.member_id);
  switch (group.state) {
    case GroupState::Empty:
    case GroupState::Dead:
      return refuse(KafkaError::UnknownMemberId);
    case GroupState::PreparingRebalance:
      return refuse(KafkaError::RebalanceInProgress);
    case GroupState::Stable:
      member.synced = true;
      keep_alive(member);
      return answers.add(std::move(done), assigned(group, member));
    case GroupState::CompletingRebalance:
      break;
  }
  if (member.waits_for_sync()) {
    answers.add(std::exchange(member.sync_done, nullptr),
                sync_failure(KafkaError::RebalanceInProgress));
  }
  member.sync_done = std::move(done);
  member.synced = true;
  if (!group.is_leader(member.id)) return;
  for (auto& [id, each] : group.members) each.assignment.clear();
  for (auto& assignment : request.assignments) {
    Member* const receiver = group.find(assignment.member_id);
    if (receiver != nullptr) receiver->assignment = std::move(assignment.assignment);
  }
  store_assignment(group, answers);
}

void GroupCoordinator::store_assignment(Group& group, Answers& answers) {
  std::vector<embedded::GroupRecord> records;
  records.push_back(encode_group(group, clock_.wall_ms()));
  answers.add([this, id = group.id, generation = group.generation,
               records = std::move(records)]() mutable {
    store_.write_group_records(id, std::move(records), [this, id, generation](Result<> outcome) {
      assignment_stored(id, generation, outcome);
    });
  });
}

void GroupCoordinator::assignment_stored(const std::string& group_id, std::int32_t generation,
                                         const Result<>& outcome) {
  Answers answers;
  {
    const MutexLock lock(mutex_);
    Group* const group = find(group_id);
    // Another rebalance may have begun meanwhile; its members were answered then.
    if (group == nullptr || group->generation != generation ||
        group->state != GroupState::CompletingRebalance) {
      return;
    }
    if (outcome.ok()) set_state(*group, GroupState::Stable);
    for (auto& [id, member] : group->members) {
      if (!member.waits_for_sync()) continue;
      keep_alive(member);
      answers.add(
          std::exchange(member.sync_done, nullptr),
          outcome.ok() ? assigned(*group, member) : sync_failure(kafka_error_of(outcome.error())));
    }
    if (!outcome.ok()) {
      log_warning("broker.groups", "assignment of group '{}' was not stored: {}", group_id,
                  outcome.error().message);
      rebalance(*group, answers);
    }
  }
  answers.give();
}

KafkaError GroupCoordinator::heartbeat(const HeartbeatRequest& request) {
  const MutexLock lock(mutex_);
  if (stopped_) return KafkaError::NotCoordinator;
  if (request.group_id.empty()) return KafkaError::InvalidGroupId;
  const KafkaError wrong =
      check_member(request.group_id, request.member_id, request.group_instance_id);
  if (wrong != KafkaError::None) return wrong;
  Group& group = *find(request.group_id);
  if (request.generation_id != group.generation) return KafkaError::IllegalGeneration;
  keep_alive(*group.find(request.member_id));
  return group.state == GroupState::PreparingRebalance ? KafkaError::RebalanceInProgress
                                                       : KafkaError::None;
}

LeaveGroupResponse GroupCoordinator::leave(const LeaveGroupRequest& request,
                                           std::int16_t api_version) {
  LeaveGroupResponse response;
  Answers answers;
  {
    const MutexLock lock(mutex_);
    if (stopped_) {
      response.error_code = KafkaError::NotCoordinator;
    } else if (request.group_id.empty()) {
      response.error_code = KafkaError::InvalidGroupId;
    } else if (api_version < kLeaveSeveralFrom) {
      response.error_code = leave_one(request.group_id, request.member_id, std::nullopt, answers);
    } else {
      for (const auto& member : request.members) {
        const KafkaError code =
            leave_one(request.group_id, member.member_id, member.group_instance_id, answers);
        response.members.push_back({.member_id = member.member_id,
                                    .group_instance_id = member.group_instance_id,
                                    .error_code = code});
      }
    }
  }
  answers.give();
  return response;
}

KafkaError GroupCoordinator::leave_one(const std::string& group_id, const std::string& member_id,
                                       const std::optional<std::string>& instance_id,
                                       Answers& answers) {
  Group* const group = find(group_id);
  if (group == nullptr) return KafkaError::UnknownMemberId;
  if (group->pending_members.erase(member_id) > 0) {
    try_complete_join(*group, answers);
    return KafkaError::None;
  }
  std::string leaving = member_id;
  if (instance_id && member_id.empty()) {
    // An administrator removes static members by their instance id alone.
    const Member* const member = group->find_static(*instance_id);
    if (member == nullptr) return KafkaError::UnknownMemberId;
    leaving = member->id;
  }
  const KafkaError wrong = check_member(group_id, leaving, instance_id);
  if (wrong != KafkaError::None) return wrong;
  drop_member(*group, leaving, answers);
  return KafkaError::None;
}

void GroupCoordinator::drop_member(Group& group, const std::string& member_id, Answers& answers) {
  Member* const member = group.find(member_id);
  if (member == nullptr) return;
  if (member->waits_for_join()) {
    JoinGroupResponse gone;
    gone.error_code = KafkaError::UnknownMemberId;
    gone.member_id = member_id;
    answers.add(std::move(member->join_done), std::move(gone));
  }
  if (member->waits_for_sync()) {
    answers.add(std::move(member->sync_done), sync_failure(KafkaError::UnknownMemberId));
  }
  group.remove(member_id);
  rebalance(group, answers);
}

void GroupCoordinator::expire(Group& group, TimePoint now, Answers& answers) {
  std::erase_if(group.pending_members, [&](const auto& entry) { return entry.second <= now; });
  std::vector<std::string> gone;
  const bool sync_over = group.sync_ends_at && *group.sync_ends_at <= now;
  for (const auto& [id, member] : group.members) {
    if (member.waits_for_join()) continue;
    const bool silent = !member.waits_for_sync() && member.expires_at <= now;
    if (silent || (sync_over && !member.synced)) gone.push_back(id);
  }
  if (sync_over) group.sync_ends_at.reset();
  for (const std::string& id : gone) {
    log_info("broker.groups", "member '{}' of group '{}' is out: no sign of life in time", id,
             group.id);
    drop_member(group, id, answers);
  }
  if (group.state != GroupState::PreparingRebalance) return;
  if (group.hold_until && *group.hold_until <= now) group.hold_until.reset();
  try_complete_join(group, answers);
  if (group.state == GroupState::PreparingRebalance && group.join_ends_at &&
      *group.join_ends_at <= now) {
    complete_join(group, answers);
  }
}

}  // namespace tidemill::broker::groups

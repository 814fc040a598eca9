// SPDX-License-Identifier: Apache-2.0
// What GroupCoordinator does for groups of the newer protocol beside consumer_groups.h: which kind
// a group is of, and what is stored of it.
#include <fmt/core.h>

#include "broker/groups/coordinator.h"
#include "broker/groups/group_records.h"
#include "runtime/log.h"

namespace tidemill::broker::groups {

using wire::kafka::ConsumerGroupDescribeResponse;
using wire::kafka::ConsumerGroupHeartbeatRequest;
using wire::kafka::ConsumerGroupHeartbeatResponse;
using wire::kafka::KafkaError;

ConsumerGroupHeartbeatResponse GroupCoordinator::consumer_heartbeat(
    const ConsumerGroupHeartbeatRequest& request, const Caller& caller,
    const TopicDirectory& topics) {
  Answers answers;
  ConsumerGroupHeartbeatResponse response;
  {
    const MutexLock lock(mutex_);
    if (stopped_) {
      response.error_code = KafkaError::NotCoordinator;
      return response;
    }
    const bool enters = request.member_epoch == kJoiningEpoch;
    if (const Group* const classic = find(request.group_id); classic != nullptr) {
      const bool empty = classic->members.empty() && classic->pending_members.empty();
      if (!enters || !empty) {
        response.error_code = KafkaError::GroupIdNotFound;
        response.error_message = fmt::format("Group {} is not a consumer group.", request.group_id);
        return response;
      }
    } else if (enters && consumers_.find(request.group_id) == nullptr &&
               groups_.size() + consumers_.size() >= options_.groups_max) {
      response.error_code = KafkaError::CoordinatorNotAvailable;
      return response;
    }
    response = consumers_.heartbeat(request, caller, to_string(random_uuid(random_)), topics);
    if (consumers_.find(request.group_id) != nullptr) groups_.erase(request.group_id);
    arm(now() + options_.consumer_groups.session_timeout);
    if (const ConsumerGroup* const group = consumers_.find(request.group_id); group != nullptr) {
      const ConsumerMember* const member = group->find(response.member_id.value_or(""));
      if (member != nullptr && member->revoke_by) arm(*member->revoke_by);
    }
    store_consumer_groups(answers);
  }
  answers.give();
  return response;
}

// The kind that the group was of before goes with the same write.
void GroupCoordinator::store_consumer_groups(Answers& answers) {
  for (const std::string& id : consumers_.take_changed()) {
    const ConsumerGroup* const group = consumers_.find(id);
    if (group == nullptr) continue;
    std::vector<embedded::GroupRecord> records;
    records.push_back(encode_group_tombstone(id));
    records.push_back(encode_consumer_group(id, group->epoch));
    answers.add([this, id, records = std::move(records)]() mutable {
      store_.write_group_records(id, std::move(records), [id](const Result<>& outcome) {
        if (outcome.ok()) return;
        log_warning("broker.groups", "epoch of group '{}' was not stored: {}", id,
                    outcome.error().message);
      });
    });
  }
}

ConsumerGroupDescribeResponse::Group GroupCoordinator::describe_consumer(
    const std::string& group_id) const {
  const MutexLock lock(mutex_);
  if (const ConsumerGroup* const group = consumers_.find(group_id); group != nullptr) {
    return consumers_.describe(*group);
  }
  ConsumerGroupDescribeResponse::Group shown;
  shown.group_id = group_id;
  shown.error_code = KafkaError::GroupIdNotFound;
  shown.error_message = find(group_id) == nullptr
                            ? fmt::format("Group {} not found.", group_id)
                            : fmt::format("Group {} is not a consumer group.", group_id);
  return shown;
}

KafkaError GroupCoordinator::check_fetch(const std::string& group_id, const std::string& member_id,
                                         std::int32_t epoch) const {
  const MutexLock lock(mutex_);
  if (member_id.empty() || epoch < 0 || consumers_.find(group_id) == nullptr) {
    return KafkaError::None;
  }
  return consumers_.check_member(group_id, member_id, epoch);
}

}  // namespace tidemill::broker::groups

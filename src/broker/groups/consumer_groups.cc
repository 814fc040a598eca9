// SPDX-License-Identifier: Apache-2.0
#include "broker/groups/consumer_groups.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace tidemill::broker::groups {

using wire::kafka::ConsumerGroupDescribeResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::int16_t kOwnIdsFrom = 1;  // KIP-1082: members bring their ids
constexpr std::int16_t kKeyVersion = 3;

ConsumerGroups::Response failure(KafkaError code, std::string message) {
  ConsumerGroups::Response response;
  response.error_code = code;
  response.error_message = std::move(message);
  return response;
}

std::optional<Partitions> owned_by(const ConsumerGroups::Request& request) {
  if (!request.topic_partitions) return std::nullopt;
  Partitions owned;
  for (const auto& topic : *request.topic_partitions) {
    for (const std::int32_t partition : topic.partitions) owned.insert({topic.topic_id, partition});
  }
  return owned;
}

ConsumerGroups::Response::Assignment to_wire(const Partitions& partitions) {
  ConsumerGroups::Response::Assignment assignment;
  for (const TopicIdPartition& each : partitions) {
    auto& topics = assignment.topic_partitions;
    if (topics.empty() || topics.back().topic_id != each.topic) topics.push_back({each.topic, {}});
    topics.back().partitions.push_back(each.partition);
  }
  return assignment;
}

}  // namespace

std::optional<ConsumerGroups::Response> ConsumerGroups::refuse(const Request& request,
                                                               std::int16_t version) const {
  const auto invalid = [](std::string_view why) {
    return failure(KafkaError::InvalidRequest, std::string(why));
  };
  const bool joins = request.member_epoch == kJoiningEpoch;
  if (request.group_id.empty()) return invalid("GroupId can't be empty.");
  if (request.instance_id && request.instance_id->empty()) {
    return invalid("InstanceId can't be empty.");
  }
  if (request.rack_id && request.rack_id->empty()) return invalid("RackId can't be empty.");
  if (request.member_id.empty() && (version >= kOwnIdsFrom || !joins)) {
    return invalid("MemberId can't be empty.");
  }
  if (request.member_epoch < kStaticAwayEpoch) {
    return invalid(fmt::format("MemberEpoch {} is invalid.", request.member_epoch));
  }
  if (request.member_epoch == kStaticAwayEpoch && !request.instance_id) {
    return invalid("InstanceId can't be null.");
  }
  if (joins) {
    if (request.rebalance_timeout_ms < 0) {
      return invalid("RebalanceTimeoutMs must be provided in first request.");
    }
    if (request.topic_partitions && !request.topic_partitions->empty()) {
      return invalid("TopicPartitions must be empty when (re-)joining.");
    }
    if (!request.subscribed_topic_names && !request.subscribed_topic_regex) {
      return invalid(
          "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when "
          "(re-)joining.");
    }
  }
  if (request.server_assignor && !parse_assignor(*request.server_assignor)) {
    return failure(KafkaError::UnsupportedAssignor,
                   fmt::format("ServerAssignor {} is not supported. Supported assignors: uniform, "
                               "range.",
                               *request.server_assignor));
  }
  return std::nullopt;
}

ConsumerMember* ConsumerGroups::admit(ConsumerGroup& group, const Request& request,
                                      const std::string& member_id, Response& response) {
  const bool joins = request.member_epoch == kJoiningEpoch;
  const auto refused = [&response](KafkaError code, std::string why) -> ConsumerMember* {
    response = failure(code, std::move(why));
    return nullptr;
  };
  const auto unknown = [&] {
    return refused(KafkaError::UnknownMemberId,
                   fmt::format("Member {} is not a member of group {}.", member_id, group.id));
  };
  const auto create = [&]() -> ConsumerMember* {
    if (group.members.size() >= limits_.members_max) {
      return refused(KafkaError::GroupMaxSizeReached,
                     fmt::format("The consumer group has reached its maximum capacity of {} "
                                 "members.",
                                 limits_.members_max));
    }
    ConsumerMember& made = group.members[member_id];
    made.id = member_id;
    made.instance_id = request.instance_id;
    if (request.instance_id) group.static_members[*request.instance_id] = member_id;
    return &made;
  };
  ConsumerMember* member = group.find(member_id);
  if (request.instance_id) {
    ConsumerMember* const former = group.find_static(*request.instance_id);
    if (former == nullptr) return joins ? create() : unknown();
    if (former->id != member_id) {
      if (!joins) {
        return refused(KafkaError::FencedInstanceId,
                       fmt::format("Static member {} with instance id {} was fenced by a different "
                                   "member.",
                                   member_id, *request.instance_id));
      }
      if (former->epoch != kStaticAwayEpoch) {
        return refused(KafkaError::UnreleasedInstanceId,
                       fmt::format("Static member {} with instance id {} cannot join the group "
                                   "because the instance id is owned by {} member.",
                                   member_id, *request.instance_id, former->id));
      }
      // It takes the place of its former self, with its partitions.
      ConsumerMember successor = *former;
      Partitions target = group.target[former->id];
      group.remove(successor.id);
      successor.id = member_id;
      successor.epoch = successor.previous_epoch;
      group.static_members[*request.instance_id] = member_id;
      group.target[member_id] = std::move(target);
      return &(group.members[member_id] = std::move(successor));
    }
    member = former;
  }
  if (member == nullptr) return joins ? create() : unknown();
  if (joins || request.member_epoch == member->epoch) return member;
  // The answer that told it of its new epoch may have got lost.
  const auto owned = owned_by(request);
  const bool behind = request.member_epoch == member->previous_epoch && owned &&
                      std::ranges::includes(member->assigned, *owned);
  if (behind) return member;
  return refused(KafkaError::FencedMemberEpoch,
                 fmt::format("The consumer group member has a {} member epoch ({}) than the one "
                             "known by the group coordinator ({}). The member must abandon all its "
                             "partitions and rejoin.",
                             request.member_epoch < member->epoch ? "smaller" : "greater",
                             request.member_epoch, member->epoch));
}

bool ConsumerGroups::take_wishes(ConsumerMember& member, const Request& request,
                                 std::shared_ptr<const TopicFilter> filter) {
  bool changed = false;
  const auto take = [&changed](auto& mine, auto theirs) {
    if (mine == theirs) return;
    mine = std::move(theirs);
    changed = true;
  };
  if (request.rack_id) take(member.rack_id, request.rack_id);
  if (request.server_assignor) take(member.assignor, request.server_assignor);
  if (request.rebalance_timeout_ms >= 0) {
    member.rebalance_timeout = milliseconds(request.rebalance_timeout_ms);
  }
  if (request.subscribed_topic_names) {
    auto names = *request.subscribed_topic_names;
    std::ranges::sort(names);
    const auto doubles = std::ranges::unique(names);
    names.erase(doubles.begin(), doubles.end());
    take(member.topics, std::move(names));
  }
  if (request.subscribed_topic_regex && *request.subscribed_topic_regex != member.regex) {
    member.regex = *request.subscribed_topic_regex;
    member.filter = std::move(filter);
    changed = true;
  }
  return changed;
}

bool ConsumerGroups::refresh_topics(ConsumerGroup& group, const TopicDirectory& topics,
                                    bool at_once) {
  if (!at_once && now() - group.topics_checked_at < limits_.topics_interval) return false;
  group.topics_checked_at = now();
  std::map<std::string, GroupTopic> found;
  bool patterns = false;
  for (const auto& [member_id, member] : group.members) {
    patterns = patterns || member.filter != nullptr;
    for (const std::string& name : member.topics) {
      if (found.contains(name)) continue;
      if (auto topic = topics.find(name)) found.emplace(name, *std::move(topic));
    }
  }
  if (patterns) {
    for (GroupTopic& topic : topics.all()) {
      const bool wanted = std::ranges::any_of(group.members, [&](const auto& entry) {
        return entry.second.filter != nullptr && entry.second.wants(topic.name);
      });
      if (wanted) found.emplace(topic.name, topic);
    }
  }
  if (found == group.topics) return false;
  group.topics = std::move(found);
  return true;
}

void ConsumerGroups::bump(ConsumerGroup& group) {
  ++group.epoch;
  group.state_since_ms = clock_.wall_ms();
  changed_.push_back(group.id);
}

ConsumerGroups::Response ConsumerGroups::leave(ConsumerGroup& group, const Request& request) {
  ConsumerMember* const member =
      request.instance_id ? group.find_static(*request.instance_id) : group.find(request.member_id);
  if (member == nullptr) {
    return failure(
        KafkaError::UnknownMemberId,
        fmt::format("Member {} is not a member of group {}.", request.member_id, group.id));
  }
  if (member->id != request.member_id) {
    return failure(KafkaError::FencedInstanceId,
                   fmt::format("Static member {} with instance id {} was fenced by a different "
                               "member.",
                               request.member_id, *request.instance_id));
  }
  Response response;
  response.member_id = request.member_id;
  response.member_epoch = request.member_epoch;
  if (request.member_epoch == kStaticAwayEpoch) {
    // It keeps its place until its session ends.
    member->previous_epoch = member->epoch;
    member->epoch = kStaticAwayEpoch;
    member->revoke_by.reset();
    return response;
  }
  group.remove(request.member_id);
  bump(group);
  return response;
}

ConsumerGroups::Response ConsumerGroups::heartbeat(const Request& request, const Caller& caller,
                                                   const std::string& fresh_id,
                                                   const TopicDirectory& topics) {
  if (auto refusal = refuse(request, caller.api_version)) return *std::move(refusal);
  std::shared_ptr<const TopicFilter> filter;
  if (request.subscribed_topic_regex && !request.subscribed_topic_regex->empty()) {
    auto compiled = TopicFilter::compile(*request.subscribed_topic_regex);
    if (!compiled.ok()) {
      return failure(KafkaError::InvalidRegularExpression, compiled.error().message);
    }
    filter = *std::move(compiled);
  }
  const bool joins = request.member_epoch == kJoiningEpoch;
  auto at = groups_.find(request.group_id);
  if (at == groups_.end()) {
    if (request.member_epoch > 0) {
      // Members are not on disk: it is one from before a restart, and joins again.
      return failure(KafkaError::UnknownMemberId,
                     fmt::format("Member {} is not a member of group {}.", request.member_id,
                                 request.group_id));
    }
    if (!joins) {
      return failure(KafkaError::GroupIdNotFound,
                     fmt::format("Group {} not found.", request.group_id));
    }
    at = groups_.emplace(request.group_id, ConsumerGroup{}).first;
    at->second.id = request.group_id;
  }
  ConsumerGroup& group = at->second;
  if (request.member_epoch < 0) return leave(group, request);

  const std::string member_id = request.member_id.empty() ? fresh_id : request.member_id;
  const std::size_t members_before = group.members.size();
  Response response;
  ConsumerMember* const member = admit(group, request, member_id, response);
  if (member == nullptr) return response;
  member->client_id = caller.client_id;
  member->client_host = caller.host;
  member->sees = caller.sees;
  member->expires_at = now() + limits_.session_timeout;
  const bool entered = group.members.size() > members_before;
  const bool changed = take_wishes(*member, request, std::move(filter)) || entered;
  const bool topics_changed = refresh_topics(group, topics, changed);
  if (changed || topics_changed) bump(group);
  if (group.epoch > group.target_epoch) group.compute_target();

  const Partitions before = member->assigned;
  // Who joins has nothing.
  group.reconcile(*member, joins ? std::optional<Partitions>(Partitions{}) : owned_by(request));
  if (member->state == ConsumerMember::State::Revoking) {
    if (!member->revoke_by) member->revoke_by = now() + member->rebalance_timeout;
  } else {
    member->revoke_by.reset();
  }
  response.member_id = member_id;
  response.member_epoch = member->epoch;
  response.heartbeat_interval_ms = static_cast<std::int32_t>(limits_.heartbeat_interval.count());
  const bool says_all = request.rebalance_timeout_ms >= 0 && request.topic_partitions &&
                        (request.subscribed_topic_names || request.subscribed_topic_regex);
  if (joins || says_all || member->assigned != before) {
    response.assignment = to_wire(member->assigned);
  }
  return response;
}

std::optional<TimePoint> ConsumerGroups::run_due() {
  std::optional<TimePoint> next;
  const auto consider = [&next](TimePoint deadline) {
    next = next ? std::min(*next, deadline) : deadline;
  };
  for (auto& [id, group] : groups_) {
    std::vector<std::string> gone;
    for (const auto& [member_id, member] : group.members) {
      if (member.expires_at <= now() || (member.revoke_by && *member.revoke_by <= now())) {
        gone.push_back(member_id);
        continue;
      }
      consider(member.expires_at);
      if (member.revoke_by) consider(*member.revoke_by);
    }
    for (const std::string& member_id : gone) group.remove(member_id);
    if (!gone.empty()) bump(group);
  }
  return next;
}

const ConsumerGroup* ConsumerGroups::find(const std::string& group_id) const {
  const auto at = groups_.find(group_id);
  return at == groups_.end() ? nullptr : &at->second;
}

void ConsumerGroups::restore(const std::string& group_id, std::int32_t epoch) {
  ConsumerGroup& group = groups_[group_id];
  group.id = group_id;
  group.epoch = group.target_epoch = epoch;
  group.state_since_ms = clock_.wall_ms();
}

KafkaError ConsumerGroups::check_member(const std::string& group_id, const std::string& member_id,
                                        std::int32_t epoch) const {
  const ConsumerGroup* const group = find(group_id);
  if (group == nullptr) return KafkaError::GroupIdNotFound;
  // Administrators and clients without a group: while nobody is in it.
  if (epoch < 0 && group->members.empty()) return KafkaError::None;
  const ConsumerMember* const member = group->find(member_id);
  if (member == nullptr) return KafkaError::UnknownMemberId;
  return epoch == member->epoch ? KafkaError::None : KafkaError::StaleMemberEpoch;
}

ConsumerGroupDescribeResponse::Group ConsumerGroups::describe(const ConsumerGroup& group) const {
  constexpr std::int8_t kConsumerMember = 1;
  std::map<Uuid, std::string> names;
  for (const auto& [name, topic] : group.topics) names[topic.id] = name;
  const auto shown = [&names](const Partitions& partitions) {
    ConsumerGroupDescribeResponse::Assignment assignment;
    for (const auto& topic : to_wire(partitions).topic_partitions) {
      assignment.topic_partitions.push_back(
          {topic.topic_id, names[topic.topic_id], topic.partitions});
    }
    return assignment;
  };
  ConsumerGroupDescribeResponse::Group described;
  described.group_id = group.id;
  described.group_state = group.state_name();
  described.group_epoch = group.epoch;
  described.assignment_epoch = group.target_epoch;
  described.assignor_name = name_of(group.preferred_assignor());
  for (const auto& [member_id, member] : group.members) {
    ConsumerGroupDescribeResponse::Group::Member one;
    one.member_id = member_id;
    one.instance_id = member.instance_id;
    one.rack_id = member.rack_id;
    one.member_epoch = member.epoch;
    one.client_id = member.client_id;
    one.client_host = member.client_host;
    one.subscribed_topic_names = member.topics;
    if (!member.regex.empty()) one.subscribed_topic_regex = member.regex;
    one.assignment = shown(member.assigned);
    if (const auto target = group.target.find(member_id); target != group.target.end()) {
      one.target_assignment = shown(target->second);
    }
    one.member_type = kConsumerMember;
    described.members.push_back(std::move(one));
  }
  return described;
}

embedded::GroupRecord encode_consumer_group_tombstone(const std::string& group) {
  ByteWriter key;
  key.i16be(kKeyVersion);
  key.i16be(static_cast<std::int16_t>(group.size()));
  key.text(group);
  return {.key = key.take(), .value = std::nullopt};
}

embedded::GroupRecord encode_consumer_group(const std::string& group, std::int32_t epoch) {
  embedded::GroupRecord record = encode_consumer_group_tombstone(group);
  ByteWriter value;
  value.i16be(0);
  value.i32be(epoch);
  value.u8(0);
  record.value = value.take();
  return record;
}

Result<std::optional<StoredConsumerGroup>> decode_consumer_group(
    const embedded::GroupRecord& record) {
  ByteReader key(record.key);
  if (TRY(key.i16be()) != kKeyVersion || !record.value) {
    return std::optional<StoredConsumerGroup>{};
  }
  StoredConsumerGroup stored;
  stored.id = std::string(TRY(key.text(TRY(key.u16be()))));
  ByteReader value(*record.value);
  if (const auto version = TRY(value.i16be()); version != 0) {
    return error(ErrorCode::Unsupported,
                 fmt::format("consumer group '{}' has version {}", stored.id, version));
  }
  stored.epoch = TRY(value.i32be());
  return std::optional{std::move(stored)};
}

}  // namespace tidemill::broker::groups

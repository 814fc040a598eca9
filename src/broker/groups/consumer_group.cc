// SPDX-License-Identifier: Apache-2.0
#include "broker/groups/consumer_group.h"

#include <algorithm>

namespace tidemill::broker::groups {

using State = ConsumerMember::State;

namespace {

bool meets(const Partitions& some, const Partitions& others) {
  return std::ranges::any_of(some, [&](const auto& each) { return others.contains(each); });
}

}  // namespace

ConsumerMember* ConsumerGroup::find(std::string_view member_id) {
  const auto at = members.find(member_id);
  return at == members.end() ? nullptr : &at->second;
}

const ConsumerMember* ConsumerGroup::find(std::string_view member_id) const {
  const auto at = members.find(member_id);
  return at == members.end() ? nullptr : &at->second;
}

ConsumerMember* ConsumerGroup::find_static(std::string_view instance_id) {
  const auto at = static_members.find(instance_id);
  return at == static_members.end() ? nullptr : find(at->second);
}

std::string_view ConsumerGroup::state_name() const {
  if (members.empty()) return "Empty";
  if (epoch > target_epoch) return "Assigning";
  const bool stable = std::ranges::all_of(members, [this](const auto& entry) {
    const ConsumerMember& member = entry.second;
    return member.state == State::Stable && member.epoch == target_epoch;
  });
  return stable ? "Stable" : "Reconciling";
}

bool ConsumerMember::wants(const std::string& topic) const {
  if (std::ranges::binary_search(topics, topic)) return true;
  return filter != nullptr && filter->matches(topic) && (!sees || sees(topic));
}

std::vector<GroupTopic> ConsumerGroup::wanted_by(const ConsumerMember& member) const {
  std::vector<GroupTopic> wanted;
  for (const auto& [name, topic] : topics) {
    if (member.wants(name)) wanted.push_back(topic);
  }
  return wanted;
}

Assignor ConsumerGroup::preferred_assignor() const {
  std::map<Assignor, std::size_t> votes;
  for (const auto& [member_id, member] : members) {
    if (const auto wish = parse_assignor(member.assignor.value_or(""))) ++votes[*wish];
  }
  return votes[Assignor::Range] > votes[Assignor::Uniform] ? Assignor::Range : Assignor::Uniform;
}

void ConsumerGroup::compute_target() {
  std::map<std::string, AssignedMember> wishes;
  for (const auto& [member_id, member] : members) {
    AssignedMember& wish = wishes[member_id];
    wish.instance_id = member.instance_id;
    wish.topics = wanted_by(member);
    const auto before = target.find(member_id);
    if (before != target.end()) wish.before = before->second;
  }
  assignor = preferred_assignor();
  target.clear();
  for (auto& [member_id, partitions] : assign(assignor, wishes)) {
    target.emplace(member_id, std::move(partitions));
  }
  target_epoch = epoch;
}

bool ConsumerGroup::held_by_other(const ConsumerMember& member,
                                  const TopicIdPartition& partition) const {
  return std::ranges::any_of(members, [&](const auto& entry) {
    const ConsumerMember& other = entry.second;
    return other.id != member.id &&
           (other.assigned.contains(partition) || other.revoking.contains(partition));
  });
}

void ConsumerGroup::reconcile(ConsumerMember& member, const std::optional<Partitions>& owned) {
  if (member.state == State::Revoking) {
    // Without a word of what it has it may still have everything.
    if (!owned || meets(*owned, member.revoking)) return;
  } else if (member.state == State::Stable && member.epoch == target_epoch) {
    return;
  }
  const Partitions& wanted = target[member.id];
  Partitions kept;
  Partitions leaving;
  for (const TopicIdPartition& partition : member.assigned) {
    (wanted.contains(partition) ? kept : leaving).insert(partition);
  }
  if (!leaving.empty() && (!owned || meets(*owned, leaving))) {
    member.state = State::Revoking;
    member.assigned = std::move(kept);
    member.revoking = std::move(leaving);
    return;
  }
  bool waits = false;
  for (const TopicIdPartition& partition : wanted) {
    if (kept.contains(partition)) continue;
    if (held_by_other(member, partition)) {
      waits = true;
    } else {
      kept.insert(partition);
    }
  }
  if (member.epoch != target_epoch) member.previous_epoch = member.epoch;
  member.epoch = target_epoch;
  member.state = waits ? State::Waiting : State::Stable;
  member.assigned = std::move(kept);
  member.revoking.clear();
}

void ConsumerGroup::remove(const std::string& member_id) {
  const auto at = members.find(member_id);
  if (at == members.end()) return;
  if (const auto& instance = at->second.instance_id) {
    const auto known = static_members.find(*instance);
    if (known != static_members.end() && known->second == member_id) static_members.erase(known);
  }
  target.erase(member_id);
  members.erase(at);
}

}  // namespace tidemill::broker::groups

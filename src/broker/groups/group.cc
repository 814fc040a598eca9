// SPDX-License-Identifier: Apache-2.0
#include "broker/groups/group.h"

#include <algorithm>

namespace tidemill::broker::groups {

std::string_view name_of(GroupState state) {
  switch (state) {
    case GroupState::Empty:
      return "Empty";
    case GroupState::PreparingRebalance:
      return "PreparingRebalance";
    case GroupState::CompletingRebalance:
      return "CompletingRebalance";
    case GroupState::Stable:
      return "Stable";
    case GroupState::Dead:
      return "Dead";
  }
  return "Dead";
}

bool Member::supports(std::string_view protocol) const {
  return std::ranges::any_of(protocols, [&](const auto& own) { return own.name == protocol; });
}

BytesView Member::metadata_for(std::string_view protocol) const {
  for (const auto& own : protocols) {
    if (own.name == protocol) return own.metadata;
  }
  return {};
}

Member* Group::find(std::string_view member_id) {
  const auto at = members.find(member_id);
  return at == members.end() ? nullptr : &at->second;
}

const Member* Group::find(std::string_view member_id) const {
  const auto at = members.find(member_id);
  return at == members.end() ? nullptr : &at->second;
}

Member* Group::find_static(std::string_view instance_id) {
  const auto at = static_members.find(instance_id);
  return at == static_members.end() ? nullptr : find(at->second);
}

bool Group::accepts(std::string_view type,
                    const std::vector<wire::kafka::JoinGroupRequest::Protocol>& protocols) const {
  if (type.empty() || protocols.empty()) return false;
  if (members.empty()) return true;
  if (type != protocol_type) return false;
  return std::ranges::any_of(protocols, [&](const auto& wanted) {
    return std::ranges::all_of(
        members, [&](const auto& entry) { return entry.second.supports(wanted.name); });
  });
}

std::string Group::select_protocol() const {
  std::map<std::string, int> votes;
  std::string best;
  for (const auto& [member_id, member] : members) {
    for (const auto& wanted : member.protocols) {
      const bool common = std::ranges::all_of(
          members, [&](const auto& entry) { return entry.second.supports(wanted.name); });
      if (!common) continue;
      if (++votes[wanted.name] > (best.empty() ? 0 : votes[best])) best = wanted.name;
      break;
    }
  }
  return best;
}

bool Group::all_joined() const {
  return pending_members.empty() && std::ranges::all_of(members, [](const auto& entry) {
           return entry.second.waits_for_join();
         });
}

milliseconds Group::rebalance_timeout() const {
  milliseconds longest{0};
  for (const auto& [member_id, member] : members)
    longest = std::max(longest, member.rebalance_timeout);
  return longest;
}

void Group::add(Member member) {
  if (!leader) leader = member.id;
  if (member.instance_id) static_members[*member.instance_id] = member.id;
  pending_members.erase(member.id);
  std::string key = member.id;
  members.insert_or_assign(std::move(key), std::move(member));
}

void Group::remove(const std::string& member_id) {
  const auto at = members.find(member_id);
  if (at == members.end()) return;
  if (at->second.instance_id) static_members.erase(*at->second.instance_id);
  members.erase(at);
  if (leader != member_id) return;
  leader.reset();
  if (!members.empty()) leader = members.begin()->first;
}

bool Group::elect_joined_leader() {
  if (leader) {
    const Member* const current = find(*leader);
    if (current != nullptr && current->waits_for_join()) return true;
  }
  for (const auto& [member_id, member] : members) {
    if (!member.waits_for_join()) continue;
    leader = member_id;
    return true;
  }
  return false;
}

std::vector<wire::kafka::JoinGroupResponse::Member> Group::joined_members() const {
  std::vector<wire::kafka::JoinGroupResponse::Member> all;
  for (const auto& [member_id, member] : members) {
    const BytesView metadata = member.metadata_for(protocol.value_or(""));
    all.push_back({.member_id = member_id,
                   .group_instance_id = member.instance_id,
                   .metadata = Bytes(metadata.begin(), metadata.end())});
  }
  return all;
}

}  // namespace tidemill::broker::groups

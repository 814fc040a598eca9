// SPDX-License-Identifier: Apache-2.0
// One classic consumer group as data: members, protocols, generation. No clock, no lock, no
// answers: coordinator.h moves it from state to state.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "runtime/completion.h"
#include "wire/kafka/join_group.h"
#include "wire/kafka/sync_group.h"

namespace tidemill::broker::groups {

using TimePoint = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

// Who sends a request.
struct Caller {
  std::string client_id;
  std::string host;
  std::int16_t api_version = 0;
  std::function<bool(std::string_view topic)> sees = {};  // may describe; empty: every topic
};

enum class GroupState { Empty, PreparingRebalance, CompletingRebalance, Stable, Dead };
std::string_view name_of(GroupState state);

struct Member {
  std::string id;
  std::optional<std::string> instance_id;  // static membership (KIP-345)
  std::string client_id;
  std::string client_host;
  milliseconds session_timeout{0};
  milliseconds rebalance_timeout{0};
  std::vector<wire::kafka::JoinGroupRequest::Protocol> protocols;  // most wanted first
  bool may_skip_assignment = false;                                // JoinGroup v9 (KIP-814)
  Bytes assignment;
  bool synced = false;   // asked for its assignment of this generation
  TimePoint expires_at;  // not while it waits for a join or sync answer
  // Set while the member waits for the next generation, or for the leader's assignment.
  Completion<wire::kafka::JoinGroupResponse> join_done;
  Completion<wire::kafka::SyncGroupResponse> sync_done;

  bool waits_for_join() const { return static_cast<bool>(join_done); }
  bool waits_for_sync() const { return static_cast<bool>(sync_done); }
  bool supports(std::string_view protocol) const;
  BytesView metadata_for(std::string_view protocol) const;
};

struct Group {
  std::string id;
  GroupState state = GroupState::Empty;
  std::int32_t generation = 0;
  std::string protocol_type;
  std::optional<std::string> protocol;
  std::optional<std::string> leader;
  std::map<std::string, Member, std::less<>> members;
  std::map<std::string, std::string, std::less<>> static_members;  // instance id -> member id
  // Ids handed out with MEMBER_ID_REQUIRED (KIP-394) and when they lapse.
  std::map<std::string, TimePoint, std::less<>> pending_members;
  std::optional<TimePoint> hold_until;    // first generation: wait for more members
  std::optional<TimePoint> join_ends_at;  // PreparingRebalance: who is not back by then is out
  std::optional<TimePoint> sync_ends_at;  // CompletingRebalance: the same for SyncGroup
  std::int64_t state_since_ms = 0;

  Member* find(std::string_view member_id);
  const Member* find(std::string_view member_id) const;
  // Null where the instance is unknown.
  Member* find_static(std::string_view instance_id);
  bool is_leader(std::string_view member_id) const { return leader == member_id; }

  // Whether a member with these protocols can be in this group together with the others.
  bool accepts(std::string_view type,
               const std::vector<wire::kafka::JoinGroupRequest::Protocol>& protocols) const;
  // The protocol of the next generation: each member votes for the first of its own that all
  // support.
  std::string select_protocol() const;
  bool all_joined() const;
  milliseconds rebalance_timeout() const;
  void add(Member member);
  // Keeps leader and static ids right; the member's waiting answers must have been given.
  void remove(const std::string& member_id);
  // The leader of the next generation is a member that has joined it; false where there is none.
  bool elect_joined_leader();
  std::vector<wire::kafka::JoinGroupResponse::Member> joined_members() const;
};

}  // namespace tidemill::broker::groups

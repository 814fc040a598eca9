// SPDX-License-Identifier: Apache-2.0
// One consumer group of the newer protocol (KIP-848) as data, and how a member comes from what it
// has to what it shall have. No clock, no lock: consumer_groups.h.
//
// The group's epoch grows with each change of members or topics; the target assignment is made for
// an epoch; each member walks to it on its own: it gives up first what is no longer its own, and
// gets what others have given up.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/groups/assignor.h"
#include "broker/groups/group.h"

namespace tidemill::broker::groups {

inline constexpr std::int32_t kJoiningEpoch = 0;
inline constexpr std::int32_t kLeavingEpoch = -1;
inline constexpr std::int32_t kStaticAwayEpoch = -2;

struct ConsumerMember {
  enum class State { Stable, Revoking, Waiting };  // Waiting: for partitions others still hold

  std::string id;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::string client_id;
  std::string client_host;
  milliseconds rebalance_timeout{0};
  std::vector<std::string> topics;  // sorted
  std::string regex;                // empty: none
  std::shared_ptr<const TopicFilter> filter;
  std::function<bool(std::string_view topic)> sees;  // what the filter may find; empty: all
  std::optional<std::string> assignor;

  std::int32_t epoch = 0;
  std::int32_t previous_epoch = -1;
  State state = State::Stable;
  Partitions assigned;
  Partitions revoking;
  TimePoint expires_at;
  std::optional<TimePoint> revoke_by;

  // A topic that exists.
  bool wants(const std::string& topic) const;
};

struct ConsumerGroup {
  std::string id;
  std::int32_t epoch = 0;
  std::int32_t target_epoch = 0;
  Assignor assignor = Assignor::Uniform;
  std::map<std::string, ConsumerMember, std::less<>> members;
  std::map<std::string, std::string, std::less<>> static_members;  // instance id -> member id
  std::map<std::string, Partitions, std::less<>> target;
  std::map<std::string, GroupTopic> topics;  // of all members, as the target knows them
  TimePoint topics_checked_at;
  std::int64_t state_since_ms = 0;

  ConsumerMember* find(std::string_view member_id);
  const ConsumerMember* find(std::string_view member_id) const;
  ConsumerMember* find_static(std::string_view instance_id);
  // "Empty", "Assigning", "Reconciling", "Stable"
  std::string_view state_name() const;
  // The topics a member wants, out of all.
  std::vector<GroupTopic> wanted_by(const ConsumerMember& member) const;
  // The one most members ask for; uniform where none does.
  Assignor preferred_assignor() const;
  void compute_target();
  // One step of a member; `owned` is what it says it has, if it says so.
  void reconcile(ConsumerMember& member, const std::optional<Partitions>& owned);
  void remove(const std::string& member_id);

 private:
  bool held_by_other(const ConsumerMember& member, const TopicIdPartition& partition) const;
};

}  // namespace tidemill::broker::groups

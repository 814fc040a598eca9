// SPDX-License-Identifier: Apache-2.0
#include "broker/groups/assignor.h"

#include <algorithm>

namespace tidemill::broker::groups {
namespace {

using Members = std::map<std::string, AssignedMember>;
using Assignment = std::map<std::string, Partitions>;

struct Interest {
  GroupTopic topic;
  std::vector<std::string> members;
};

std::map<Uuid, Interest> interests_of(const Members& members) {
  std::map<Uuid, Interest> interests;
  for (const auto& [id, member] : members) {
    for (const GroupTopic& topic : member.topics) {
      Interest& interest = interests[topic.id];
      interest.topic = topic;
      interest.members.push_back(id);
    }
  }
  return interests;
}

// Static members first, by what stays over their restarts.
Assignment assign_ranges(const Members& members) {
  Assignment assignment;
  for (const auto& [id, member] : members) assignment[id];
  for (auto& [topic_id, interest] : interests_of(members)) {
    const auto rank = [&members](const std::string& id) {
      const auto& instance = members.at(id).instance_id;
      return std::tuple(!instance.has_value(), instance.value_or(id));
    };
    std::ranges::sort(interest.members, {}, rank);
    const auto count = static_cast<std::int32_t>(interest.members.size());
    const std::int32_t each = interest.topic.partitions / count;
    const std::int32_t longer = interest.topic.partitions % count;
    std::int32_t next = 0;
    for (std::int32_t i = 0; i < count; ++i) {
      const std::int32_t end = next + each + (i < longer ? 1 : 0);
      Partitions& mine = assignment[interest.members[static_cast<std::size_t>(i)]];
      while (next < end) mine.insert({topic_id, next++});
    }
  }
  return assignment;
}

// Keeps what members had, gives the rest to who has least, then evens out.
class Balance {
 public:
  explicit Balance(const Members& members) : members_(members), interests_(interests_of(members)) {}

  Assignment run() {
    for (const auto& [id, member] : members_) assignment_[id];
    keep();
    give_rest();
    for (const auto& [id, mine] : assignment_) by_load_.insert({mine.size(), id});
    while (move_one()) {
    }
    return std::move(assignment_);
  }

 private:
  bool wants(const std::string& id, const Uuid& topic) const {
    const auto at = interests_.find(topic);
    return at != interests_.end() && std::ranges::binary_search(at->second.members, id);
  }

  void keep() {
    for (const auto& [id, member] : members_) {
      for (const TopicIdPartition& partition : member.before) {
        const auto at = interests_.find(partition.topic);
        if (at == interests_.end() || partition.partition >= at->second.topic.partitions ||
            !wants(id, partition.topic) || !taken_.insert(partition).second) {
          continue;
        }
        assignment_[id].insert(partition);
      }
    }
  }

  // Topics that few want go first: the others can still be given to many.
  void give_rest() {
    std::vector<const Interest*> order;
    for (const auto& [id, interest] : interests_) order.push_back(&interest);
    std::ranges::sort(order, {}, [](const Interest* each) {
      return std::pair(each->members.size(), each->topic.id);
    });
    for (const Interest* interest : order) {
      std::set<std::pair<std::size_t, std::string>> least;
      for (const std::string& id : interest->members) least.insert({assignment_[id].size(), id});
      for (std::int32_t i = 0; i < interest->topic.partitions; ++i) {
        const TopicIdPartition partition{interest->topic.id, i};
        if (taken_.contains(partition)) continue;
        auto node = least.extract(least.begin());
        assignment_[node.value().second].insert(partition);
        ++node.value().first;
        least.insert(std::move(node));
      }
    }
  }

  // From the one with most that has something for somebody with at least two less.
  bool move_one() {
    for (auto from = by_load_.rbegin(); from != by_load_.rend(); ++from) {
      const auto& [load, giver] = *from;
      if (load < by_load_.begin()->first + 2) return false;
      for (const auto& [least, taker] : by_load_) {
        if (least + 2 > load) break;
        Partitions& mine = assignment_[giver];
        const auto movable = std::ranges::find_if(
            mine, [&](const TopicIdPartition& each) { return wants(taker, each.topic); });
        if (movable == mine.end()) continue;
        const std::pair was_giver{load, giver};
        const std::pair was_taker{least, taker};
        assignment_[taker].insert(mine.extract(movable));
        by_load_.erase(was_giver);
        by_load_.erase(was_taker);
        by_load_.insert({was_giver.first - 1, was_giver.second});
        by_load_.insert({was_taker.first + 1, was_taker.second});
        return true;
      }
    }
    return false;
  }

  const Members& members_;
  const std::map<Uuid, Interest> interests_;  // members sorted, as the map is
  Assignment assignment_;
  Partitions taken_;
  std::set<std::pair<std::size_t, std::string>> by_load_;
};

}  // namespace

std::string_view name_of(Assignor assignor) {
  return assignor == Assignor::Uniform ? "uniform" : "range";
}

std::optional<Assignor> parse_assignor(std::string_view name) {
  for (const Assignor each : {Assignor::Uniform, Assignor::Range}) {
    if (name == name_of(each)) return each;
  }
  return std::nullopt;
}

std::map<std::string, Partitions> assign(Assignor assignor, const Members& members) {
  return assignor == Assignor::Range ? assign_ranges(members) : Balance(members).run();
}

}  // namespace tidemill::broker::groups

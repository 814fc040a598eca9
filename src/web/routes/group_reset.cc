// SPDX-License-Identifier: Apache-2.0
// Moves a consumer group's committed offsets, as kafka-consumer-groups.sh --reset-offsets does.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "web/routes/routes.h"

namespace tidemill::web {
namespace {

// The offsets of a query's group are moved with its state or not at all.
constexpr std::string_view kOwnGroups = "tidemill.";
constexpr std::size_t kTopicsMax = 1000;

enum class AimKind { Earliest, Latest, Offset, Time, Shift };
struct Aim {
  AimKind kind = AimKind::Earliest;
  std::int64_t number = 0;
};

Result<Aim> parse_aim(std::string_view text) {
  constexpr std::string_view kTime = "time:";
  constexpr std::string_view kShift = "shift:";
  if (text == "earliest") return Aim{.kind = AimKind::Earliest};
  if (text == "latest") return Aim{.kind = AimKind::Latest};
  Aim aim{.kind = AimKind::Offset};
  std::string_view digits = text;
  if (text.starts_with(kTime)) {
    aim.kind = AimKind::Time;
    digits = text.substr(kTime.size());
  } else if (text.starts_with(kShift)) {
    aim.kind = AimKind::Shift;
    digits = text.substr(kShift.size());
  }
  const auto number = whole_number(digits);
  if (!number || (*number < 0 && aim.kind != AimKind::Shift)) {
    return error(ErrorCode::InvalidArgument, fmt::format("cannot reset to '{}'", text))
        .with_hint("earliest, latest, an offset, time:<unix ms> or shift:<records, also below 0>");
  }
  aim.number = *number;
  return aim;
}

// "orders" or "orders:0,2"
Result<> add_named(broker::Broker& broker, std::string_view text,
                   std::vector<TopicPartition>& targets) {
  const auto colon = text.find(':');
  const std::string topic(text.substr(0, colon));
  const auto info = TRY(broker.describe_topic(topic));
  if (colon == std::string_view::npos) {
    for (const auto& p : info.partitions) {
      targets.push_back({.topic = topic, .partition = p.partition});
    }
    return {};
  }
  for (std::string_view rest = text.substr(colon + 1);;) {
    const auto comma = rest.find(',');
    const auto number = whole_number(rest.substr(0, comma));
    if (!number || std::ranges::find(info.partitions, *number, &broker::PartitionInfo::partition) ==
                       info.partitions.end()) {
      return error(ErrorCode::NotFound,
                   fmt::format("topic '{}' has no partition '{}'", topic, rest.substr(0, comma)));
    }
    targets.push_back({.topic = topic, .partition = static_cast<std::int32_t>(*number)});
    if (comma == std::string_view::npos) return {};
    rest = rest.substr(comma + 1);
  }
}

using Committed = std::map<TopicPartition, std::int64_t>;

Result<std::vector<TopicPartition>> targets_of(broker::Broker& broker, const std::string& group,
                                               const Json& body, const Committed& committed) {
  std::vector<TopicPartition> targets;
  const auto topics = body.find("topics");
  if (topics == body.end() || topics->is_null() || topics->empty()) {
    for (const auto& [source, offset] : committed) targets.push_back(source);
    if (targets.empty()) {
      return error(ErrorCode::NotFound, fmt::format("group '{}' has no committed offsets", group))
          .with_hint("name the topics whose offsets it is to get");
    }
    return targets;
  }
  if (!topics->is_array() || topics->size() > kTopicsMax) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("member 'topics' must be a list of at most {} texts", kTopicsMax));
  }
  for (const Json& topic : *topics) {
    if (!topic.is_string()) {
      return error(ErrorCode::InvalidArgument, "member 'topics' must be a list of texts");
    }
    TRY(add_named(broker, topic.get_ref<const std::string&>(), targets));
  }
  std::ranges::sort(targets);
  targets.erase(std::ranges::unique(targets).begin(), targets.end());
  return targets;
}

Result<std::int64_t> destination(broker::Broker& broker, const TopicPartition& target,
                                 const Aim& aim, const Committed& committed) {
  using enum broker::OffsetSpec;
  constexpr auto kAll = broker::Isolation::ReadUncommitted;
  if (aim.kind == AimKind::Time) return broker.find_offset(target, Timestamp, aim.number, kAll);
  const std::int64_t start = TRY(broker.find_offset(target, Earliest, -1, kAll));
  if (aim.kind == AimKind::Earliest) return start;
  const std::int64_t end = TRY(broker.find_offset(target, Latest, -1, kAll));
  if (aim.kind == AimKind::Latest) return end;
  std::int64_t wanted = aim.number;
  if (aim.kind == AimKind::Shift) {
    const auto now = committed.find(target);
    if (now == committed.end()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("cannot shift the offset of {}-{}: none is committed", target.topic,
                               target.partition));
    }
    // Neither sum can overflow: the offset is at least 0.
    wanted = aim.number > end - now->second ? end : now->second + aim.number;
  }
  return std::clamp(wanted, start, end);
}

Result<> check_inactive(broker::Broker& broker, const std::string& group) {
  if (group.starts_with(kOwnGroups)) {
    return error(ErrorCode::Conflict,
                 fmt::format("group '{}' is kept by Tidemill's own queries", group))
        .with_hint("drop the query and create it again to read its source from the start");
  }
  const auto known = broker.describe_group(group);
  if (!known.ok()) {
    // One that commits for the first time.
    if (known.error().code == ErrorCode::NotFound) return {};
    return known.error();
  }
  if (known->state != "Empty" && known->state != "Dead") {
    return error(ErrorCode::Conflict,
                 fmt::format("offsets of group '{}' can only be reset while it is inactive, its "
                             "state is {}",
                             group, known->state))
        .with_hint("stop its consumers first");
  }
  return {};
}

}  // namespace

namespace routes {

Result<Response> reset_group(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const std::string& group = request.parameter("group");
  const Json body = TRY(request.json());
  const Aim aim = TRY(parse_aim(TRY(text_member(body, "to"))));
  const auto execute = body.find("execute");
  if (execute != body.end() && !execute->is_boolean()) {
    return error(ErrorCode::InvalidArgument, "member 'execute' must be true or false");
  }
  TRY(check_inactive(*broker, group));
  Committed committed;
  for (const auto& offset : TRY(broker->committed_offsets(group))) {
    committed[offset.source] = offset.offset;
  }
  std::vector<broker::CommittedOffset> moved;
  Json offsets = Json::array();
  for (const TopicPartition& target : TRY(targets_of(*broker, group, body, committed))) {
    const std::int64_t to = TRY(destination(*broker, target, aim, committed));
    const auto from = committed.find(target);
    offsets.push_back({{"topic", target.topic},
                       {"partition", target.partition},
                       {"committed", from == committed.end() ? Json(nullptr) : Json(from->second)},
                       {"to", to}});
    moved.push_back({.source = target, .offset = to, .metadata = {}});
  }
  const bool executed = execute != body.end() && execute->get<bool>();
  if (executed) TRY(broker->commit_offsets(group, moved));
  return json_response({{"group", group}, {"executed", executed}, {"offsets", offsets}});
}

}  // namespace routes
}  // namespace tidemill::web

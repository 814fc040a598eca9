// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "web/render.h"
#include "web/routes/routes.h"

namespace tidemill::web {
namespace {

using HighWatermarks = std::map<TopicPartition, std::int64_t>;

Result<HighWatermarks> high_watermarks(broker::Broker& broker) {
  HighWatermarks out;
  for (const auto& topic : TRY(broker.list_topics())) {
    for (const auto& p : topic.partitions) {
      out[{.topic = topic.name, .partition = p.partition}] = p.high_watermark;
    }
  }
  return out;
}

// The group with its offsets and the sum of their lags.
Result<Json> render_group(broker::Broker& broker, const broker::GroupInfo& group,
                          const HighWatermarks& ends) {
  Json offsets = Json::array();
  std::int64_t total_lag = 0;
  for (const auto& o : TRY(broker.committed_offsets(group.group))) {
    const auto end = ends.find(o.source);
    const std::int64_t high = end == ends.end() ? -1 : end->second;
    const std::int64_t lag = high < 0 ? 0 : std::max<std::int64_t>(0, high - o.offset);
    total_lag += lag;
    offsets.push_back({{"topic", o.source.topic},
                       {"partition", o.source.partition},
                       {"committed", o.offset},
                       {"high_watermark", high},
                       {"lag", lag},
                       {"metadata", o.metadata}});
  }
  return Json{{"group", group.group},
              {"state", group.state},
              {"protocol_type", group.protocol_type},
              {"protocol", group.protocol},
              {"members", group.members.size()},
              {"lag", total_lag},
              {"offsets", std::move(offsets)}};
}

}  // namespace

Result<Json> groups_state(Services& services) {
  broker::Broker* broker = TRY(need_broker(services));
  const auto ends = TRY(high_watermarks(*broker));
  Json out = Json::array();
  for (const auto& group : TRY(broker->list_groups())) {
    Json summary = TRY(render_group(*broker, group, ends));
    summary.erase("offsets");
    out.push_back(std::move(summary));
  }
  return out;
}

namespace routes {

Result<Response> list_groups(Services& services, const Request&) {
  return json_response(TRY(groups_state(services)));
}

Result<Response> get_group(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const auto group = TRY(broker->describe_group(request.parameter("group")));
  Json out = TRY(render_group(*broker, group, TRY(high_watermarks(*broker))));
  out["coordinator"] = 0;
  out["member_list"] = Json::array();
  for (const auto& m : group.members) {
    std::map<std::string, std::vector<std::int32_t>> assigned;
    for (const auto& a : m.assignment) assigned[a.topic].push_back(a.partition);
    Json assignments = Json::array();
    for (const auto& [topic, partitions] : assigned) {
      assignments.push_back({{"topic", topic}, {"partitions", partitions}});
    }
    Json member{{"member_id", m.member_id}, {"client_id", m.client_id}, {"host", m.host}};
    if (!m.instance_id.empty()) member["instance_id"] = m.instance_id;
    member["assignments"] = std::move(assignments);
    out["member_list"].push_back(std::move(member));
  }
  return json_response(out);
}

}  // namespace routes
}  // namespace tidemill::web

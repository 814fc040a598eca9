// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "web/render.h"
#include "web/routes/routes.h"

namespace tidemill::web::routes {

Result<Response> list_topics(Services& services, const Request&) {
  return json_response(TRY(topics_state(services)));
}

namespace {

// Null stands for a value that is taken back.
Result<std::map<std::string, std::optional<std::string>>> config_members(const Json& body) {
  std::map<std::string, std::optional<std::string>> values;
  const auto configs = body.find("configs");
  if (configs == body.end() || configs->is_null()) return values;
  if (!configs->is_object()) {
    return error(ErrorCode::InvalidArgument, "member 'configs' must be an object of texts");
  }
  for (const auto& [name, value] : configs->items()) {
    std::optional<std::string>& text = values[name];
    if (!value.is_null()) text = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return values;
}

}  // namespace

Result<Response> create_topic(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const Json body = TRY(request.json());
  broker::NewTopic topic;
  topic.name = TRY(text_member(body, "name"));
  topic.partitions =
      static_cast<std::int32_t>(TRY(number_member(body, "partitions", -1, 1, 100'000)));
  for (auto& [name, value] : TRY(config_members(body))) {
    if (value) topic.configs[name] = *std::move(value);
  }
  return json_response(render_topic_detail(services, TRY(broker->create_topic(topic))), 201);
}

Result<Response> get_topic(Services& services, const Request& request) {
  return json_response(TRY(topic_state(services, request.parameter("topic"))));
}

Result<Response> delete_topic(Services& services, const Request& request) {
  TRY(TRY(need_broker(services))->delete_topic(request.parameter("topic")));
  return Response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
}

Result<Response> create_partitions(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const Json body = TRY(request.json());
  const auto count = TRY(number_member(body, "count", 0, 1, 100'000));
  TRY(broker->create_partitions(request.parameter("topic"), static_cast<std::int32_t>(count)));
  return json_response(TRY(topic_state(services, request.parameter("topic"))));
}

Result<Response> alter_topic(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const auto values = TRY(config_members(TRY(request.json())));
  if (values.empty()) {
    return error(ErrorCode::InvalidArgument, "member 'configs' names nothing to alter");
  }
  TRY(broker->alter_topic(request.parameter("topic"), values));
  return json_response(TRY(topic_state(services, request.parameter("topic"))));
}

}  // namespace tidemill::web::routes

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "web/render.h"
#include "web/routes/routes.h"

namespace tidemill::web::routes {

Result<Response> list_topics(Services& services, const Request&) {
  return json_response(TRY(topics_state(services)));
}

Result<Response> create_topic(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const Json body = TRY(request.json());
  broker::NewTopic topic;
  topic.name = TRY(text_member(body, "name"));
  topic.partitions =
      static_cast<std::int32_t>(TRY(number_member(body, "partitions", -1, 1, 100'000)));
  if (const auto configs = body.find("configs"); configs != body.end() && !configs->is_null()) {
    if (!configs->is_object()) {
      return error(ErrorCode::InvalidArgument, "member 'configs' must be an object of texts");
    }
    for (const auto& [name, value] : configs->items()) {
      topic.configs[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
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

}  // namespace tidemill::web::routes

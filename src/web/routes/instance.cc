// SPDX-License-Identifier: Apache-2.0
// Resources about the instance itself: health, overview, configuration, metrics.
#include "web/render.h"
#include "web/routes/routes.h"

namespace tidemill::web::routes {

Result<Response> get_health(Services& services, const Request&) {
  Json parts = Json::array();
  bool all_well = true;
  for (const auto& part : services.parts()) {
    all_well = all_well && (part.status == "ok" || part.status == "off");
    parts.push_back({{"name", part.name},
                     {"kind", part.kind},
                     {"address", part.address},
                     {"status", part.status},
                     {"detail", part.detail}});
  }
  return json_response({{"status", all_well ? "ok" : "degraded"},
                        {"version", TIDEMILL_VERSION},
                        {"uptime_ms", services.clock->wall_ms() - services.started_at_ms},
                        {"started_at", services.started_at_ms},
                        {"parts", std::move(parts)}},
                       all_well ? 200 : 503);
}

Result<Response> get_overview(Services& services, const Request&) {
  return json_response(TRY(overview_state(services)));
}

Result<Response> get_config(Services& services, const Request&) {
  Json out = Json::array();
  for (const auto& option : config::option_table()) {
    const auto& setting = services.config->settings().find(option.name)->second;
    out.push_back({{"name", option.name},
                   {"value", setting.text},
                   {"default", option.default_text},
                   {"origin", setting.origin},
                   {"unit", config::unit_of(option)},
                   {"restart", option.restart == config::Restart::Yes},
                   {"help", option.help}});
  }
  return json_response(out);
}

Result<Response> get_metrics(Services& services, const Request&) {
  return Response{.status = 200,
                  .content_type = "text/plain; version=0.0.4; charset=utf-8",
                  .body = services.metrics->text(),
                  .headers = {}};
}

}  // namespace tidemill::web::routes

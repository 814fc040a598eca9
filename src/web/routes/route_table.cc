// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "web/router.h"
#include "web/routes/routes.h"

namespace tidemill::web {

std::span<const Route> route_table() {
  using namespace routes;  // NOLINT(google-build-using-namespace): the table is all this file has
  static constexpr auto kRoutes = std::to_array<Route>({
      {"GET", "/api/v1/health", get_health},
      {"GET", "/api/v1/overview", get_overview},
      {"GET", "/api/v1/topics", list_topics},
      {"POST", "/api/v1/topics", create_topic},
      {"GET", "/api/v1/topics/{topic}", get_topic},
      {"DELETE", "/api/v1/topics/{topic}", delete_topic},
      {"POST", "/api/v1/topics/{topic}/partitions", create_partitions},
      {"GET", "/api/v1/topics/{topic}/records", get_records},
      {"POST", "/api/v1/topics/{topic}/records", produce_records},
      {"GET", "/api/v1/groups", list_groups},
      {"GET", "/api/v1/groups/{group}", get_group},
      {"GET", "/api/v1/sources", list_sources},
      {"GET", "/api/v1/queries", list_queries},
      {"GET", "/api/v1/queries/{query}", get_query},
      {"GET", "/api/v1/queries/{query}/progress", get_progress},
      {"POST", "/api/v1/queries/{query}/pause", pause_query},
      {"POST", "/api/v1/queries/{query}/resume", resume_query},
      {"POST", "/api/v1/queries/{query}/wait", wait_query},
      {"DELETE", "/api/v1/queries/{query}", drop_query},
      {"POST", "/api/v1/sql", run_sql},
      {"POST", "/api/v1/cql", run_cql},
      {"GET", "/api/v1/tables", list_tables},
      {"GET", "/api/v1/tables/{keyspace}/{table}", get_table},
      {"GET", "/api/v1/tables/{keyspace}/{table}/rows", get_rows},
      {"GET", "/api/v1/dead-letters", list_dead_letters},
      {"POST", "/api/v1/dead-letters/replay", replay_dead_letters},
      {"POST", "/api/v1/apply/plan", plan_apply},
      {"POST", "/api/v1/apply", apply},
      {"GET", "/api/v1/config", get_config},
      {"GET", "/metrics", get_metrics},
  });
  return kRoutes;
}

}  // namespace tidemill::web

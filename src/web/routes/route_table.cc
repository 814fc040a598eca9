// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "web/router.h"
#include "web/routes/routes.h"

namespace tidemill::web {

std::span<const Route> route_table() {
  static constexpr auto kRoutes = std::to_array<Route>({
      {"GET", "/api/v1/health", routes::get_health},
      {"GET", "/api/v1/overview", routes::get_overview},
      {"GET", "/api/v1/topics", routes::list_topics},
      {"POST", "/api/v1/topics", routes::create_topic},
      {"GET", "/api/v1/topics/{topic}", routes::get_topic},
      {"DELETE", "/api/v1/topics/{topic}", routes::delete_topic},
      {"POST", "/api/v1/topics/{topic}/partitions", routes::create_partitions},
      {"POST", "/api/v1/topics/{topic}/configs", routes::alter_topic},
      {"GET", "/api/v1/topics/{topic}/records", routes::get_records},
      {"POST", "/api/v1/topics/{topic}/records", routes::produce_records},
      {"GET", "/api/v1/groups", routes::list_groups},
      {"GET", "/api/v1/groups/{group}", routes::get_group},
      {"POST", "/api/v1/groups/{group}/reset", routes::reset_group},
      {"GET", "/api/v1/sources", routes::list_sources},
      {"GET", "/api/v1/queries", routes::list_queries},
      {"GET", "/api/v1/queries/{query}", routes::get_query},
      {"GET", "/api/v1/queries/{query}/progress", routes::get_progress},
      {"POST", "/api/v1/queries/{query}/pause", routes::pause_query},
      {"POST", "/api/v1/queries/{query}/resume", routes::resume_query},
      {"POST", "/api/v1/queries/{query}/wait", routes::wait_query},
      {"DELETE", "/api/v1/queries/{query}", routes::drop_query},
      {"POST", "/api/v1/sql", routes::run_sql},
      {"POST", "/api/v1/cql", routes::run_cql},
      {"GET", "/api/v1/tables", routes::list_tables},
      {"GET", "/api/v1/tables/{keyspace}/{table}", routes::get_table},
      {"GET", "/api/v1/tables/{keyspace}/{table}/rows", routes::get_rows},
      {"GET", "/api/v1/dead-letters", routes::list_dead_letters},
      {"POST", "/api/v1/dead-letters/replay", routes::replay_dead_letters},
      {"POST", "/api/v1/apply/plan", routes::plan_apply},
      {"POST", "/api/v1/apply", routes::apply},
      {"GET", "/api/v1/users", routes::list_users},
      {"POST", "/api/v1/users", routes::create_user},
      {"POST", "/api/v1/users/{user}/password", routes::set_password},
      {"POST", "/api/v1/users/{user}/superuser", routes::set_superuser},
      {"DELETE", "/api/v1/users/{user}", routes::delete_user},
      {"GET", "/api/v1/acls", routes::list_acls},
      {"POST", "/api/v1/acls", routes::create_acls},
      {"DELETE", "/api/v1/acls", routes::delete_acls},
      {"GET", "/api/v1/config", routes::get_config},
      {"GET", "/metrics", routes::get_metrics},
  });
  return kRoutes;
}

}  // namespace tidemill::web

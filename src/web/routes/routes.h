// SPDX-License-Identifier: Apache-2.0
// The handlers of all resources; docs/dev/api.md says what each takes and answers.
#pragma once

#include "web/http.h"
#include "web/services.h"

namespace tidemill::web::routes {

#define TM_ROUTE(name) Result<Response> name(Services& services, const Request& request)

TM_ROUTE(get_health);
TM_ROUTE(get_overview);
TM_ROUTE(get_config);
TM_ROUTE(get_metrics);

TM_ROUTE(list_topics);
TM_ROUTE(create_topic);
TM_ROUTE(get_topic);
TM_ROUTE(delete_topic);
TM_ROUTE(create_partitions);
TM_ROUTE(alter_topic);
TM_ROUTE(get_records);
TM_ROUTE(produce_records);

TM_ROUTE(list_groups);
TM_ROUTE(get_group);
TM_ROUTE(reset_group);

TM_ROUTE(list_sources);
TM_ROUTE(list_queries);
TM_ROUTE(get_query);
TM_ROUTE(get_progress);
TM_ROUTE(pause_query);
TM_ROUTE(resume_query);
TM_ROUTE(wait_query);
TM_ROUTE(drop_query);
TM_ROUTE(run_sql);
TM_ROUTE(plan_apply);
TM_ROUTE(apply);

TM_ROUTE(run_cql);
TM_ROUTE(list_tables);
TM_ROUTE(get_table);
TM_ROUTE(get_rows);

TM_ROUTE(list_dead_letters);
TM_ROUTE(replay_dead_letters);

TM_ROUTE(list_users);
TM_ROUTE(create_user);
TM_ROUTE(set_password);
TM_ROUTE(set_superuser);
TM_ROUTE(delete_user);

TM_ROUTE(list_acls);
TM_ROUTE(create_acls);
TM_ROUTE(delete_acls);

#undef TM_ROUTE

}  // namespace tidemill::web::routes

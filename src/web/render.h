// SPDX-License-Identifier: Apache-2.0
// The JSON shapes of docs/dev/api.md, shared by the REST routes and the live channels.
#pragma once

#include <string>
#include <vector>

#include "web/http.h"
#include "web/services.h"

namespace tidemill::web {

// Kafka's own internal topics, and those Tidemill keeps for itself.
bool is_internal(const broker::TopicInfo& topic);
Json render_topic_summary(Services& services, const broker::TopicInfo& topic);
Json render_topic_detail(Services& services, const broker::TopicInfo& topic);
Json render_record(const RecordView& record, std::int32_t partition);
Json render_query_summary(const stream::QueryStatus& query);
Json render_query_detail(Services& services, const stream::QueryStatus& query);
Json render_progress(const stream::QueryStatus& query, const stream::Progress& progress);
Json render_table_summary(const tables::TableInfo& table);
Json render_table_detail(const tables::TableInfo& table);
Json render_cql_result(const tables::CqlResult& result);
// "2026-11-24T12:00:00.000Z", as Spark writes it.
std::string iso_time(std::int64_t unix_ms);

// What the GET of the same name answers; used by the live channels too.
Result<Json> overview_state(Services& services);
Result<Json> topics_state(Services& services);
Result<Json> topic_state(Services& services, const std::string& topic);
Result<Json> groups_state(Services& services);
Result<Json> queries_state(Services& services);
Result<Json> query_state(Services& services, const std::string& query);
Result<Json> tables_state(Services& services);
// The rows written last (newest_rows.h).
Result<Json> newest_rows(Services& services, const std::string& keyspace, const std::string& table,
                         std::size_t limit);

// An identifier as CQL needs it: quoted unless it is lower-case and plain.
std::string cql_name(std::string_view name);

}  // namespace tidemill::web

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "web/render.h"
#include "web/routes/routes.h"

namespace tidemill::web::routes {
namespace {

Result<Bytes> paging_state_of(const std::string& base64) {
  if (base64.empty()) return Bytes{};
  return from_base64(base64);
}

}  // namespace

Result<Response> run_cql(Services& services, const Request& request) {
  tables::Tables* store = TRY(need_tables(services));
  const Json body = TRY(request.json());
  tables::CqlRequest cql;
  cql.cql = TRY(text_member(body, "cql"));
  cql.keyspace = TRY(optional_text_member(body, "keyspace")).value_or("");
  cql.page_size = static_cast<std::int32_t>(TRY(number_member(body, "page_size", 100, 1, 10'000)));
  cql.paging_state =
      TRY(paging_state_of(TRY(optional_text_member(body, "paging_state")).value_or("")));
  return json_response(render_cql_result(TRY(store->execute(cql))));
}

Result<Response> list_tables(Services& services, const Request&) {
  return json_response(TRY(tables_state(services)));
}

Result<Response> get_table(Services& services, const Request& request) {
  tables::Tables* store = TRY(need_tables(services));
  return json_response(render_table_detail(
      TRY(store->describe_table(request.parameter("keyspace"), request.parameter("table")))));
}

Result<Response> get_rows(Services& services, const Request& request) {
  tables::Tables* store = TRY(need_tables(services));
  const auto limit = TRY(request.number("limit", 100, 1, 1000));
  return json_response(render_cql_result(TRY(store->execute(
      {.cql = fmt::format("SELECT * FROM {}.{}", cql_name(request.parameter("keyspace")),
                          cql_name(request.parameter("table"))),
       .keyspace = {},
       .page_size = static_cast<std::int32_t>(limit),
       .paging_state = TRY(paging_state_of(request.text("paging_state")))}))));
}

}  // namespace tidemill::web::routes

// SPDX-License-Identifier: Apache-2.0
// ACLs of the Kafka port. They can be kept before broker.authorizer asks them.
#include <fmt/format.h>

#include "web/routes/routes.h"

namespace tidemill::web::routes {
namespace {

using security::Acl;
using security::AclFilter;

Result<security::AclStore*> need_acls(Services& services) {
  if (services.acls == nullptr) {
    return error(ErrorCode::Unavailable, "this instance keeps no ACLs");
  }
  return services.acls;
}

Json render_acl(const Acl& acl) {
  return Json{{"resource", name_of(acl.resource)},
              {"name", acl.name},
              {"pattern", name_of(acl.pattern)},
              {"principal", acl.principal},
              {"host", acl.host},
              {"operation", name_of(acl.operation)},
              {"permission", name_of(acl.permission)}};
}

Json render_acls(const std::vector<Acl>& acls) {
  Json out = Json::array();
  for (const Acl& acl : acls) out.push_back(render_acl(acl));
  return out;
}

template <class Value>
Result<Value> word_of(std::string_view what, const std::string& text,
                      std::optional<Value> (*value_of)(std::string_view)) {
  const auto value = value_of(text);
  if (value) return *value;
  return error(ErrorCode::InvalidArgument, fmt::format("unknown {} '{}'", what, text));
}

Result<Acl> parse_acl(const Json& json) {
  if (!json.is_object()) {
    return error(ErrorCode::InvalidArgument, "an element of 'acls' is no object");
  }
  const std::string pattern = TRY(optional_text_member(json, "pattern")).value_or("LITERAL");
  const std::string permission = TRY(optional_text_member(json, "permission")).value_or("ALLOW");
  Acl acl;
  acl.resource =
      TRY(word_of("resource", TRY(text_member(json, "resource")), security::acl_resource_of));
  acl.pattern = TRY(word_of("pattern", pattern, security::acl_pattern_of));
  acl.operation =
      TRY(word_of("operation", TRY(text_member(json, "operation")), security::acl_operation_of));
  acl.permission = TRY(word_of("permission", permission, security::acl_permission_of));
  acl.name = TRY(text_member(json, "name"));
  acl.principal = TRY(text_member(json, "principal"));
  acl.host = TRY(optional_text_member(json, "host")).value_or(std::string(security::kEveryHost));
  TRY(check_acl(acl));
  return acl;
}

constexpr std::string_view kFields[] = {"resource", "name",      "pattern",   "principal",
                                        "host",     "operation", "permission"};

Result<AclFilter> parse_filter(const Request& request) {
  AclFilter filter;
  const auto given = [&](const char* name) -> std::optional<std::string> {
    const auto at = request.query.find(name);
    return at == request.query.end() ? std::nullopt : std::optional(at->second);
  };
  filter.name = given("name");
  filter.principal = given("principal");
  filter.host = given("host");
  if (const auto text = given("resource")) {
    filter.resource = TRY(word_of("resource", *text, security::acl_resource_of));
  }
  if (const auto text = given("pattern")) {
    filter.pattern = TRY(word_of("pattern", *text, security::acl_pattern_filter_of));
  }
  if (const auto text = given("operation")) {
    filter.operation = TRY(word_of("operation", *text, security::acl_operation_of));
  }
  if (const auto text = given("permission")) {
    filter.permission = TRY(word_of("permission", *text, security::acl_permission_of));
  }
  return filter;
}

}  // namespace

Result<Response> list_acls(Services& services, const Request& request) {
  const AclFilter filter = TRY(parse_filter(request));
  return json_response(render_acls(TRY(need_acls(services))->list(filter)));
}

Result<Response> create_acls(Services& services, const Request& request) {
  security::AclStore* store = TRY(need_acls(services));
  const Json body = TRY(request.json());
  const auto list = body.find("acls");
  if (list == body.end() || !list->is_array() || list->empty()) {
    return error(ErrorCode::InvalidArgument, "'acls' must be an array of at least one ACL");
  }
  std::vector<Acl> acls;
  for (const Json& each : *list) acls.push_back(TRY(parse_acl(each)));
  TRY(store->add(acls));
  return json_response(render_acls(acls), 201);
}

Result<Response> delete_acls(Services& services, const Request& request) {
  security::AclStore* store = TRY(need_acls(services));
  const AclFilter filter = TRY(parse_filter(request));
  const bool narrowed = std::ranges::any_of(
      kFields, [&](std::string_view field) { return request.query.contains(std::string(field)); });
  if (!narrowed && request.text("all") != "true") {
    return error(ErrorCode::InvalidArgument, "no filter says which ACLs are to go")
        .with_hint("all=true deletes every one");
  }
  return json_response(render_acls(TRY(store->remove(std::span(&filter, 1))).at(0)));
}

}  // namespace tidemill::web::routes

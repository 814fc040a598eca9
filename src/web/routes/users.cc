// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "web/routes/routes.h"

namespace tidemill::web::routes {
namespace {

Result<security::UserStore*> need_users(Services& services) {
  if (services.users == nullptr) {
    return error(ErrorCode::Unavailable, "this instance keeps no users");
  }
  return services.users;
}

Json render_user(const security::User& user) {
  Json mechanisms = Json::array();
  for (const auto& [mechanism, credential] : user.credentials) {
    mechanisms.push_back(name_of(mechanism));
  }
  return Json{{"name", user.name},
              {"mechanisms", std::move(mechanisms)},
              {"login", user.can_login},
              {"superuser", user.is_superuser}};
}

Result<bool> superuser_member(const Json& body, bool when_missing) {
  const auto at = body.find("superuser");
  if (at == body.end()) return when_missing;
  if (at->is_boolean()) return at->get<bool>();
  return error(ErrorCode::InvalidArgument, "'superuser' must be true or false");
}

Error unknown(const std::string& name) {
  return error(ErrorCode::NotFound, fmt::format("user '{}' does not exist", name));
}

}  // namespace

Result<Response> list_users(Services& services, const Request&) {
  Json out = Json::array();
  for (const auto& user : TRY(need_users(services))->list()) out.push_back(render_user(user));
  return json_response(out);
}

Result<Response> create_user(Services& services, const Request& request) {
  security::UserStore* users = TRY(need_users(services));
  const Json body = TRY(request.json());
  const std::string name = TRY(text_member(body, "name"));
  const bool superuser = TRY(superuser_member(body, false));
  TRY(security::check_user_name(name));
  security::User user{.name = name};
  user.is_superuser = superuser;
  user.credentials = TRY(users->credentials_of(name, TRY(text_member(body, "password"))));
  TRY(users->change([&](security::Users& all) -> Result<> {
    if (all.emplace(name, user).second) return {};
    return error(ErrorCode::AlreadyExists, fmt::format("user '{}' exists", name));
  }));
  return json_response(render_user(*users->find(name)), 201);
}

Result<Response> set_password(Services& services, const Request& request) {
  security::UserStore* users = TRY(need_users(services));
  const Json body = TRY(request.json());
  const std::string name = request.parameter("user");
  if (!users->find(name)) return unknown(name);
  TRY(users->set_password(name, TRY(text_member(body, "password"))));
  return json_response(render_user(*users->find(name)));
}

Result<Response> set_superuser(Services& services, const Request& request) {
  security::UserStore* users = TRY(need_users(services));
  const bool superuser = TRY(superuser_member(TRY(request.json()), true));
  const std::string name = request.parameter("user");
  TRY(users->change([&](security::Users& all) -> Result<> {
    const auto at = all.find(name);
    if (at == all.end()) return unknown(name);
    at->second.is_superuser = superuser;
    return {};
  }));
  return json_response(render_user(*users->find(name)));
}

Result<Response> delete_user(Services& services, const Request& request) {
  TRY(TRY(need_users(services))->remove(request.parameter("user")));
  return Response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
}

}  // namespace tidemill::web::routes

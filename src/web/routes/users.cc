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
  return Json{{"name", user.name}, {"mechanisms", std::move(mechanisms)}};
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
  if (users->find(name)) {
    return error(ErrorCode::AlreadyExists, fmt::format("user '{}' exists", name));
  }
  TRY(users->set_password(name, TRY(text_member(body, "password"))));
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

Result<Response> delete_user(Services& services, const Request& request) {
  TRY(TRY(need_users(services))->remove(request.parameter("user")));
  return Response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
}

}  // namespace tidemill::web::routes

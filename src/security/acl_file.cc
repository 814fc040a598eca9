// SPDX-License-Identifier: Apache-2.0
#include "security/acl_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tidemill::security {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFileVersion = 1;

Json to_json(const Acl& acl) {
  return {{"resource", name_of(acl.resource)},
          {"name", acl.name},
          {"pattern", name_of(acl.pattern)},
          {"principal", acl.principal},
          {"host", acl.host},
          {"operation", name_of(acl.operation)},
          {"permission", name_of(acl.permission)}};
}

template <class Value>
Result<Value> word(const Json& json, const char* field,
                   std::optional<Value> (*value_of)(std::string_view)) {
  const auto text = json.at(field).get<std::string>();
  const auto value = value_of(text);
  if (!value) return error(ErrorCode::Corrupt, fmt::format("unknown {} '{}'", field, text));
  return *value;
}

Result<Acl> acl_of(const Json& json) {
  Acl acl;
  acl.resource = TRY(word<AclResource>(json, "resource", acl_resource_of));
  acl.name = json.at("name").get<std::string>();
  acl.pattern = TRY(word<AclPattern>(json, "pattern", acl_pattern_of));
  acl.principal = json.at("principal").get<std::string>();
  acl.host = json.at("host").get<std::string>();
  acl.operation = TRY(word<AclOperation>(json, "operation", acl_operation_of));
  acl.permission = TRY(word<AclPermission>(json, "permission", acl_permission_of));
  if (const auto checked = check_acl(acl); !checked.ok()) {
    return error(ErrorCode::Corrupt, checked.error().message);
  }
  return acl;
}

}  // namespace

std::string render_acls(const Acls& acls) {
  Json list = Json::array();
  for (const Acl& acl : acls) list.push_back(to_json(acl));
  return Json{{"version", kFileVersion}, {"acls", std::move(list)}}.dump(1) + "\n";
}

Result<Acls> parse_acls(std::string_view text) {
  Acls acls;
  try {
    const Json json = Json::parse(text);
    const int version = json.at("version").get<int>();
    if (version != kFileVersion) {
      return error(ErrorCode::Unsupported,
                   fmt::format("version {}, this program reads version {}", version, kFileVersion));
    }
    for (const auto& each : json.at("acls")) acls.insert(TRY(acl_of(each)));
  } catch (const std::exception& thrown) {
    return error(ErrorCode::Corrupt, thrown.what());
  }
  return acls;
}

}  // namespace tidemill::security

// SPDX-License-Identifier: Apache-2.0
#include "web/services.h"

#include <fmt/format.h>

namespace tidemill::web {
namespace {

template <class Part>
Result<Part*> need(Part* part, std::string_view name) {
  if (part != nullptr) return part;
  return error(ErrorCode::Unavailable, fmt::format("the {} is not started here", name))
      .with_hint(fmt::format("start with --only naming {}, or without --only", name));
}

}  // namespace

Result<broker::Broker*> need_broker(Services& services) {
  return need(services.broker, "broker");
}
Result<tables::Tables*> need_tables(Services& services) {
  return need(services.tables, "tables");
}
Result<stream::Engine*> need_engine(Services& services) {
  return need(services.engine, "engine");
}
Result<sql::Catalog*> need_catalog(Services& services) {
  return need(services.catalog, "engine");
}

}  // namespace tidemill::web

// SPDX-License-Identifier: Apache-2.0
// What the routes work on; app/ makes it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "config/config.h"
#include "runtime/clock.h"
#include "runtime/metrics.h"
#include "security/acl_store.h"
#include "security/user_store.h"
#include "sql/catalog.h"
#include "stream/engine.h"
#include "tables/tables.h"

namespace tidemill::web {

class NewestRows;
class Rates;

struct PartStatus {
  std::string name;     // "broker"
  std::string kind;     // "embedded"
  std::string address;  // "127.0.0.1:9092"; empty: no port
  std::string status;   // "ok", "off", or what is wrong
  std::string detail;
};

// A part that was not started (--only) is null: its routes answer Unavailable.
//
// Lifetime: outlives the web server.
struct Services {
  broker::Broker* broker = nullptr;
  tables::Tables* tables = nullptr;
  stream::Engine* engine = nullptr;
  sql::Catalog* catalog = nullptr;
  Rates* rates = nullptr;
  NewestRows* newest_rows = nullptr;
  const Clock* clock = nullptr;
  Metrics* metrics = nullptr;
  const config::Config* config = nullptr;
  security::UserStore* users = nullptr;
  security::AclStore* acls = nullptr;
  std::int64_t started_at_ms = 0;
  std::function<std::vector<PartStatus>()> parts;
};

Result<broker::Broker*> need_broker(Services& services);
Result<tables::Tables*> need_tables(Services& services);
Result<stream::Engine*> need_engine(Services& services);
Result<sql::Catalog*> need_catalog(Services& services);

}  // namespace tidemill::web

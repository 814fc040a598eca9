// SPDX-License-Identifier: Apache-2.0
// What a handler may use: the broker's parts, and who asks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "broker/api/login.h"
#include "broker/embedded/embedded_broker.h"
#include "broker/groups/coordinator.h"
#include "runtime/task.h"
#include "runtime/threads.h"
#include "security/authorizer.h"
#include "security/user_store.h"
#include "wire/kafka/header.h"

namespace tidemill::broker::api {

struct ApiOptions {
  std::int32_t node_id = 1;
  bool auto_create_topics = true;
  std::size_t fetch_bytes_max = 55 << 20;        // of one response (fetch.max.bytes)
  std::size_t offset_metadata_bytes_max = 4096;  // offset.metadata.max.bytes
  std::size_t request_bytes_max = 100 << 20;     // socket.request.max.bytes
  // sasl.enabled.mechanisms; none: clients need not log in.
  std::vector<std::string> sasl_mechanisms = {};
};

// All outlive the server.
struct Services {
  embedded::EmbeddedBroker& broker;
  groups::GroupCoordinator& groups;
  BlockingPool& blocking;
  Clock& clock;
  ApiOptions options;
  security::UserStore* users = nullptr;              // needed where clients log in
  const security::Authorizer* authorizer = nullptr;  // null: everybody may do everything
};

// One per connection; the request changes, the rest stays. Handlers of one connection run one
// after the other, so a reference stays right until the handler returns.
struct RequestContext {
  const Services& services;
  asio::any_io_executor executor;
  std::string client_host;
  std::string advertised_host;
  std::int32_t advertised_port = 0;
  wire::kafka::RequestHeader header;
  Login login = {};

  embedded::EmbeddedBroker& broker() const { return services.broker; }
  std::int16_t version() const { return header.api_version; }
  // What the client may do now. Take it once, so that one request is judged by the ACLs of one
  // moment.
  security::Rights rights() const {
    if (services.authorizer == nullptr) return security::Rights::all();
    return services.authorizer->rights_of(login.user, client_host);
  }
  groups::Caller caller() const {
    return {.client_id = header.client_id.value_or(""),
            .host = "/" + client_host,  // as Java prints an address; tools cut the slash off
            .api_version = header.api_version};
  }
};

}  // namespace tidemill::broker::api

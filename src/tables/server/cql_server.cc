// SPDX-License-Identifier: Apache-2.0
#include "tables/server/cql_server.h"

#include <utility>

#include "tables/server/connection.h"

namespace tidemill::tables::server {

namespace {

wire::cql::SchemaChange on_wire(const SchemaChange& change) {
  using Wire = wire::cql::SchemaChange;
  const auto kind = change.kind == ChangeKind::Created   ? Wire::Kind::Created
                    : change.kind == ChangeKind::Updated ? Wire::Kind::Updated
                                                         : Wire::Kind::Dropped;
  const auto target = change.target == ChangeTarget::Keyspace ? Wire::Target::Keyspace
                      : change.target == ChangeTarget::Table  ? Wire::Target::Table
                                                              : Wire::Target::Type;
  return {kind, target, change.keyspace, change.name};
}

class Server final : public CqlServer {
 public:
  Server(ServerOptions options, statements::Executor& executor, ServerRuntime runtime)
      : options_(std::move(options)),
        executor_(executor),
        runtime_(runtime),
        metrics_(runtime.metrics) {}
  ~Server() override { stop(); }

  Result<> open();
  std::uint16_t port() const override { return listener_->port(); }
  void stop() override;

 private:
  const ServerOptions options_;
  statements::Executor& executor_;
  const ServerRuntime runtime_;
  ServerMetrics metrics_;
  InFlight in_flight_;
  std::uint64_t schema_listener_ = 0;
  bool stopped_ = false;
  std::unique_ptr<Listener> listener_;  // last: its sessions use the rest
};

Result<> Server::open() {
  ListenerOptions options{.name = "cql",
                          .part = "tables.server",
                          .host = options_.host,
                          .port = options_.port,
                          .port_option = "tables.port",
                          .connections_max = options_.connections_max,
                          .connections_per_address_max = options_.connections_per_address_max,
                          .limits = options_.session_limits,
                          .tls = options_.tls,
                          .stop_grace = options_.stop_grace};
  auto make = [this](SessionStart start) -> std::shared_ptr<Session> {
    return std::make_shared<Connection>(
        std::move(start), ConnectionServices{options_, executor_, runtime_.blocking, metrics_,
                                             in_flight_, runtime_.clock});
  };
  listener_ = TRY(Listener::open(
      std::move(options), {.io = runtime_.io, .clock = runtime_.clock, .metrics = runtime_.metrics},
      std::move(make)));
  // What system.local tells: before the first client can ask.
  executor_.node().port = listener_->port();
  const std::string address = listener_->address();
  const bool any = address == "0.0.0.0" || address == "::";
  executor_.node().address = any ? "127.0.0.1" : address;
  schema_listener_ = executor_.store().add_schema_listener([this](const SchemaChange& change) {
    listener_->each([event = on_wire(change)](Session& session) {
      static_cast<Connection&>(session).send_event(event);
    });
  });
  listener_->start();
  return {};
}

void Server::stop() {
  if (listener_ == nullptr || std::exchange(stopped_, true)) return;
  executor_.store().remove_schema_listener(schema_listener_);
  listener_->stop();
  in_flight_.wait_for_none();
}

}  // namespace

Result<std::unique_ptr<CqlServer>> CqlServer::start(ServerOptions options,
                                                    statements::Executor& executor,
                                                    ServerRuntime runtime) {
  auto server = std::make_unique<Server>(std::move(options), executor, runtime);
  TRY(server->open());
  return std::unique_ptr<CqlServer>(std::move(server));
}

}  // namespace tidemill::tables::server

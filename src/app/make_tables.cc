// SPDX-License-Identifier: Apache-2.0
#include "app/make_tables.h"

#include <algorithm>

#include "runtime/log.h"
#include "tables/embedded/store.h"
#include "tables/server/cql_server.h"
#include "tables/statements/executor.h"
#include "tables/statements/tables_port.h"

namespace tidemill::app {
namespace {

Result<tables::statements::AccessControl> access_of(const PartContext& context) {
  const config::Config& config = context.config;
  const tables::statements::AccessControl access{
      .users = &context.users,
      .authenticates = config.text("tables.authenticator") == "PasswordAuthenticator",
      .authorizes = config.text("tables.authorizer") == "CassandraAuthorizer"};
  if (!access.authorizes) return access;
  if (!access.authenticates) {
    return error(ErrorCode::InvalidArgument,
                 "AllowAllAuthenticator can't be used with CassandraAuthorizer")
        .with_hint("set tables.authenticator=PasswordAuthenticator");
  }
  const auto users = context.users.list();
  if (std::ranges::none_of(users, &security::User::is_superuser)) {
    log_warning("app",
                "permissions bind CQL clients, but no user is a superuser, so nobody can grant: "
                "'tidemill user superuser NAME' makes one");
  }
  return access;
}

tables::statements::ReadLimits limits_of(const config::Config& config) {
  const auto number = [&](const char* name) {
    return static_cast<std::uint64_t>(config.number(name));
  };
  return {.tombstone_warn_threshold = number("tables.tombstone_warn_threshold"),
          .tombstone_failure_threshold = number("tables.tombstone_failure_threshold"),
          .coordinator_read_size_fail_threshold =
              static_cast<std::size_t>(number("tables.coordinator_read_size_fail_threshold"))};
}

class EmbeddedPart final : public TablesPart {
 public:
  Result<> start(const PartContext& context) {
    const config::Config& config = context.config;
    const auto memory = static_cast<std::size_t>(config.number("tables.memory_bytes"));
    tables::embedded::StoreOptions options;
    options.path = context.data + "/tables";
    options.durability = config.text("tables.durability") == "batch"
                             ? tables::embedded::Durability::Batch
                             : tables::embedded::Durability::Periodic;
    options.sync_interval = std::chrono::milliseconds(config.number("tables.commit_interval"));
    options.memtable_bytes = memory / 2;
    options.block_cache_bytes = memory / 2;
    options.metrics = &context.metrics;
    const auto access = TRY(access_of(context));
    store_ = TRY(tables::embedded::Store::open(options, context.clock, context.random));
    executor_ = std::make_unique<tables::statements::Executor>(
        *store_, context.clock, context.random,
        TRY(tables::statements::load_node(*store_, context.random)), access, limits_of(config));
    port_ = tables::statements::make_tables_port(*executor_);

    tables::server::ServerOptions server;
    server.host = listen_address_of(config, "tables");
    if (config.boolean("tables.client_encryption")) {
      server.tls = TRY(load_tls(context, "tables.client_encryption_certificate",
                                "tables.client_encryption_private_key"));
    }
    if (access.authenticates) server.users = &context.users;
    server.port = static_cast<std::uint16_t>(config.number("tables.port"));
    server.connections_max = static_cast<std::size_t>(config.number("tables.connections_max"));
    server.connections_per_address_max =
        static_cast<std::size_t>(config.number("tables.connections_per_address_max"));
    server.session_limits = session_limits_of(config, "tables.native_transport_idle_timeout");
    server.frame_bytes_max = static_cast<std::size_t>(config.number("tables.frame_bytes_max"));
    server_ = TRY(tables::server::CqlServer::start(std::move(server), *executor_,
                                                   {.io = context.io,
                                                    .blocking = context.pool,
                                                    .metrics = context.metrics,
                                                    .clock = context.clock}));
    return {};
  }

  tables::Tables& tables() override { return *port_; }
  std::uint16_t port() const override { return server_->port(); }

  void stop() override {
    if (store_) store_->begin_close();
    if (server_) server_->stop();
    if (store_) store_->close();
  }

 private:
  std::unique_ptr<tables::embedded::Store> store_;
  std::unique_ptr<tables::statements::Executor> executor_;
  std::unique_ptr<tables::Tables> port_;
  std::unique_ptr<tables::server::CqlServer> server_;
};

}  // namespace

Result<std::unique_ptr<TablesPart>> make_tables(const PartContext& context) {
  auto part = std::make_unique<EmbeddedPart>();
  if (auto started = part->start(context); !started.ok()) {
    part->stop();
    return std::move(started).error();
  }
  return std::unique_ptr<TablesPart>(std::move(part));
}

}  // namespace tidemill::app

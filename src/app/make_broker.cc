// SPDX-License-Identifier: Apache-2.0
#include "app/make_broker.h"

#include "broker/embedded/embedded_broker.h"
#include "broker/groups/coordinator.h"
#include "broker/server/kafka_server.h"
#include "runtime/log.h"

namespace tidemill::app {
namespace {

Result<std::vector<std::string>> sasl_mechanisms_of(const config::Config& config) {
  std::vector<std::string> mechanisms;
  for (std::string_view rest = config.text("broker.sasl_enabled_mechanisms"); !rest.empty();) {
    std::string name(rest.substr(0, rest.find(',')));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    std::erase(name, ' ');
    if (name != "PLAIN" && !security::scram_mechanism_of(name)) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("option broker.sasl_enabled_mechanisms names '{}', it may name "
                               "PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512",
                               name));
    }
    mechanisms.push_back(std::move(name));
  }
  return mechanisms;
}

// Null: nobody is asked.
Result<std::unique_ptr<security::Authorizer>> authorizer_of(const PartContext& context) {
  const config::Config& config = context.config;
  if (config.text("broker.authorizer") == "none") return nullptr;
  auto super_users = security::super_users_of(config.text("broker.super_users"));
  if (!super_users.ok()) {
    return std::move(super_users).error().context("in option broker.super_users");
  }
  const bool allow_everyone = config.boolean("broker.allow_everyone_if_no_acl_found");
  if (super_users->empty() && !allow_everyone && context.acls.snapshot()->all().empty()) {
    log_warning("app",
                "ACLs bind Kafka clients, but there are none and no super user, so nobody may do "
                "anything: 'tidemill acl create' makes one");
  }
  return std::make_unique<security::Authorizer>(
      context.acls, security::AuthorizerOptions{.super_users = *std::move(super_users),
                                                .allow_everyone_if_no_acl_found = allow_everyone});
}

class EmbeddedPart final : public BrokerPart {
 public:
  Result<> start(const PartContext& context) {
    const config::Config& config = context.config;
    broker::embedded::EmbeddedOptions options;
    options.folder = context.data + "/broker";
    options.default_partitions = static_cast<std::int32_t>(config.number("broker.partitions"));
    options.topic_defaults["tidemill.durability"] = config.text("broker.durability");
    options.topic_defaults["retention.ms"] = std::to_string(config.number("broker.log_retention"));
    options.topic_defaults["retention.bytes"] =
        std::to_string(config.number("broker.log_retention_bytes"));
    options.topic_defaults["segment.bytes"] = std::to_string(config.number("broker.segment_bytes"));
    broker_ = TRY(
        broker::embedded::EmbeddedBroker::open(std::move(options), {.clock = context.clock,
                                                                    .disk = context.disk,
                                                                    .random = context.random,
                                                                    .metrics = context.metrics}));
    groups_ = std::make_unique<broker::groups::GroupCoordinator>(
        broker_->offset_store(), context.clock, context.random, broker::groups::GroupOptions{});
    TRY(groups_->load());
    broker_->set_group_directory(groups_.get());

    const auto request_bytes_max =
        static_cast<std::size_t>(config.number("broker.request_bytes_max"));
    broker::server::ServerOptions server;
    server.host = listen_address_of(config, "broker");
    const std::string& protocol = config.text("broker.security_protocol");
    if (protocol.ends_with("SSL")) {
      server.tls =
          TRY(load_tls(context, "broker.ssl_certificate_location", "broker.ssl_key_location"));
    }
    server.port = static_cast<std::uint16_t>(config.number("broker.port"));
    server.connections_max = static_cast<std::size_t>(config.number("broker.connections_max"));
    server.connections_per_address_max =
        static_cast<std::size_t>(config.number("broker.connections_per_address_max"));
    server.session_limits = session_limits_of(config, "broker.connections_max_idle");
    server.request_memory_bytes_max =
        static_cast<std::size_t>(config.number("broker.memory_in_flight"));
    server.limits.request_bytes_max = request_bytes_max;
    broker::api::ApiOptions api;
    api.auto_create_topics = config.boolean("broker.auto_create_topics");
    api.request_bytes_max = request_bytes_max;
    if (protocol.starts_with("SASL")) api.sasl_mechanisms = TRY(sasl_mechanisms_of(config));
    authorizer_ = TRY(authorizer_of(context));
    const broker::api::Services services{.broker = *broker_,
                                         .groups = *groups_,
                                         .blocking = context.pool,
                                         .clock = context.clock,
                                         .options = api,
                                         .users = &context.users,
                                         .authorizer = authorizer_.get()};
    server_ = TRY(broker::server::KafkaServer::start(
        std::move(server), services, {.io = context.io, .metrics = context.metrics}));
    return {};
  }

  broker::Broker& broker() override { return *broker_; }
  std::uint16_t port() const override { return server_->port(); }

  void stop() override {
    if (server_) server_->stop();
    if (groups_) groups_->stop();
    if (broker_) {
      if (const auto closed = broker_->close(); !closed.ok()) {
        log_error("app", "closing the log failed: {}", closed.error().message);
      }
    }
  }

 private:
  std::unique_ptr<broker::embedded::EmbeddedBroker> broker_;
  std::unique_ptr<broker::groups::GroupCoordinator> groups_;
  std::unique_ptr<security::Authorizer> authorizer_;
  std::unique_ptr<broker::server::KafkaServer> server_;
};

}  // namespace

Result<std::unique_ptr<BrokerPart>> make_broker(const PartContext& context) {
  auto part = std::make_unique<EmbeddedPart>();
  if (auto started = part->start(context); !started.ok()) {
    part->stop();
    return std::move(started).error();
  }
  return std::unique_ptr<BrokerPart>(std::move(part));
}

}  // namespace tidemill::app

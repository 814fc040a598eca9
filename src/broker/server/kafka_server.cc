// SPDX-License-Identifier: Apache-2.0
#include "broker/server/kafka_server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "runtime/cancellation.h"
#include "runtime/task_group.h"

namespace tidemill::broker::server {
namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);

class Server final : public KafkaServer {
 public:
  Server(ServerOptions options, api::Services services, ServerRuntime runtime)
      : options_(std::move(options)),
        services_(services),
        io_(runtime.io),
        metrics_(runtime.metrics),
        budget_(options_.request_memory_bytes_max),
        group_alarm_(io_.at(0)),
        tasks_("broker.server") {}
  ~Server() override { stop(); }

  Result<> open(Metrics& metrics);
  std::uint16_t port() const override { return listener_->port(); }
  void stop() override;

 private:
  std::shared_ptr<Session> make_session(SessionStart start);
  Task<> end_overdue_members();

  const ServerOptions options_;
  const api::Services services_;
  IoThreads& io_;
  ServerMetrics metrics_;
  ByteBudget budget_;
  asio::steady_timer group_alarm_;
  std::unique_ptr<Listener> listener_;
  bool stopped_ = false;
  TaskGroup tasks_;  // last: its tasks use the rest
};

Result<> Server::open(Metrics& metrics) {
  if (!services_.options.sasl_mechanisms.empty() && services_.users == nullptr) {
    return error(ErrorCode::Internal, "clients of the log cannot log in without users");
  }
  ListenerOptions options{.name = "kafka",
                          .part = "broker.server",
                          .host = options_.host,
                          .port = options_.port,
                          .port_option = "broker.port",
                          .connections_max = options_.connections_max,
                          .connections_per_address_max = options_.connections_per_address_max,
                          .limits = options_.session_limits,
                          .tls = options_.tls,
                          .stop_grace = options_.stop_grace};
  auto make = [this](SessionStart start) { return make_session(std::move(start)); };
  listener_ = TRY(Listener::open(std::move(options),
                                 {.io = io_, .clock = services_.clock, .metrics = metrics},
                                 std::move(make)));
  services_.groups.on_earlier_deadline(
      [this] { asio::post(io_.at(0), [this] { group_alarm_.cancel(); }); });
  tasks_.spawn(io_.at(0).get_executor(), "group deadlines", end_overdue_members());
  listener_->start();
  return {};
}

std::shared_ptr<Session> Server::make_session(SessionStart start) {
  api::RequestContext context{
      .services = services_,
      .executor = start.socket.executor(),
      .client_host = start.peer_host,
      .advertised_host =
          options_.advertised_host.empty() ? start.here_host : options_.advertised_host,
      .advertised_port = options_.advertised_port == 0 ? start.here_port : options_.advertised_port,
      .header = {}};
  return std::make_shared<Connection>(std::move(start), std::move(context), options_.limits,
                                      budget_, metrics_);
}

Task<> Server::end_overdue_members() {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!co_await stop_requested()) {
    const auto next = services_.groups.run_due();
    const auto now = services_.clock.monotonic();
    group_alarm_.expires_after(next ? std::max(*next - now, groups::TimePoint::duration::zero())
                                    : std::chrono::hours(1));
    co_await group_alarm_.async_wait(kDone);
  }
  co_return Result<>{};
}

void Server::stop() {
  if (listener_ == nullptr || std::exchange(stopped_, true)) return;
  listener_->refuse_new();
  // Whoever waits for a rebalance or for memory is answered, so that sessions can end.
  services_.groups.stop();
  services_.groups.on_earlier_deadline(nullptr);
  tasks_.stop();
  budget_.close();
  // Last: it waits for what was posted to the I/O threads, the alarm's wake-ups too.
  listener_->stop();
}

}  // namespace

Result<std::unique_ptr<KafkaServer>> KafkaServer::start(ServerOptions options,
                                                        api::Services services,
                                                        ServerRuntime runtime) {
  auto server = std::make_unique<Server>(std::move(options), services, runtime);
  TRY(server->open(runtime.metrics));
  return std::unique_ptr<KafkaServer>(std::move(server));
}

}  // namespace tidemill::broker::server

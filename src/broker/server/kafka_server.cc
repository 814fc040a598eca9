// SPDX-License-Identifier: Apache-2.0
#include "broker/server/kafka_server.h"

#include <fmt/core.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <latch>
#include <set>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "runtime/cancellation.h"
#include "runtime/log.h"
#include "runtime/task_group.h"

namespace tidemill::broker::server {

using asio::ip::tcp;

namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kSweepInterval{1'000};
constexpr std::chrono::milliseconds kAcceptPause{100};

// "::ffff:10.0.0.1" is what an IPv4 client looks like on a socket that takes both.
std::string plain_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

Error cannot_listen(const ServerOptions& options, std::string_view why) {
  return error(ErrorCode::Unavailable,
               fmt::format("cannot listen on {}:{}: {}", options.host, options.port, why))
      .with_hint("another broker may be running: stop it, or set broker.port");
}

class Server final : public KafkaServer {
 public:
  Server(ServerOptions options, api::Services services, ServerRuntime runtime)
      : options_(std::move(options)),
        services_(services),
        io_(runtime.io),
        metrics_(runtime.metrics),
        budget_(options_.request_memory_bytes_max),
        acceptor_(io_.at(0)),
        group_alarm_(io_.at(0)),
        connections_(io_.count()),
        tasks_("broker.server") {}
  ~Server() override { stop(); }

  Result<> open();
  std::uint16_t port() const override { return port_; }
  void stop() override;

 private:
  Task<> accept_loop();
  Task<> sweep(std::size_t thread);
  Task<> end_overdue_members();
  void welcome(tcp::socket socket, std::size_t thread);
  Task<> run_reader(std::shared_ptr<Connection> connection, std::size_t thread);
  Task<> run_writer(std::shared_ptr<Connection> connection, std::size_t thread);
  void leave(const std::shared_ptr<Connection>& connection, std::size_t thread);
  template <class Function>
  void each_connection(Function function);

  const ServerOptions options_;
  const api::Services services_;
  IoThreads& io_;
  ServerMetrics metrics_;
  ByteBudget budget_;
  tcp::acceptor acceptor_;
  asio::steady_timer group_alarm_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
  // Of each I/O thread; touched on that thread alone.
  std::vector<std::set<std::shared_ptr<Connection>>> connections_;
  Mutex mutex_;
  CondVar left_;
  std::size_t open_ TM_GUARDED_BY(mutex_) = 0;
  TaskGroup tasks_;  // last: its tasks use the rest
};

Result<> Server::open() {
  boost::system::error_code failure;
  tcp::resolver resolver(io_.at(0));
  const auto found = resolver.resolve(options_.host, std::to_string(options_.port),
                                      tcp::resolver::passive, failure);
  if (failure || found.empty()) return cannot_listen(options_, failure.message());
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor_.open(endpoint.protocol(), failure);
  if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor_.bind(endpoint, failure);
  if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) return cannot_listen(options_, failure.message());
  port_ = acceptor_.local_endpoint().port();

  services_.groups.on_earlier_deadline(
      [this] { asio::post(io_.at(0), [this] { group_alarm_.cancel(); }); });
  tasks_.spawn(io_.at(0).get_executor(), "accept", accept_loop());
  tasks_.spawn(io_.at(0).get_executor(), "group deadlines", end_overdue_members());
  for (std::size_t i = 0; i < io_.count(); ++i) {
    tasks_.spawn(io_.at(i).get_executor(), "sweep", sweep(i));
  }
  log_info("broker.server", "listening on {}:{}", options_.host, port_);
  return {};
}

Task<> Server::accept_loop() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (std::size_t turn = 0;; ++turn) {
    const std::size_t thread = turn % io_.count();
    if (!acceptor_.is_open() || co_await stop_requested()) co_return Result<>{};
    auto [failure, socket] = co_await acceptor_.async_accept(io_.at(thread), kDone);
    if (failure == asio::error::operation_aborted) continue;
    if (failure) {
      // Out of file descriptors, most likely: those that are open will end.
      log_warning("broker.server", "accept failed: {}", failure.message());
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kDone);
      continue;
    }
    asio::post(io_.at(thread), [this, thread, taken = std::move(socket)]() mutable {
      welcome(std::move(taken), thread);
    });
  }
}

void Server::welcome(tcp::socket socket, std::size_t thread) {
  {
    const MutexLock lock(mutex_);
    if (open_ >= options_.connections_max) {
      metrics_.refused_connections.add();
      return;
    }
    ++open_;
  }
  boost::system::error_code failure;
  socket.set_option(tcp::no_delay(true), failure);
  const tcp::endpoint here = socket.local_endpoint(failure);
  const tcp::endpoint peer = socket.remote_endpoint(failure);
  api::RequestContext context{
      .services = services_,
      .executor = socket.get_executor(),
      .client_host = plain_text(peer.address()),
      .advertised_host =
          options_.advertised_host.empty() ? plain_text(here.address()) : options_.advertised_host,
      .advertised_port = options_.advertised_port == 0 ? here.port() : options_.advertised_port,
      .header = {}};
  const auto connection = std::make_shared<Connection>(std::move(socket), std::move(context),
                                                       options_.limits, budget_, metrics_);
  connections_[thread].insert(connection);
  tasks_.spawn(io_.at(thread).get_executor(), "requests", run_reader(connection, thread));
  tasks_.spawn(io_.at(thread).get_executor(), "responses", run_writer(connection, thread));
}

Task<> Server::run_reader(std::shared_ptr<Connection> connection, std::size_t thread) {
  const Result<> outcome = co_await connection->read_requests();
  leave(connection, thread);
  co_return outcome;
}

Task<> Server::run_writer(std::shared_ptr<Connection> connection, std::size_t thread) {
  const Result<> outcome = co_await connection->write_responses();
  leave(connection, thread);
  co_return outcome;
}

void Server::leave(const std::shared_ptr<Connection>& connection, std::size_t thread) {
  if (!connection->ended()) return;
  connections_[thread].erase(connection);
  const MutexLock lock(mutex_);
  --open_;
  left_.notify_all();
}

Task<> Server::sweep(std::size_t thread) {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!co_await stop_requested()) {
    timer.expires_after(kSweepInterval);
    co_await timer.async_wait(kDone);
    const auto now = services_.clock.monotonic();
    for (const auto& connection : connections_[thread]) connection->close_if_stalled(now);
  }
  co_return Result<>{};
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

template <class Function>
void Server::each_connection(Function function) {
  for (std::size_t i = 0; i < io_.count(); ++i) {
    asio::post(io_.at(i), [this, i, function] {
      for (const auto& connection : connections_[i]) function(*connection);
    });
  }
}

void Server::stop() {
  if (std::exchange(stopped_, true)) return;
  asio::post(io_.at(0), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  });
  services_.groups.stop();
  budget_.close();
  each_connection([](Connection& connection) { connection.drain(); });
  {
    const MutexLock lock(mutex_);
    const auto ends_at = services_.clock.monotonic() + options_.stop_grace;
    while (open_ > 0) {
      const auto left = ends_at - services_.clock.monotonic();
      if (left <= left.zero() || !left_.wait_for(mutex_, left)) break;
    }
  }
  tasks_.stop();
  services_.groups.on_earlier_deadline(nullptr);
  // What was posted to the I/O threads before has run once these have, and connections end where
  // they lived.
  std::latch flushed(static_cast<std::ptrdiff_t>(io_.count()));
  for (std::size_t i = 0; i < io_.count(); ++i) {
    asio::post(io_.at(i), [this, i, &flushed] {
      connections_[i].clear();
      flushed.count_down();
    });
  }
  flushed.wait();
}

}  // namespace

Result<std::unique_ptr<KafkaServer>> KafkaServer::start(ServerOptions options,
                                                        api::Services services,
                                                        ServerRuntime runtime) {
  auto server = std::make_unique<Server>(std::move(options), services, runtime);
  TRY(server->open());
  return std::unique_ptr<KafkaServer>(std::move(server));
}

}  // namespace tidemill::broker::server

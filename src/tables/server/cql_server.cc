// SPDX-License-Identifier: Apache-2.0
#include "tables/server/cql_server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <latch>
#include <set>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "runtime/log.h"
#include "runtime/task_group.h"
#include "tables/server/connection.h"

namespace tidemill::tables::server {

using asio::ip::tcp;

namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{100};

Error cannot_listen(const ServerOptions& options, std::string_view why) {
  return error(ErrorCode::Unavailable,
               fmt::format("cannot listen on {}:{}: {}", options.host, options.port, why))
      .with_hint("another CQL server may be running: stop it, or set tables.port");
}

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
        io_(runtime.io),
        blocking_(runtime.blocking),
        metrics_(runtime.metrics),
        acceptor_(io_.at(0)),
        connections_(io_.count()),
        tasks_("tables.server") {}
  ~Server() override { stop(); }

  Result<> open();
  std::uint16_t port() const override { return port_; }
  void stop() override;

 private:
  Task<> accept_loop();
  void welcome(tcp::socket socket, std::size_t thread);
  Task<> run_reader(std::shared_ptr<Connection> connection, std::size_t thread);
  Task<> run_writer(std::shared_ptr<Connection> connection, std::size_t thread);
  void leave(const std::shared_ptr<Connection>& connection, std::size_t thread);
  template <class Function>
  void each_connection(Function function);

  const ServerOptions options_;
  statements::Executor& executor_;
  IoThreads& io_;
  BlockingPool& blocking_;
  ServerMetrics metrics_;
  InFlight in_flight_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::uint64_t schema_listener_ = 0;
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
  // What system.local tells: before the first client can ask.
  executor_.node().port = port_;
  const auto address = endpoint.address();
  executor_.node().address = address.is_unspecified() ? "127.0.0.1" : address.to_string();
  schema_listener_ = executor_.store().add_schema_listener([this](const SchemaChange& change) {
    each_connection(
        [event = on_wire(change)](Connection& connection) { connection.send_event(event); });
  });
  tasks_.spawn(io_.at(0).get_executor(), "accept", accept_loop());
  log_info("tables.server", "listening on {}:{}", options_.host, port_);
  return {};
}

Task<> Server::accept_loop() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (std::size_t turn = 0;; ++turn) {
    const std::size_t thread = turn % io_.count();
    auto [failure, socket] = co_await acceptor_.async_accept(io_.at(thread), kDone);
    if (!acceptor_.is_open() || failure == asio::error::operation_aborted) co_return Result<>{};
    if (failure) {
      // Out of file descriptors, most likely: those that are open will end.
      log_warning("tables.server", "accept failed: {}", failure.message());
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
  const ConnectionServices services{options_, executor_,  blocking_,
                                    metrics_, in_flight_, executor_.clock()};
  const auto connection = std::make_shared<Connection>(std::move(socket), services);
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
  if (!connection->ended() || connections_[thread].erase(connection) == 0) return;
  const MutexLock lock(mutex_);
  --open_;
  left_.notify_all();
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
  if (schema_listener_ != 0) executor_.store().remove_schema_listener(schema_listener_);
  asio::post(io_.at(0), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  });
  each_connection([](Connection& connection) { connection.drain(); });
  {
    const MutexLock lock(mutex_);
    auto left = options_.stop_grace;
    constexpr std::chrono::milliseconds kStep{50};
    while (open_ > 0 && left.count() > 0) {
      left_.wait_for(mutex_, kStep);
      left -= kStep;
    }
  }
  tasks_.stop();
  in_flight_.wait_for_none();
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

Result<std::unique_ptr<CqlServer>> CqlServer::start(ServerOptions options,
                                                    statements::Executor& executor,
                                                    ServerRuntime runtime) {
  auto server = std::make_unique<Server>(std::move(options), executor, runtime);
  TRY(server->open());
  return std::unique_ptr<CqlServer>(std::move(server));
}

}  // namespace tidemill::tables::server

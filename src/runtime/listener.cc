// SPDX-License-Identifier: Apache-2.0
#include "runtime/listener.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <latch>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "runtime/cancellation.h"
#include "runtime/log.h"
#include "runtime/task_group.h"

namespace tidemill {

using asio::ip::tcp;

namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPauseFirst{10};
constexpr std::chrono::milliseconds kAcceptPauseMost{1'000};
constexpr std::chrono::seconds kLogPause{1};

// "::ffff:10.0.0.1" is what an IPv4 client looks like on a socket that takes both.
std::string plain_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

Error cannot_listen(const ListenerOptions& options, std::string_view why) {
  return error(ErrorCode::Unavailable,
               fmt::format("cannot listen on {}:{}: {}", options.host, options.port, why))
      .with_hint(
          fmt::format("another server may be running: stop it, or set {}", options.port_option));
}

// Lets one line a second through, with the number of those that were held back.
class RareLine {
 public:
  // Nothing, or how many lines were held back since the last.
  std::optional<std::uint64_t> due(std::chrono::steady_clock::time_point now) {
    if (last_ && now - *last_ < kLogPause) {
      ++held_back_;
      return std::nullopt;
    }
    last_ = now;
    return std::exchange(held_back_, 0);
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> last_;
  std::uint64_t held_back_ = 0;
};

class ListenerImpl final : public Listener {
 public:
  ListenerImpl(ListenerOptions options, ListenerRuntime runtime, MakeSession make_session)
      : options_(std::move(options)),
        io_(runtime.io),
        clock_(runtime.clock),
        metrics_(runtime.metrics, options_.name),
        make_session_(std::move(make_session)),
        acceptor_(io_.at(0)),
        sessions_(io_.count()),
        tasks_(options_.part) {}
  ~ListenerImpl() override { stop(); }

  Result<> bind();
  std::uint16_t port() const override { return endpoint_.port(); }
  std::string address() const override { return endpoint_.address().to_string(); }
  void start() override;
  void each(const std::function<void(Session&)>& function) override;
  void refuse_new() override;
  void stop() override;

 private:
  Task<> accept_loop();
  Task<> sweep(std::size_t thread);
  void welcome(tcp::socket socket, std::size_t thread);
  // Whether one more from there may come in; counts it then.
  bool admit(const std::string& host);
  Task<> run_reader(std::shared_ptr<Session> session, std::string host, std::size_t thread);
  Task<> run_writer(std::shared_ptr<Session> session, std::string host, std::size_t thread);
  void leave(const std::shared_ptr<Session>& session, const std::string& host, std::size_t thread);

  const ListenerOptions options_;
  IoThreads& io_;
  Clock& clock_;
  ListenerMetrics metrics_;
  const MakeSession make_session_;
  tcp::acceptor acceptor_;
  tcp::endpoint endpoint_;
  std::atomic<bool> refusing_ = false;
  bool stopped_ = false;
  // Of each I/O thread; touched on that thread alone.
  std::vector<std::set<std::shared_ptr<Session>>> sessions_;
  Mutex mutex_;
  CondVar left_;
  std::size_t open_ TM_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::size_t> open_from_ TM_GUARDED_BY(mutex_);
  RareLine refusals_ TM_GUARDED_BY(mutex_);
  TaskGroup tasks_;  // last: its tasks use the rest
};

Result<> ListenerImpl::bind() {
  boost::system::error_code failure;
  tcp::resolver resolver(io_.at(0));
  const auto found = resolver.resolve(options_.host, std::to_string(options_.port),
                                      tcp::resolver::passive, failure);
  if (failure || found.empty()) return cannot_listen(options_, failure.message());
  const tcp::endpoint wanted = found.begin()->endpoint();
  acceptor_.open(wanted.protocol(), failure);
  if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor_.bind(wanted, failure);
  if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
  if (!failure) endpoint_ = acceptor_.local_endpoint(failure);
  if (failure) return cannot_listen(options_, failure.message());
  return {};
}

void ListenerImpl::start() {
  tasks_.spawn(io_.at(0).get_executor(), "accept", accept_loop());
  for (std::size_t i = 0; i < io_.count(); ++i) {
    tasks_.spawn(io_.at(i).get_executor(), "sweep", sweep(i));
  }
  log_info(options_.part, "listening on {}:{}{}", options_.host, port(),
           options_.tls ? " with TLS" : "");
}

Task<> ListenerImpl::accept_loop() {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer pause(co_await asio::this_coro::executor);
  auto wait = kAcceptPauseFirst;
  RareLine failures;
  for (std::size_t turn = 0;; ++turn) {
    const std::size_t thread = turn % io_.count();
    if (!acceptor_.is_open() || co_await stop_requested()) co_return Result<>{};
    auto [failure, socket] = co_await acceptor_.async_accept(io_.at(thread), kDone);
    if (failure == asio::error::operation_aborted) continue;
    if (failure) {
      // Out of file descriptors, most likely: those that are open will end. The client waits in
      // the kernel's queue.
      metrics_.accept_failures.add();
      if (const auto held_back = failures.due(clock_.monotonic())) {
        log_warning(options_.part, "accept failed: {}; {} more failures since the last report",
                    failure.message(), *held_back);
      }
      pause.expires_after(wait);
      wait = std::min(2 * wait, kAcceptPauseMost);
      co_await pause.async_wait(kDone);
      continue;
    }
    wait = kAcceptPauseFirst;
    metrics_.accepted.add();
    asio::post(io_.at(thread), [this, thread, taken = std::move(socket)]() mutable {
      welcome(std::move(taken), thread);
    });
  }
}

bool ListenerImpl::admit(const std::string& host) {
  const MutexLock lock(mutex_);
  std::size_t& from_there = open_from_[host];
  const std::size_t most_from_there = options_.connections_per_address_max;
  const bool full = open_ >= options_.connections_max;
  if (!full && (most_from_there == 0 || from_there < most_from_there)) {
    ++open_;
    ++from_there;
    return true;
  }
  (full ? metrics_.refused_total : metrics_.refused_per_address).add();
  if (const auto held_back = refusals_.due(clock_.monotonic())) {
    log_warning(options_.part,
                "connection of {} refused: {} are open, {} of them from there; {} allows {}; {} "
                "more refusals since the last report",
                host, open_, from_there, full ? "connections_max" : "connections_per_address_max",
                full ? options_.connections_max : most_from_there, *held_back);
  }
  if (from_there == 0) open_from_.erase(host);
  return false;
}

void ListenerImpl::welcome(tcp::socket socket, std::size_t thread) {
  boost::system::error_code failure;
  const tcp::endpoint peer = socket.remote_endpoint(failure);
  // Gone already, or taken too late to be drained.
  if (failure || refusing_) return;
  const tcp::endpoint here = socket.local_endpoint(failure);
  const std::string host = plain_text(peer.address());
  if (!admit(host)) return;
  socket.set_option(tcp::no_delay(true), failure);
  const auto session = make_session_({.socket = Socket(std::move(socket), options_.tls.get()),
                                      .part = options_.part,
                                      .peer_host = host,
                                      .here_host = plain_text(here.address()),
                                      .here_port = here.port(),
                                      .limits = options_.limits,
                                      .clock = clock_,
                                      .metrics = metrics_});
  sessions_[thread].insert(session);
  const auto executor = io_.at(thread).get_executor();
  tasks_.spawn(executor, "requests", run_reader(session, host, thread));
  tasks_.spawn(executor, "answers", run_writer(session, host, thread));
}

Task<> ListenerImpl::run_reader(std::shared_ptr<Session> session, std::string host,
                                std::size_t thread) {
  const Result<> outcome = co_await session->read_requests();
  leave(session, host, thread);
  co_return outcome;
}

Task<> ListenerImpl::run_writer(std::shared_ptr<Session> session, std::string host,
                                std::size_t thread) {
  const Result<> outcome = co_await session->write_answers();
  leave(session, host, thread);
  co_return outcome;
}

void ListenerImpl::leave(const std::shared_ptr<Session>& session, const std::string& host,
                         std::size_t thread) {
  if (!session->ended() || sessions_[thread].erase(session) == 0) return;
  const MutexLock lock(mutex_);
  --open_;
  const auto from_there = open_from_.find(host);
  if (--from_there->second == 0) open_from_.erase(from_there);
  left_.notify_all();
}

Task<> ListenerImpl::sweep(std::size_t thread) {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (!co_await stop_requested()) {
    timer.expires_after(options_.sweep_interval);
    co_await timer.async_wait(kDone);
    const auto now = clock_.monotonic();
    for (const auto& session : sessions_[thread]) session->close_if_overdue(now);
  }
  co_return Result<>{};
}

void ListenerImpl::each(const std::function<void(Session&)>& function) {
  for (std::size_t i = 0; i < io_.count(); ++i) {
    asio::post(io_.at(i), [this, i, function] {
      for (const auto& session : sessions_[i]) function(*session);
    });
  }
}

void ListenerImpl::refuse_new() {
  if (refusing_.exchange(true)) return;
  asio::post(io_.at(0), [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  });
  each([](Session& session) { session.drain(); });
}

void ListenerImpl::stop() {
  if (std::exchange(stopped_, true)) return;
  refuse_new();
  {
    const MutexLock lock(mutex_);
    const auto ends_at = std::chrono::steady_clock::now() + options_.stop_grace;
    while (open_ > 0) {
      const auto left = ends_at - std::chrono::steady_clock::now();
      if (left <= left.zero()) break;
      left_.wait_for(mutex_, left);
    }
    if (open_ > 0) {
      log_info(options_.part, "{} connections did not end within {} ms: closing them", open_,
               options_.stop_grace.count());
    }
  }
  tasks_.stop();
  // What was posted to the I/O threads before has run once these have, and sessions end where they
  // lived.
  std::latch flushed(static_cast<std::ptrdiff_t>(io_.count()));
  for (std::size_t i = 0; i < io_.count(); ++i) {
    asio::post(io_.at(i), [this, i, &flushed] {
      sessions_[i].clear();
      flushed.count_down();
    });
  }
  flushed.wait();
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(ListenerOptions options, ListenerRuntime runtime,
                                                 MakeSession make_session) {
  auto listener =
      std::make_unique<ListenerImpl>(std::move(options), runtime, std::move(make_session));
  TRY(listener->bind());
  return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace tidemill

// SPDX-License-Identifier: Apache-2.0
#include "web/server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include "runtime/log.h"
#include "runtime/task_group.h"
#include "web/live.h"
#include "web/router.h"

namespace tidemill::web {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::seconds kIdle{75};
constexpr std::chrono::seconds kTransfer{30};
constexpr std::size_t kLiveMessageMax = 64 * 1024;

// A page of another site must not reach us through the visitor's browser: a server on loopback
// answers only to loopback's names, and only pages of its own origin may post.
bool is_loopback_name(std::string_view host) {
  const auto bare =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return bare == "localhost" || bare == "[::1]" || bare.starts_with("127.");
}

bool foreign_origin(std::string_view origin, std::string_view host) {
  if (origin.empty()) return false;
  const auto scheme = origin.find("://");
  return scheme == std::string_view::npos || origin.substr(scheme + 3) != host;
}

class ServerImpl final : public Server {
 public:
  ServerImpl(const ServerOptions& options, Services& services, IoThreads& threads,
             BlockingPool& pool)
      : options_(options),
        services_(services),
        threads_(threads),
        pool_(pool),
        acceptor_(threads.at(0)),
        live_(services),
        tasks_("web") {}
  ~ServerImpl() override { stop(); }

  Result<> open() {
    boost::system::error_code failure;
    const auto address = asio::ip::make_address(options_.address, failure);
    if (failure) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("listen is '{}', it must be an IP address", options_.address));
    }
    loopback_only_ = address.is_loopback();
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), failure);
    if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint, failure);
    if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
    if (failure) {
      return error(ErrorCode::Unavailable,
                   fmt::format("cannot listen on {}:{}: {}", options_.address, options_.port,
                               failure.message()))
          .with_hint("another program has the port: set web.port to a free one, or to 0");
    }
    tasks_.spawn(acceptor_.get_executor(), "accept", accept());
    return {};
  }

  std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

  void stop() override {
    live_.stop();
    tasks_.stop();
  }

 private:
  Task<> accept() {
    while (true) {
      auto& context = threads_.next();
      auto [failure, socket] = co_await acceptor_.async_accept(context, kAwait);
      if (failure == asio::error::operation_aborted) co_return Result<>{};
      if (failure) {
        log_warning("web", "accept failed: {}", failure.message());
        asio::steady_timer pause(co_await asio::this_coro::executor,
                                 std::chrono::milliseconds(100));
        co_await pause.async_wait(kAwait);
        continue;
      }
      if (tasks_.running() > options_.connections_max) continue;  // closes it
      tasks_.spawn(context.get_executor(), "connection", serve(std::move(socket)));
    }
  }

  Task<> serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    while (true) {
      http::request_parser<http::string_body> parser;
      parser.body_limit(options_.request_bytes_max);
      parser.header_limit(64 * 1024);
      stream.expires_after(kIdle);
      auto [failure, read] = co_await http::async_read(stream, buffer, parser, kAwait);
      if (failure == http::error::body_limit) {
        co_await write(
            stream,
            error_response(error(ErrorCode::TooLarge, fmt::format("request body exceeds {} bytes",
                                                                  options_.request_bytes_max))),
            11, false);
        break;
      }
      if (failure) {
        if (is_nonsense(failure)) {
          co_await write(stream,
                         error_response(error(ErrorCode::InvalidArgument,
                                              "request is no HTTP/1.1: " + failure.message())),
                         11, false);
        }
        break;
      }
      auto& message = parser.get();
      const std::string_view host = message[http::field::host];
      if (websocket::is_upgrade(message)) {
        if (refused(message)) {
          co_await write(stream, error_response(denied(host)), 11, false);
          break;
        }
        if (message.target() != "/api/v1/live") {
          co_await write(
              stream,
              error_response(error(ErrorCode::NotFound, "the only WebSocket here is /api/v1/live")),
              11, false);
          break;
        }
        co_return co_await serve_live(std::move(stream), parser.release());
      }
      const bool keep = message.keep_alive();
      const unsigned version = message.version();
      const bool head = message.method() == http::verb::head;
      Response response;
      if (refused(message)) {
        response = error_response(denied(host));
      } else {
        Request request;
        request.method = head ? "GET" : std::string(message.method_string());
        request.body = std::move(message.body());
        request.accepts_gzip =
            std::string_view(message[http::field::accept_encoding]).find("gzip") !=
            std::string_view::npos;
        parse_target(message.target(), request);
        auto work = [this, request = std::move(request)]() mutable {
          return route(services_, std::move(request));
        };
        response = co_await run_blocking(pool_, std::move(work));
      }
      if (!co_await write(stream, std::move(response), version, keep, head) || !keep) break;
    }
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    co_return Result<>{};
  }

  // What came is no HTTP, as against a connection that ended.
  static bool is_nonsense(const beast::error_code& failure) {
    return failure.category() == http::make_error_code(http::error::bad_target).category() &&
           failure != http::error::end_of_stream && failure != http::error::partial_message;
  }

  static Error denied(std::string_view host) {
    return error(ErrorCode::Denied,
                 fmt::format("host '{}' or the page's origin may not use this server", host));
  }

  bool refused(const http::request<http::string_body>& message) const {
    const std::string_view host = message[http::field::host];
    if (loopback_only_ && !is_loopback_name(host)) return true;
    const bool reads = message.method() == http::verb::get || message.method() == http::verb::head;
    if (reads && !websocket::is_upgrade(message)) return false;
    return foreign_origin(message[http::field::origin], host);
  }

  asio::awaitable<bool> write(beast::tcp_stream& stream, Response response, unsigned version,
                              bool keep, bool head = false) {
    http::response<http::string_body> out(static_cast<http::status>(response.status), version);
    out.set(http::field::server, "tidemill");
    out.set("X-Content-Type-Options", "nosniff");
    if (!response.content_type.empty()) out.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) out.set(name, value);
    out.keep_alive(keep);
    const std::size_t size = response.body.size();
    if (!head) out.body() = std::move(response.body);
    if (response.status != 204) out.content_length(size);
    stream.expires_after(kTransfer);
    auto [failure, wrote] = co_await http::async_write(stream, out, kAwait);
    co_return !failure;
  }

  // One WebSocket: reads subscriptions and writes what the live thread left, until either side
  // ends.
  Task<> serve_live(beast::tcp_stream stream, http::request<http::string_body> upgrade) {
    using asio::experimental::awaitable_operators::operator||;
    stream.expires_never();
    websocket::stream<beast::tcp_stream> socket(std::move(stream));
    auto limits = websocket::stream_base::timeout::suggested(beast::role_type::server);
    limits.idle_timeout = std::chrono::seconds(40);  // pings go out at half of it
    limits.keep_alive_pings = true;
    socket.set_option(limits);
    socket.read_message_max(kLiveMessageMax);
    auto [failure] = co_await socket.async_accept(upgrade, kAwait);
    if (failure) co_return Result<>{};
    const auto executor = co_await asio::this_coro::executor;
    auto bell =
        std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    auto subscriber = std::make_shared<Subscriber>([executor, weak = std::weak_ptr(bell)] {
      asio::post(executor, [weak] {
        if (const auto timer = weak.lock()) timer->cancel();
      });
    });
    co_await (read_live(socket, subscriber) || write_live(socket, subscriber, bell));
    live_.remove(subscriber);
    co_return Result<>{};
  }

  asio::awaitable<void> read_live(websocket::stream<beast::tcp_stream>& socket,
                                  std::shared_ptr<Subscriber> subscriber) {
    beast::flat_buffer buffer;
    while (true) {
      auto [failure, read] = co_await socket.async_read(buffer, kAwait);
      if (failure) co_return;
      const auto outcome = live_.message(subscriber, beast::buffers_to_string(buffer.data()));
      buffer.clear();
      if (!outcome.ok()) {
        const Json body{
            {"channel", nullptr},
            {"error",
             {{"code", name_of(outcome.error().code)}, {"message", outcome.error().message}}}};
        subscriber->put("", body.dump());
      }
    }
  }

  asio::awaitable<void> write_live(websocket::stream<beast::tcp_stream>& socket,
                                   std::shared_ptr<Subscriber> subscriber,
                                   std::shared_ptr<asio::steady_timer> bell) {
    while (true) {
      for (const auto& [channel, message] : subscriber->take()) {
        auto [failure, wrote] = co_await socket.async_write(asio::buffer(message), kAwait);
        if (failure) co_return;
      }
      // A message that came while writing rang the bell before we listened: look at least each
      // quarter second.
      bell->expires_after(std::chrono::milliseconds(250));
      co_await bell->async_wait(kAwait);
      if ((co_await asio::this_coro::cancellation_state).cancelled() !=
          asio::cancellation_type::none) {
        co_return;
      }
    }
  }

  ServerOptions options_;
  Services& services_;
  IoThreads& threads_;
  BlockingPool& pool_;
  tcp::acceptor acceptor_;
  bool loopback_only_ = true;
  Live live_;
  TaskGroup tasks_;  // last: its tasks use the rest
};

}  // namespace

Result<std::unique_ptr<Server>> listen(const ServerOptions& options, Services& services,
                                       IoThreads& threads, BlockingPool& pool) {
  auto server = std::make_unique<ServerImpl>(options, services, threads, pool);
  TRY(server->open());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace tidemill::web

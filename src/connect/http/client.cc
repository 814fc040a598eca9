// SPDX-License-Identifier: Apache-2.0
#include "connect/http/client.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>

#include "runtime/task.h"

namespace tidemill::connect::http {
namespace {

namespace beast = boost::beast;
using tcp = asio::ip::tcp;
constexpr auto kWait = asio::as_tuple(asio::use_awaitable);

Error failed(const Request& request, std::string_view what, const boost::system::error_code& code) {
  const bool late = code == beast::error::timeout;
  return error(late ? ErrorCode::Timeout : ErrorCode::Unavailable,
               fmt::format("cannot {} {}:{}: {}", what, request.url.host, request.url.port,
                           late ? fmt::format("no answer within {} ms", request.timeout.count())
                                : code.message()));
}

template <class Stream>
Task<Response> exchange(Stream& stream, const Request& request) {
  beast::http::request<beast::http::empty_body> message(beast::http::verb::get, request.url.target,
                                                        11);
  message.set(beast::http::field::host, request.url.host);
  message.set(beast::http::field::user_agent, "tidemill/" TIDEMILL_VERSION);
  message.set(beast::http::field::accept, "application/json");
  message.set(beast::http::field::connection, "close");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  const auto [write_error, written] = co_await beast::http::async_write(stream, message, kWait);
  if (write_error) co_return failed(request, "send to", write_error);

  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(request.bytes_max);
  parser.header_limit(64 * 1024);
  const auto [read_error, got] = co_await beast::http::async_read(stream, buffer, parser, kWait);
  if (read_error == beast::http::error::body_limit) {
    co_return error(ErrorCode::TooLarge, fmt::format("the answer of {} exceeds bytes_max, {}",
                                                     request.url.host, request.bytes_max));
  }
  if (read_error) co_return failed(request, "read from", read_error);
  auto& answer = parser.get();
  Response response;
  response.status = static_cast<int>(answer.result_int());
  response.etag = answer[beast::http::field::etag];
  response.retry_after = answer[beast::http::field::retry_after];
  response.body = std::move(answer.body());
  co_return response;
}

Task<Response> run(const Request& request, asio::ssl::context& tls) {
  const auto executor = co_await asio::this_coro::executor;
  beast::tcp_stream connection(executor);
  connection.expires_after(request.timeout);
  tcp::resolver resolver(executor);
  const auto [resolve_error, endpoints] =
      co_await resolver.async_resolve(request.url.host, request.url.port, kWait);
  if (resolve_error) co_return failed(request, "resolve", resolve_error);
  const auto [connect_error, endpoint] = co_await connection.async_connect(endpoints, kWait);
  if (connect_error) co_return failed(request, "connect to", connect_error);
  if (!request.url.tls) co_return co_await exchange(connection, request);

  beast::ssl_stream<beast::tcp_stream> stream(std::move(connection), tls);
  if (SSL_set_tlsext_host_name(stream.native_handle(), request.url.host.c_str()) != 1) {
    co_return error(ErrorCode::Internal, "cannot set the name of the TLS server");
  }
  stream.set_verify_callback(asio::ssl::host_name_verification(request.url.host));
  const auto [tls_error] = co_await stream.async_handshake(asio::ssl::stream_base::client, kWait);
  if (tls_error) co_return failed(request, "speak TLS with", tls_error);
  co_return co_await exchange(stream, request);
}

}  // namespace

Result<Url> parse_url(const std::string& text) {
  Url url;
  std::string_view rest = text;
  const auto wrong = [&](std::string_view why) {
    return error(ErrorCode::InvalidArgument, fmt::format("url '{}' {}", text, why));
  };
  if (rest.starts_with("https://")) {
    url.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return wrong("must begin with http:// or https://");
  }
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  url.target = rest.substr(slash);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) {
    return wrong("must not hold a user; use header.authorization");
  }
  url.port = url.tls ? "443" : "80";
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  url.host = authority;
  if (url.host.empty()) return wrong("has no host");
  if (url.port.empty() || url.port.find_first_not_of("0123456789") != std::string::npos) {
    return wrong("has a port that is no number");
  }
  if (text.find_first_of(" \t\r\n") != std::string::npos) return wrong("has white space");
  return url;
}

Result<Response> get(const Request& request, std::stop_token stop) {
  asio::io_context context(1);
  asio::ssl::context tls(asio::ssl::context::tls_client);
  if (request.url.tls) {
    boost::system::error_code code;
    if (request.ca_file.empty()) {
      tls.set_default_verify_paths(code);
    } else {
      tls.load_verify_file(request.ca_file, code);
    }
    if (code) {
      return error(ErrorCode::InvalidArgument, fmt::format("certificates '{}' cannot be read: {}",
                                                           request.ca_file, code.message()));
    }
    tls.set_verify_mode(asio::ssl::verify_peer);
  }
  std::optional<Result<Response>> outcome;
  const auto done = [&](const std::exception_ptr& thrown, Result<Response> result) {
    if (thrown == nullptr) outcome = std::move(result);
  };
  asio::co_spawn(context, run(request, tls), done);
  const std::stop_callback cancel(stop, [&] { context.stop(); });
  // The resolver has no deadline of its own; the context has one for all of it.
  context.run_for(request.timeout + std::chrono::seconds(1));
  if (outcome) return std::move(*outcome);
  if (stop.stop_requested()) return error(ErrorCode::Cancelled, "stopped while waiting for HTTP");
  return error(ErrorCode::Timeout, fmt::format("no answer from {} within {} ms", request.url.host,
                                               request.timeout.count()));
}

}  // namespace tidemill::connect::http

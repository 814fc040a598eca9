// SPDX-License-Identifier: Apache-2.0
#include "cli/client.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace tidemill::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::uint64_t kAnswerMax = 256 * 1024 * 1024;

struct Address {
  std::string host;
  std::string port = "80";
};

Result<Address> parse_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return error(ErrorCode::InvalidArgument, fmt::format("url '{}' must start with http://", url));
  }
  std::string_view rest = url.substr(kScheme.size());
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) return Address{.host = std::string(rest)};
  return Address{.host = std::string(rest.substr(0, colon)),
                 .port = std::string(rest.substr(colon + 1))};
}

ErrorCode code_named(std::string_view name) {
  static constexpr std::array kCodes = {
      ErrorCode::InvalidArgument, ErrorCode::NotFound,    ErrorCode::AlreadyExists,
      ErrorCode::Denied,          ErrorCode::Conflict,    ErrorCode::Corrupt,
      ErrorCode::TooLarge,        ErrorCode::Exhausted,   ErrorCode::Timeout,
      ErrorCode::Cancelled,       ErrorCode::Unavailable, ErrorCode::NotLeader,
      ErrorCode::Unsupported,     ErrorCode::Io};
  for (const auto code : kCodes) {
    if (name_of(code) == name) return code;
  }
  return ErrorCode::Internal;
}

Error unreachable(const std::string& url, const std::string& why) {
  return error(ErrorCode::Unavailable, fmt::format("no instance answers at {}: {}", url, why))
      .with_hint("start one with `tidemill up`, or name its address with --url or TIDEMILL_URL");
}

}  // namespace

Result<Json> Client::call(std::string_view method, const std::string& path,
                          const Json* body) const {
  const Address address = TRY(parse_url(url_));
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(method);
  request.target(path);
  request.set(http::field::host, address.host + ":" + address.port);
  request.set(http::field::user_agent, "tidemill-cli");
  if (body != nullptr) {
    request.set(http::field::content_type, "application/json");
    request.body() = body->dump();
  }
  request.prepare_payload();
  try {
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);
    beast::tcp_stream stream(context);
    stream.connect(resolver.resolve(address.host, address.port));
    http::write(stream, request);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kAnswerMax);
    http::read(stream, buffer, parser);
    const auto& response = parser.get();
    if (response.result_int() == 204) return Json(nullptr);
    Json answer = Json::parse(response.body(), nullptr, false);
    if (response.result_int() < 400 || (path == "/api/v1/health" && answer.is_object())) {
      if (!answer.is_discarded()) return answer;
    } else if (answer.is_object() && answer.contains("error")) {
      const Json& failure = answer["error"];
      return error(code_named(failure.value("code", "internal")), failure.value("message", ""))
          .with_hint(failure.value("hint", ""));
    }
    return error(ErrorCode::Internal, fmt::format("{} answered {} with what is no JSON of ours",
                                                  url_, response.result_int()));
  } catch (const boost::system::system_error& e) {
    return unreachable(url_, e.code().message());
  }
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace tidemill::cli

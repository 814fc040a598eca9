// SPDX-License-Identifier: Apache-2.0
#include "broker/api/login.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "broker/api/request_context.h"
#include "broker/api/response_slot.h"
#include "runtime/log.h"

namespace tidemill::broker::api {

using wire::kafka::ApiKey;

namespace {

// connection.failed.authentication.delay.ms: guessing is slow.
constexpr std::chrono::milliseconds kFailureDelay{100};

// PLAIN (RFC 4616): [authorization id] NUL name NUL password.
Task<std::string> check_plain(RequestContext& context, Bytes token) {
  const std::string text(as_text(token));
  const auto first = text.find('\0');
  const auto second = first == std::string::npos ? first : text.find('\0', first + 1);
  if (second == std::string::npos || text.find('\0', second + 1) != std::string::npos) {
    co_return error(ErrorCode::Denied,
                    "Invalid SASL/PLAIN response: expected 3 tokens separated by NUL");
  }
  const std::string acts_for = text.substr(0, first);
  std::string name = text.substr(first + 1, second - first - 1);
  std::string password = text.substr(second + 1);
  if (!acts_for.empty() && acts_for != name) {
    co_return error(ErrorCode::Denied,
                    "Authentication failed: Client requested an authorization id that is "
                    "different from username");
  }
  auto check = [users = context.services.users, name, password = std::move(password)] {
    return users->check_password(name, password);
  };
  const Result<> checked = co_await run_blocking(context.services.blocking, std::move(check));
  if (!checked.ok()) {
    co_return error(ErrorCode::Denied, "Authentication failed: Invalid username or password");
  }
  co_return name;
}

Task<Bytes> next_step(RequestContext& context, Bytes token) {
  Login& login = context.login;
  if (login.scram == nullptr) {
    login.user = CO_TRY(co_await check_plain(context, std::move(token)));
    login.step = Login::Step::Done;
    co_return Bytes{};
  }
  auto answer = login.scram->answer(as_text(token));
  if (!answer.ok()) {
    co_return error(ErrorCode::Denied,
                    fmt::format("{} {}", answer.error().message, login.mechanism));
  }
  if (login.scram->done()) {
    login.user = login.scram->user();
    login.step = Login::Step::Done;
  }
  const BytesView bytes = as_bytes(*answer);
  co_return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

bool allowed_before_login(ApiKey key) {
  return key == ApiKey::ApiVersions || key == ApiKey::SaslHandshake ||
         key == ApiKey::SaslAuthenticate;
}

Task<Bytes> answer_token(RequestContext& context, Bytes token) {
  auto answer = co_await next_step(context, std::move(token));
  if (context.login.step == Login::Step::Done) {
    log_debug("broker.server", "client of {} logged in as '{}' by {}", context.client_host,
              context.login.user, context.login.mechanism);
  }
  if (!answer.ok()) {
    context.login.step = Login::Step::Refused;
    log_info("broker.server", "login of a client of {} by {} refused: {}", context.client_host,
             context.login.mechanism, answer.error().message);
    asio::steady_timer delay(context.executor, kFailureDelay);
    co_await delay.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_return answer;
}

Task<> serve_raw_token(RequestContext& context, BytesView token,
                       std::shared_ptr<ResponseSlot> slot) {
  const auto answer = co_await answer_token(context, Bytes(token.begin(), token.end()));
  if (!answer.ok()) {
    slot->close(answer.error());
    co_return Result<>{};
  }
  wire::kafka::Encoded frame;
  ByteWriter out(frame.bytes);
  out.i32be(static_cast<std::int32_t>(answer->size()));
  out.bytes(*answer);
  slot->answer(std::move(frame));
  co_return Result<>{};
}

}  // namespace tidemill::broker::api

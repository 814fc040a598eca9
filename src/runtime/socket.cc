// SPDX-License-Identifier: Apache-2.0
#include "runtime/socket.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace tidemill {
namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::chrono::milliseconds kGoodbyeLimit{500};

// Called after each piece of a long transfer.
auto watch(std::size_t& moved) {
  return [&moved](const boost::system::error_code& failure, std::size_t total) {
    moved = total;
    return failure ? std::size_t{0} : kPieceBytes;
  };
}

}  // namespace

struct Socket::Tls {
  asio::ssl::stream<asio::ip::tcp::socket> stream;
};

Socket::Socket(asio::ip::tcp::socket plain, const TlsContext* tls) {
  if (tls != nullptr) {
    tls_ = std::make_unique<Tls>(
        asio::ssl::stream<asio::ip::tcp::socket>(std::move(plain), tls->context()));
  } else {
    plain_ = std::make_unique<asio::ip::tcp::socket>(std::move(plain));
  }
}

Socket::Socket(Socket&&) noexcept = default;
Socket::~Socket() = default;

asio::ip::tcp::socket& Socket::tcp() const {
  return tls_ ? tls_->stream.next_layer() : *plain_;
}

Task<> Socket::handshake() {
  if (!tls_) co_return Result<>{};
  const auto [failure] =
      co_await tls_->stream.async_handshake(asio::ssl::stream_base::server, kDone);
  if (failure) co_return error(ErrorCode::Denied, "TLS handshake failed: " + failure.message());
  co_return Result<>{};
}

asio::awaitable<Socket::Moved> Socket::read_some(asio::mutable_buffer into) {
  return tls_ ? tls_->stream.async_read_some(into, kDone) : plain_->async_read_some(into, kDone);
}

asio::awaitable<Socket::Moved> Socket::read(asio::mutable_buffer into, std::size_t& moved) {
  return tls_ ? asio::async_read(tls_->stream, into, watch(moved), kDone)
              : asio::async_read(*plain_, into, watch(moved), kDone);
}

asio::awaitable<Socket::Moved> Socket::write(std::span<const asio::const_buffer> from,
                                             std::size_t& moved) {
  return tls_ ? asio::async_write(tls_->stream, from, watch(moved), kDone)
              : asio::async_write(*plain_, from, watch(moved), kDone);
}

Task<> Socket::say_goodbye() {
  if (!tls_ || !is_open()) co_return Result<>{};
  // Most clients answer by closing; one that does not is not waited for.
  asio::steady_timer limit(co_await asio::this_coro::executor, kGoodbyeLimit);
  co_await asio::experimental::awaitable_operators::operator||(tls_->stream.async_shutdown(kDone),
                                                               limit.async_wait(kDone));
  co_return Result<>{};
}

void Socket::stop_receiving() {
  boost::system::error_code ignored;
  tcp().shutdown(asio::ip::tcp::socket::shutdown_receive, ignored);
}

void Socket::close() {
  boost::system::error_code ignored;
  tcp().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  tcp().close(ignored);
}

}  // namespace tidemill

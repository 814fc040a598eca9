// SPDX-License-Identifier: Apache-2.0
// One client's TCP socket, with TLS over it where the listener has a certificate.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <span>
#include <tuple>

#include "runtime/task.h"
#include "runtime/tls.h"

namespace tidemill {

// Thread: the executor's only; one read and one write at a time.
class Socket {
 public:
  using Moved = std::tuple<boost::system::error_code, std::size_t>;

  // Without a TLS context the bytes go as they are.
  Socket(asio::ip::tcp::socket plain, const TlsContext* tls);
  Socket(Socket&&) noexcept;
  ~Socket();

  // To be done before anything is read or written. Nothing happens without TLS.
  Task<> handshake();
  asio::awaitable<Moved> read_some(asio::mutable_buffer into);
  // All of it; `moved` grows with every piece, for whoever watches for progress. Neither it nor
  // the buffers may go before the end.
  asio::awaitable<Moved> read(asio::mutable_buffer into, std::size_t& moved);
  asio::awaitable<Moved> write(std::span<const asio::const_buffer> from, std::size_t& moved);
  // Tells a TLS client that nothing was cut off. Only once nobody reads or writes.
  Task<> say_goodbye();

  bool is_open() const { return tcp().is_open(); }
  bool has_tls() const { return tls_ != nullptr; }
  asio::any_io_executor executor() { return tcp().get_executor(); }
  // Reads end as if the client had said its last word; writes go on.
  void stop_receiving();
  void close();

 private:
  struct Tls;
  asio::ip::tcp::socket& tcp() const;

  // One of the two.
  std::unique_ptr<asio::ip::tcp::socket> plain_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace tidemill

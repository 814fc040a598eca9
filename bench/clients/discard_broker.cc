// SPDX-License-Identifier: Apache-2.0
// A Kafka server that answers Produce at once and keeps nothing: what a client reaches against it
// is the client's own limit. Prints its port, runs until it is killed. ApiVersions v0, Metadata v1,
// Produce v3, by hand.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kFrameMax = 128 * 1024 * 1024;
constexpr int kPartitions = 4;
constexpr std::int16_t kUnsupportedVersion = 35;

struct Writer {
  std::string bytes;
  template <class T>
  void number(T value) {
    for (int shift = (static_cast<int>(sizeof(T)) - 1) * 8; shift >= 0; shift -= 8) {
      bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xFF);
    }
  }
  void text(std::string_view value) {
    number(static_cast<std::int16_t>(value.size()));
    bytes += value;
  }
};

struct Reader {
  std::string_view rest;
  bool bad = false;
  template <class T>
  T number() {
    if (rest.size() < sizeof(T)) {
      bad = true;
      rest = {};
      return T{};
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = value << 8 | static_cast<unsigned char>(rest[i]);
    rest.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }
  std::string_view skip(std::int64_t count) {
    if (count < 0) return {};
    if (static_cast<std::uint64_t>(count) > rest.size()) {
      bad = true;
      rest = {};
      return {};
    }
    const auto taken = rest.substr(0, static_cast<std::size_t>(count));
    rest.remove_prefix(taken.size());
    return taken;
  }
  std::string_view text() { return skip(number<std::int16_t>()); }
};

void api_versions(Writer& out, bool supported) {
  out.number(supported ? std::int16_t{0} : kUnsupportedVersion);
  struct Range {
    std::int16_t key, from, to;
  };
  // Fetch is named because librdkafka takes its absence for a broker without record batches v2.
  constexpr Range kRanges[] = {{0, 3, 3}, {1, 4, 4}, {3, 1, 1}, {18, 0, 0}};
  out.number(static_cast<std::int32_t>(std::size(kRanges)));
  for (const auto& range : kRanges) {
    out.number(range.key);
    out.number(range.from);
    out.number(range.to);
  }
}

void metadata(Reader& in, Writer& out, std::uint16_t port) {
  out.number(std::int32_t{1});  // brokers
  out.number(std::int32_t{0});
  out.text("127.0.0.1");
  out.number(std::int32_t{port});
  out.number(std::int16_t{-1});  // rack
  out.number(std::int32_t{0});   // controller
  const auto topics = std::max(std::int32_t{0}, in.number<std::int32_t>());
  out.number(topics);
  for (std::int32_t i = 0; i < topics && !in.bad; ++i) {
    out.number(std::int16_t{0});
    out.text(in.text());
    out.number(std::int8_t{0});
    out.number(std::int32_t{kPartitions});
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      out.number(std::int16_t{0});
      out.number(p);
      for (const std::int32_t value : {0, 1, 0, 1, 0})
        out.number(value);  // leader, replicas, in sync
    }
  }
}

// Whether the client wants an answer.
bool produce(Reader& in, Writer& out) {
  in.text();  // transactional id
  const auto acks = in.number<std::int16_t>();
  in.number<std::int32_t>();  // timeout
  const auto topics = in.number<std::int32_t>();
  out.number(topics);
  for (std::int32_t i = 0; i < topics && !in.bad; ++i) {
    out.text(in.text());
    const auto partitions = in.number<std::int32_t>();
    out.number(partitions);
    for (std::int32_t p = 0; p < partitions && !in.bad; ++p) {
      out.number(in.number<std::int32_t>());
      in.skip(in.number<std::int32_t>());
      out.number(std::int16_t{0});
      out.number(std::int64_t{0});
      out.number(std::int64_t{-1});
    }
  }
  out.number(std::int32_t{0});  // throttle
  return acks != 0;
}

// The answer's frame; false: close the connection.
bool answer(std::string_view frame, std::uint16_t port, std::string& out) {
  Reader in{.rest = frame};
  const auto key = in.number<std::int16_t>();
  const auto version = in.number<std::int16_t>();
  Writer writer;
  writer.number(std::int32_t{0});  // length, later
  writer.number(in.number<std::int32_t>());
  in.text();  // client id
  bool wanted = true;
  if (key == 18) {
    api_versions(writer, version == 0);
  } else if (key == 3 && version == 1) {
    metadata(in, writer, port);
  } else if (key == 0 && version == 3) {
    wanted = produce(in, writer);
  } else {
    return false;
  }
  if (in.bad) return false;
  Writer length;
  length.number(static_cast<std::int32_t>(writer.bytes.size() - 4));
  writer.bytes.replace(0, 4, length.bytes);
  if (wanted) out += writer.bytes;
  return true;
}

struct Connection {
  std::string in;
  std::size_t filled = 0;
};

// False: the connection is over.
bool serve(int socket, Connection& connection, std::uint16_t port) {
  if (connection.in.size() - connection.filled < 256 * 1024)
    connection.in.resize(connection.in.size() + 1024 * 1024);
  const auto got = ::recv(socket, connection.in.data() + connection.filled,
                          connection.in.size() - connection.filled, 0);
  if (got <= 0) return false;
  connection.filled += static_cast<std::size_t>(got);
  std::string out;
  std::size_t at = 0;
  while (connection.filled - at >= 4) {
    Reader head{.rest = std::string_view(connection.in).substr(at, 4)};
    const auto size = static_cast<std::size_t>(head.number<std::uint32_t>());
    if (size > kFrameMax) return false;
    if (connection.filled - at < 4 + size) break;
    if (!answer(std::string_view(connection.in).substr(at + 4, size), port, out)) return false;
    at += 4 + size;
  }
  std::memmove(connection.in.data(), connection.in.data() + at, connection.filled - at);
  connection.filled -= at;
  return ::send(socket, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
}

}  // namespace

int main() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  void* where = &address;
  socklen_t size = sizeof address;
  if (::bind(listener, static_cast<sockaddr*>(where), size) != 0 || ::listen(listener, 64) != 0 ||
      ::getsockname(listener, static_cast<sockaddr*>(where), &size) != 0) {
    std::fprintf(stderr, "error: cannot listen\n");
    return 1;
  }
  const std::uint16_t port = ntohs(address.sin_port);
  std::printf("%d\n", port);
  std::fflush(stdout);
  std::vector<pollfd> polled = {{.fd = listener, .events = POLLIN, .revents = 0}};
  std::map<int, Connection> connections;
  while (::poll(polled.data(), polled.size(), -1) >= 0) {
    for (std::size_t i = polled.size(); i-- > 1;) {
      if (polled[i].revents == 0) continue;
      const int socket = polled[i].fd;
      if (serve(socket, connections[socket], port)) continue;
      ::close(socket);
      connections.erase(socket);
      polled.erase(polled.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (polled[0].revents != 0) {
      const int socket = ::accept(listener, nullptr, nullptr);
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (socket >= 0) polled.push_back({.fd = socket, .events = POLLIN, .revents = 0});
    }
  }
  return 1;
}

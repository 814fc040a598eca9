// SPDX-License-Identifier: Apache-2.0
#include "cql_connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace tidemill::bench {
namespace {

constexpr std::uint8_t kStartup = 0x01;
constexpr std::uint8_t kQuery = 0x07;
constexpr std::uint8_t kPrepare = 0x09;
constexpr std::uint8_t kExecute = 0x0A;
constexpr std::size_t kHeader = 9;
constexpr std::uint8_t kWithValuesSkipMetadata = 0x01 | 0x02;

}  // namespace

void give_up(std::string_view what) {
  std::fprintf(stderr, "error: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

void append_int(std::string& out, std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 0xFF);
}

void append_short(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xFF);
}

void append_bytes(std::string& out, std::string_view value) {
  append_int(out, static_cast<std::int32_t>(value.size()));
  out += value;
}

std::int32_t int_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int32_t>(value);
}

CqlConnection::CqlConnection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const void* where = &address;
  if (::connect(socket_, static_cast<const sockaddr*>(where), sizeof address) != 0) {
    give_up("cannot connect to port " + std::to_string(port));
  }
  std::string body;
  append_short(body, 1);
  for (const std::string_view word : {"CQL_VERSION", "3.0.0"}) {
    append_short(body, static_cast<std::uint16_t>(word.size()));
    body += word;
  }
  frame(0, kStartup, body);
  send();
  receive();
}

CqlConnection::~CqlConnection() {
  ::close(socket_);
}

void CqlConnection::frame(std::uint16_t stream, std::uint8_t opcode, std::string_view body) {
  out_ += '\x04';
  out_ += '\0';
  append_short(out_, stream);
  out_ += static_cast<char>(opcode);
  append_bytes(out_, body);
}

void CqlConnection::query(std::string_view text) {
  std::string body;
  append_bytes(body, text);
  append_short(body, 1);  // consistency ONE
  body += '\0';
  frame(0, kQuery, body);
  send();
  receive();
}

std::string CqlConnection::prepare(std::string_view text) {
  std::string body;
  append_bytes(body, text);
  frame(0, kPrepare, body);
  send();
  const Answer answer = receive();
  const auto size = static_cast<std::size_t>(static_cast<unsigned char>(answer.body[4])) << 8 |
                    static_cast<unsigned char>(answer.body[5]);
  return std::string(answer.body.substr(6, size));
}

void CqlConnection::execute(std::uint16_t stream, std::string_view id, std::uint16_t count,
                            std::string_view values) {
  out_ += '\x04';
  out_ += '\0';
  append_short(out_, stream);
  out_ += static_cast<char>(kExecute);
  append_int(out_, static_cast<std::int32_t>(2 + id.size() + 2 + 1 + 2 + values.size()));
  append_short(out_, static_cast<std::uint16_t>(id.size()));
  out_ += id;
  append_short(out_, 1);  // consistency ONE
  out_ += static_cast<char>(kWithValuesSkipMetadata);
  append_short(out_, count);
  out_ += values;
}

void CqlConnection::send() {
  for (std::size_t sent = 0; sent < out_.size();) {
    const auto now = ::send(socket_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) give_up("the server closed the connection");
    sent += static_cast<std::size_t>(now);
  }
  out_.clear();
}

bool CqlConnection::has_answer() const {
  const std::string_view rest = std::string_view(in_).substr(read_);
  return rest.size() >= kHeader &&
         rest.size() >= kHeader + static_cast<std::size_t>(int_at(rest, 5));
}

CqlConnection::Answer CqlConnection::receive() {
  if (read_ > 0 && !has_answer()) {
    in_.erase(0, read_);
    read_ = 0;
  }
  while (!has_answer()) {
    const auto before = in_.size();
    in_.resize(before + 64 * 1024);
    const auto got = ::recv(socket_, in_.data() + before, 64 * 1024, 0);
    if (got <= 0) give_up("the server closed the connection");
    in_.resize(before + static_cast<std::size_t>(got));
  }
  const std::string_view rest = std::string_view(in_).substr(read_);
  const auto length = static_cast<std::size_t>(int_at(rest, 5));
  const Answer answer{
      .stream = static_cast<std::uint16_t>(static_cast<unsigned char>(rest[2]) << 8 |
                                           static_cast<unsigned char>(rest[3])),
      .opcode = static_cast<std::uint8_t>(rest[4]),
      .body = rest.substr(kHeader, length)};
  read_ += kHeader + length;
  if (answer.opcode == 0) give_up("the server answered: " + std::string(answer.body.substr(6)));
  return answer;
}

}  // namespace tidemill::bench

// SPDX-License-Identifier: Apache-2.0
// The little of CQL v4 that a load generator needs, by hand, so that the client is not what is
// measured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemill::bench {

// Ends the program with the text.
[[noreturn]] void give_up(std::string_view what);

class CqlConnection {
 public:
  explicit CqlConnection(int port);
  ~CqlConnection();
  CqlConnection(const CqlConnection&) = delete;
  CqlConnection& operator=(const CqlConnection&) = delete;

  void query(std::string_view text);           // waits for its answer
  std::string prepare(std::string_view text);  // the statement's id

  // Adds an EXECUTE to what send() sends; values: each a [bytes] of the protocol, ready made.
  void execute(std::uint16_t stream, std::string_view id, std::uint16_t count,
               std::string_view values);
  void send();

  struct Answer {
    std::uint16_t stream = 0;
    std::uint8_t opcode = 0;
    std::string_view body;  // valid until the next call
  };
  // Waits for the next; an ERROR ends the program with its text.
  Answer receive();
  // Whether receive() would return without asking the socket.
  bool has_answer() const;

 private:
  void frame(std::uint16_t stream, std::uint8_t opcode, std::string_view body);

  int socket_ = -1;
  std::string out_;
  std::string in_;
  std::size_t read_ = 0;
};

void append_int(std::string& out, std::int32_t value);
void append_short(std::string& out, std::uint16_t value);
void append_bytes(std::string& out, std::string_view value);  // [bytes]: length, then the bytes
std::int32_t int_at(std::string_view bytes, std::size_t at);

}  // namespace tidemill::bench

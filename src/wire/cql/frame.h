// SPDX-License-Identifier: Apache-2.0
// The envelope around each message, the same in protocol v3, v4 and v5:
//   frame  := version:u8 flags:u8 stream:i16be opcode:u8 length:u32be body[length]
// version has its top bit set in answers. Segments of v5 around envelopes: segment.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "wire/cql/error.h"

namespace tidemill::wire::cql {

constexpr int kLowestVersion = 3;
constexpr int kHighestVersion = 5;
constexpr std::size_t kHeaderBytes = 9;

enum class Opcode : std::uint8_t {
  Error = 0x00,
  Startup = 0x01,
  Ready = 0x02,
  Authenticate = 0x03,
  Options = 0x05,
  Supported = 0x06,
  Query = 0x07,
  Result = 0x08,
  Prepare = 0x09,
  Execute = 0x0A,
  Register = 0x0B,
  Event = 0x0C,
  Batch = 0x0D,
  AuthChallenge = 0x0E,
  AuthResponse = 0x0F,
  AuthSuccess = 0x10,
};

// "QUERY"; empty for a number that is no opcode.
std::string_view name_of(Opcode opcode);

namespace frame_flag {
constexpr std::uint8_t kCompressed = 0x01;
constexpr std::uint8_t kTracing = 0x02;
constexpr std::uint8_t kCustomPayload = 0x04;
constexpr std::uint8_t kWarning = 0x08;
constexpr std::uint8_t kUseBeta = 0x10;
}  // namespace frame_flag

struct FrameHeader {
  std::uint8_t version = 4;  // without the direction bit
  bool response = false;
  std::uint8_t flags = 0;
  std::int16_t stream = 0;
  std::uint8_t opcode = 0;
  std::uint32_t length = 0;
};

// Reads a header of kHeaderBytes; judges nothing but the size.
FrameHeader read_header(const std::uint8_t* from);

// Whether the version byte of a request may be served, else the refusal that drivers search for
// words in. `use_beta` is the flag of the same header.
Outcome<> check_version(int version, bool use_beta);
// Drivers of v1 and v2 use a header of 8 bytes and cannot read a later one: their refusal is
// encoded in their own version.
Bytes encode_old_refusal(std::uint8_t version, std::int8_t stream);

// Starts a frame in `out`; finish_frame writes the length once the body is there.
std::size_t begin_frame(ByteWriter& out, int version, std::int16_t stream, Opcode opcode,
                        std::uint8_t flags = 0, bool response = true);
void finish_frame(ByteWriter& out, std::size_t begun_at);

}  // namespace tidemill::wire::cql

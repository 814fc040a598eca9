// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/frame.h"

#include <fmt/format.h>

namespace tidemill::wire::cql {

std::string_view name_of(Opcode opcode) {
  switch (opcode) {
    case Opcode::Error:
      return "ERROR";
    case Opcode::Startup:
      return "STARTUP";
    case Opcode::Ready:
      return "READY";
    case Opcode::Authenticate:
      return "AUTHENTICATE";
    case Opcode::Options:
      return "OPTIONS";
    case Opcode::Supported:
      return "SUPPORTED";
    case Opcode::Query:
      return "QUERY";
    case Opcode::Result:
      return "RESULT";
    case Opcode::Prepare:
      return "PREPARE";
    case Opcode::Execute:
      return "EXECUTE";
    case Opcode::Register:
      return "REGISTER";
    case Opcode::Event:
      return "EVENT";
    case Opcode::Batch:
      return "BATCH";
    case Opcode::AuthChallenge:
      return "AUTH_CHALLENGE";
    case Opcode::AuthResponse:
      return "AUTH_RESPONSE";
    case Opcode::AuthSuccess:
      return "AUTH_SUCCESS";
  }
  return {};
}

FrameHeader read_header(const std::uint8_t* from) {
  FrameHeader header;
  header.version = from[0] & 0x7F;
  header.response = (from[0] & 0x80) != 0;
  header.flags = from[1];
  header.stream = load_be<std::int16_t>(from + 2);
  header.opcode = from[4];
  header.length = load_be<std::uint32_t>(from + 5);
  return header;
}

namespace {
std::string refusal(int version) {
  return fmt::format(
      "Invalid or unsupported protocol version ({}); supported versions are (3/v3, 4/v4, 5/v5, "
      "6/v6-beta)",
      version);
}
}  // namespace

Outcome<> check_version(int version, bool use_beta) {
  if (version >= kLowestVersion && version <= kHighestVersion) return {};
  if (version == 6 && !use_beta) {
    return protocol_error(
        "Beta version of the protocol used (6/v6-beta), but USE_BETA flag is unset");
  }
  return protocol_error(refusal(version));
}

Bytes encode_old_refusal(std::uint8_t version, std::int8_t stream) {
  const std::string text = refusal(version);
  ByteWriter out;
  out.u8(0x80 | version);
  out.u8(0);
  out.i8(stream);
  out.u8(static_cast<std::uint8_t>(Opcode::Error));
  out.u32be(static_cast<std::uint32_t>(6 + text.size()));
  out.u32be(static_cast<std::uint32_t>(CqlErrorCode::ProtocolError));
  out.u16be(static_cast<std::uint16_t>(text.size()));
  out.text(text);
  return out.take();
}

std::size_t begin_frame(ByteWriter& out, int version, std::int16_t stream, Opcode opcode,
                        std::uint8_t flags, bool response) {
  const std::size_t at = out.size();
  out.u8(static_cast<std::uint8_t>(version | (response ? 0x80 : 0)));
  out.u8(flags);
  out.i16be(stream);
  out.u8(static_cast<std::uint8_t>(opcode));
  out.u32be(0);
  return at;
}

void finish_frame(ByteWriter& out, std::size_t begun_at) {
  const std::size_t length = out.size() - begun_at - kHeaderBytes;
  out.patch_i32be(begun_at + 5, static_cast<std::int32_t>(length));
}

}  // namespace tidemill::wire::cql

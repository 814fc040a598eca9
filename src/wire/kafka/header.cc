// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/header.h"

#include <fmt/core.h>

namespace tidemill::wire::kafka {
namespace {

// The encoded size counts record batches that the buffer only refers to; reserving for those would
// cost a copy's worth of memory for nothing.
constexpr std::size_t kReserveBytesMax = 64 << 10;

}  // namespace

Result<RequestHeader> decode_request_header(ByteReader& in) {
  RequestHeader header;
  header.api_key = TRY(in.i16be().context("request header field api_key"));
  header.api_version = TRY(in.i16be().context("request header field api_version"));
  header.correlation_id = TRY(in.i32be().context("request header field correlation_id"));
  const std::int16_t length = TRY(in.i16be().context("request header field client_id"));
  if (length < -1) {
    return error(ErrorCode::Corrupt,
                 fmt::format("request header field client_id has length {}", length));
  }
  if (length >= 0) {
    header.client_id = std::string(
        TRY(in.text(static_cast<std::size_t>(length)).context("request header field client_id")));
  }
  return header;
}

Result<> skip_tags(ByteReader& in) {
  const std::uint32_t count = TRY(in.uvarint32());
  for (std::uint32_t i = 0; i < count; ++i) {
    TRY(in.uvarint32());
    const std::uint32_t size = TRY(in.uvarint32());
    TRY(in.skip(size));
  }
  return {};
}

void begin_request_frame(const RequestHeader& header, bool flexible, std::size_t body_size,
                         Encoded& out) {
  const std::size_t header_size =
      10 + (header.client_id ? header.client_id->size() : 0) + (flexible ? 1 : 0);
  out.bytes.reserve(4 + header_size + std::min(body_size, kReserveBytesMax));
  ByteWriter writer(out.bytes);
  writer.i32be(static_cast<std::int32_t>(header_size + body_size));
  writer.i16be(header.api_key);
  writer.i16be(header.api_version);
  writer.i32be(header.correlation_id);
  writer.i16be(header.client_id ? static_cast<std::int16_t>(header.client_id->size())
                                : std::int16_t{-1});
  if (header.client_id) writer.text(*header.client_id);
  if (flexible) writer.u8(0);
}

void begin_response_frame(std::int32_t correlation_id, bool header_tags, std::size_t body_size,
                          Encoded& out) {
  const std::size_t header_size = header_tags ? 5 : 4;
  out.bytes.reserve(4 + header_size + std::min(body_size, kReserveBytesMax));
  ByteWriter writer(out.bytes);
  writer.i32be(static_cast<std::int32_t>(header_size + body_size));
  writer.i32be(correlation_id);
  if (header_tags) writer.u8(0);
}

Result<BytesView> open_response(BytesView frame, std::int32_t correlation_id, bool header_tags) {
  ByteReader in(frame);
  const std::int32_t answered = TRY(in.i32be());
  if (answered != correlation_id) {
    return error(ErrorCode::Corrupt,
                 fmt::format("response has correlation id {}, the request had {}", answered,
                             correlation_id));
  }
  if (header_tags) TRY(skip_tags(in));
  return in.rest();
}

}  // namespace tidemill::wire::kafka

// SPDX-License-Identifier: Apache-2.0
// Request and response headers, and the frame around them.
//
//   frame          := size:i32 header body
//   request header := api_key:i16 version:i16 correlation_id:i32 client_id:nullable_string tags?
//   response header:= correlation_id:i32 tags?
//
// The client id has the old two-byte length in every version. tags: flexible versions, except in
// responses to ApiVersions, whose asker cannot know yet what the broker speaks.
#pragma once

#include <optional>
#include <string>

#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct RequestHeader {
  std::int16_t api_key = 0;
  std::int16_t api_version = 0;
  std::int32_t correlation_id = 0;
  std::optional<std::string> client_id;
};

// Reads the part that all request headers share; leaves `in` behind the client id.
Result<RequestHeader> decode_request_header(ByteReader& in);
// Steps over tagged fields that nobody reads.
Result<> skip_tags(ByteReader& in);

// A whole frame, its size in front.
template <class Request>
Encoded encode_request_frame(const RequestHeader& header, const Request& request);
template <class Response>
Encoded encode_response_frame(std::int32_t correlation_id, std::int16_t version,
                              const Response& response);

// Reads a response frame's content: checks the correlation id, then decodes the body.
template <class Response>
Result<Response> decode_response(BytesView frame, std::int32_t correlation_id,
                                 std::int16_t version);

void begin_request_frame(const RequestHeader& header, bool flexible, std::size_t body_size,
                         Encoded& out);
void begin_response_frame(std::int32_t correlation_id, bool header_tags, std::size_t body_size,
                          Encoded& out);
Result<BytesView> open_response(BytesView frame, std::int32_t correlation_id, bool header_tags);

constexpr bool response_header_has_tags(const MessageSpec& spec, std::int16_t version) {
  return spec.key != ApiKey::ApiVersions && spec.flexible(version);
}

template <class Request>
Encoded encode_request_frame(const RequestHeader& header, const Request& request) {
  Encoded out;
  begin_request_frame(header, Request::kSpec.flexible(header.api_version),
                      encoded_size(request, header.api_version), out);
  encode(request, header.api_version, out);
  return out;
}

template <class Response>
Encoded encode_response_frame(std::int32_t correlation_id, std::int16_t version,
                              const Response& response) {
  Encoded out;
  begin_response_frame(correlation_id, response_header_has_tags(Response::kSpec, version),
                       encoded_size(response, version), out);
  encode(response, version, out);
  return out;
}

template <class Response>
Result<Response> decode_response(BytesView frame, std::int32_t correlation_id,
                                 std::int16_t version) {
  const bool tags = response_header_has_tags(Response::kSpec, version);
  return decode<Response>(TRY(open_response(frame, correlation_id, tags)), version);
}

}  // namespace tidemill::wire::kafka

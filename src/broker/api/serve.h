// SPDX-License-Identifier: Apache-2.0
// Decode, act, encode: the same around every handler. A handler is
//
//   Task<XResponse> x(RequestContext& context, XRequest request);
//
// and answers what goes wrong with one topic or group in that item's error code. Failing as a whole
// closes the connection, as Kafka does for requests it cannot read.
#pragma once

#include <span>

#include "broker/api/request_context.h"
#include "broker/api/response_slot.h"

namespace tidemill::broker::api {

// `body` is valid, and the handler's to write to, until the task ends. An error closes the
// connection.
using Serve = Task<> (*)(RequestContext& context, std::span<std::uint8_t> body,
                         std::shared_ptr<ResponseSlot> slot);

template <class Handler>
struct HandlerTypes;
template <class Response, class Request>
struct HandlerTypes<Task<Response> (*)(RequestContext&, Request)> {
  using RequestType = Request;
  using ResponseType = Response;
};

template <auto handler>
Task<> serve(RequestContext& context, std::span<std::uint8_t> body,
             std::shared_ptr<ResponseSlot> slot) {
  using Request = typename HandlerTypes<decltype(handler)>::RequestType;
  const std::int16_t version = context.version();
  Request request = CO_TRY(wire::kafka::decode<Request>(body, version));
  const auto response = CO_TRY(co_await handler(context, std::move(request)));
  slot->answer(
      wire::kafka::encode_response_frame(context.header.correlation_id, version, response));
  co_return Result<>{};
}

}  // namespace tidemill::broker::api

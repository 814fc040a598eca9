// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/sasl_authenticate.h"

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::KafkaError;
using wire::kafka::SaslAuthenticateRequest;
using wire::kafka::SaslAuthenticateResponse;

Task<SaslAuthenticateResponse> sasl_authenticate(RequestContext& context,
                                                 SaslAuthenticateRequest request) {
  SaslAuthenticateResponse response;
  Login& login = context.login;
  if (login.step != Login::Step::Tokens) {
    response.error_code = KafkaError::IllegalSaslState;
    response.error_message = login.is_open()
                                 ? "SaslAuthenticate request received before SaslHandshake"
                                 : "SaslAuthenticate request received after successful "
                                   "authentication";
    if (login.is_open()) login.step = Login::Step::Refused;
    co_return response;
  }
  auto answer = co_await answer_token(context, std::move(request.auth_bytes));
  if (answer.ok()) {
    response.auth_bytes = *std::move(answer);
  } else {
    response.error_code = KafkaError::SaslAuthenticationFailed;
    response.error_message = answer.error().message;
  }
  co_return response;
}

}  // namespace tidemill::broker::api

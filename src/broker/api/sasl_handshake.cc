// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/sasl_handshake.h"

#include <algorithm>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::KafkaError;
using wire::kafka::SaslHandshakeRequest;
using wire::kafka::SaslHandshakeResponse;

Task<SaslHandshakeResponse> sasl_handshake(RequestContext& context, SaslHandshakeRequest request) {
  SaslHandshakeResponse response;
  Login& login = context.login;
  if (login.step != Login::Step::Wanted) {
    response.error_code = KafkaError::IllegalSaslState;
    if (login.is_open()) login.step = Login::Step::Refused;
    co_return response;
  }
  response.mechanisms = context.services.options.sasl_mechanisms;
  if (std::ranges::find(response.mechanisms, request.mechanism) == response.mechanisms.end()) {
    response.error_code = KafkaError::UnsupportedSaslMechanism;
    login.step = Login::Step::Refused;
    co_return response;
  }
  if (const auto scram = security::scram_mechanism_of(request.mechanism)) {
    login.scram = context.services.users->begin_exchange(*scram);
  }
  login.mechanism = std::move(request.mechanism);
  login.raw_tokens = context.version() == 0;
  login.step = Login::Step::Tokens;
  co_return response;
}

}  // namespace tidemill::broker::api

// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/end_txn.h"

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using embedded::ProducerIdentity;
using wire::kafka::EndTxnRequest;
using wire::kafka::EndTxnResponse;

Task<EndTxnResponse> end_txn(RequestContext& context, EndTxnRequest request) {
  EndTxnResponse response;
  if (!context.rights().transactional_id(security::AclOperation::Write, request.transactional_id)) {
    response.error_code = wire::kafka::KafkaError::TransactionalIdAuthorizationFailed;
    co_return response;
  }
  constexpr std::int16_t kBumpsEpochFrom = 5;  // KIP-890
  const bool bumps = context.version() >= kBumpsEpochFrom;
  auto start = [&](Completion<Result<ProducerIdentity>> done) {
    context.broker().transactions().end(
        {.transactional_id = std::move(request.transactional_id),
         .producer = {request.producer_id, request.producer_epoch},
         .commit = request.committed,
         .version = bumps ? embedded::TransactionVersion::V2 : embedded::TransactionVersion::V1},
        std::move(done));
  };
  const auto outcome = co_await completion_of<Result<ProducerIdentity>>(std::move(start));
  if (!outcome.ok()) {
    response.error_code = kafka_error_of(outcome.error());
  } else if (bumps) {
    response.producer_id = outcome->id;
    response.producer_epoch = outcome->epoch;
  }
  co_return response;
}

}  // namespace tidemill::broker::api

// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/add_offsets_to_txn.h"

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using wire::kafka::AddOffsetsToTxnRequest;
using wire::kafka::AddOffsetsToTxnResponse;
using wire::kafka::KafkaError;

Task<AddOffsetsToTxnResponse> add_offsets_to_txn(RequestContext& context,
                                                 AddOffsetsToTxnRequest request) {
  AddOffsetsToTxnResponse response;
  const security::Rights rights = context.rights();
  if (!rights.transactional_id(security::AclOperation::Write, request.transactional_id)) {
    response.error_code = KafkaError::TransactionalIdAuthorizationFailed;
    co_return response;
  }
  if (!rights.group(security::AclOperation::Read, request.group_id)) {
    response.error_code = KafkaError::GroupAuthorizationFailed;
    co_return response;
  }
  auto start = [&](Completion<Result<>> done) {
    context.broker().transactions().add_offsets(request.transactional_id,
                                                {request.producer_id, request.producer_epoch},
                                                request.group_id, std::move(done));
  };
  const Result<> outcome = co_await completion_of<Result<>>(std::move(start));
  if (!outcome.ok()) response.error_code = kafka_error_of(outcome.error());
  co_return response;
}

}  // namespace tidemill::broker::api

// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/init_producer_id.h"

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using embedded::ProducerIdentity;
using security::AclOperation;
using wire::kafka::InitProducerIdRequest;
using wire::kafka::InitProducerIdResponse;
using wire::kafka::KafkaError;

Task<InitProducerIdResponse> init_producer_id(RequestContext& context,
                                              InitProducerIdRequest request) {
  InitProducerIdResponse response;
  const security::Rights rights = context.rights();
  if (request.transactional_id) {
    if (!rights.transactional_id(AclOperation::Write, *request.transactional_id)) {
      response.error_code = KafkaError::TransactionalIdAuthorizationFailed;
    }
  } else if (!rights.cluster(AclOperation::IdempotentWrite) &&
             !rights.some_topic(AclOperation::Write)) {  // KIP-679
    response.error_code = KafkaError::ClusterAuthorizationFailed;
  }
  if (response.error_code != KafkaError::None) co_return response;
  const auto timeout = std::chrono::milliseconds(request.transaction_timeout_ms);
  const bool half = (request.producer_id == -1) != (request.producer_epoch == -1);
  if (half || (request.transactional_id && request.transactional_id->empty())) {
    response.error_code = KafkaError::InvalidRequest;
  } else if (request.transactional_id &&
             (timeout.count() <= 0 ||
              timeout > context.broker().options().transaction_timeout_max)) {
    response.error_code = KafkaError::InvalidTransactionTimeout;
  }
  if (response.error_code != KafkaError::None) co_return response;
  std::optional<ProducerIdentity> current;
  if (request.producer_id >= 0) current = {request.producer_id, request.producer_epoch};
  auto start = [&](Completion<Result<ProducerIdentity>> done) {
    context.broker().transactions().init_producer_id(std::move(request.transactional_id), timeout,
                                                     current, std::move(done));
  };
  const auto producer = co_await completion_of<Result<ProducerIdentity>>(std::move(start));
  if (producer.ok()) {
    response.producer_id = producer->id;
    response.producer_epoch = producer->epoch;
  } else {
    response.error_code = kafka_error_of(producer.error());
  }
  co_return response;
}

}  // namespace tidemill::broker::api

// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/add_partitions_to_txn.h"

#include "broker/api/handlers.h"
#include "broker/kafka_error_of.h"

namespace tidemill::broker::api {

using embedded::ProducerIdentity;
using security::AclOperation;
using wire::kafka::AddPartitionsToTxnRequest;
using wire::kafka::AddPartitionsToTxnResponse;
using wire::kafka::KafkaError;
using WantedTopics = std::vector<AddPartitionsToTxnRequest::Topic>;
using ShownTopics = std::vector<AddPartitionsToTxnResponse::Topic>;

namespace {

constexpr std::int16_t kSeveralFrom = 4;

// All partitions are added or none: one that does not exist keeps the others out.
ShownTopics show(RequestContext& context, const security::Rights& rights,
                 const WantedTopics& topics, std::vector<TopicPartition>& partitions,
                 bool& complete) {
  ShownTopics shown;
  for (const auto& topic : topics) {
    auto& one = shown.emplace_back();
    one.name = topic.name;
    // Only the coordinators themselves write there (AddOffsetsToTxn); Kafka's code for it.
    const bool internal =
        topic.name == embedded::kOffsetsTopic || topic.name == embedded::kTransactionsTopic;
    const bool allowed = !internal && rights.topic(AclOperation::Write, topic.name);
    for (const std::int32_t index : topic.partitions) {
      KafkaError wrong = KafkaError::None;
      if (!allowed) {
        wrong = KafkaError::TopicAuthorizationFailed;
      } else if (context.broker().find_partition(topic.name, index) == nullptr) {
        wrong = KafkaError::UnknownTopicOrPartition;
      }
      complete = complete && wrong == KafkaError::None;
      if (wrong == KafkaError::None) partitions.push_back({topic.name, index});
      one.partitions.push_back({.index = index, .error_code = wrong});
    }
  }
  return shown;
}

void settle(ShownTopics& topics, KafkaError code) {
  for (auto& topic : topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code == KafkaError::None) partition.error_code = code;
    }
  }
}

ShownTopics refuse(const WantedTopics& topics, KafkaError code) {
  ShownTopics shown;
  for (const auto& topic : topics) {
    auto& one = shown.emplace_back();
    one.name = topic.name;
    for (const std::int32_t index : topic.partitions) {
      one.partitions.push_back({.index = index, .error_code = code});
    }
  }
  return shown;
}

Task<ShownTopics> add(RequestContext& context, security::Rights rights,
                      AddPartitionsToTxnRequest::Transaction wanted) {
  std::vector<TopicPartition> partitions;
  bool complete = true;
  ShownTopics shown = show(context, rights, wanted.topics, partitions, complete);
  if (!complete) {
    settle(shown, KafkaError::OperationNotAttempted);
    co_return shown;
  }
  const ProducerIdentity producer{wanted.producer_id, wanted.producer_epoch};
  auto& transactions = context.broker().transactions();
  if (wanted.verify_only) {
    for (auto& topic : shown) {
      for (auto& partition : topic.partitions) {
        auto ask = [&](Completion<Result<>> done) {
          transactions.verify(wanted.transactional_id, producer, {topic.name, partition.index},
                              embedded::TransactionVersion::V1, std::move(done));
        };
        const Result<> outcome = co_await completion_of<Result<>>(std::move(ask));
        if (!outcome.ok()) partition.error_code = kafka_error_of(outcome.error());
      }
    }
    co_return shown;
  }
  auto start = [&](Completion<Result<>> done) {
    transactions.add_partitions(wanted.transactional_id, producer, std::move(partitions),
                                std::move(done));
  };
  const Result<> outcome = co_await completion_of<Result<>>(std::move(start));
  if (!outcome.ok()) settle(shown, kafka_error_of(outcome.error()));
  co_return shown;
}

}  // namespace

Task<AddPartitionsToTxnResponse> add_partitions_to_txn(RequestContext& context,
                                                       AddPartitionsToTxnRequest request) {
  AddPartitionsToTxnResponse response;
  const security::Rights rights = context.rights();
  if (context.version() < kSeveralFrom) {
    if (!rights.transactional_id(AclOperation::Write, request.transactional_id)) {
      response.topics = refuse(request.topics, KafkaError::TransactionalIdAuthorizationFailed);
      co_return response;
    }
    response.topics = CO_TRY(co_await add(context, rights,
                                          {.transactional_id = std::move(request.transactional_id),
                                           .producer_id = request.producer_id,
                                           .producer_epoch = request.producer_epoch,
                                           .verify_only = false,
                                           .topics = std::move(request.topics)}));
    co_return response;
  }
  // Newer versions are for brokers, which have asked before.
  if (!rights.cluster(AclOperation::ClusterAction)) {
    response.error_code = KafkaError::ClusterAuthorizationFailed;
    co_return response;
  }
  for (auto& transaction : request.transactions) {
    auto& shown = response.transactions.emplace_back();
    shown.transactional_id = transaction.transactional_id;
    shown.topics = CO_TRY(co_await add(context, security::Rights::all(), std::move(transaction)));
  }
  co_return response;
}

}  // namespace tidemill::broker::api

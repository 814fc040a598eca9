// SPDX-License-Identifier: Apache-2.0
// Produce is answered in two steps, so that the requests behind it on the connection need not wait
// for its sync: first all its batches are appended, in order; then, once all of them are durable,
// from whatever thread that happens on, the response is sent.
#include "wire/kafka/produce.h"

#include <fmt/core.h>

#include <atomic>
#include <boost/asio/post.hpp>

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::api {

using embedded::AckWhen;
using embedded::Appended;
using embedded::ProducerIdentity;
using security::AclOperation;
using wire::kafka::BatchHeader;
using wire::kafka::KafkaError;
using wire::kafka::ProduceRequest;
using wire::kafka::ProduceResponse;

namespace {

constexpr std::int16_t kTopicIdsFrom = 13;
constexpr std::int16_t kImplicitPartitionsFrom = 12;  // KIP-890

// A request whose appends are under way; each writes its own partition's answer.
struct Pending {
  ProduceResponse response;
  std::shared_ptr<ResponseSlot> slot;
  asio::any_io_executor executor;
  std::int32_t correlation_id = 0;
  std::int16_t version = 0;
  bool answered = true;      // false with acks=0
  std::atomic<int> left{1};  // appends, and the request itself while it starts them

  void respond() {
    if (answered) {
      return slot->answer(wire::kafka::encode_response_frame(correlation_id, version, response));
    }
    // A client that wants no answer learns of a failure by losing its connection.
    for (const auto& topic : response.topics) {
      for (const auto& partition : topic.partitions) {
        if (partition.error_code == KafkaError::None) continue;
        return slot->close(error(ErrorCode::InvalidArgument,
                                 fmt::format("append with acks=0 to '{}' failed: {}", topic.name,
                                             partition.error_message.value_or(""))));
      }
    }
    slot->answer_nothing();
  }
};

void one_done(const std::shared_ptr<Pending>& pending) {
  if (pending->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  asio::post(pending->executor, [pending] { pending->respond(); });
}

void refuse(ProduceResponse::Topic::Partition& answer, KafkaError code, std::string message) {
  answer.error_code = code;
  answer.base_offset = -1;
  answer.error_message = std::move(message);
}

void settle(ProduceResponse::Topic::Partition& answer, const Result<Appended>& outcome) {
  if (!outcome.ok()) {
    const bool bad_record =
        outcome.error().detail == 0 && outcome.error().code == ErrorCode::InvalidArgument;
    return refuse(answer, bad_record ? KafkaError::InvalidRecord : kafka_error_of(outcome.error()),
                  outcome.error().message);
  }
  answer.base_offset = outcome->base_offset;
  answer.log_append_time_ms = outcome->log_append_time_ms;
  answer.log_start_offset = outcome->log_start_offset;
}

// One batch of magic 2 that fills the records exactly; the partition checks the rest.
Result<BatchHeader> single_batch(const wire::kafka::Records& records) {
  if (!records.present || records.size() == 0) {
    return error(ErrorCode::InvalidArgument, "the partition has no record batch");
  }
  const BytesView bytes = records.pieces.front();
  const BatchHeader header = TRY(wire::kafka::parse_batch_header(bytes));
  if (header.size() == bytes.size()) return header;
  return error(header.size() < bytes.size() ? ErrorCode::InvalidArgument : ErrorCode::Corrupt,
               fmt::format("the partition's records are {} bytes, its one batch must be {}",
                           bytes.size(), header.size()));
}

// Whether the batch may go to the partition as part of the request's transaction.
Task<> check_transaction(RequestContext& context, const ProduceRequest& request,
                         const BatchHeader& header, const embedded::Partition& partition) {
  if (!header.transactional()) co_return Result<>{};
  if (!request.transactional_id) {
    Error failure =
        error(ErrorCode::Conflict, "transactional batch in a request without a transactional id");
    failure.detail = static_cast<int>(KafkaError::InvalidTxnState);
    co_return failure;
  }
  const auto version = context.version() >= kImplicitPartitionsFrom
                           ? embedded::TransactionVersion::V2
                           : embedded::TransactionVersion::V1;
  const ProducerIdentity producer{header.producer_id, header.producer_epoch};
  const TopicPartition target{partition.topic(), partition.index()};
  auto ask = [&](Completion<Result<>> done) {
    context.broker().transactions().verify(*request.transactional_id, producer, target, version,
                                           std::move(done));
  };
  co_return co_await completion_of<Result<>>(std::move(ask));
}

// A transactional batch needs the transactional id, for the request as a whole.
bool may_write_transaction(const security::Rights& rights, const ProduceRequest& request) {
  if (rights.is_all()) return true;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      const Result<BatchHeader> header = single_batch(partition.records);
      if (!header.ok() || !header->transactional()) continue;
      return request.transactional_id &&
             rights.transactional_id(AclOperation::Write, *request.transactional_id);
    }
  }
  return true;
}

// A topic id that is unknown is told so later, there is nothing to hide.
bool may_write(RequestContext& context, const security::Rights& rights,
               const ProduceRequest::Topic& topic) {
  if (rights.is_all()) return true;
  if (context.version() < kTopicIdsFrom) return rights.topic(AclOperation::Write, topic.name);
  const auto known = context.broker().find_topic(topic.topic_id);
  return !known || rights.topic(AclOperation::Write, known->name);
}

AckWhen ack_of(std::int16_t acks) {
  return acks == -1 ? AckWhen::Durable : AckWhen::Written;
}

Task<> append_one(RequestContext& context, const ProduceRequest& request,
                  std::span<std::uint8_t> body, const ProduceRequest::Topic& topic, std::size_t at,
                  ProduceResponse::Topic::Partition& answer, std::shared_ptr<Pending> pending) {
  const auto& wanted = topic.partitions[at];
  const bool by_id = context.version() >= kTopicIdsFrom;
  const FoundPartition found = by_id
                                   ? find_partition(context.broker(), topic.topic_id, wanted.index)
                                   : find_partition(context.broker(), topic.name, wanted.index);
  if (found.error != KafkaError::None) {
    refuse(answer, found.error, "");
    answer.error_message.reset();
    co_return Result<>{};
  }
  const Result<BatchHeader> header = single_batch(wanted.records);
  if (!header.ok()) {
    settle(answer, header.error());
    co_return Result<>{};
  }
  const Result<> allowed = co_await check_transaction(context, request, *header, *found.partition);
  if (!allowed.ok()) {
    settle(answer, allowed.error());
    co_return Result<>{};
  }
  pending->left.fetch_add(1, std::memory_order_relaxed);
  // The batch lies in the request's frame, whose bytes are ours to change.
  const BytesView batch = wanted.records.pieces.front();
  const auto at_byte = static_cast<std::size_t>(batch.data() - body.data());
  found.partition->append(body.subspan(at_byte, batch.size()), ack_of(request.acks),
                          embedded::Origin::Client,
                          [&answer, pending](const Result<Appended>& outcome) {
                            settle(answer, outcome);
                            one_done(pending);
                          });
  co_return Result<>{};
}

}  // namespace

Task<> serve_produce(RequestContext& context, std::span<std::uint8_t> body,
                     std::shared_ptr<ResponseSlot> slot) {
  const ProduceRequest request =
      CO_TRY(wire::kafka::decode<ProduceRequest>(body, context.version()));
  const auto pending = std::make_shared<Pending>();
  pending->slot = std::move(slot);
  pending->executor = context.executor;
  pending->correlation_id = context.header.correlation_id;
  pending->version = context.version();
  pending->answered = request.acks != 0;
  const bool acks_known = request.acks >= -1 && request.acks <= 1;

  // The whole answer is laid out first: the appends keep references into it.
  for (const auto& topic : request.topics) {
    ProduceResponse::Topic answer;
    answer.name = topic.name;
    answer.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      answer.partitions.emplace_back().index = partition.index;
    }
    pending->response.topics.push_back(std::move(answer));
  }
  const security::Rights rights = context.rights();
  const bool transaction_allowed = may_write_transaction(rights, request);
  for (std::size_t t = 0; t < request.topics.size(); ++t) {
    const auto& topic = request.topics[t];
    const bool topic_allowed = may_write(context, rights, topic);
    const bool offsets =
        topic.name == embedded::kOffsetsTopic || topic.name == embedded::kTransactionsTopic;
    for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
      auto& answer = pending->response.topics[t].partitions[p];
      if (!transaction_allowed) {
        refuse(answer, KafkaError::TransactionalIdAuthorizationFailed,
               "Transactional Id authorization failed.");
      } else if (!topic_allowed) {
        refuse(answer, KafkaError::TopicAuthorizationFailed, "Topic authorization failed.");
      } else if (!acks_known) {
        refuse(answer, KafkaError::InvalidRequiredAcks,
               fmt::format("acks={} is unknown", request.acks));
      } else if (offsets) {
        refuse(answer, KafkaError::InvalidTopicException,
               fmt::format("topic '{}' is written by the broker alone", topic.name));
      } else {
        CO_TRY(co_await append_one(context, request, body, topic, p, answer, pending));
      }
    }
  }
  if (pending->left.fetch_sub(1, std::memory_order_acq_rel) == 1) pending->respond();
  co_return Result<>{};
}

}  // namespace tidemill::broker::api

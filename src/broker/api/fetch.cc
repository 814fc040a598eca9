// SPDX-License-Identifier: Apache-2.0
// A fetch reads at once when min_bytes are there, an item has an error, or it may not wait. Else it
// sleeps until a partition has more to read than now (appends and ends of transactions wake it) or
// max_wait_ms have passed. Fetch sessions are not kept: session id 0 says so, which is legal.
#include "wire/kafka/fetch.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"
#include "broker/kafka_error_of.h"
#include "runtime/cancellation.h"

namespace tidemill::broker::api {

using embedded::Partition;
using embedded::ReadBatches;
using security::AclOperation;
using std::chrono::milliseconds;
using wire::kafka::FetchRequest;
using wire::kafka::FetchResponse;
using wire::kafka::KafkaError;

namespace {

constexpr std::int16_t kTopicIdsFrom = 13;
constexpr std::int32_t kWaitMsMax = 5 * 60 * 1000;

// One partition of the request: where it is, and what keeps it from being read.
struct Item {
  const FetchRequest::Topic::Partition* wanted = nullptr;
  FetchResponse::Topic::Partition* answer = nullptr;
  std::shared_ptr<Partition> partition;
};

// Shared with the wake-ups, which may come late and from any thread.
struct Alarm {
  explicit Alarm(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
};

void fail(Item& item, KafkaError code) {
  item.answer->error_code = code;
  item.answer->high_watermark = -1;
  item.partition = nullptr;
}

// The offset must lie within the log, and the reader's history must be ours (KIP-320).
void check(Item& item) {
  const KafkaError epoch = check_epoch(*item.partition, item.wanted->current_leader_epoch);
  if (epoch != KafkaError::None) return fail(item, epoch);
  const auto offsets = item.partition->offsets();
  const std::int64_t offset = item.wanted->fetch_offset;
  if (item.wanted->last_fetched_epoch >= 0) {
    const auto end = item.partition->end_of_epoch(item.wanted->last_fetched_epoch);
    if (end.epoch < item.wanted->last_fetched_epoch || end.start_offset < offset) {
      item.answer->diverging_epoch = {.epoch = end.epoch, .end_offset = end.start_offset};
      item.answer->high_watermark = offsets.high_watermark;
      item.answer->last_stable_offset = offsets.last_stable_offset;
      item.answer->log_start_offset = offsets.log_start_offset;
      item.partition = nullptr;
      return;
    }
  }
  if (offset < offsets.log_start_offset || offset > offsets.log_end_offset) {
    fail(item, KafkaError::OffsetOutOfRange);
    item.answer->log_start_offset = offsets.log_start_offset;
  }
}

// The topic may have been deleted, or deleted and created anew, during the wait.
void check_alive(RequestContext& context, Item& item) {
  if (!item.partition) return;
  const auto found =
      find_partition(context.broker(), item.partition->topic_id(), item.wanted->index);
  if (found.error != KafkaError::None) return fail(item, found.error);
  check(item);
}

// Replicas read as such, consumers what they may read. A topic id that is unknown is told so later,
// there is nothing to hide.
bool may_read(RequestContext& context, const security::Rights& rights, const FetchRequest& request,
              const FetchRequest::Topic& topic) {
  if (rights.is_all()) return true;
  if (request.replica_id >= 0 || request.replica_state.replica_id >= 0) {
    return rights.cluster(AclOperation::ClusterAction);
  }
  if (context.version() < kTopicIdsFrom) return rights.topic(AclOperation::Read, topic.topic);
  const auto known = context.broker().find_topic(topic.topic_id);
  return !known || rights.topic(AclOperation::Read, known->name);
}

std::vector<Item> prepare(RequestContext& context, const FetchRequest& request,
                          FetchResponse& response) {
  std::size_t count = 0;
  response.topics.reserve(request.topics.size());
  for (const auto& topic : request.topics) {
    auto& shown = response.topics.emplace_back();
    shown.topic = topic.topic;
    shown.topic_id = topic.topic_id;
    shown.partitions.resize(topic.partitions.size());
    count += topic.partitions.size();
  }
  std::vector<Item> items;
  items.reserve(count);
  const bool by_id = context.version() >= kTopicIdsFrom;
  const security::Rights rights = context.rights();
  for (std::size_t t = 0; t < request.topics.size(); ++t) {
    const auto& topic = request.topics[t];
    const bool allowed = may_read(context, rights, request, topic);
    for (std::size_t p = 0; p < topic.partitions.size(); ++p) {
      Item item{&topic.partitions[p], &response.topics[t].partitions[p], nullptr};
      item.answer->index = item.wanted->index;
      item.answer->records.present = true;
      if (!allowed) {
        fail(item, KafkaError::TopicAuthorizationFailed);
        items.push_back(std::move(item));
        continue;
      }
      auto found = by_id ? find_partition(context.broker(), topic.topic_id, item.wanted->index)
                         : find_partition(context.broker(), topic.topic, item.wanted->index);
      item.partition = std::move(found.partition);
      if (found.error != KafkaError::None) {
        fail(item, found.error);
      } else {
        check(item);
      }
      items.push_back(std::move(item));
    }
  }
  return items;
}

bool enough(const std::vector<Item>& items, const FetchRequest& request, Isolation isolation) {
  std::uint64_t bytes = 0;
  for (const Item& item : items) {
    if (!item.partition) return true;
    bytes += item.partition->readable_bytes(item.wanted->fetch_offset, isolation);
  }
  return bytes > 0 && bytes >= static_cast<std::uint64_t>(std::max(request.min_bytes, 0));
}

// Sleeps until one of the partitions has more than it has now. False once the time is up or the
// connection is being stopped.
asio::awaitable<bool> wait_for_more(RequestContext& context, const std::vector<Item>& items,
                                    Isolation isolation,
                                    std::chrono::steady_clock::time_point deadline) {
  const auto alarm = std::make_shared<Alarm>(context.executor);
  const auto left = deadline - context.services.clock.monotonic();
  if (left <= left.zero() || co_await stop_requested()) co_return false;
  alarm->timer.expires_after(left);
  std::vector<embedded::WaitId> waits;
  waits.reserve(items.size());
  for (const Item& item : items) {
    const auto offsets = item.partition->offsets();
    const std::int64_t end =
        isolation == Isolation::ReadCommitted ? offsets.last_stable_offset : offsets.high_watermark;
    waits.push_back(item.partition->wait_readable(
        std::max(end, item.wanted->fetch_offset), isolation, [alarm, executor = context.executor] {
          asio::post(executor, [alarm] { alarm->timer.cancel(); });
        }));
  }
  const auto [failure] = co_await alarm->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  for (std::size_t i = 0; i < items.size(); ++i) items[i].partition->cancel_wait(waits[i]);
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return failure&& state.cancelled() == asio::cancellation_type::none;
}

Task<ReadBatches> read(RequestContext& context, const Item& item, std::size_t bytes_max,
                       Isolation isolation) {
  const std::int64_t offset = item.wanted->fetch_offset;
  if (item.partition->is_recent(offset)) {
    co_return item.partition->read(offset, bytes_max, isolation);
  }
  auto from_disk = [partition = item.partition, offset, bytes_max, isolation] {
    return partition->read(offset, bytes_max, isolation);
  };
  co_return co_await run_blocking(context.services.blocking, std::move(from_disk));
}

void show(Item& item, ReadBatches batches, Isolation isolation) {
  item.answer->high_watermark = batches.high_watermark;
  item.answer->last_stable_offset = batches.last_stable_offset;
  item.answer->log_start_offset = batches.log_start_offset;
  if (isolation == Isolation::ReadCommitted) {
    auto& aborted = item.answer->aborted_transactions.emplace();
    for (const auto& transaction : batches.aborted) {
      aborted.push_back(
          {.producer_id = transaction.producer_id, .first_offset = transaction.first_offset});
    }
  }
  if (batches.batches.empty()) return;
  item.answer->records.pieces.assign(1, batches.batches);
  item.answer->records.owner = std::move(batches.memory);
}

// Fills the answers up to the response's limit. The first batch is given whole even if it is larger
// than every limit, so that the reader gets on (KIP-74).
asio::awaitable<void> read_all(RequestContext& context, std::vector<Item>& items,
                               const FetchRequest& request, Isolation isolation) {
  std::size_t left = std::min(static_cast<std::size_t>(std::max(request.max_bytes, 0)),
                              context.services.options.fetch_bytes_max);
  bool given = false;
  for (Item& item : items) {
    if (!item.partition) continue;
    const auto wanted = static_cast<std::size_t>(std::max(item.wanted->partition_max_bytes, 0));
    const std::size_t bytes_max = std::min(wanted, left);
    if (given && bytes_max == 0) {
      const auto offsets = item.partition->offsets();
      show(item,
           {.memory = nullptr,
            .batches = {},
            .aborted = {},
            .high_watermark = offsets.high_watermark,
            .last_stable_offset = offsets.last_stable_offset,
            .log_start_offset = offsets.log_start_offset},
           isolation);
      continue;
    }
    Result<ReadBatches> batches = co_await read(context, item, bytes_max, isolation);
    if (!batches.ok()) {
      fail(item, kafka_error_of(batches.error()));
      continue;
    }
    const std::size_t size = batches->batches.size();
    if (given && size > bytes_max) batches->batches = {};
    if (!batches->batches.empty()) {
      given = true;
      left -= std::min(left, size);
    }
    show(item, *std::move(batches), isolation);
  }
}

}  // namespace

Task<FetchResponse> fetch(RequestContext& context, FetchRequest request) {
  FetchResponse response;
  if (request.session_id != 0) {
    response.error_code = KafkaError::FetchSessionIdNotFound;
    co_return response;
  }
  const Isolation isolation = isolation_of(request.isolation_level);
  std::vector<Item> items = prepare(context, request, response);
  const milliseconds wait(std::clamp(request.max_wait_ms, 0, kWaitMsMax));
  if (wait.count() > 0 && !items.empty()) {
    const auto deadline = context.services.clock.monotonic() + wait;
    while (!enough(items, request, isolation)) {
      if (!co_await wait_for_more(context, items, isolation, deadline)) break;
      for (Item& item : items) check_alive(context, item);
    }
  }
  co_await read_all(context, items, request, isolation);
  co_return response;
}

}  // namespace tidemill::broker::api

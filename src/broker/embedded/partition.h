// SPDX-License-Identifier: Apache-2.0
// One partition of the embedded broker: what Produce, Fetch, ListOffsets, OffsetForLeaderEpoch,
// DeleteRecords and DescribeProducers need. Bytes in and out are Kafka's record batches (v2).
//
// Errors of everything below carry Kafka's error code in Error::detail where `code` alone is not
// precise enough (OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, MESSAGE_TOO_LARGE, ...).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "broker/broker.h"
#include "runtime/completion.h"

namespace tidemill::broker::embedded {

struct TopicSettings;
class PartitionLog;

struct Appended {
  std::int64_t base_offset = -1;
  std::int64_t log_append_time_ms = -1;  // -1: the topic keeps the producer's timestamps
  std::int64_t log_start_offset = 0;
  bool duplicate = false;  // a retried batch, answered with its first offset (KIP-98)
};

// When append() completes.
enum class AckWhen {
  Durable,   // acks=all: after the group-committed sync; at once where the topic's durability is
             // `interval` or `os`
  Written,   // acks=1 and 0: once it is in the page cache; a sync follows on its own
  Deferred,  // like Written, without asking for a sync: whoever asks must call sync() later
};

// A producer or transaction coordinator; id -1: neither idempotent nor transactional.
struct ProducerIdentity {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
  auto operator<=>(const ProducerIdentity&) const = default;
};

// Who writes: clients may not write control batches or exceed max.message.bytes.
enum class Origin { Client, Coordinator };

// A batch of a transaction that was aborted; consumers drop the producer's batches from
// first_offset up to its abort marker.
struct AbortedTransaction {
  std::int64_t producer_id = -1;
  std::int64_t first_offset = 0;
};

// Whole batches as stored, one after the other in offset order; the first may begin before the
// offset asked for.
struct ReadBatches {
  std::shared_ptr<const void> memory;
  BytesView batches;                        // into memory; empty at the end of the readable part
  std::vector<AbortedTransaction> aborted;  // ReadCommitted only; sorted by first_offset
  std::int64_t high_watermark = 0;
  std::int64_t last_stable_offset = 0;
  std::int64_t log_start_offset = 0;
};

struct FoundOffset {
  std::int64_t offset = -1;  // -1: none
  std::int64_t timestamp_ms = -1;
  std::int32_t leader_epoch = -1;
};

struct EpochStart {
  std::int32_t epoch = 0;
  std::int64_t start_offset = 0;
};

// For DescribeProducers.
struct ProducerSummary {
  ProducerIdentity producer;
  std::int32_t last_sequence = -1;
  std::int64_t last_timestamp_ms = -1;
  std::int32_t coordinator_epoch = -1;
  std::int64_t transaction_start_offset = -1;  // -1: no open transaction here
};

struct PartitionOffsets {
  std::int64_t log_start_offset = 0;
  std::int64_t last_stable_offset = 0;
  // With durability `sync` the end of what is on disk: nobody reads what a power cut could take
  // back. Else the log end.
  std::int64_t high_watermark = 0;
  std::int64_t log_end_offset = 0;
};

using WaitId = std::uint64_t;

// Appends to and reads from one log.
//
// Thread:   any, I/O threads included: an append is a check and a write into the page cache, a read
//           of recent batches comes from the page cache. Reads for which is_recent() says no may
//           wait for the disk: send them through the blocking pool.
// Lifetime: shared with the registry; after the topic's deletion every call fails with NotFound,
//           and waiters are woken.
// Damaged:  a partition whose durable part is damaged answers everything with Corrupt.
class Partition {
 public:
  virtual ~Partition() = default;

  virtual const std::string& topic() const = 0;
  virtual const Uuid& topic_id() const = 0;
  virtual std::int32_t index() const = 0;

  // Takes the bytes as a producer sent them: one or more whole v2 batches. Checks length, magic,
  // CRC, counts, timestamps, sequence (the last five batches per producer; a duplicate is answered
  // with its first offset), then sets base offset and leader epoch in place and writes. Keeps
  // nothing of the bytes: they may go once it returns.
  // `done` is called once, from any thread, possibly before append() returns; never with the
  // partition locked. One failure: nothing of the buffer was appended.
  //
  // Errors: Corrupt, InvalidArgument, TooLarge, Conflict (producer fenced or out of sequence),
  //         Exhausted (disk full), Io, NotFound.
  virtual void append(std::span<std::uint8_t> batches, AckWhen when, Origin origin,
                      Completion<Result<Appended>> done) = 0;
  // Completes once everything appended before is on disk.
  virtual void sync(Completion<Result<>> done) = 0;

  // Ends the producer's transaction here with a control batch, whether or not it wrote anything.
  // Completes as `when` says.
  virtual void append_marker(ProducerIdentity producer, bool commit, std::int32_t coordinator_epoch,
                             AckWhen when, Completion<Result<Appended>> done) = 0;

  // Batches from the one that holds `offset`, up to max_bytes but at least one, below the high
  // watermark or the last stable offset. Fails with InvalidArgument (OFFSET_OUT_OF_RANGE) below the
  // log start or above the log end.
  virtual Result<ReadBatches> read(std::int64_t offset, std::size_t max_bytes,
                                   Isolation isolation) = 0;
  // Whether a read at the offset most likely needs no disk access.
  virtual bool is_recent(std::int64_t offset) const = 0;
  // An upper bound of the bytes readable from the offset on; for min_bytes of a fetch.
  virtual std::uint64_t readable_bytes(std::int64_t offset, Isolation isolation) const = 0;

  // Calls `wake` once, from any thread, as soon as something at or above `offset` is readable, the
  // log start moves, or the partition goes away; at once (before it returns) if that is so already.
  // `wake` must not block nor call into this partition: post to an executor.
  virtual WaitId wait_readable(std::int64_t offset, Isolation isolation,
                               std::move_only_function<void()> wake) = 0;
  // After: `wake` is destroyed uncalled (true), or it was or is being called (false).
  virtual bool cancel_wait(WaitId id) = 0;

  virtual PartitionOffsets offsets() const = 0;
  virtual std::uint64_t bytes_on_disk() const = 0;
  // Not ok: why the partition is refused.
  virtual Result<> health() const = 0;

  // The first record at or after the timestamp, below the end that the isolation allows; offset -1
  // where there is none. May decompress a batch: not on an I/O thread.
  virtual Result<FoundOffset> find_timestamp(std::int64_t timestamp_ms, Isolation isolation) = 0;
  // The record with the largest timestamp (ListOffsets -3).
  virtual Result<FoundOffset> find_max_timestamp() = 0;

  virtual std::int32_t leader_epoch() const = 0;
  virtual std::vector<EpochStart> leader_epochs() const = 0;
  // OffsetForLeaderEpoch: the largest known epoch <= `epoch` and the offset at which it ends.
  virtual EpochStart end_of_epoch(std::int32_t epoch) const = 0;

  // Moves the log start up to `before` (-1: the high watermark) durably, then removes segments
  // below. Gives the new log start. Touches the disk: not on an I/O thread.
  virtual Result<std::int64_t> delete_records(std::int64_t before) = 0;

  virtual std::vector<ProducerSummary> producers() const = 0;
};

}  // namespace tidemill::broker::embedded

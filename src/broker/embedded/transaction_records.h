// SPDX-License-Identifier: Apache-2.0
// The records of __transaction_state, in Kafka's encoding (version 0).
//
//   key   := version:i16=0 transactional_id
//   value := version:i16=0 producer_id:i64 producer_epoch:i16 timeout_ms:i32 status:i8
//            count:i32 (topic count:i32 partition:i32*)*  last_update_ms:i64 start_ms:i64
//   transactional_id, topic := size:i16 bytes;  count -1: none
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/bytes.h"
#include "broker/embedded/transactions.h"

namespace tidemill::broker::embedded {

struct TransactionRecord {
  ProducerIdentity producer;
  std::int32_t timeout_ms = 0;
  TransactionState state = TransactionState::Empty;
  std::set<TopicPartition> partitions;
  std::int64_t update_ms = -1;
  std::int64_t start_ms = -1;
};

Bytes encode_transaction_key(std::string_view transactional_id);
Bytes encode_transaction_value(const TransactionRecord& record);
Result<std::string> decode_transaction_key(BytesView key);
Result<TransactionRecord> decode_transaction_value(BytesView value);

}  // namespace tidemill::broker::embedded

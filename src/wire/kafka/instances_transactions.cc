// SPDX-License-Identifier: Apache-2.0
// Compiles the codec of each message once. See message.h.
#include "wire/kafka/add_offsets_to_txn.h"
#include "wire/kafka/add_partitions_to_txn.h"
#include "wire/kafka/codec.h"
#include "wire/kafka/describe_producers.h"
#include "wire/kafka/describe_transactions.h"
#include "wire/kafka/end_txn.h"
#include "wire/kafka/init_producer_id.h"
#include "wire/kafka/list_transactions.h"
#include "wire/kafka/txn_offset_commit.h"
#include "wire/kafka/write_txn_markers.h"

namespace tidemill::wire::kafka {

TM_KAFKA_INSTANCE(AddOffsetsToTxnRequest);
TM_KAFKA_INSTANCE(AddOffsetsToTxnResponse);
TM_KAFKA_INSTANCE(AddPartitionsToTxnRequest);
TM_KAFKA_INSTANCE(AddPartitionsToTxnResponse);
TM_KAFKA_INSTANCE(DescribeProducersRequest);
TM_KAFKA_INSTANCE(DescribeProducersResponse);
TM_KAFKA_INSTANCE(DescribeTransactionsRequest);
TM_KAFKA_INSTANCE(DescribeTransactionsResponse);
TM_KAFKA_INSTANCE(EndTxnRequest);
TM_KAFKA_INSTANCE(EndTxnResponse);
TM_KAFKA_INSTANCE(InitProducerIdRequest);
TM_KAFKA_INSTANCE(InitProducerIdResponse);
TM_KAFKA_INSTANCE(ListTransactionsRequest);
TM_KAFKA_INSTANCE(ListTransactionsResponse);
TM_KAFKA_INSTANCE(TxnOffsetCommitRequest);
TM_KAFKA_INSTANCE(TxnOffsetCommitResponse);
TM_KAFKA_INSTANCE(WriteTxnMarkersRequest);
TM_KAFKA_INSTANCE(WriteTxnMarkersResponse);

}  // namespace tidemill::wire::kafka

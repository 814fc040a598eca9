// SPDX-License-Identifier: Apache-2.0
// Compiles the codec of each message once. See message.h.
#include "wire/kafka/codec.h"
#include "wire/kafka/delete_records.h"
#include "wire/kafka/fetch.h"
#include "wire/kafka/list_offsets.h"
#include "wire/kafka/offset_for_leader_epoch.h"
#include "wire/kafka/produce.h"

namespace tidemill::wire::kafka {

TM_KAFKA_INSTANCE(DeleteRecordsRequest);
TM_KAFKA_INSTANCE(DeleteRecordsResponse);
TM_KAFKA_INSTANCE(FetchRequest);
TM_KAFKA_INSTANCE(FetchResponse);
TM_KAFKA_INSTANCE(ListOffsetsRequest);
TM_KAFKA_INSTANCE(ListOffsetsResponse);
TM_KAFKA_INSTANCE(OffsetForLeaderEpochRequest);
TM_KAFKA_INSTANCE(OffsetForLeaderEpochResponse);
TM_KAFKA_INSTANCE(ProduceRequest);
TM_KAFKA_INSTANCE(ProduceResponse);

}  // namespace tidemill::wire::kafka

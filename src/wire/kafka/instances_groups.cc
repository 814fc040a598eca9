// SPDX-License-Identifier: Apache-2.0
// Compiles the codec of each message once. See message.h.
#include "wire/kafka/codec.h"
#include "wire/kafka/consumer_group_describe.h"
#include "wire/kafka/consumer_group_heartbeat.h"
#include "wire/kafka/delete_groups.h"
#include "wire/kafka/describe_groups.h"
#include "wire/kafka/heartbeat.h"
#include "wire/kafka/join_group.h"
#include "wire/kafka/leave_group.h"
#include "wire/kafka/list_groups.h"
#include "wire/kafka/offset_commit.h"
#include "wire/kafka/offset_delete.h"
#include "wire/kafka/offset_fetch.h"
#include "wire/kafka/sync_group.h"

namespace tidemill::wire::kafka {

TM_KAFKA_INSTANCE(DeleteGroupsRequest);
TM_KAFKA_INSTANCE(DeleteGroupsResponse);
TM_KAFKA_INSTANCE(DescribeGroupsRequest);
TM_KAFKA_INSTANCE(DescribeGroupsResponse);
TM_KAFKA_INSTANCE(HeartbeatRequest);
TM_KAFKA_INSTANCE(HeartbeatResponse);
TM_KAFKA_INSTANCE(JoinGroupRequest);
TM_KAFKA_INSTANCE(JoinGroupResponse);
TM_KAFKA_INSTANCE(LeaveGroupRequest);
TM_KAFKA_INSTANCE(LeaveGroupResponse);
TM_KAFKA_INSTANCE(ListGroupsRequest);
TM_KAFKA_INSTANCE(ListGroupsResponse);
TM_KAFKA_INSTANCE(OffsetCommitRequest);
TM_KAFKA_INSTANCE(OffsetCommitResponse);
TM_KAFKA_INSTANCE(OffsetDeleteRequest);
TM_KAFKA_INSTANCE(OffsetDeleteResponse);
TM_KAFKA_INSTANCE(OffsetFetchRequest);
TM_KAFKA_INSTANCE(OffsetFetchResponse);
TM_KAFKA_INSTANCE(SyncGroupRequest);
TM_KAFKA_INSTANCE(SyncGroupResponse);
TM_KAFKA_INSTANCE(ConsumerGroupDescribeRequest);
TM_KAFKA_INSTANCE(ConsumerGroupDescribeResponse);
TM_KAFKA_INSTANCE(ConsumerGroupHeartbeatRequest);
TM_KAFKA_INSTANCE(ConsumerGroupHeartbeatResponse);

}  // namespace tidemill::wire::kafka

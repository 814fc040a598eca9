// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/offset_fetch.h"

#include <map>

#include "broker/api/handlers.h"
#include "broker/api/lookup.h"

namespace tidemill::broker::api {

using embedded::StoredOffset;
using security::AclOperation;
using wire::kafka::KafkaError;
using wire::kafka::OffsetFetchRequest;
using wire::kafka::OffsetFetchResponse;

namespace {

constexpr std::int16_t kAllTopicsFrom = 2;
constexpr std::int16_t kGroupErrorFrom = 2;  // before, each partition has it
constexpr std::int16_t kSeveralGroupsFrom = 8;
constexpr std::int16_t kTopicIdsFrom = 10;

// The two places of the response that hold partitions have types of their own.
template <class Partition>
Partition show(std::int32_t index, const std::optional<StoredOffset>& stored, bool require_stable) {
  Partition one;
  one.index = index;
  one.committed_offset = -1;
  one.metadata = "";
  if (!stored) return one;
  if (require_stable && stored->pending) {
    one.error_code = KafkaError::UnstableOffsetCommit;
    return one;
  }
  one.committed_offset = stored->offset;
  one.committed_leader_epoch = stored->leader_epoch;
  one.metadata = stored->metadata;
  return one;
}

template <class Partition>
Partition refused(std::int32_t index, KafkaError code) {
  Partition one = show<Partition>(index, std::nullopt, false);
  one.error_code = code;
  return one;
}

// Topics that one may not describe are left out.
template <class Topic>
std::vector<Topic> show_all(RequestContext& context, const security::Rights& rights,
                            const std::string& group, bool require_stable) {
  using Partition = typename decltype(Topic::partitions)::value_type;
  std::map<std::string, Topic> topics;
  for (const auto& [source, stored] : context.broker().offset_store().list(group)) {
    if (!rights.topic(AclOperation::Describe, source.topic)) continue;
    Topic& topic = topics[source.topic];
    topic.name = source.topic;
    topic.partitions.push_back(show<Partition>(source.partition, stored, require_stable));
  }
  std::vector<Topic> all;
  for (auto& [name, topic] : topics) all.push_back(std::move(topic));
  return all;
}

OffsetFetchResponse::Group answer(RequestContext& context, const security::Rights& rights,
                                  const OffsetFetchRequest::Group& group, bool require_stable) {
  using Topic = OffsetFetchResponse::Group::Topic;
  OffsetFetchResponse::Group shown;
  shown.group_id = group.group_id;
  if (!rights.group(AclOperation::Describe, group.group_id)) {
    shown.error_code = KafkaError::GroupAuthorizationFailed;
    return shown;
  }
  shown.error_code = context.services.groups.check_fetch(
      group.group_id, group.member_id.value_or(""), group.member_epoch);
  if (shown.error_code != KafkaError::None) return shown;
  const bool by_id = context.version() >= kTopicIdsFrom;
  if (!group.topics) {
    shown.topics = show_all<Topic>(context, rights, group.group_id, require_stable);
    if (!by_id) return shown;
    // Topics that are gone have no id to name them by.
    std::erase_if(shown.topics, [&](Topic& topic) {
      const auto known = context.broker().find_topic(topic.name);
      if (known) topic.topic_id = known->id;
      return !known;
    });
    return shown;
  }
  for (const auto& topic : *group.topics) {
    Topic& one = shown.topics.emplace_back();
    one.name = topic.name;
    one.topic_id = topic.topic_id;
    const auto known = by_id ? context.broker().find_topic(topic.topic_id) : nullptr;
    const std::string& name = known ? known->name : topic.name;
    KafkaError wrong = KafkaError::None;
    if (by_id && !known) {
      wrong = KafkaError::UnknownTopicId;
    } else if (!rights.topic(AclOperation::Describe, name)) {
      wrong = KafkaError::TopicAuthorizationFailed;
    }
    for (const std::int32_t index : topic.partitions) {
      if (wrong != KafkaError::None) {
        one.partitions.push_back(refused<Topic::Partition>(index, wrong));
        continue;
      }
      const TopicPartition source{name, index};
      one.partitions.push_back(show<Topic::Partition>(
          index, context.broker().offset_store().find(group.group_id, source), require_stable));
    }
  }
  return shown;
}

}  // namespace

Task<OffsetFetchResponse> offset_fetch(RequestContext& context, OffsetFetchRequest request) {
  OffsetFetchResponse response;
  const security::Rights rights = context.rights();
  if (context.version() >= kSeveralGroupsFrom) {
    for (const auto& group : request.groups) {
      response.groups.push_back(answer(context, rights, group, request.require_stable));
    }
    co_return response;
  }
  using Topic = OffsetFetchResponse::Topic;
  const bool group_allowed = rights.group(AclOperation::Describe, request.group_id);
  if (!group_allowed && context.version() >= kGroupErrorFrom) {
    response.error_code = KafkaError::GroupAuthorizationFailed;
    co_return response;
  }
  if (!request.topics && context.version() >= kAllTopicsFrom) {
    response.topics = show_all<Topic>(context, rights, request.group_id, request.require_stable);
    co_return response;
  }
  if (!request.topics) co_return response;
  for (const auto& topic : *request.topics) {
    Topic& one = response.topics.emplace_back();
    one.name = topic.name;
    const bool allowed = group_allowed && rights.topic(AclOperation::Describe, topic.name);
    for (const std::int32_t index : topic.partitions) {
      if (!allowed) {
        one.partitions.push_back(
            refused<Topic::Partition>(index, group_allowed ? KafkaError::TopicAuthorizationFailed
                                                           : KafkaError::GroupAuthorizationFailed));
        continue;
      }
      const TopicPartition source{topic.name, index};
      one.partitions.push_back(show<Topic::Partition>(
          index, context.broker().offset_store().find(request.group_id, source),
          request.require_stable));
    }
  }
  co_return response;
}

}  // namespace tidemill::broker::api

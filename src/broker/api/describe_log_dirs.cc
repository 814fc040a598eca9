// SPDX-License-Identifier: Apache-2.0
// All partitions lie in one folder.
#include "wire/kafka/describe_log_dirs.h"

#include <filesystem>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using wire::kafka::DescribeLogDirsRequest;
using wire::kafka::DescribeLogDirsResponse;
using LogDir = DescribeLogDirsResponse::LogDir;

namespace {

LogDir::Topic::Partition size_of(const embedded::Partition& partition) {
  LogDir::Topic::Partition one;
  one.index = partition.index();
  one.partition_size = static_cast<std::int64_t>(partition.bytes_on_disk());
  return one;
}

LogDir describe(const embedded::EmbeddedBroker& broker, const DescribeLogDirsRequest& request) {
  LogDir folder;
  folder.log_dir = broker.options().folder;
  std::error_code failure;
  const auto space = std::filesystem::space(folder.log_dir, failure);
  if (!failure) {
    folder.total_bytes = static_cast<std::int64_t>(space.capacity);
    folder.usable_bytes = static_cast<std::int64_t>(space.available);
  }
  if (!request.topics) {
    for (const auto& topic : broker.topics()) {
      auto& shown = folder.topics.emplace_back();
      shown.name = topic->name;
      for (const auto& partition : topic->partitions)
        shown.partitions.push_back(size_of(*partition));
    }
    return folder;
  }
  // A topic or partition that is not here is left out, as Kafka does.
  for (const auto& wanted : *request.topics) {
    LogDir::Topic shown;
    shown.name = wanted.topic;
    for (const std::int32_t index : wanted.partitions) {
      const auto partition = broker.find_partition(wanted.topic, index);
      if (partition) shown.partitions.push_back(size_of(*partition));
    }
    if (!shown.partitions.empty()) folder.topics.push_back(std::move(shown));
  }
  return folder;
}

}  // namespace

Task<DescribeLogDirsResponse> describe_log_dirs(RequestContext& context,
                                                DescribeLogDirsRequest request) {
  if (!context.rights().cluster(security::AclOperation::Describe)) {
    DescribeLogDirsResponse refused;
    refused.error_code = wire::kafka::KafkaError::ClusterAuthorizationFailed;
    co_return refused;
  }
  auto look = [broker = &context.broker(), request = std::move(request)] {
    return describe(*broker, request);
  };
  DescribeLogDirsResponse response;
  response.results.push_back(co_await run_blocking(context.services.blocking, std::move(look)));
  co_return response;
}

}  // namespace tidemill::broker::api

// SPDX-License-Identifier: Apache-2.0
#include "broker/groups/consumer_protocol.h"

#include <fmt/core.h>

namespace tidemill::broker::groups {
namespace {

Result<std::size_t> read_count(ByteReader& in, std::size_t smallest_element) {
  const std::int32_t count = TRY(in.i32be());
  if (count < 0) return std::size_t{0};
  if (static_cast<std::size_t>(count) > in.remaining() / smallest_element) {
    return error(ErrorCode::Corrupt,
                 fmt::format("{} elements cannot be in {} bytes", count, in.remaining()));
  }
  return static_cast<std::size_t>(count);
}

Result<std::string> read_text(ByteReader& in) {
  const std::size_t size = TRY(in.u16be());
  return std::string(TRY(in.text(size)));
}

}  // namespace

Result<std::vector<std::string>> parse_subscription(BytesView metadata) {
  ByteReader in(metadata);
  TRY(in.i16be());
  std::vector<std::string> topics;
  const std::size_t count = TRY(read_count(in, 2));
  for (std::size_t i = 0; i < count; ++i) topics.push_back(TRY(read_text(in)));
  return topics;
}

Result<std::vector<TopicPartition>> parse_assignment(BytesView assignment) {
  std::vector<TopicPartition> all;
  if (assignment.empty()) return all;
  ByteReader in(assignment);
  TRY(in.i16be());
  const std::size_t topics = TRY(read_count(in, 6));
  for (std::size_t i = 0; i < topics; ++i) {
    const std::string topic = TRY(read_text(in));
    const std::size_t partitions = TRY(read_count(in, 4));
    for (std::size_t k = 0; k < partitions; ++k) all.push_back({topic, TRY(in.i32be())});
  }
  return all;
}

}  // namespace tidemill::broker::groups

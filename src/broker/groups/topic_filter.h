// SPDX-License-Identifier: Apache-2.0
// Which topics a member of a consumer group wants: names, and a regular expression over names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"

namespace tidemill::broker::groups {

struct GroupTopic {
  std::string name;
  Uuid id;
  std::int32_t partitions = 0;
  bool operator==(const GroupTopic&) const = default;
};

// What groups ask of the broker about topics.
//
// Thread: any.
class TopicDirectory {
 public:
  virtual ~TopicDirectory() = default;
  virtual std::optional<GroupTopic> find(std::string_view name) const = 0;
  virtual std::vector<GroupTopic> all() const = 0;
};

// A regular expression that must match the whole name, as Java's Matcher.matches(). The work spent
// on one name is bounded.
class TopicFilter {
 public:
  // InvalidArgument where the pattern is none.
  static Result<std::shared_ptr<const TopicFilter>> compile(std::string_view pattern);
  virtual ~TopicFilter() = default;
  virtual bool matches(std::string_view name) const = 0;
};

}  // namespace tidemill::broker::groups

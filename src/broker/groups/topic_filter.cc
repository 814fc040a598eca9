// SPDX-License-Identifier: Apache-2.0
#include "broker/groups/topic_filter.h"

#include <fmt/core.h>

#include <boost/regex.hpp>

namespace tidemill::broker::groups {
namespace {

constexpr std::size_t kPatternBytesMax = 1000;

class RegexFilter final : public TopicFilter {
 public:
  explicit RegexFilter(boost::regex regex) : regex_(std::move(regex)) {}

  bool matches(std::string_view name) const override {
    try {
      return boost::regex_match(name.begin(), name.end(), regex_);
    } catch (const std::exception&) {
      return false;  // more work than the library allows one match
    }
  }

 private:
  const boost::regex regex_;
};

}  // namespace

Result<std::shared_ptr<const TopicFilter>> TopicFilter::compile(std::string_view pattern) {
  if (pattern.size() > kPatternBytesMax) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("the regular expression has {} bytes, {} are allowed", pattern.size(),
                             kPatternBytesMax));
  }
  try {
    return std::shared_ptr<const TopicFilter>(
        std::make_shared<RegexFilter>(boost::regex(pattern.begin(), pattern.end())));
  } catch (const std::exception& failure) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("regular expression '{}' is not valid: {}", pattern, failure.what()));
  }
}

}  // namespace tidemill::broker::groups

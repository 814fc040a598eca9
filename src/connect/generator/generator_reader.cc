// SPDX-License-Identifier: Apache-2.0
#include "connect/generator/generator_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "connect/feed_options.h"
#include "connect/generator/random_user.h"

namespace tidemill::connect::generator {
namespace {

// State: how many records were made.
class RandomUserReader final : public FeedReader {
 public:
  RandomUserReader(RandomUsers users, std::uint64_t count, bool keyed)
      : users_(users), count_(count), keyed_(keyed) {}

  Result<> open(const std::string& state) override {
    number_ = 0;
    const auto [end, problem] = std::from_chars(state.data(), state.data() + state.size(), number_);
    if (!state.empty() && (problem != std::errc{} || end != state.data() + state.size())) {
      return error(ErrorCode::Corrupt, fmt::format("generator's position is '{}'", state));
    }
    return {};
  }

  Result<ReadOutcome> read(const ReadLimits& limits, FeedBatch& batch, std::stop_token) override {
    const std::uint64_t left = count_ == 0 ? std::numeric_limits<std::uint64_t>::max()
                                           : count_ - std::min(count_, number_);
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(left, limits.records); ++i) {
      if (batch.bytes() >= limits.bytes) break;
      const std::size_t began = batch.text().size();
      const auto written = users_.append(number_++, batch.text());
      if (keyed_ && written.id_size > 0) {
        batch.end_value(began, written.id_at, written.id_size);
      } else {
        batch.end_value(began);
      }
    }
    batch.state = std::to_string(number_);
    return count_ != 0 && number_ >= count_ ? ReadOutcome::Ended : ReadOutcome::More;
  }

 private:
  RandomUsers users_;
  std::uint64_t count_;
  bool keyed_;
  std::uint64_t number_ = 0;
};

}  // namespace

Result<std::unique_ptr<FeedReader>> make_reader(const FeedOptions& given) {
  OptionTaker options("generator", given);
  const std::string kind = options.text("kind").value_or("random_user");
  if (kind != "random_user") {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("option 'kind' of connector 'generator' is '{}', it must be "
                             "'random_user'",
                             kind));
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::int64_t seed = TRY(options.whole("seed", 1, 0, kMost));
  const std::int64_t count = TRY(options.whole("count", 0, 0, kMost));
  RandomUserShares shares;
  shares.invalid = TRY(options.number("invalid_share", 0, 0, 1));
  shares.duplicate = TRY(options.number("duplicate_share", 0, 0, 1));
  const std::string key = options.text("key").value_or("");
  if (!key.empty() && key != "id") {
    return error(
        ErrorCode::InvalidArgument,
        fmt::format("option 'key' of connector 'generator' is '{}', it must be 'id'", key));
  }
  TRY(options.finish());
  return std::unique_ptr<FeedReader>(
      std::make_unique<RandomUserReader>(RandomUsers(static_cast<std::uint64_t>(seed), shares),
                                         static_cast<std::uint64_t>(count), !key.empty()));
}

}  // namespace tidemill::connect::generator

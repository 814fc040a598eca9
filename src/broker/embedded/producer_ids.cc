// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/producer_ids.h"

#include "store/log/checked_file.h"

namespace tidemill::broker::embedded {
namespace {

constexpr std::int64_t kBlock = 1000;
constexpr std::string_view kMagic = "TMPI";
constexpr std::uint16_t kVersion = 1;

}  // namespace

Result<> ProducerIds::open() {
  const MutexLock lock(mutex_);
  if (!disk_.exists(path_)) return {};
  const auto content = TRY(store::log::read_checked_file(disk_, path_, kMagic, kVersion, 1024));
  ByteReader in(content.payload);
  next_ = end_ = TRY(in.i64be());
  return {};
}

Result<> ProducerIds::reserve(std::int64_t end) {
  ByteWriter out;
  out.i64be(end);
  TRY(store::log::write_checked_file(disk_, path_, kMagic, kVersion, out.buffer()));
  end_ = end;
  return {};
}

Result<std::int64_t> ProducerIds::next() {
  const MutexLock lock(mutex_);
  if (next_ == end_) TRY(reserve(end_ + kBlock));
  return next_++;
}

Result<> ProducerIds::refill() {
  const MutexLock lock(mutex_);
  if (end_ - next_ >= kBlock / 2) return {};
  return reserve(end_ + kBlock);
}

}  // namespace tidemill::broker::embedded

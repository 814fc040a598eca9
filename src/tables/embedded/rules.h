// SPDX-License-Identifier: Apache-2.0
// How the table store's values combine and age: what RocksDB's merges and compactions ask.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/mutex.h"
#include "runtime/clock.h"
#include "store/rocks/rules.h"

namespace tidemill::tables::embedded {

// Knows which incarnations of tables live, so that what belongs to dropped or truncated ones goes
// when its file is next rewritten.
//
// Thread:   any.
// Lifetime: outlives the database. Keeps everything until learn() was called once.
class RowRules final : public store::rocks::Rules {
 public:
  RowRules(Clock& clock, std::int64_t gc_grace_max_seconds)
      : clock_(clock), gc_grace_max_(gc_grace_max_seconds) {}

  const char* name() const override { return "tidemill.rows.1"; }
  bool merge(std::span<const std::string_view> operands, std::string& out) const override;
  std::unique_ptr<store::rocks::CompactionPass> begin_compaction() const override;

  // The incarnations that live from now on, with their tables' gc_grace_seconds.
  using Live = std::unordered_map<std::uint32_t, std::int32_t>;
  void learn(Live live);

 private:
  class Pass;
  bool find(std::uint32_t incarnation, std::int64_t& gc_grace) const;

  Clock& clock_;
  std::int64_t gc_grace_max_;
  mutable Mutex mutex_;
  bool knows_ TM_GUARDED_BY(mutex_) = false;
  Live live_ TM_GUARDED_BY(mutex_);
};

}  // namespace tidemill::tables::embedded

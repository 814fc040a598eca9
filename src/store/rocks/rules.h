// SPDX-License-Identifier: Apache-2.0
// How the values of a column family combine and age; implemented by the owner of the data.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tidemill::store::rocks {

enum class Verdict { Keep, Remove, Change };

// One walk of a compaction over entries in key order.
//
// Thread: one, the database's own; must not throw.
class CompactionPass {
 public:
  virtual ~CompactionPass() = default;
  // `complete`: nothing older of this key exists, so what it hides may go; otherwise the entry is
  // one operand of several (an operand a snapshot sees is not shown). Change: `changed` replaces
  // the value.
  virtual Verdict look(std::string_view key, std::string_view value, bool complete,
                       std::string& changed) = 0;
};

// Thread: any, several at once, also the database's own; must not throw.
class Rules {
 public:
  virtual ~Rules() = default;
  // The name is checked on open: another one refuses the files.
  virtual const char* name() const = 0;
  // Combines operands (oldest first) to `out`. Must be associative. False: an operand is damaged.
  virtual bool merge(std::span<const std::string_view> operands, std::string& out) const = 0;
  virtual std::unique_ptr<CompactionPass> begin_compaction() const = 0;
};

}  // namespace tidemill::store::rocks

// SPDX-License-Identifier: Apache-2.0
// How the values of a column family combine and age; implemented by the owner of the data.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tidemill::store::rocks {

// Thread: any, several at once, also the database's own; must not throw.
class Rules {
 public:
  enum class Verdict { Keep, Remove, Change };

  virtual ~Rules() = default;
  // The name is checked on open: another one refuses the files.
  virtual const char* name() const = 0;
  // Combines operands (oldest first) to `out`. Must be associative. False: an operand is damaged.
  virtual bool merge(std::span<const std::string_view> operands, std::string& out) const = 0;
  // Looks at an entry during compaction. `complete`: nothing older of this key exists, so what it
  // hides may go; otherwise the entry is one operand of several.
  virtual Verdict compact(std::string_view key, std::string_view value, bool complete,
                          std::string& changed) const = 0;
};

}  // namespace tidemill::store::rocks

// SPDX-License-Identifier: Apache-2.0
// Takes options out of a WITH clause one by one; what is left over is unknown.
#pragma once

#include <string_view>
#include <vector>

#include "sql/parse/statement.h"

namespace tidemill::sql {

// Lifetime: within one statement's planning.
class OptionReader {
 public:
  explicit OptionReader(ParsedOptions options) : options_(std::move(options)) {}

  std::optional<ParsedOption> take(const std::string& name);
  Result<std::string> take_choice(const std::string& name, const std::string& fallback,
                                  const std::vector<std::string_view>& choices);
  Result<std::chrono::milliseconds> take_duration(const std::string& name,
                                                  std::chrono::milliseconds fallback);
  // Fails when an option is left, naming the nearest that is known.
  Result<> finish(std::string_view subject) const;
  const ParsedOptions& rest() const { return options_; }

 private:
  ParsedOptions options_;
  std::vector<std::string> known_;
};

Error option_error(Position at, std::string_view message);

}  // namespace tidemill::sql

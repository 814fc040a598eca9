// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tidemill {

void check_failed(std::string_view file, int line, std::string_view condition,
                  const std::string& message) {
  const std::string text =
      fmt::format("tidemill: check failed at {}:{}: {} {}\n", file, line, condition, message);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::abort();
}

}  // namespace tidemill

// SPDX-License-Identifier: Apache-2.0
// TM_CHECK: for what can only be our own bug, also in release builds. Input from outside is never
// a CHECK. TM_DCHECK: the same, in debug builds only.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace tidemill {

[[noreturn]] void check_failed(std::string_view file, int line, std::string_view condition,
                               const std::string& message);

}  // namespace tidemill

// TM_CHECK(a == b, "a is {}, b is {}", a, b)
#define TM_CHECK(condition, ...)                                                               \
  do {                                                                                         \
    if (!(condition)) [[unlikely]]                                                             \
      ::tidemill::check_failed(__FILE__, __LINE__, #condition, ::fmt::format("" __VA_ARGS__)); \
  } while (false)

#ifdef NDEBUG
#define TM_DCHECK(condition, ...) \
  do {                            \
  } while (false)
#else
#define TM_DCHECK(condition, ...) TM_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#endif

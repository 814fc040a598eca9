// SPDX-License-Identifier: Apache-2.0
// The structured log: time, level, part, message; text on a terminal, JSON lines on request.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemill {

enum class LogLevel { Debug, Info, Warning, Error };
enum class LogFormat { Text, Json };

Result<LogLevel> parse_log_level(std::string_view text);

// Where the log goes: standard error, and its level. Thread: before other threads start.
void configure_log(LogLevel level, LogFormat format);
bool log_enabled(LogLevel level);
void write_log(LogLevel level, std::string_view part, std::string_view message);

template <class... Args>
void log_debug(std::string_view part, fmt::format_string<Args...> text, Args&&... args) {
  if (log_enabled(LogLevel::Debug)) {
    write_log(LogLevel::Debug, part, fmt::format(text, std::forward<Args>(args)...));
  }
}
template <class... Args>
void log_info(std::string_view part, fmt::format_string<Args...> text, Args&&... args) {
  if (log_enabled(LogLevel::Info)) {
    write_log(LogLevel::Info, part, fmt::format(text, std::forward<Args>(args)...));
  }
}
template <class... Args>
void log_warning(std::string_view part, fmt::format_string<Args...> text, Args&&... args) {
  if (log_enabled(LogLevel::Warning)) {
    write_log(LogLevel::Warning, part, fmt::format(text, std::forward<Args>(args)...));
  }
}
template <class... Args>
void log_error(std::string_view part, fmt::format_string<Args...> text, Args&&... args) {
  write_log(LogLevel::Error, part, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace tidemill

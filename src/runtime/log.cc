// SPDX-License-Identifier: Apache-2.0
#include "runtime/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace tidemill {
namespace {

LogFormat chosen_format = LogFormat::Text;

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("tidemill",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::Debug;
  if (text == "info") return LogLevel::Info;
  if (text == "warning") return LogLevel::Warning;
  if (text == "error") return LogLevel::Error;
  return error(ErrorCode::InvalidArgument,
               fmt::format("log level '{}' is not one of debug, info, warning, error", text));
}

void configure_log(LogLevel level, LogFormat format) {
  chosen_format = format;
  logger().set_level(level_of(level));
  if (format == LogFormat::Json) {
    logger().set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                         spdlog::pattern_time_type::utc);
  }
}

bool log_enabled(LogLevel level) {
  return logger().should_log(level_of(level));
}

void write_log(LogLevel level, std::string_view part, std::string_view message) {
  if (chosen_format == LogFormat::Json) {
    const auto quoted = [](std::string_view text) {
      return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    logger().log(level_of(level), R"("part":{},"message":{})", quoted(part), quoted(message));
    return;
  }
  logger().log(level_of(level), "{}: {}", part, message);
}

}  // namespace tidemill

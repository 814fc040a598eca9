// SPDX-License-Identifier: Apache-2.0
// What making a part takes.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>

#include "config/config.h"
#include "runtime/clock.h"
#include "runtime/disk.h"
#include "runtime/metrics.h"
#include "runtime/random.h"
#include "runtime/session.h"
#include "runtime/threads.h"
#include "runtime/tls.h"
#include "security/acl_store.h"
#include "security/user_store.h"

namespace tidemill::app {

// Lifetime: all of it outlives the parts.
struct PartContext {
  const config::Config& config;
  const std::string& data;
  const std::string& folder;  // of the project, or the one the instance was started in
  IoThreads& io;
  BlockingPool& pool;
  Clock& clock;
  Disk& disk;
  Random& random;
  Metrics& metrics;
  security::UserStore& users;
  security::AclStore& acls;
};

// A part's own address, or that of all.
inline std::string listen_address_of(const config::Config& config, std::string_view part) {
  const std::string& own = config.text(std::string(part) + ".listen");
  return own.empty() ? config.text("listen") : own;
}

// Relative paths of PEM files are relative to the project.
inline Result<std::shared_ptr<const TlsContext>> load_tls(const PartContext& context,
                                                          std::string_view certificate_option,
                                                          std::string_view key_option) {
  TlsFiles files;
  for (const auto& [option, path] :
       {std::pair(certificate_option, &files.certificate), std::pair(key_option, &files.key)}) {
    *path = context.config.text(option);
    if (path->empty()) {
      return error(ErrorCode::InvalidArgument, fmt::format("TLS is on, but {} is not set", option))
          .with_hint("set it to a PEM file");
    }
    if (!path->starts_with('/') && !context.folder.empty()) *path = context.folder + "/" + *path;
  }
  return std::shared_ptr<const TlsContext>(TRY(TlsContext::load(files)));
}

// What is configured for the connections of log and tables alike.
inline SessionLimits session_limits_of(const config::Config& config, std::string_view idle_option) {
  return {
      .idle_timeout = std::chrono::milliseconds(config.number(idle_option)),
      .first_request_timeout = std::chrono::milliseconds(config.number("io.first_request_timeout")),
      .stall_timeout = std::chrono::milliseconds(config.number("io.stall_timeout"))};
}

}  // namespace tidemill::app

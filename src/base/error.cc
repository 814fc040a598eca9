// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <utility>

namespace tidemill {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return "invalid_argument";
    case ErrorCode::NotFound:
      return "not_found";
    case ErrorCode::AlreadyExists:
      return "already_exists";
    case ErrorCode::Denied:
      return "denied";
    case ErrorCode::Conflict:
      return "conflict";
    case ErrorCode::Corrupt:
      return "corrupt";
    case ErrorCode::TooLarge:
      return "too_large";
    case ErrorCode::Exhausted:
      return "exhausted";
    case ErrorCode::Timeout:
      return "timeout";
    case ErrorCode::Cancelled:
      return "cancelled";
    case ErrorCode::Unavailable:
      return "unavailable";
    case ErrorCode::NotLeader:
      return "not_leader";
    case ErrorCode::Unsupported:
      return "unsupported";
    case ErrorCode::Io:
      return "io";
    case ErrorCode::Internal:
      return "internal";
  }
  return "internal";
}

bool retryable(ErrorCode code) {
  switch (code) {
    case ErrorCode::Exhausted:
    case ErrorCode::Timeout:
    case ErrorCode::Unavailable:
    case ErrorCode::NotLeader:
    case ErrorCode::Io:
      return true;
    case ErrorCode::InvalidArgument:
    case ErrorCode::NotFound:
    case ErrorCode::AlreadyExists:
    case ErrorCode::Denied:
    case ErrorCode::Conflict:
    case ErrorCode::Corrupt:
    case ErrorCode::TooLarge:
    case ErrorCode::Cancelled:
    case ErrorCode::Unsupported:
    case ErrorCode::Internal:
      return false;
  }
  return false;
}

Error&& Error::context(std::string_view where) && {
  message.append(" (").append(where).append(")");
  return std::move(*this);
}

Error&& Error::with_hint(std::string next_step) && {
  hint = std::move(next_step);
  return std::move(*this);
}

}  // namespace tidemill

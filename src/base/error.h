// SPDX-License-Identifier: Apache-2.0
// The one error type of the program. Protocol codes exist only at the borders, which map ErrorCode
// by an exhaustive switch.
#pragma once

#include <string>
#include <string_view>

namespace tidemill {

enum class ErrorCode {
  InvalidArgument,
  NotFound,
  AlreadyExists,
  Denied,
  Conflict,
  Corrupt,
  TooLarge,
  Exhausted,
  Timeout,
  Cancelled,
  Unavailable,
  NotLeader,
  Unsupported,
  Io,
  Internal,
};

// The name as it stands in REST answers and logs: "invalid_argument".
std::string_view name_of(ErrorCode code);

// Whether the same call may succeed later without any change by the caller.
bool retryable(ErrorCode code);

// What failed: a code for programs, a sentence for people ("topic 'orders' has 3 partitions, cannot
// add partition 2": lower-case, subject first, no period) and, where there is one, the next step.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;
  std::string hint = {};
  // The code of the protocol that a part implements, where it says more than `code` does (the
  // embedded log sets Kafka's error code); 0: none.
  int detail = 0;

  Error&& context(std::string_view where) &&;
  Error&& with_hint(std::string next_step) &&;
};

inline Error error(ErrorCode code, std::string message) {
  return Error{code, std::move(message)};
}

}  // namespace tidemill

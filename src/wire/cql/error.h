// SPDX-License-Identifier: Apache-2.0
// What a CQL client is told when something fails: the protocol's code, a sentence, and the fields
// that some codes carry. Outcome<T> is the Result of everything that speaks CQL; an Error of
// other layers becomes a CqlError by the one switch in error.cc.
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "base/result.h"

namespace tidemill::wire::cql {

enum class CqlErrorCode : std::uint32_t {
  ServerError = 0x0000,
  ProtocolError = 0x000A,
  BadCredentials = 0x0100,
  Unavailable = 0x1000,
  Overloaded = 0x1001,
  Bootstrapping = 0x1002,
  TruncateError = 0x1003,
  WriteTimeout = 0x1100,
  ReadTimeout = 0x1200,
  ReadFailure = 0x1300,
  FunctionFailure = 0x1400,
  WriteFailure = 0x1500,
  Syntax = 0x2000,
  Unauthorized = 0x2100,
  Invalid = 0x2200,
  Config = 0x2300,
  AlreadyExists = 0x2400,
  Unprepared = 0x2500,
};

// RequestFailureReason's codes, as v5 tells them.
enum class FailureReason : std::uint16_t { Unknown = 0, ReadTooManyTombstones = 1, ReadSize = 4 };

struct CqlError {
  CqlErrorCode code = CqlErrorCode::ServerError;
  std::string message;
  std::string keyspace = {};                     // AlreadyExists, FunctionFailure
  std::string name = {};                         // AlreadyExists: table; FunctionFailure: function
  std::vector<std::string> argument_types = {};  // FunctionFailure
  Bytes statement_id = {};                       // Unprepared
  std::uint16_t consistency = 0;                 // Unavailable, timeouts, failures
  std::int32_t required = 0;
  std::int32_t alive = 0;  // Unavailable: alive; timeouts: received
  std::string write_type = {};
  FailureReason reason = FailureReason::Unknown;  // failures: of the one node
};

CqlErrorCode code_of(ErrorCode code);
CqlError to_cql_error(Error failure);
// For layers that speak Result: the code that fits best, and the text.
Error to_error(CqlError failure);

inline CqlError invalid(std::string message) {
  return {CqlErrorCode::Invalid, std::move(message)};
}
inline CqlError syntax(std::string message) {
  return {CqlErrorCode::Syntax, std::move(message)};
}
inline CqlError bad_config(std::string message) {
  return {CqlErrorCode::Config, std::move(message)};
}
inline CqlError unauthorized(std::string message) {
  return {CqlErrorCode::Unauthorized, std::move(message)};
}
inline CqlError protocol_error(std::string message) {
  return {CqlErrorCode::ProtocolError, std::move(message)};
}

// Holds a T or a CqlError; works with TRY and CO_TRY, also on a Result<T> inside.
template <class T = void>
class [[nodiscard]] Outcome {
 public:
  using value_type = T;

  Outcome()
    requires std::is_void_v<T> || std::default_initializable<T>
  = default;
  template <class U = T>
    requires(!std::is_void_v<T> && std::convertible_to<U, T> &&
             !std::same_as<std::remove_cvref_t<U>, Outcome> &&
             !std::same_as<std::remove_cvref_t<U>, CqlError> &&
             !std::same_as<std::remove_cvref_t<U>, Error>)
  Outcome(U&& value)
      : state_(std::in_place, std::forward<U>(value)) {}  // NOLINT: implicit on purpose
  Outcome(CqlError failure)
      : state_(std::unexpect, std::move(failure)) {}  // NOLINT: implicit on purpose
  Outcome(Error failure)
      : state_(std::unexpect, to_cql_error(std::move(failure))) {}  // NOLINT: implicit on purpose

  bool ok() const { return state_.has_value(); }
  explicit operator bool() const { return ok(); }

  decltype(auto) operator*() & { return *state_; }
  decltype(auto) operator*() const& { return *state_; }
  decltype(auto) operator*() && { return *std::move(state_); }
  auto* operator->()
    requires(!std::is_void_v<T>)
  {
    return &*state_;
  }
  const auto* operator->() const
    requires(!std::is_void_v<T>)
  {
    return &*state_;
  }

  const CqlError& error() const& { return state_.error(); }
  CqlError&& error() && { return std::move(state_).error(); }

 private:
  std::expected<T, CqlError> state_;
};

}  // namespace tidemill::wire::cql

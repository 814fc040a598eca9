// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error, and the two macros that pass an Error on.
#pragma once

#include <concepts>
#include <expected>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace tidemill {

// Holds a T or an Error. Dropping one is a warning; reading the value of a failed one is undefined,
// so ask ok() or use TRY.
template <class T = void>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result()
    requires std::is_void_v<T> || std::default_initializable<T>
  = default;
  template <class U = T>
    requires(!std::is_void_v<T> && std::convertible_to<U, T> &&
             !std::same_as<std::remove_cvref_t<U>, Result> &&
             !std::same_as<std::remove_cvref_t<U>, Error>)
  Result(U&& value)
      : state_(std::in_place, std::forward<U>(value)) {}  // NOLINT: implicit on purpose
  Result(Error failure)
      : state_(std::unexpect, std::move(failure)) {}  // NOLINT: implicit on purpose

  bool ok() const { return state_.has_value(); }
  explicit operator bool() const { return ok(); }

  decltype(auto) value() & { return *state_; }
  decltype(auto) value() const& { return *state_; }
  decltype(auto) value() && { return *std::move(state_); }
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
  decltype(auto) operator*() & { return *state_; }
  decltype(auto) operator*() const& { return *state_; }
  decltype(auto) operator*() && { return *std::move(state_); }

  const Error& error() const& { return state_.error(); }
  Error&& error() && { return std::move(state_).error(); }

  // Adds where it happened, once, by the layer that knows it.
  Result&& context(std::string_view where) && {
    if (!ok()) std::move(state_.error()).context(where);
    return std::move(*this);
  }

 private:
  std::expected<T, Error> state_;
};

}  // namespace tidemill

#define TM_CONCAT_INNER(a, b) a##b
#define TM_CONCAT(a, b) TM_CONCAT_INNER(a, b)

#define TM_TRY_IMPL(result, keyword, expression)         \
  ({                                                     \
    auto result = (expression);                          \
    if (!result.ok()) keyword std::move(result).error(); \
    *std::move(result);                                  \
  })

// The value of an expression that gives a Result, or returns its error from the enclosing function.
#define TRY(...) TM_TRY_IMPL(TM_CONCAT(tm_result_, __COUNTER__), return, (__VA_ARGS__))
// The same in a coroutine: CO_TRY(co_await f()).
#define CO_TRY(...) TM_TRY_IMPL(TM_CONCAT(tm_result_, __COUNTER__), co_return, (__VA_ARGS__))

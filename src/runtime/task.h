// SPDX-License-Identifier: Apache-2.0
// Task<T>: a coroutine that gives a Result<T>. Include this, not <boost/asio.hpp>.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.h"

namespace tidemill {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<Result<T>>;

}  // namespace tidemill

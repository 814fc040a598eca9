// SPDX-License-Identifier: Apache-2.0
// The part of Asio that speaks TLS, compiled once.
#include <boost/asio/ssl/impl/src.hpp>

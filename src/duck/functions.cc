// SPDX-License-Identifier: Apache-2.0
// Scalar functions of our own.
#include "duck/state.h"

namespace tidemill::duck {

Result<> register_functions(duckdb_connection) {
  return {};
}

}  // namespace tidemill::duck

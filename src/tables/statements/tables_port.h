// SPDX-License-Identifier: Apache-2.0
// The PORT Tables on the embedded store: CQL through the executor, bulk writes straight into it.
#pragma once

#include <memory>

#include "tables/statements/executor.h"
#include "tables/tables.h"

namespace tidemill::tables::statements {

// Lifetime: the executor and its store outlive it.
std::unique_ptr<Tables> make_tables_port(Executor& executor);

}  // namespace tidemill::tables::statements

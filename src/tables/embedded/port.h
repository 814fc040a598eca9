// SPDX-License-Identifier: Apache-2.0
// The parts of the PORT Tables that need no CQL text, over a Store. The server's part adds
// execute() and create statements.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tables/embedded/store.h"
#include "tables/tables.h"

namespace tidemill::tables::embedded {

// All tables of all keyspaces in the schema, without create statements.
Result<std::vector<TableInfo>> list_tables(const Store& store);
// One table; NotFound with Cassandra's wording.
Result<TableInfo> describe_table(const Store& store, const std::string& keyspace,
                                 const std::string& table);
// A writer of the columns, which must be the whole primary key and any others that are stored as
// one cell; `store` must outlive it. It keeps writing while columns are added to the table.
Result<std::unique_ptr<Writer>> open_writer(Store& store, const std::string& keyspace,
                                            const std::string& table,
                                            const std::vector<std::string>& columns);

}  // namespace tidemill::tables::embedded

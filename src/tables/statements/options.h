// SPDX-License-Identifier: Apache-2.0
// WITH of keyspaces and tables: which options exist, their defaults and their checks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tables/schema.h"
#include "tables/statements/syntax.h"
#include "wire/cql/error.h"

namespace tidemill::tables::statements {

using OptionMap = std::map<std::string, std::string>;

// Properties of CREATE or ALTER TABLE, checked and in the form they are echoed.
wire::cql::Outcome<TableOptions> table_options(const std::vector<Property>& properties);
// One option as stored, or its default.
std::string option_text(const TableOptions& options, const std::string& name);
OptionMap option_map(const TableOptions& options, const std::string& name);

struct KeyspaceOptions {
  std::optional<OptionMap> replication;  // class fully qualified
  std::optional<bool> durable_writes;
};
wire::cql::Outcome<KeyspaceOptions> keyspace_options(const std::vector<Property>& properties,
                                                     std::string_view data_center);

}  // namespace tidemill::tables::statements

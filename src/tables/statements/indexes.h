// SPDX-License-Identifier: Apache-2.0
// What statements know of secondary indexes.
#pragma once

#include <memory>
#include <string>

#include "tables/schema.h"

namespace tidemill::tables::statements {

struct FoundIndex {
  std::shared_ptr<const Table> table;
  const Index* index = nullptr;  // of the table
};
FoundIndex find_index(const Keyspace& keyspace, const std::string& name);

// As CREATE INDEX writes it: `v`, `keys(m)`, `full(f)`.
std::string target_text(const Column& column, Index::Target target);

}  // namespace tidemill::tables::statements

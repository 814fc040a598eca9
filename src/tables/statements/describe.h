// SPDX-License-Identifier: Apache-2.0
// The CREATE statements that make what exists, as DESCRIBE prints them.
#pragma once

#include <string>

#include "tables/schema.h"

namespace tidemill::tables::statements {

std::string create_statement(const Keyspace& keyspace);
std::string create_statement(const Table& table, bool internals = false);
std::string create_statement(const UserType& type);

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
// The port's contract, written against tables/tables.h alone. Each implementation brings a factory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "tables/tables.h"

namespace tidemill::tables {

// Running tables and what they need.
class TablesFixture {
 public:
  virtual ~TablesFixture() = default;
  virtual Tables& tables() = 0;
  // Stops them and starts them on the same data; false where that cannot be done.
  virtual bool restart() = 0;
};

struct TablesKind {
  std::string name;
  std::function<std::unique_ptr<TablesFixture>()> make;
};
inline void PrintTo(const TablesKind& kind, std::ostream* out) {
  *out << kind.name;
}

// The implementations to be judged: embedded always, others where configured.
std::vector<TablesKind> configured_tables();

// Works in keyspace `contract`, table `users (id text, seq int, name text, age int)` with primary
// key (id, seq).
class TablesContract : public testing::TestWithParam<TablesKind> {
 protected:
  TablesContract();

  Tables& tables() { return fixture_->tables(); }
  bool restart() { return fixture_->restart(); }
  // Fails the test when the statement does.
  CqlResult run(const std::string& cql);
  // Rows as cqlsh shows them, "a|1|x"; null is "null".
  std::vector<std::string> rows(const std::string& cql);

  struct User {
    std::string id;
    std::int32_t seq = 0;
    std::optional<std::string> name;
    std::int64_t timestamp = 1000;
  };
  // For a writer of {"id", "seq", "name"}.
  static UpsertBatch batch(const std::vector<User>& users);
  std::unique_ptr<Writer> open_writer();

 private:
  std::unique_ptr<TablesFixture> fixture_;
};

}  // namespace tidemill::tables

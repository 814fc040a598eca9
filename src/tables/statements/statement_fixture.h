// SPDX-License-Identifier: Apache-2.0
// For tests: CQL on a real store in a folder of its own, under a clock that is turned by hand.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tables/embedded/store_fixture.h"
#include "tables/statements/executor.h"
#include "wire/cql/literal.h"

namespace tidemill::tables::statements {

class StatementTest : public testing::Test {
 protected:
  void SetUp() override {
    open();
    run("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': "
        "1}");
  }
  void TearDown() override { close(); }

  void open() {
    embedded::StoreOptions options;
    options.path = folder_.path();
    auto store = embedded::Store::open(options, clock_, random_);
    ASSERT_TRUE(store.ok()) << store.error().message;
    store_ = *std::move(store);
    executor_ = std::make_unique<Executor>(*store_, clock_, random_, *load_node(*store_, random_),
                                           access_, limits_);
  }
  void close() {
    executor_.reset();
    if (store_) store_->close();
    store_.reset();
  }
  void reopen() {
    close();
    open();
  }

  Outcome<StatementResult> answer(const std::string& cql, wire::cql::QueryOptions options = {}) {
    const StatementPtr statement = TRY(executor_->compile(cql, "ks"));
    return executor_->execute(*statement, TRY(executor_->bind(*statement, options)));
  }
  // Runs what must succeed.
  StatementResult run(const std::string& cql, wire::cql::QueryOptions options = {}) {
    auto result = answer(cql, std::move(options));
    EXPECT_TRUE(result.ok()) << cql << ": " << (result.ok() ? "" : result.error().message);
    return result.ok() ? *std::move(result) : StatementResult{};
  }
  // The message of what must fail.
  std::string failure(const std::string& cql) {
    const auto result = answer(cql);
    return result.ok() ? "accepted: " + cql : result.error().message;
  }
  // Rows as "1 | 'a' | null".
  static std::vector<std::string> shown(const StatementResult& result) {
    std::vector<std::string> out;
    const auto* rows = std::get_if<wire::cql::Rows>(&result.kind);
    if (rows == nullptr) return out;
    ByteReader cells(rows->cells);
    for (std::int32_t i = 0; i < rows->row_count; ++i) {
      std::string line;
      for (const ColumnSpec& column : rows->metadata->columns) {
        if (!line.empty()) line += " | ";
        const auto cell = wire::cql::read_cell(cells);
        EXPECT_TRUE(cell.ok());
        line += *cell ? wire::cql::to_shell_text(column.type, **cell, true) : "null";
      }
      out.push_back(std::move(line));
    }
    return out;
  }
  std::vector<std::string> rows(const std::string& cql) { return shown(run(cql)); }

  embedded::TemporaryFolder folder_;
  ManualClock clock_;
  SeededRandom random_{7};
  AccessControl access_;
  ReadLimits limits_;
  std::unique_ptr<embedded::Store> store_;
  std::unique_ptr<Executor> executor_;
};

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
// Test code: an engine over the fake broker, a table that remembers write times, and verbs.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "stream/engine.h"
#include "stream/sink.h"
#include "stream/testing/fake_broker.h"

namespace tidemill::stream::testing {

// What a CQL table would be: the row with the later write time wins. It outlives crashes.
struct FakeTable {
  struct Row {
    std::int64_t write_time_us = 0;
    std::string text;
  };
  Mutex mutex;
  std::map<std::string, Row> rows;
  std::size_t writes = 0;
  std::vector<std::string> ties;  // two different rows with one time
  Result<> next_failure;          // of flush()
};

std::string print_value(const ColumnView& column, std::size_t at);

class FakeTableSink final : public Sink {
 public:
  FakeTableSink(FakeTable& table, QuerySpec spec) : table_(table), spec_(std::move(spec)) {}
  Delivery delivery() const override { return Delivery::IdempotentUpsert; }
  std::vector<std::string> key_columns() const override { return spec_.key; }
  void check(const Chunk& rows, std::vector<RefusedRow>& refused) const override;
  Result<> write(const Chunk& rows, std::span<const RowOrigin> origins,
                 broker::TransactionalWriter&) override;
  Result<> flush() override {
    const MutexLock lock(table_.mutex);
    auto failure = std::move(table_.next_failure);
    table_.next_failure = Result<>();
    return failure;
  }
  std::string description() const override { return "fake table"; }

 private:
  FakeTable& table_;
  QuerySpec spec_;
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest();
  ~EngineTest() override;

  void open();  // an engine over what is there
  void close() { engine_.reset(); }
  void start(const QuerySpec& spec) {
    const auto started = engine_->start(spec);
    ASSERT_TRUE(started.ok()) << started.error().message;
  }
  void produce(const std::string& value, std::int32_t partition = 0, std::int64_t ms = 1000,
               const std::string& key = "");
  void wait(const std::string& query = "q") {
    const auto waited = engine_->wait(query, std::chrono::seconds(20));
    ASSERT_TRUE(waited.ok()) << waited.error().message;
  }
  // The table's rows as "key: a|b|c".
  std::vector<std::string> rows();
  // The dead letters as "rules@partition/offset".
  std::vector<std::string> letters();
  // Polls until it is true; fails after a while.
  void eventually(const std::function<bool()>& condition);

  // Rows of users: id, name, n.
  QuerySpec users() const;

  std::string folder_;
  FakeBroker broker_;
  FakeTable table_;
  RealDisk disk_;
  SystemClock clock_;
  SeededRandom random_{1};
  EngineOptions options_;
  std::unique_ptr<Metrics> metrics_ = std::make_unique<Metrics>();
  std::unique_ptr<Engine> engine_;
};

}  // namespace tidemill::stream::testing

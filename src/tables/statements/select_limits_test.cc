// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tables/statements/statement_fixture.h"

namespace tidemill::tables::statements {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using CqlError = wire::cql::CqlError;

class SelectLimits : public StatementTest {
 protected:
  void SetUp() override {
    StatementTest::SetUp();
    run("CREATE TABLE t (pk int, ck int, v text, w text, s text static, m map<int, text>, "
        "PRIMARY KEY (pk, ck))");
  }
  // Opens again with these thresholds.
  void limit_tombstones(std::uint64_t warning, std::uint64_t failure) {
    limits_.tombstone_warn_threshold = warning;
    limits_.tombstone_failure_threshold = failure;
    reopen();
  }
  void insert(int pk, int from, int to) {
    for (int ck = from; ck < to; ++ck) {
      run(fmt::format("INSERT INTO t (pk, ck, v) VALUES ({}, {}, 'x')", pk, ck));
    }
  }
  void remove(int pk, int from, int to) {
    for (int ck = from; ck < to; ++ck) {
      run(fmt::format("DELETE FROM t WHERE pk = {} AND ck = {}", pk, ck));
    }
  }
  // What it warns of when a single tombstone is one too many: "live/tombstones", by partition.
  std::vector<std::string> counts(const std::string& cql, int page_size = 0) {
    limit_tombstones(0, 100'000);
    wire::cql::QueryOptions options;
    options.page_size = page_size;
    std::vector<std::string> out;
    for (const std::string& warning : run(cql, options).warnings) {
      long long live = 0;
      long long dead = 0;
      if (std::sscanf(warning.c_str(), "Read %lld live rows and %lld tombstone cells", &live,
                      &dead) == 2) {
        out.push_back(fmt::format("{}/{}", live, dead));
      }
    }
    return out;
  }
  CqlError error_of(const std::string& cql, wire::cql::QueryOptions options = {}) {
    const auto result = answer(cql, options);
    EXPECT_FALSE(result.ok()) << cql;
    return result.ok() ? CqlError{} : result.error();
  }
};

TEST_F(SelectLimits, WarnInCassandrasWords) {
  limit_tombstones(2, 100'000);
  insert(1, 0, 5);
  remove(1, 0, 3);
  wire::cql::QueryOptions options;
  options.page_size = 100;
  EXPECT_THAT(run("SELECT * FROM t WHERE pk = 1", options).warnings,
              ElementsAre("Read 2 live rows and 3 tombstone cells for query SELECT * FROM ks.t "
                          "WHERE pk = 1 LIMIT 100 ALLOW FILTERING; token -4069959284402364209 "
                          "(see tombstone_warn_threshold)"));
}

TEST_F(SelectLimits, StayQuietUpToTheThreshold) {
  limit_tombstones(3, 100'000);
  insert(1, 0, 5);
  remove(1, 0, 3);
  EXPECT_THAT(run("SELECT * FROM t WHERE pk = 1").warnings, IsEmpty());
}

TEST_F(SelectLimits, AnswerAReadFailureBeyondTheThreshold) {
  limit_tombstones(1, 3);
  remove(1, 0, 4);
  const CqlError failure = error_of("SELECT * FROM t WHERE pk = 1");
  EXPECT_EQ(failure.code, wire::cql::CqlErrorCode::ReadFailure);
  EXPECT_EQ(failure.reason, wire::cql::FailureReason::ReadTooManyTombstones);
  EXPECT_EQ(failure.message,
            "Operation failed - received 0 responses and 1 failures: READ_TOO_MANY_TOMBSTONES from "
            "localhost/127.0.0.1:7000");
  EXPECT_EQ(failure.required, 1);
}

TEST_F(SelectLimits, FailNeitherOtherPartitionsNorOtherRows) {
  limit_tombstones(1, 3);
  remove(1, 0, 4);
  insert(2, 0, 1);
  EXPECT_THAT(rows("SELECT ck FROM t WHERE pk = 2"), SizeIs(1));
  EXPECT_THAT(rows("SELECT ck FROM t WHERE pk = 1 AND ck >= 2"), IsEmpty());
  EXPECT_THAT(failure("SELECT ck FROM t"), HasSubstr("READ_TOO_MANY_TOMBSTONES"));
}

TEST_F(SelectLimits, CountDeadCellsOfLiveRows) {
  insert(1, 0, 2);
  run("DELETE v FROM t WHERE pk = 1 AND ck = 0");
  run("INSERT INTO t (pk, ck, v, w) VALUES (1, 1, null, null)");
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1"), ElementsAre("2/3"));
}

TEST_F(SelectLimits, CountAnExpiredRowByItsCells) {
  run("INSERT INTO t (pk, ck, v, w) VALUES (1, 0, 'a', 'b') USING TTL 10");
  run("INSERT INTO t (pk, ck) VALUES (1, 1) USING TTL 10");
  clock_.advance(std::chrono::seconds(11));
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1"), ElementsAre("0/3"));
}

TEST_F(SelectLimits, CountBothEndsOfARangeTombstone) {
  insert(1, 0, 10);
  run("DELETE FROM t WHERE pk = 1 AND ck >= 2 AND ck < 4");
  run("DELETE FROM t WHERE pk = 1 AND ck >= 6 AND ck < 7");
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1"), ElementsAre("7/4"));
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1 ORDER BY ck DESC"), ElementsAre("7/4"));
  EXPECT_THAT(counts("SELECT * FROM t"), ElementsAre("7/4"));
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1 AND ck < 5"), ElementsAre("3/2"));
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1 AND ck > 7"), IsEmpty());
}

TEST_F(SelectLimits, CountOnlyWhatAPageGoesOver) {
  insert(1, 0, 10);
  run("DELETE FROM t WHERE pk = 1 AND ck >= 6 AND ck < 7");
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1", 3), IsEmpty());
  EXPECT_THAT(counts("SELECT * FROM t", 3), IsEmpty());
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1", 8), ElementsAre("8/2"));
}

TEST_F(SelectLimits, DoNotCountWhatADeletionHides) {
  insert(1, 0, 10);
  remove(1, 0, 5);
  run("DELETE FROM t WHERE pk = 1");
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1"), IsEmpty());
}

TEST_F(SelectLimits, CountStaticCellsAndElements) {
  run("UPDATE t SET s = null WHERE pk = 1");
  run("INSERT INTO t (pk, ck, m) VALUES (1, 0, {1: 'a', 2: 'b'})");
  run("DELETE m[1] FROM t WHERE pk = 1 AND ck = 0");
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk = 1"), ElementsAre("1/2"));
}

TEST_F(SelectLimits, CountEachPartitionOfAnInByItself) {
  insert(1, 0, 3);
  remove(1, 0, 2);
  insert(2, 0, 3);
  remove(2, 0, 3);
  EXPECT_THAT(counts("SELECT * FROM t WHERE pk IN (1, 2)"), ElementsAre("1/2", "0/3"));
}

TEST_F(SelectLimits, CountEachPageOfAnAggregateByItself) {
  for (int pk = 0; pk < 3; ++pk) remove(pk, 0, 2);
  limit_tombstones(100, 5);
  EXPECT_THAT(failure("SELECT count(*) FROM t"), HasSubstr("READ_TOO_MANY_TOMBSTONES"));
  EXPECT_THAT(counts("SELECT count(*) FROM t"), ElementsAre("0/6"));
}

TEST_F(SelectLimits, EndPagesByBytes) {
  run("CREATE TABLE wide (pk int, ck int, v text, PRIMARY KEY (pk, ck))");
  const std::string value(1000, 'x');
  for (int ck = 0; ck < 20; ++ck) {
    run(fmt::format("INSERT INTO wide (pk, ck, v) VALUES (1, {}, '{}')", ck, value));
  }
  limits_.coordinator_read_size_fail_threshold = 5'000;
  reopen();
  wire::cql::QueryOptions options;
  options.page_size = 100;
  std::size_t seen = 0;
  std::size_t pages = 0;
  Bytes paging_state;
  do {
    const auto page = run("SELECT * FROM wide WHERE pk = 1", options);
    const auto& rows = std::get<wire::cql::Rows>(page.kind);
    EXPECT_LE(rows.cells.size(), 7'000U);
    seen += static_cast<std::size_t>(rows.row_count);
    paging_state = rows.paging_state.value_or(Bytes{});
    options.paging_state = paging_state;
  } while (!paging_state.empty() && ++pages < 100);
  EXPECT_EQ(seen, 20U);
  EXPECT_GE(pages, 3U);
}

TEST_F(SelectLimits, RefuseAResultThatDoesNotFitInMemory) {
  run("CREATE TABLE wide (pk int, ck int, v text, PRIMARY KEY (pk, ck))");
  const std::string value(1000, 'x');
  for (int ck = 0; ck < 20; ++ck) {
    run(fmt::format("INSERT INTO wide (pk, ck, v) VALUES ({}, {}, '{}')", ck % 2, ck, value));
  }
  limits_.coordinator_read_size_fail_threshold = 5'000;
  reopen();
  for (const std::string cql :
       {"SELECT * FROM wide", "SELECT * FROM wide WHERE pk IN (0, 1) ORDER BY ck",
        "SELECT pk, ck, max(v) FROM wide GROUP BY pk, ck"}) {
    const CqlError failure = error_of(cql);
    EXPECT_EQ(failure.code, wire::cql::CqlErrorCode::ReadFailure) << cql << failure.message;
    EXPECT_EQ(failure.reason, wire::cql::FailureReason::ReadSize);
    EXPECT_THAT(failure.message,
                HasSubstr("bytes but max allowed is 5000 bytes; query aborted (see "
                          "coordinator_read_size_fail_threshold)"));
  }
  EXPECT_THAT(rows("SELECT ck FROM wide"), SizeIs(20));
}

}  // namespace
}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_reader.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "duck/database.h"

namespace tidemill::connect::file {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class FileReaderTest : public testing::Test {
 protected:
  FileReaderTest() {
    std::string pattern = testing::TempDir() + "tidemill_file_XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~FileReaderTest() override { std::filesystem::remove_all(folder); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name, std::ios::binary) << text;
  }
  std::unique_ptr<FeedReader> reader(FeedOptions options, const std::string& from_state = "") {
    auto made = make_reader(options, {clock, folder});
    EXPECT_TRUE(made.ok()) << made.error().message;
    const auto opened = (*made)->open(from_state);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(*made);
  }
  // "key=value" or "value" of every record, reading `at_once` at a time.
  std::vector<std::string> all(FeedReader& from, std::size_t at_once,
                               std::size_t most = 1'000'000) {
    std::vector<std::string> out;
    ReadLimits limits;
    limits.records = at_once;
    while (out.size() < most) {
      FeedBatch batch;
      const auto outcome = from.read(limits, batch, {});
      EXPECT_TRUE(outcome.ok()) << outcome.error().message;
      for (const auto& entry : batch.entries()) {
        const std::string key = entry.has_key ? std::string(batch.key(entry)) + "=" : "";
        out.push_back(key + std::string(batch.value(entry)));
      }
      state = batch.state;
      if (!outcome.ok() || *outcome == ReadOutcome::Ended) break;
    }
    return out;
  }

  SystemClock clock;
  std::string folder;
  std::string state;  // after the last read
};

TEST_F(FileReaderTest, PassesJsonLinesByteForByte) {
  write("a.jsonl", "{\"a\": 1}\r\n\nnot json\n{\"b\":\xff}");
  EXPECT_THAT(all(*reader({{"path", "a.jsonl"}}), 2),
              ElementsAre("{\"a\": 1}", "not json", "{\"b\":\xff}"));
}

TEST_F(FileReaderTest, ContinuesLinesWhereItStopped) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "{\"i\":" + std::to_string(i) + "}\n";
  write("a.jsonl", text);
  auto first = all(*reader({{"path", "a.jsonl"}}), 300, 300);
  const auto second = all(*reader({{"path", "a.jsonl"}}, state), 300);
  first.insert(first.end(), second.begin(), second.end());
  ASSERT_EQ(first.size(), 1000U);
  EXPECT_EQ(first[300], "{\"i\":300}");
  EXPECT_EQ(first[999], "{\"i\":999}");
}

TEST_F(FileReaderTest, StopsAtACount) {
  write("a.jsonl", "1\n2\n3\n");
  EXPECT_THAT(all(*reader({{"path", "a.jsonl"}, {"count", "2"}}), 10), ElementsAre("1", "2"));
  write("a.csv", "x\n1\n2\n3\n");
  EXPECT_THAT(all(*reader({{"path", "a.csv"}, {"count", "2"}}), 10),
              ElementsAre("{\"x\":1}", "{\"x\":2}"));
}

TEST_F(FileReaderTest, MakesObjectsOfCsvRows) {
  write("a.csv", "name,n,at\n\"a,b\",1,2026-01-02 03:04:05\nc,,\n");
  EXPECT_THAT(all(*reader({{"path", "a.csv"}, {"key", "name"}}), 1),
              ElementsAre("a,b={\"name\":\"a,b\",\"n\":1,\"at\":\"2026-01-02 03:04:05\"}",
                          "c={\"name\":\"c\",\"n\":null,\"at\":null}"));
}

TEST_F(FileReaderTest, TakesAKeyOutOfJsonLines) {
  write("a.jsonl", "{\"id\":  \"x\", \"n\": 1}\n{\"n\": 2}\n");
  EXPECT_THAT(all(*reader({{"path", "a.jsonl"}, {"key", "id"}}), 10),
              ElementsAre("x={\"id\":  \"x\", \"n\": 1}", "{\"n\": 2}"));
}

TEST_F(FileReaderTest, MapsRowsBySql) {
  write("a.jsonl", "{\"n\": 1}\n{\"n\": 5}\n");
  EXPECT_THAT(
      all(*reader({{"path", "a.jsonl"}, {"map", "SELECT n * 2 AS twice FROM file WHERE n > 1"}}),
          10),
      ElementsAre("{\"twice\":10}"));
}

TEST_F(FileReaderTest, ReadsParquetInOrderAndContinuesByRowNumber) {
  duck::DatabaseOptions options;
  options.external_access = true;
  const auto database = *duck::Database::open(options);
  const auto connection = *database.connect();
  const auto copied = connection.execute(
      "COPY (SELECT i, 'row ' || i AS t FROM range(10000) r(i)) TO '" + folder + "/a.parquet'");
  ASSERT_TRUE(copied.ok()) << copied.error().message;
  auto first = all(*reader({{"path", "a.parquet"}}), 3000, 6000);
  const auto second = all(*reader({{"path", "a.parquet"}}, state), 3000);
  first.insert(first.end(), second.begin(), second.end());
  ASSERT_EQ(first.size(), 10'000U);
  EXPECT_EQ(first[5999], "{\"i\":5999,\"t\":\"row 5999\"}");
  EXPECT_EQ(first[6000], "{\"i\":6000,\"t\":\"row 6000\"}");
  EXPECT_EQ(first[9999], "{\"i\":9999,\"t\":\"row 9999\"}");
}

TEST_F(FileReaderTest, SaysWhatIsWrong) {
  const auto failure = [&](FeedOptions options) {
    auto made = make_reader(options, {clock, folder});
    if (!made.ok()) return made.error().message;
    const auto opened = (*made)->open("");
    return opened.ok() ? "fine" : opened.error().message;
  };
  EXPECT_EQ(failure({}), "connector 'file' needs the option 'path'");
  EXPECT_THAT(failure({{"path", "a.txt"}}), HasSubstr("does not tell its format"));
  EXPECT_THAT(failure({{"path", "none.jsonl"}}), HasSubstr("none.jsonl' cannot be read"));
  EXPECT_THAT(failure({{"path", "none.parquet"}}), HasSubstr("none.parquet"));
  write("a.csv", "x\n1\n");
  EXPECT_THAT(failure({{"path", "a.csv"}, {"key", "y"}}),
              HasSubstr("option 'key' is 'y', which the rows do not have"));
}

}  // namespace
}  // namespace tidemill::connect::file

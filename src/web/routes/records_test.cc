// SPDX-License-Identifier: Apache-2.0
// What GET .../records answers, over topics whose offsets may have holes as compaction leaves them.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "web/routes/routes.h"

namespace tidemill::web::routes {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Lt;
using testing::SizeIs;

Error not_here() {
  return error(ErrorCode::Unsupported, "nobody asks for that here");
}

// One topic; of each partition the values by offset. A fetch gives up to 500 records.
class SparseTopic final : public broker::Broker {
 public:
  std::vector<std::map<std::int64_t, std::string>> partitions{1};
  std::int64_t end = 0;  // of each
  std::size_t fetches = 0;

  Result<broker::TopicInfo> describe_topic(const std::string& topic) override {
    broker::TopicInfo info;
    info.name = topic;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      auto& partition = info.partitions.emplace_back();
      partition.partition = static_cast<std::int32_t>(i);
      partition.high_watermark = partition.last_stable_offset = end;
    }
    return info;
  }
  Result<std::vector<RecordChunk>> fetch(std::span<const broker::FetchPosition> positions,
                                         const broker::FetchLimits&) override {
    ++fetches;
    const auto& values = partitions[static_cast<std::size_t>(positions[0].source.partition)];
    RecordChunk chunk;
    auto at = values.lower_bound(positions[0].offset);
    for (; at != values.end() && chunk.records.size() < 500; ++at) {
      RecordView record;
      record.offset = record.timestamp_ms = at->first;
      record.value = as_bytes(at->second);
      chunk.records.push_back(record);
    }
    chunk.next_offset = at == values.end() ? end : at->first;
    return std::vector{std::move(chunk)};
  }

  Result<broker::TopicInfo> create_topic(const broker::NewTopic&) override { return not_here(); }
  Result<> delete_topic(const std::string&) override { return not_here(); }
  Result<> create_partitions(const std::string&, std::int32_t) override { return not_here(); }
  Result<> alter_topic(const std::string&,
                       const std::map<std::string, std::optional<std::string>>&) override {
    return not_here();
  }
  Result<std::vector<broker::TopicInfo>> list_topics() override { return not_here(); }
  Result<broker::ProducedAt> produce(const TopicPartition&, std::span<const NewRecord>) override {
    return not_here();
  }
  Result<std::unique_ptr<broker::TransactionalWriter>> open_writer(const std::string&) override {
    return not_here();
  }
  Result<std::int64_t> find_offset(const TopicPartition&, broker::OffsetSpec, std::int64_t,
                                   broker::Isolation) override {
    return not_here();
  }
  Result<std::vector<broker::CommittedOffset>> committed_offsets(const std::string&) override {
    return not_here();
  }
  Result<> commit_offsets(const std::string&, std::span<const broker::CommittedOffset>) override {
    return not_here();
  }
  Result<std::vector<broker::GroupInfo>> list_groups() override { return not_here(); }
  Result<broker::GroupInfo> describe_group(const std::string&) override { return not_here(); }
};

class RecordsTest : public testing::Test {
 protected:
  RecordsTest() { services_.broker = &topic_; }
  void fill(std::int64_t count, const char* text, std::size_t partition = 0) {
    for (std::int64_t offset = 0; offset < count; ++offset) put(offset, text, partition);
  }
  void put(std::int64_t offset, const char* text, std::size_t partition = 0) {
    topic_.partitions[partition][offset] = text;
    topic_.end = std::max(topic_.end, offset + 1);
  }
  Json ask(const std::string& needle, int limit, const std::string& from = "latest") {
    Request request;
    request.parameters["topic"] = "t";
    request.query = {{"from", from}, {"contains", needle}, {"limit", std::to_string(limit)}};
    const auto response = get_records(services_, request);
    EXPECT_TRUE(response.ok());
    return response.ok() ? Json::parse(response->body) : Json();
  }
  static std::vector<std::string> places(const Json& page) {
    std::vector<std::string> out;
    for (const auto& record : page.at("records")) {
      out.push_back(fmt::format("{}/{}", record.at("partition").get<int>(),
                                record.at("offset").get<std::int64_t>()));
    }
    return out;
  }

  SparseTopic topic_;
  Services services_;
};

TEST_F(RecordsTest, FindsTheNewestMatchesFromTheEndWithTheNewestLast) {
  fill(10'000, "hay");
  for (const std::int64_t offset : {3, 500, 4'000, 9'998}) put(offset, "a needle");
  const Json page = ask("needle", 3);
  EXPECT_THAT(places(page), ElementsAre("0/500", "0/4000", "0/9998"));
  EXPECT_EQ(page.at("records")[2].at("value").at("text"), "a needle");
  EXPECT_TRUE(page.at("records")[2].at("key").is_null());
  EXPECT_EQ(page.at("next").at("0"), 10'000);
  EXPECT_EQ(page.at("end_reached"), true);
  EXPECT_EQ(page.at("scanned"), 10'000);
}

TEST_F(RecordsTest, StopsTheSearchFromTheEndOnceThereAreEnough) {
  fill(10'000, "needle");
  const Json page = ask("needle", 2);
  EXPECT_THAT(places(page), ElementsAre("0/9998", "0/9999"));
  EXPECT_EQ(page.at("scanned"), 2'000);
}

TEST_F(RecordsTest, GivesTheNewestMatchesOfAllPartitions) {
  topic_.partitions.resize(2);
  fill(100, "hay", 0);
  fill(100, "hay", 1);
  for (const std::int64_t offset : {1, 50, 90}) put(offset, "needle", 0);
  for (const std::int64_t offset : {2, 60}) put(offset, "needle", 1);
  EXPECT_THAT(places(ask("needle", 3)), ElementsAre("0/50", "1/60", "0/90"));
}

TEST_F(RecordsTest, GoesOnFromTheRecordsThatTheLimitCutFromTheStart) {
  topic_.partitions.resize(2);
  fill(100, "hay", 0);
  fill(100, "hay", 1);
  for (const std::int64_t offset : {1, 50, 90}) put(offset, "needle", 0);
  for (const std::int64_t offset : {2, 60}) put(offset, "needle", 1);
  const Json page = ask("needle", 3, "earliest");
  EXPECT_THAT(places(page), ElementsAre("0/1", "1/2", "0/50"));
  EXPECT_EQ(page.at("next").at("0"), 90);
  EXPECT_EQ(page.at("next").at("1"), 60);
  EXPECT_EQ(page.at("end_reached"), false);
}

TEST_F(RecordsTest, LooksThroughNoMoreThanItsBudget) {
  fill(250'000, "hay");
  put(10, "needle");
  const Json page = ask("needle", 5);
  EXPECT_THAT(places(page), IsEmpty());
  EXPECT_EQ(page.at("scanned"), 200'000);
}

TEST_F(RecordsTest, SpendsItsBudgetOnOffsetsThatCompactionEmptied) {
  put(7, "needle");
  put(1'000'000'000, "needle");
  const Json page = ask("needle", 5);
  EXPECT_THAT(places(page), ElementsAre("0/1000000000"));
  EXPECT_EQ(page.at("scanned"), 1);
  EXPECT_THAT(topic_.fetches, Lt(500U));
}

TEST_F(RecordsTest, KeepsAnEmptyValueApartFromNone) {
  put(0, "");
  const Json page = ask("", 5);
  ASSERT_THAT(page.at("records"), SizeIs(1));
  EXPECT_EQ(page.at("records")[0].at("value").at("text"), "");
  EXPECT_TRUE(page.at("records")[0].at("key").is_null());
}

}  // namespace
}  // namespace tidemill::web::routes

// SPDX-License-Identifier: Apache-2.0
// What a compacted topic promises. Segments roll by the records' own times; when a pass comes is
// the broker's business, so the tests wait for it.
#include <chrono>
#include <thread>

#include "broker_contract.h"

namespace tidemill::broker {
namespace {

using testing::ElementsAre;

constexpr std::chrono::seconds kPatience{60};

}  // namespace

class CompactionContract : public BrokerContract {
 protected:
  std::string compacted_topic() {
    return fresh_topic(1, {{"cleanup.policy", "compact"},
                           {"min.cleanable.dirty.ratio", "0.01"},
                           {"segment.ms", "1000"}});
  }
  // One batch, an hour after the one before: its segment is full.
  void put(const std::string& topic, std::string_view key, std::optional<std::string_view> value) {
    NewRecord record;
    record.key = as_bytes(key);
    if (value) record.value = as_bytes(*value);
    record.timestamp_ms = next_ms_ += 3'600'000;
    const auto produced = broker().produce({topic, 0}, std::span(&record, 1));
    ASSERT_TRUE(produced.ok()) << produced.error().message;
  }
  // "offset key=value"; a tombstone has no "=".
  std::vector<std::string> records(const std::string& topic) {
    std::vector<std::string> found;
    FetchPosition position{{topic, 0}, 0};
    while (true) {
      const auto chunks = broker().fetch(std::span(&position, 1), {});
      EXPECT_TRUE(chunks.ok()) << chunks.error().message;
      if (!chunks.ok() || chunks->empty()) return found;
      for (const RecordView& one : chunks->front().records) {
        std::string text = std::to_string(one.offset) + " " + std::string(as_text(one.key));
        if (one.has_value()) text += "=" + std::string(as_text(one.value));
        found.push_back(std::move(text));
      }
      position.offset = chunks->front().next_offset;
    }
  }
  std::vector<std::string> records_once(const std::string& topic, std::size_t count) {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    auto found = records(topic);
    while (found.size() != count && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::yield();
      found = records(topic);
    }
    return found;
  }

 private:
  std::int64_t next_ms_ = 1'700'000'000'000;
};

TEST_P(CompactionContract, RefusesARecordWithoutAKey) {
  const std::string topic = compacted_topic();
  NewRecord record;
  record.value = as_bytes("v");
  const auto produced = broker().produce({topic, 0}, std::span(&record, 1));
  ASSERT_FALSE(produced.ok());
  EXPECT_EQ(produced.error().code, ErrorCode::InvalidArgument);
}

TEST_P(CompactionContract, TheNewestRecordOfEachKeyStaysAtItsOffset) {
  const std::string topic = compacted_topic();
  for (const char* value : {"1", "2", "3"}) {
    put(topic, "a", value);
    put(topic, "b", value);
  }
  put(topic, "z", "end");
  EXPECT_THAT(records_once(topic, 3), ElementsAre("4 a=3", "5 b=3", "6 z=end"));
  const auto info = broker().describe_topic(topic);
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_EQ(info->partitions[0].high_watermark, 7);
  if (!restart()) return;
  EXPECT_THAT(records(topic), ElementsAre("4 a=3", "5 b=3", "6 z=end"));
}

TEST_P(CompactionContract, ATombstoneTakesTheOlderRecordsOfItsKeyAway) {
  const std::string topic = compacted_topic();
  put(topic, "a", "1");
  put(topic, "b", "1");
  put(topic, "a", std::nullopt);
  put(topic, "z", "end");
  EXPECT_THAT(records_once(topic, 3), ElementsAre("1 b=1", "2 a", "3 z=end"));
}

TEST_P(CompactionContract, ACommittedRecordReplacesOlderOnesAndAnAbortedOneNone) {
  const std::string topic = compacted_topic();
  const auto writer = broker().open_writer(fresh_name("writer"));
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  put(topic, "key", "1");  // as write() names it
  put(topic, "b", "1");
  ASSERT_TRUE((*writer)->begin().ok());
  ASSERT_TRUE(write(**writer, topic, {"2"}).ok());
  ASSERT_TRUE((*writer)->commit().ok());
  ASSERT_TRUE((*writer)->begin().ok());
  ASSERT_TRUE(write(**writer, topic, {"3"}).ok());
  ASSERT_TRUE((*writer)->abort().ok());
  // Later than the transactions, which carry the clock's time: their segment is full.
  NewRecord last;
  last.key = as_bytes("z");
  last.value = as_bytes("end");
  last.timestamp_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count() +
                      60'000;
  ASSERT_TRUE(broker().produce({topic, 0}, std::span(&last, 1)).ok());
  EXPECT_THAT(records_once(topic, 3), ElementsAre("1 b=1", "2 key=2", "6 z=end"));
}

INSTANTIATE_TEST_SUITE_P(All, CompactionContract, testing::ValuesIn(configured_brokers()),
                         [](const auto& info) { return info.param.name; });

}  // namespace tidemill::broker

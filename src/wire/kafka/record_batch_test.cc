// SPDX-License-Identifier: Apache-2.0
// Record batches against bytes that kcat and Kafka's own client library wrote.
#include "wire/kafka/record_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "wire/kafka/header.h"
#include "wire/kafka/produce.h"

namespace tidemill::wire::kafka {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::size_t kPlainMax = 1 << 20;

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

struct Golden {
  std::string writer, content, codec;
  Bytes bytes;
};

std::vector<Golden> load_golden() {
  std::ifstream file(TIDEMILL_SOURCE_DIR "/tests/fixtures/kafka/batches.txt");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    Golden golden;
    std::string hex;
    words >> golden.writer >> golden.content >> golden.codec >> hex;
    golden.bytes = from_hex(hex);
    all.push_back(std::move(golden));
  }
  return all;
}

// The records of a batch as text: "key=value", with "-" for null.
Result<std::vector<std::string>> read_all(BytesView bytes) {
  const auto batch = TRY(next_batch(bytes));
  if (!batch) return error(ErrorCode::Corrupt, "no whole batch");
  TRY(check_batch_crc(*batch));
  Bytes unpacked;
  RecordReader reader(batch->header, TRY(plain_records(*batch, kPlainMax, unpacked)));
  RecordView record;
  std::vector<std::string> all;
  while (TRY(reader.next(record))) {
    all.push_back((record.has_key() ? std::string(as_text(record.key)) : "-") + "=" +
                  (record.has_value() ? std::string(as_text(record.value)) : "-"));
  }
  return all;
}

Bytes one_batch(std::initializer_list<std::string_view> values,
                BatchBuilder::Producer producer = {}) {
  BatchBuilder builder(1000, producer);
  for (const std::string_view value : values) {
    builder.add(
        {.key = as_bytes("k"), .value = as_bytes(value), .timestamp_ms = -1, .headers = {}});
  }
  return *builder.finish();
}

Bytes with_patch(Bytes batch, std::size_t at, std::int32_t value) {
  store_be(batch.data() + at, value);
  set_log_append_time(batch, 1000);  // computes the checksum anew
  return batch;
}

TEST(RecordBatch, ReadsWhatRealClientsWrote) {
  const std::string repeat =
      "a value that repeats itself, a value that repeats itself, a value that repeats itself";
  for (const Golden& golden : load_golden()) {
    if (golden.content == "commit") continue;
    SCOPED_TRACE(golden.writer + " " + golden.codec);
    const auto header = validate_produced(golden.bytes);
    ASSERT_TRUE(header.ok()) << header.error().message;
    EXPECT_EQ(name_of(*compression_of(header->attributes)), golden.codec);
    const auto records = read_all(golden.bytes);
    ASSERT_TRUE(records.ok()) << records.error().message;
    if (golden.content == "mixed") {
      EXPECT_THAT(*records, ElementsAre("k1=value one", "k2=value two", "-=NULL"));
    } else {
      EXPECT_THAT(*records, ElementsAre("k1=" + repeat, "k2=" + repeat, "k3=" + repeat));
    }
    EXPECT_TRUE(validate_records({*header, golden.bytes}, kPlainMax, false).ok());
    EXPECT_EQ(validate_records({*header, golden.bytes}, kPlainMax, true).ok(),
              golden.content == "repeat");
  }
}

TEST(RecordBatch, FailsCleanlyAtEveryLengthItIsCutTo) {
  for (const Golden& golden : load_golden()) {
    for (std::size_t length = 0; length < golden.bytes.size(); ++length) {
      const Bytes cut(golden.bytes.begin(),
                      golden.bytes.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_FALSE(validate_produced(cut).ok());
      EXPECT_FALSE(read_all(cut).ok());
    }
  }
}

TEST(RecordBatch, SurvivesEveryFlippedByteOfItsRecords) {
  for (const Golden& golden : load_golden()) {
    for (std::size_t at = kBatchHeaderBytes; at < golden.bytes.size(); ++at) {
      Bytes broken = golden.bytes;
      broken[at] ^= 0xff;
      EXPECT_EQ(validate_produced(broken).error().code, ErrorCode::Corrupt);
      // With a checksum that fits, the decoders alone must cope.
      set_log_append_time(broken, 1);
      const auto batch = *parse_batch_header(broken);
      (void)validate_records({batch, broken}, kPlainMax, false).ok();
    }
  }
}

TEST(RecordBatch, WritesTheBytesOfKafkasOwnClient) {
  const std::string value =
      "a value that repeats itself, a value that repeats itself, a value that repeats itself";
  for (const Golden& golden : load_golden()) {
    if (golden.content == "commit") {
      Bytes marker = build_end_marker(true, 4711, 3, 7, 1700000000000);
      set_leader_epoch(marker, -1);
      EXPECT_EQ(to_hex(marker), to_hex(golden.bytes));
    } else if (golden.writer == "kafka-clients-4.3.1" && golden.codec == "none") {
      BatchBuilder builder(0);
      for (int i = 0; i < 3; ++i) {
        const std::string key = "k" + std::to_string(i + 1);
        builder.add({.key = as_bytes(key),
                     .value = as_bytes(value),
                     .timestamp_ms = 1700000000000 + i,
                     .headers = {}});
      }
      EXPECT_EQ(to_hex(*builder.finish()), to_hex(golden.bytes));
    }
  }
}

TEST(RecordBatch, RoundTripsEveryCodecWithNullsAndHeaders) {
  const std::string large(200'000, 'x');
  Bytes headers;
  encode_headers({{"h1", as_bytes("one")}, {"h2", std::nullopt}}, headers);
  for (const auto codec : {Compression::None, Compression::Gzip, Compression::Snappy,
                           Compression::Lz4, Compression::Zstd}) {
    BatchBuilder builder(1000);
    builder.add(
        {.key = std::nullopt, .value = as_bytes(large), .timestamp_ms = 5, .headers = headers});
    builder.add({.key = as_bytes(""), .value = std::nullopt, .timestamp_ms = 2, .headers = {}});
    const Bytes batch = *builder.finish(codec);
    EXPECT_TRUE(validate_produced(batch).ok());
    EXPECT_THAT(*read_all(batch), ElementsAre("-=" + large, "=-")) << name_of(codec);

    const BatchHeader header = *parse_batch_header(batch);
    EXPECT_EQ(header.max_timestamp, 5);
    Bytes unpacked;
    RecordReader reader(header, *plain_records({header, batch}, kPlainMax, unpacked));
    RecordView record;
    ASSERT_TRUE(*reader.next(record));
    const auto read_headers = decode_headers(record.headers);
    ASSERT_TRUE(read_headers.ok());
    ASSERT_THAT(*read_headers, SizeIs(2));
    EXPECT_EQ((*read_headers)[0].key, "h1");
    EXPECT_FALSE((*read_headers)[1].value.has_value());
    ASSERT_TRUE(*reader.next(record));
    EXPECT_EQ(record.timestamp_ms, 2);
    EXPECT_EQ(record.offset, 1);
  }
}

TEST(RecordBatch, RefusesToUnpackMoreThanTheLimit) {
  const std::string bomb(kPlainMax + 1, 0);
  for (const auto codec :
       {Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd}) {
    const Bytes packed = *compress(codec, as_bytes(bomb));
    const auto result = decompress(codec, packed, kPlainMax);
    ASSERT_FALSE(result.ok()) << name_of(codec);
    EXPECT_EQ(result.error().code, ErrorCode::TooLarge) << name_of(codec);
    EXPECT_EQ(decompress(codec, packed, kPlainMax + 1)->size(), kPlainMax + 1) << name_of(codec);
  }
}

TEST(RecordBatch, RefusesWhatAClientMayNotAppend) {
  const Bytes good = one_batch({"a", "b"});
  ASSERT_TRUE(validate_produced(good).ok());

  Bytes two = good;
  two.insert(two.end(), good.begin(), good.end());
  EXPECT_THAT(validate_produced(two).error().message, HasSubstr("only one batch per partition"));

  EXPECT_THAT(validate_produced(with_patch(good, 57, 3)).error().message,
              HasSubstr("counts 3 records, but its last offset delta is 1"));
  EXPECT_THAT(validate_produced(with_patch(good, 57, 0)).error().code, ErrorCode::InvalidArgument);

  Bytes old = good;
  old[16] = 1;
  EXPECT_EQ(validate_produced(old).error().code, ErrorCode::Unsupported);
  old[16] = 7;
  EXPECT_EQ(validate_produced(old).error().code, ErrorCode::Corrupt);

  EXPECT_FALSE(validate_produced(build_end_marker(true, 1, 0, 0, 1000)).ok());
  EXPECT_FALSE(
      validate_produced(one_batch({"a"}, {.id = 5, .epoch = 0, .base_sequence = -1})).ok());
  EXPECT_FALSE(validate_produced(one_batch({"a"}, {.transactional = true})).ok());
  EXPECT_TRUE(
      validate_produced(
          one_batch({"a"}, {.id = 5, .epoch = 0, .base_sequence = 0, .transactional = true}))
          .ok());
}

TEST(RecordBatch, KeepsItsChecksumWhenPlacedInTheLog) {
  Bytes batch = one_batch({"a", "b"});
  set_base_offset(batch, 100);
  set_leader_epoch(batch, 4);
  BytesView rest(batch);
  const auto view = next_batch(rest);
  ASSERT_TRUE(view.ok() && view->has_value());
  EXPECT_TRUE(check_batch_crc(**view).ok());
  EXPECT_EQ((*view)->header.last_offset(), 101);
  EXPECT_EQ((*view)->header.leader_epoch, 4);
  EXPECT_FALSE(next_batch(rest)->has_value());
}

TEST(RecordBatch, LeavesTheCutBatchAtTheEndOfAFetchedSet) {
  Bytes set = one_batch({"a"});
  const Bytes second = one_batch({"b"});
  set.insert(set.end(), second.begin(), second.end() - 1);
  BytesView rest(set);
  EXPECT_TRUE(next_batch(rest)->has_value());
  EXPECT_FALSE(next_batch(rest)->has_value());
}

TEST(RecordBatch, IsInTheProduceRequestThatKcatSent) {
  std::ifstream file(TIDEMILL_SOURCE_DIR "/tests/fixtures/kafka/produce_request.txt");
  std::string line;
  std::getline(file, line);
  std::getline(file, line);
  const Bytes frame = from_hex(line);
  ByteReader in(frame);
  const auto header = decode_request_header(in);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->client_id, "rdkafka");
  const auto request = decode<ProduceRequest>(in.rest(), header->api_version);
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->acks, -1);
  EXPECT_EQ(request->topics.at(0).name, "orders");
  EXPECT_THAT(*read_all(request->topics[0].partitions.at(0).records.pieces.at(0)), SizeIs(3));
}

}  // namespace
}  // namespace tidemill::wire::kafka

// SPDX-License-Identifier: Apache-2.0
// Each message at each version against bytes that Apache Kafka's own client library wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "wire/kafka/all_messages.h"
#include "wire/kafka/header.h"

namespace tidemill::wire::kafka {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Golden {
  std::string message;
  std::int16_t version = 0;
  Bytes bytes;
};

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<Golden> load_golden() {
  std::ifstream file(TIDEMILL_SOURCE_DIR "/tests/fixtures/kafka/messages.txt");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    Golden golden;
    std::string hex;
    words >> golden.message >> golden.version >> hex;
    golden.bytes = from_hex(hex);
    all.push_back(std::move(golden));
  }
  return all;
}

// What the test does with a message of a type known by name only.
struct Kind {
  MessageSpec spec;
  std::function<Result<Bytes>(BytesView, std::int16_t)> read_and_write;
  std::function<Bytes(std::int16_t)> write_default;
};

template <class M>
Kind kind_of() {
  return {M::kSpec,
          [](BytesView body, std::int16_t version) -> Result<Bytes> {
            const M message = TRY(decode<M>(body, version));
            Encoded out;
            encode(message, version, out);
            EXPECT_EQ(encoded_size(message, version), out.size());
            return out.flatten();
          },
          [](std::int16_t version) {
            Encoded out;
            encode(M{}, version, out);
            return out.flatten();
          }};
}

const std::map<std::string, Kind, std::less<>>& kinds() {
  static const auto all = [] {
    std::map<std::string, Kind, std::less<>> kinds;
    for_each_api([&kinds]<class Req, class Resp>(Api<Req, Resp>) {
      kinds.emplace(Req::kSpec.name, kind_of<Req>());
      kinds.emplace(Resp::kSpec.name, kind_of<Resp>());
    });
    return kinds;
  }();
  return all;
}

TEST(KafkaMessages, AgreeWithTheBytesOfKafkasOwnClient) {
  std::set<std::pair<std::string, std::int16_t>> seen;
  for (const Golden& golden : load_golden()) {
    SCOPED_TRACE(golden.message + " v" + std::to_string(golden.version));
    ASSERT_TRUE(kinds().contains(golden.message));
    const Result<Bytes> again =
        kinds().find(golden.message)->second.read_and_write(golden.bytes, golden.version);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(to_hex(*again), to_hex(golden.bytes));
    seen.emplace(golden.message, golden.version);
  }
  for (const auto& [name, kind] : kinds()) {
    for (std::int16_t v = kind.spec.lowest; v <= kind.spec.highest; ++v) {
      EXPECT_TRUE(seen.contains({name, v})) << name << " v" << v << " has no golden bytes";
    }
  }
}

TEST(KafkaMessages, FailCleanlyAtEveryLengthTheyAreCutTo) {
  for (const Golden& golden : load_golden()) {
    const Kind& kind = kinds().find(golden.message)->second;
    for (std::size_t length = 0; length < golden.bytes.size(); ++length) {
      // A copy of exactly that length: the address sanitizer sees a read behind it.
      const Bytes cut(golden.bytes.begin(),
                      golden.bytes.begin() + static_cast<std::ptrdiff_t>(length));
      const Result<Bytes> result = kind.read_and_write(cut, golden.version);
      ASSERT_FALSE(result.ok()) << golden.message << " v" << golden.version << " cut to " << length;
      EXPECT_EQ(result.error().code, ErrorCode::Corrupt);
      EXPECT_THAT(result.error().message, StartsWith(golden.message + " v"));
    }
  }
}

TEST(KafkaMessages, RoundTripTheirDefaultsAtEveryVersion) {
  for (const auto& [name, kind] : kinds()) {
    for (std::int16_t v = kind.spec.lowest; v <= kind.spec.highest; ++v) {
      const Bytes written = kind.write_default(v);
      const Result<Bytes> again = kind.read_and_write(written, v);
      ASSERT_TRUE(again.ok()) << name << " v" << v << ": " << again.error().message;
      EXPECT_EQ(to_hex(*again), to_hex(written)) << name << " v" << v;
    }
  }
}

TEST(KafkaMessages, NameTheFieldAtWhichTheInputEnds) {
  Encoded out;
  ProduceRequest request;
  request.topics.push_back({.name = "orders", .partitions = {{.index = 3, .records = {}}}});
  encode(request, 9, out);
  out.bytes.resize(out.bytes.size() - 4);
  const auto result = decode<ProduceRequest>(out.bytes, 9);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message,
              HasSubstr("ProduceRequest v9: field topics[0].partitions: 1 elements of at least 6 "
                        "bytes cannot be in the 4 bytes left"));
}

TEST(KafkaMessages, RefuseAnArrayLargerThanTheBytesBehindItBeforeAllocating) {
  ByteWriter out;
  out.i32be(0x7fffffff);  // topics of MetadataRequest v0
  out.text("abc");
  const auto result = decode<MetadataRequest>(out.buffer(), 0);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("field topics: 2147483647 elements of at least 2"));
}

TEST(KafkaMessages, RefuseANullWhereTheVersionHasNone) {
  ByteWriter out;
  out.i32be(-1);
  EXPECT_FALSE(decode<MetadataRequest>(out.buffer(), 0).ok());
  const auto all_topics = decode<MetadataRequest>(out.buffer(), 1);
  ASSERT_TRUE(all_topics.ok());
  EXPECT_FALSE(all_topics->topics.has_value());
}

TEST(KafkaMessages, SkipTaggedFieldsTheyDoNotKnow) {
  Encoded out;
  encode(HeartbeatResponse{.throttle_time_ms = 0, .error_code = KafkaError::None}, 4, out);
  out.bytes.back() = 1;  // one tagged field
  for (const int byte : {99, 3, 1, 2, 3}) out.bytes.push_back(static_cast<std::uint8_t>(byte));
  const auto result = decode<HeartbeatResponse>(out.bytes, 4);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(*result, HeartbeatResponse{});
}

TEST(KafkaMessages, ReferToRecordsInsteadOfCopyingThem) {
  const Bytes batches(1000, 7);
  FetchResponse response;
  FetchResponse::Topic::Partition partition;
  partition.records = records_of(batches);
  partition.records.pieces = {BytesView(batches).first(400), BytesView(batches).subspan(400)};
  response.topics.push_back(
      {.topic = "orders", .topic_id = {}, .partitions = {partition, partition}});
  const Encoded out = encode_response_frame(5, 4, response);
  ASSERT_EQ(out.splices.size(), 2u);
  EXPECT_EQ(out.splices[0].records.pieces[0].data(), batches.data());
  EXPECT_LT(out.bytes.size(), 200u);

  const Bytes flat = out.flatten();
  EXPECT_EQ(load_be<std::int32_t>(flat.data()), static_cast<std::int32_t>(flat.size()) - 4);
  const auto back = decode_response<FetchResponse>(BytesView(flat).subspan(4), 5, 4);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->topics[0].partitions[1].records.copy(), batches);
  EXPECT_FALSE(decode_response<FetchResponse>(BytesView(flat).subspan(4), 6, 4).ok());
}

TEST(KafkaMessages, CutATextThatItsLengthFieldCannotHold) {
  Encoded out;
  CreateTopicsResponse response;
  response.topics.push_back({.name = "t", .error_message = std::string(40000, 'x')});
  encode(response, 2, out);
  const auto back = decode<CreateTopicsResponse>(out.bytes, 2);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->topics[0].error_message->size(), 32767u);
}

TEST(KafkaHeaders, KeepTheOldClientIdLengthInFlexibleVersions) {
  const RequestHeader header{
      .api_key = 3, .api_version = 12, .correlation_id = 9, .client_id = "me"};
  const Encoded out = encode_request_frame(header, MetadataRequest{});
  EXPECT_EQ(to_hex(BytesView(out.bytes).subspan(4, 13)), "0003000c0000000900026d6500");
  ByteReader in(BytesView(out.bytes).subspan(4));
  const auto back = decode_request_header(in);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->client_id, "me");
  ASSERT_TRUE(skip_tags(in).ok());
  EXPECT_TRUE(decode<MetadataRequest>(in.rest(), 12).ok());
}

TEST(KafkaHeaders, AnswerApiVersionsWithoutTagsInEveryVersion) {
  EXPECT_FALSE(response_header_has_tags(ApiVersionsResponse::kSpec, 3));
  EXPECT_TRUE(response_header_has_tags(MetadataResponse::kSpec, 9));
  EXPECT_FALSE(response_header_has_tags(MetadataResponse::kSpec, 8));
}

}  // namespace
}  // namespace tidemill::wire::kafka

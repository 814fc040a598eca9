// SPDX-License-Identifier: Apache-2.0
#include "wire/json/decoder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace tidemill::wire::json {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class JsonDecoderTest : public testing::Test {
 protected:
  // Decodes the texts; rows() prints them, faults() what was wrong.
  void decode(std::vector<std::string> texts, DecoderOptions options = {}) {
    texts_ = std::move(texts);
    auto decoder = *make_decoder(
        {{"n", 0, false}, {"t", 1, false}, {"c", 2, true}, {"id", 3, false}, {"at", 4, false}},
        options);
    std::vector<RecordView> records(texts_.size());
    for (std::size_t i = 0; i < texts_.size(); ++i) records[i].value = as_bytes(texts_[i]);
    buffer_->reset(records.size());
    faults_.clear();
    decoder->decode(records, 0, *buffer_, faults_);
    chunk_ = buffer_->chunk(records.size());
  }
  std::string row(std::size_t at) const {
    const auto text = [&](std::size_t column) {
      return chunk_.column(column).is_null(at) ? std::string("-")
                                               : std::string(chunk_.column(column).text(at));
    };
    const std::string number = chunk_.column(0).is_null(at)
                                   ? "-"
                                   : fmt::format("{}", chunk_.column(0).value<std::int64_t>(at));
    return number + "|" + text(1) + "|" + text(2);
  }
  std::vector<std::string> faults() const {
    std::vector<std::string> printed;
    for (const auto& fault : faults_) {
      printed.push_back(fmt::format("{} {} {}", fault.row,
                                    fault.fault == Fault::Malformed   ? "json"
                                    : fault.fault == Fault::WrongType ? "type"
                                                                      : "unknown",
                                    fault.field));
    }
    return printed;
  }

  std::vector<ColumnType> types_ = {ColumnType::BigInt, ColumnType::Varchar, ColumnType::Varchar,
                                    ColumnType::Uuid, ColumnType::TimestampTz};
  std::shared_ptr<ChunkBuffer> buffer_ = ChunkBuffer::make(types_);
  std::vector<std::string> texts_;
  std::vector<BadValue> faults_;
  Chunk chunk_;
};

TEST_F(JsonDecoderTest, MembersInAnyOrderWithSpacesAndEscapes) {
  decode({R"({"n": 1, "t": "a text beyond twelve bytes", "c": "x"})",
          R"( { "c" : "\u00e9" , "t":"tab\tquote\"" , "n":-7 } )", R"({})", R"({"t":null})"});
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(row(0), "1|a text beyond twelve bytes|x");
  EXPECT_EQ(row(1), "-7|tab\tquote\"|\xc3\xa9");
  EXPECT_EQ(row(2), "-|-|-");
  EXPECT_EQ(row(3), "-|-|-");
  // No escape: the text was not copied.
  EXPECT_EQ(chunk_.column(1).text(0).data(), texts_[0].data() + 15);
}

TEST_F(JsonDecoderTest, CoercedColumnKeepsTheTextAsWritten) {
  decode({R"({"c": 18511})", R"({"c": 1.50E+2 })", R"({"c": true})",
          R"({"c": { "a" : [ 1 , "\u00e9" ] } , "n": 2})", R"({"c":null})"});
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(row(0), "-|-|18511");
  EXPECT_EQ(row(1), "-|-|1.50E+2");
  EXPECT_EQ(row(2), "-|-|true");
  EXPECT_EQ(row(3), "2|-|{\"a\":[1,\"\xc3\xa9\"]}");
  EXPECT_EQ(row(4), "-|-|-");
}

TEST_F(JsonDecoderTest, WrongTypesNameTheirFieldAndLeaveNull) {
  decode({R"({"n":"1","t":5,"id":"nope","at":"yesterday"})", R"({"n":1.5,"t":["x"],"id":7})",
          R"({"n":99999999999999999999})"});
  EXPECT_THAT(faults(), ElementsAre("0 type 0", "0 type 1", "0 type 3", "0 type 4", "1 type 0",
                                    "1 type 1", "1 type 3", "2 type 0"));
  EXPECT_EQ(row(0), "-|-|-");
  EXPECT_EQ(faults_[2].reason, "'id' is another text, which is no UUID");
}

TEST_F(JsonDecoderTest, MalformedRecordsLeaveTheirRowNullAndTheOthersAlone) {
  const std::vector<std::string> bad = {
      "",
      "null",
      "42",
      "[1]",
      "\"text\"",
      R"({"n":1)",
      R"({"n":1,})",
      R"({"n" 1})",
      R"({"n":})",
      R"({n:1})",
      R"({"n":1}x)",
      R"({"n":1}{"n":2})",
      R"({"n":01})",
      R"({"n":nul})",
      R"({"t":"\q"})",
      R"({"t":"\ud800"})",
      R"({"x":[1,}})",
      R"({"x":{"y":1]})",
      R"({"x":tru})",
      R"({"n":1 "t":"x"})",
      "{\"t\":\"\xff\"}",
      "{\"t\":\"a\nb\"}",
      R"({"t":"cut)",
      R"({"n":1,"t":"abc"def})",
      R"({"n":12"t"})",
      R"({"n":1}})",
      R"({"\q":1})",
      std::string(100'000, '['),
      R"({"c":)" + std::string(100'000, '['),
  };
  for (const auto& text : bad) {
    decode({R"({"n":1,"t":"before"})", text, R"({"n":3})"});
    EXPECT_THAT(faults(), ElementsAre("1 json 0")) << text.substr(0, 50);
    EXPECT_EQ(row(0), "1|before|-");
    EXPECT_EQ(row(1), "-|-|-") << text.substr(0, 50);
    EXPECT_EQ(row(2), "3|-|-");
  }
}

TEST_F(JsonDecoderTest, EveryTruncationOfARecordIsMalformed) {
  const std::string whole = R"({"n":1,"t":"\u00e9x","c":{"a":[1,2]},"x":"y"})";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    decode({whole.substr(0, size)});
    EXPECT_THAT(faults(), ElementsAre("0 json 0")) << size;
  }
}

TEST_F(JsonDecoderTest, LastOfTwoEqualMembersCounts) {
  decode({R"({"n":1,"n":2})", R"({"n":"x","n":3})", R"({"n":4,"n":null})", R"({"n":5,"n":"y"})"});
  EXPECT_EQ(row(0), "2|-|-");
  EXPECT_EQ(row(1), "3|-|-");
  EXPECT_EQ(row(2), "-|-|-");
  EXPECT_EQ(row(3), "-|-|-");
  EXPECT_THAT(faults(), ElementsAre("3 type 0"));
}

TEST_F(JsonDecoderTest, UnknownMembersAreSkippedUnlessForbidden) {
  const std::vector<std::string> texts = {R"({"dob":"x","n":1,"y":{"z":[{}]}})",
                                          R"({"dob":"x","n":2})"};
  decode(texts);
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(row(1), "2|-|-");
  decode(texts, {.reject_unknown_fields = true});
  EXPECT_THAT(faults(), ElementsAre("0 unknown 0", "0 unknown 0", "1 unknown 0"));
  EXPECT_EQ(faults_[2].reason, "the member 'dob' is not a column");
}

TEST_F(JsonDecoderTest, EscapedMemberNamesAreTheSameNames) {
  decode({R"({"\u006e":1})", R"({"n":2})"});
  EXPECT_EQ(row(0), "1|-|-");
  EXPECT_EQ(row(1), "2|-|-");
}

TEST_F(JsonDecoderTest, NullValueIsMalformed) {
  auto decoder = *make_decoder({{"n", 0, false}}, {});
  const std::vector<RecordView> records(1);
  buffer_->reset(1);
  decoder->decode(records, 0, *buffer_, faults_);
  EXPECT_THAT(faults(), ElementsAre("0 json 0"));
}

TEST_F(JsonDecoderTest, TwoColumnsCannotReadOneField) {
  EXPECT_FALSE(make_decoder({{"n", 0, false}, {"n", 1, false}}, {}).ok());
}

}  // namespace
}  // namespace tidemill::wire::json

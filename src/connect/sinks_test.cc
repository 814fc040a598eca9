// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "connect/blackhole/sink.h"
#include "connect/cql/encode.h"
#include "connect/cql/sink.h"
#include "connect/kafka/row_json.h"
#include "connect/kafka/sink.h"
#include "connect/sink_options.h"
#include "stream/sink.h"

namespace tidemill::connect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Remembers statements and batches; has one table once it was created.
class FakeTables final : public tables::Tables {
 public:
  std::vector<std::string> statements;
  std::optional<tables::TableInfo> table;
  std::vector<tables::UpsertBatch> batches;

  Result<tables::CqlResult> execute(const tables::CqlRequest& request) override {
    statements.push_back(request.cql);
    if (request.cql.starts_with("CREATE TABLE")) table = created;
    return tables::CqlResult();
  }
  Result<std::vector<tables::TableInfo>> list_tables() override {
    return std::vector<tables::TableInfo>();
  }
  Result<tables::TableInfo> describe_table(const std::string&, const std::string&) override {
    if (!table) return error(ErrorCode::NotFound, "no table");
    return *table;
  }
  Result<std::unique_ptr<tables::Writer>> open_writer(const std::string&, const std::string&,
                                                      const std::vector<std::string>&) override {
    class BatchWriter final : public tables::Writer {
     public:
      explicit BatchWriter(FakeTables& owner) : owner_(owner) {}
      Result<> upsert(const tables::UpsertBatch& batch) override {
        owner_.batches.push_back(batch);
        return {};
      }

     private:
      FakeTables& owner_;
    };
    return std::unique_ptr<tables::Writer>(std::make_unique<BatchWriter>(*this));
  }
  tables::TableInfo created;
};

class NoTransaction final : public broker::TransactionalWriter {
 public:
  Result<> begin() override { return {}; }
  Result<> write(const TopicPartition& target, std::span<const NewRecord> records) override {
    for (const auto& record : records) {
      lines.push_back(std::to_string(target.partition) + " " +
                      (record.key ? std::string(as_text(*record.key)) : "-") + " " +
                      std::string(as_text(*record.value)));
    }
    return {};
  }
  Result<> commit_offsets(const std::string&, std::span<const broker::CommittedOffset>) override {
    return {};
  }
  Result<> commit() override { return {}; }
  Result<> abort() override { return {}; }
  std::vector<std::string> lines;
};

stream::QuerySpec spec_of(std::map<std::string, std::string> options) {
  stream::QuerySpec spec;
  spec.name = "q";
  spec.output = {{"id", ColumnType::Varchar}, {"Big", ColumnType::HugeInt}};
  spec.key = {"id"};
  spec.sink.options = std::move(options);
  return spec;
}

class CqlSinkTest : public testing::Test {
 protected:
  CqlSinkTest() {
    tables_.created.columns = {{"id", "uuid", tables::ColumnKind::PartitionKey},
                               {"Big", "varint", tables::ColumnKind::Regular}};
  }
  Result<std::unique_ptr<stream::Sink>> make(std::map<std::string, std::string> more = {}) {
    more.insert({{"keyspace", "k"}, {"table", "t"}});
    return cql::make_sink(tables_)(spec_of(std::move(more)));
  }
  FakeTables tables_;
};

TEST_F(CqlSinkTest, CreatesKeyspaceAndTableWithTheirTtl) {
  ASSERT_TRUE(make({{"ttl", "10 minutes"}}).ok());
  EXPECT_THAT(tables_.statements,
              ElementsAre(HasSubstr("CREATE KEYSPACE IF NOT EXISTS \"k\""),
                          "CREATE TABLE IF NOT EXISTS \"k\".\"t\" (\"id\" text, \"Big\" varint, "
                          "PRIMARY KEY ((\"id\"))) WITH default_time_to_live = 600"));
}

TEST_F(CqlSinkTest, PrimaryKeyMayBeComposite) {
  ASSERT_TRUE(make({{"primary_key", "(id), Big"}}).ok());
  EXPECT_THAT(tables_.statements[1], HasSubstr("PRIMARY KEY ((\"id\"), \"Big\")"));
  tables_.table.reset();
  ASSERT_TRUE(make({{"primary_key", "(id, Big)"}}).ok());
  EXPECT_THAT(tables_.statements[3], HasSubstr("PRIMARY KEY ((\"id\", \"Big\"))"));
  for (const auto* bad : {"", "(id", "id)", "id,", "(id,)", "nothing", "((id))"}) {
    tables_.table.reset();
    EXPECT_FALSE(make({{"primary_key", bad}}).ok()) << bad;
  }
}

TEST_F(CqlSinkTest, OptionsThatAreWrongAreNamed) {
  EXPECT_THAT(make({{"tll", "5"}}).error().message, HasSubstr("no option 'tll'"));
  EXPECT_THAT(make({{"ttl", "soon"}}).error().message, HasSubstr("'soon'"));
  EXPECT_THAT(make({{"delivery", "exactly_once"}}).error().message, HasSubstr("idempotent"));
  tables_.created.columns[1].type = "inet";
  EXPECT_THAT(make().error().message, HasSubstr("'Big' is HUGEINT and the table's is inet"));
}

TEST_F(CqlSinkTest, RefusesWhatTheTableCannotHoldAndEncodesTheRest) {
  const auto sink = *make({{"ttl", "600 s"}});
  EXPECT_THAT(sink->key_columns(), ElementsAre("id"));
  const std::vector<ColumnType> types = {ColumnType::Varchar, ColumnType::HugeInt};
  auto buffer = ChunkBuffer::make(types);
  buffer->reset(4);
  const std::string_view good = "efba91fe-f362-46c0-947d-381d203c6ab9";
  buffer->set(0, 0, TextRef(good));
  buffer->set(0, 1, TextRef(std::string_view("no uuid")));
  buffer->set(0, 3, TextRef(good));
  buffer->set(1, 0, HugeInt{static_cast<std::uint64_t>(-129), -1});
  std::vector<stream::RefusedRow> refused;
  const Chunk chunk = buffer->chunk(4);
  sink->check(chunk, refused);
  ASSERT_EQ(refused.size(), 2U);
  EXPECT_EQ(refused[0].row, 2U);
  EXPECT_EQ(refused[1].row, 1U);
  NoTransaction none;
  const std::vector<stream::RowOrigin> origins = {{.write_time_us = 5}, {.write_time_us = 6}};
  ASSERT_TRUE(sink->write(chunk.select({0, 3}), origins, none).ok());
  ASSERT_TRUE(sink->flush().ok());
  ASSERT_EQ(tables_.batches.size(), 1U);
  const auto& batch = tables_.batches[0];
  EXPECT_EQ(batch.rows, 2U);
  EXPECT_EQ(batch.ttl_seconds, 600);
  EXPECT_THAT(batch.write_timestamps, ElementsAre(5, 6));
  EXPECT_EQ(batch.columns[0].data.size(), 32U);
  EXPECT_EQ(to_hex(batch.columns[1].data), "ff7f");
  EXPECT_THAT(batch.columns[1].nulls, ElementsAre(0, 1));
  EXPECT_THAT(batch.columns[1].offsets, ElementsAre(0U, 2U, 2U));
  // An epoch without rows writes nothing.
  ASSERT_TRUE(sink->flush().ok());
  EXPECT_EQ(tables_.batches.size(), 1U);
}

TEST_F(CqlSinkTest, TimeToLiveCountsFromTheRecordWhenAsked) {
  const std::vector<ColumnType> types = {ColumnType::Varchar, ColumnType::HugeInt};
  auto buffer = ChunkBuffer::make(types);
  buffer->reset(2);
  for (std::size_t row = 0; row < 2; ++row) {
    buffer->set(0, row, TextRef(std::string_view("efba91fe-f362-46c0-947d-381d203c6ab9")));
    buffer->set(1, row, HugeInt{1, 0});
  }
  const std::vector<stream::RowOrigin> origins = {
      {.record_time_us = 1'700'000'000'900'000, .write_time_us = 5}, {.write_time_us = 6}};
  NoTransaction none;
  const std::map<std::string, std::string> by_record = {{"write_timestamp", "record_time"},
                                                        {"ttl", "600 s"}};
  for (const auto& options : {by_record,
                              std::map<std::string, std::string>{{"ttl", "600 s"}},
                              {{"write_timestamp", "record_time"}}}) {
    const auto sink = *make(options);
    ASSERT_TRUE(sink->write(buffer->chunk(2), origins, none).ok());
    ASSERT_TRUE(sink->flush().ok());
  }
  EXPECT_THAT(tables_.batches[0].expires_at_s, ElementsAre(1'700'000'600, 0));
  EXPECT_EQ(tables_.batches[0].ttl_seconds, 600);
  EXPECT_TRUE(tables_.batches[1].expires_at_s.empty());
  EXPECT_TRUE(tables_.batches[2].expires_at_s.empty()) << "nothing expires";
}

TEST(CqlEncoder, NumbersThatDoNotFitAreRefused) {
  const auto encoder = *cql::ColumnEncoder::make({"n", ColumnType::BigInt}, "smallint");
  const std::vector<ColumnType> types = {ColumnType::BigInt};
  auto buffer = ChunkBuffer::make(types);
  buffer->reset(2);
  buffer->set(0, 0, std::int64_t{-32768});
  buffer->set(0, 1, std::int64_t{32768});
  const Chunk chunk = buffer->chunk(2);
  EXPECT_FALSE(encoder.refusal(chunk.column(0), 0));
  EXPECT_TRUE(encoder.refusal(chunk.column(0), 1));
}

TEST(RowJson, EveryTypeHasItsForm) {
  const std::vector<Column> output = {{"b", ColumnType::Boolean},      {"h", ColumnType::HugeInt},
                                      {"d", ColumnType::Double},       {"t", ColumnType::Varchar},
                                      {"at", ColumnType::TimestampTz}, {"day", ColumnType::Date},
                                      {"u", ColumnType::Uuid},         {"x", ColumnType::Blob}};
  std::vector<ColumnType> types;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < output.size(); ++i) {
    types.push_back(output[i].type);
    places.push_back(i);
  }
  auto buffer = ChunkBuffer::make(types);
  buffer->reset(2);
  buffer->set(0, 0, true);
  buffer->set(1, 0, HugeInt{static_cast<std::uint64_t>(-5), -1});
  buffer->set(2, 0, 1.5);
  buffer->set(3, 0, TextRef(std::string_view("a\"b")));
  buffer->set(4, 0, std::int64_t{-1});
  buffer->set(5, 0, std::int32_t{0});
  buffer->set(6, 0, to_hugeint(*parse_uuid("efba91fe-f362-46c0-947d-381d203c6ab9")));
  buffer->set(7, 0, TextRef(std::string_view("hi")));
  const Chunk chunk = buffer->chunk(2);
  Bytes out;
  kafka::RowWriter(output, places).append(chunk, 0, out);
  EXPECT_EQ(as_text(out),
            R"({"b":true,"h":-5,"d":1.5,"t":"a\"b","at":"1969-12-31T23:59:59.999999Z",)"
            R"("day":"1970-01-01","u":"efba91fe-f362-46c0-947d-381d203c6ab9","x":"aGk="})");
  out.clear();
  kafka::RowWriter({output[3]}, {0}).append(chunk.project(std::vector<std::size_t>{3}), 1, out);
  EXPECT_EQ(as_text(out), R"({"t":null})");
}

}  // namespace
}  // namespace tidemill::connect

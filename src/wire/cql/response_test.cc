// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/response.h"

#include <gmock/gmock.h>

namespace tidemill::wire::cql {
namespace {

Rows two_rows() {
  Metadata metadata;
  metadata.columns = {{"ks", "t", "k", Type::of(Kind::Int)},
                      {"ks", "t", "v", Type::of(Kind::Text)}};
  Rows rows;
  rows.metadata = std::make_shared<const Metadata>(std::move(metadata));
  rows.row_count = 1;
  append_cell(rows.cells, as_bytes("aaaa"));
  append_null_cell(rows.cells);
  rows.paging_state = Bytes{1, 2, 3};
  return rows;
}

TEST(CqlResponse, BringsRowsBack) {
  ByteWriter out;
  encode_rows(out, two_rows(), {}, 4);
  const auto back = decode_rows(out.buffer());
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->columns.size(), 2U);
  EXPECT_EQ(back->columns[1].name, "v");
  EXPECT_EQ(back->row_count, 1);
  EXPECT_EQ(to_hex(*back->paging_state), "010203");
  ByteReader cells(back->cells);
  EXPECT_EQ(as_text(**read_cell(cells)), "aaaa");
  EXPECT_FALSE(read_cell(cells)->has_value());
}

TEST(CqlResponse, LeavesTheColumnsOutWhenAskedTo) {
  ByteWriter out;
  encode_rows(out, two_rows(), {.skip_metadata = true}, 4);
  const auto back = decode_rows(out.buffer());
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(back->columns.empty());
  EXPECT_EQ(back->column_count, 2);
}

TEST(CqlResponse, SendsColumnsAgainWhenTheirIdHasChanged) {
  ByteWriter out;
  const Bytes id(16, 9);
  encode_rows(out, two_rows(), {.skip_metadata = true, .changed_metadata_id = id}, 5);
  const auto back = decode_rows(out.buffer());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->columns.size(), 2U);
  EXPECT_EQ(back->changed_metadata_id.size(), 16U);
}

TEST(CqlResponse, GivesPreparedStatementsTheirKeyPositionsSinceV4) {
  Prepared prepared;
  prepared.id = Bytes(16, 1);
  prepared.result_metadata_id = Bytes(16, 2);
  prepared.markers = two_rows().metadata;
  prepared.partition_key = {0};
  prepared.result = two_rows().metadata;
  for (const int version : {3, 4, 5}) {
    ByteWriter out;
    encode_prepared(out, prepared, version);
    const auto back = decode_prepared(out.buffer(), version);
    ASSERT_TRUE(back.ok()) << version;
    EXPECT_EQ(back->markers->columns.size(), 2U);
    EXPECT_EQ(back->partition_key.size(), version == 3 ? 0U : 1U);
    EXPECT_EQ(back->result->columns.size(), 2U);
  }
}

TEST(CqlResponse, CarriesTheFieldsOfErrors) {
  ByteWriter out;
  encode_error(
      out, {.code = CqlErrorCode::AlreadyExists, .message = "m", .keyspace = "ks", .name = "t"}, 4);
  const CqlError back = decode_error(out.buffer());
  EXPECT_EQ(back.code, CqlErrorCode::AlreadyExists);
  EXPECT_EQ(back.keyspace, "ks");
  EXPECT_EQ(back.name, "t");
}

TEST(CqlResponse, DescribesSchemaChanges) {
  ByteWriter out;
  encode_schema_change(out, {SchemaChange::Kind::Dropped, SchemaChange::Target::Table, "ks", "t"});
  const auto back = decode_schema_change(out.buffer());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->kind, SchemaChange::Kind::Dropped);
  EXPECT_EQ(back->name, "t");
}

TEST(CqlResponse, TellsWhyAReadFailedAsTheVersionCan) {
  CqlError failure{CqlErrorCode::ReadFailure, "no"};
  failure.consistency = 1;
  failure.required = 1;
  failure.reason = FailureReason::ReadTooManyTombstones;
  const auto encoded = [&](int version) {
    ByteWriter out;
    encode_error(out, failure, version);
    return to_hex(out.buffer());
  };
  // code, "no", ONE, received 0, required 1, then what failed, no data
  EXPECT_EQ(encoded(5),
            "00001300"
            "00026e6f"
            "0001"
            "00000000"
            "00000001"
            "00000001"
            "047f000001"
            "0001"
            "00");
  EXPECT_EQ(encoded(4),
            "00001300"
            "00026e6f"
            "0001"
            "00000000"
            "00000001"
            "00000001"
            "00");
  EXPECT_EQ(encoded(3),
            "00001200"
            "00026e6f"
            "0001"
            "00000000"
            "00000001"
            "00");
}

}  // namespace
}  // namespace tidemill::wire::cql

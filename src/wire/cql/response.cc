// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/response.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace tidemill::wire::cql {
namespace {

constexpr std::int32_t kVoid = 1;
constexpr std::int32_t kRows = 2;
constexpr std::int32_t kSetKeyspace = 3;
constexpr std::int32_t kPrepared = 4;
constexpr std::int32_t kSchemaChange = 5;

constexpr std::uint32_t kGlobalTable = 0x0001;
constexpr std::uint32_t kMorePages = 0x0002;
constexpr std::uint32_t kNoMetadata = 0x0004;
constexpr std::uint32_t kMetadataChanged = 0x0008;

// Long texts (a message with a whole statement in it) are cut to what a [string] may hold.
void write_string(ByteWriter& out, std::string_view text) {
  text = text.substr(0, 65535);
  out.u16be(static_cast<std::uint16_t>(text.size()));
  out.text(text);
}
void write_string_list(ByteWriter& out, std::span<const std::string_view> texts) {
  out.u16be(static_cast<std::uint16_t>(texts.size()));
  for (const std::string_view text : texts) write_string(out, text);
}
void write_bytes(ByteWriter& out, BytesView bytes) {
  out.i32be(static_cast<std::int32_t>(bytes.size()));
  out.bytes(bytes);
}
void write_short_bytes(ByteWriter& out, BytesView bytes) {
  out.u16be(static_cast<std::uint16_t>(bytes.size()));
  out.bytes(bytes);
}

bool one_table(const std::vector<ColumnSpec>& columns) {
  return std::ranges::all_of(columns, [&](const ColumnSpec& column) {
    return column.keyspace == columns[0].keyspace && column.table == columns[0].table;
  });
}

void write_columns(ByteWriter& out, const std::vector<ColumnSpec>& columns, bool global,
                   int version) {
  if (global) {
    write_string(out, columns[0].keyspace);
    write_string(out, columns[0].table);
  }
  for (const ColumnSpec& column : columns) {
    if (!global) {
      write_string(out, column.keyspace);
      write_string(out, column.table);
    }
    write_string(out, column.name);
    encode_type(out, column.type, version);
  }
}

std::string_view name_of(SchemaChange::Kind kind) {
  switch (kind) {
    case SchemaChange::Kind::Created:
      return "CREATED";
    case SchemaChange::Kind::Updated:
      return "UPDATED";
    case SchemaChange::Kind::Dropped:
      return "DROPPED";
  }
  return {};
}
std::string_view name_of(SchemaChange::Target target) {
  switch (target) {
    case SchemaChange::Target::Keyspace:
      return "KEYSPACE";
    case SchemaChange::Target::Table:
      return "TABLE";
    case SchemaChange::Target::Type:
      return "TYPE";
  }
  return {};
}

void write_schema_change(ByteWriter& out, const SchemaChange& change) {
  write_string(out, name_of(change.kind));
  write_string(out, name_of(change.target));
  write_string(out, change.keyspace);
  if (change.target != SchemaChange::Target::Keyspace) write_string(out, change.name);
}

Result<std::string> read_string(ByteReader& in) {
  return std::string(TRY(in.text(TRY(in.u16be()))));
}
Result<Bytes> read_short_bytes(ByteReader& in) {
  const BytesView view = TRY(in.bytes(TRY(in.u16be())));
  return Bytes(view.begin(), view.end());
}

Result<std::vector<ColumnSpec>> read_columns(ByteReader& in, std::uint32_t flags,
                                             std::int32_t count) {
  std::vector<ColumnSpec> columns;
  std::string keyspace;
  std::string table;
  const bool global = (flags & kGlobalTable) != 0;
  if (global) {
    keyspace = TRY(read_string(in));
    table = TRY(read_string(in));
  }
  for (std::int32_t i = 0; i < count; ++i) {
    ColumnSpec column{keyspace, table, {}, {}};
    if (!global) {
      column.keyspace = TRY(read_string(in));
      column.table = TRY(read_string(in));
    }
    column.name = TRY(read_string(in));
    column.type = TRY(decode_type(in));
    columns.push_back(std::move(column));
  }
  return columns;
}

Result<std::int32_t> read_count(ByteReader& in) {
  const auto count = TRY(in.i32be());
  if (count < 0) return error(ErrorCode::Corrupt, fmt::format("count is {}", count));
  return count;
}

struct RowsHeader {
  std::uint32_t flags = 0;
  std::int32_t columns = 0;
  std::optional<BytesView> paging_state;
  BytesView metadata_id;
};

Result<RowsHeader> read_rows_header(ByteReader& in) {
  RowsHeader header;
  header.flags = TRY(in.u32be());
  header.columns = TRY(read_count(in));
  if (header.flags & kMorePages) header.paging_state = TRY(read_cell(in));
  if (header.flags & kMetadataChanged) header.metadata_id = TRY(in.bytes(TRY(in.u16be())));
  return header;
}

}  // namespace

Bytes metadata_id(const Metadata& metadata) {
  ByteWriter described;
  for (const ColumnSpec& column : metadata.columns) {
    write_string(described, column.name);
    write_string(described, to_string(column.type));
  }
  Bytes id(16);
  unsigned int length = 16;
  EVP_Digest(described.buffer().data(), described.size(), id.data(), &length, EVP_md5(), nullptr);
  return id;
}

namespace {

// v4 counts the nodes that failed, v5 names them with their reasons; there is one.
void encode_failures(ByteWriter& out, const CqlError& error, int version) {
  out.i32be(1);
  if (version < 5) return;
  out.u8(4);
  out.bytes(std::array<std::uint8_t, 4>{127, 0, 0, 1});
  out.u16be(static_cast<std::uint16_t>(error.reason));
}

// v3 knows no failures: a client of it is told of a timeout.
CqlErrorCode code_for(CqlErrorCode code, int version) {
  if (version >= 4) return code;
  if (code == CqlErrorCode::ReadFailure) return CqlErrorCode::ReadTimeout;
  if (code == CqlErrorCode::WriteFailure) return CqlErrorCode::WriteTimeout;
  return code;
}

}  // namespace

void encode_error(ByteWriter& out, const CqlError& error, int version) {
  const CqlErrorCode code = code_for(error.code, version);
  out.u32be(static_cast<std::uint32_t>(code));
  write_string(out, error.message);
  switch (code) {
    case CqlErrorCode::AlreadyExists:
      write_string(out, error.keyspace);
      write_string(out, error.name);
      return;
    case CqlErrorCode::Unprepared:
      write_short_bytes(out, error.statement_id);
      return;
    case CqlErrorCode::Unavailable:
      out.u16be(error.consistency);
      out.i32be(error.required);
      out.i32be(error.alive);
      return;
    case CqlErrorCode::WriteTimeout:
      out.u16be(error.consistency);
      out.i32be(error.alive);
      out.i32be(error.required);
      write_string(out, error.write_type);
      return;
    case CqlErrorCode::ReadTimeout:
      out.u16be(error.consistency);
      out.i32be(error.alive);
      out.i32be(error.required);
      out.u8(0);
      return;
    case CqlErrorCode::FunctionFailure: {
      write_string(out, error.keyspace);
      write_string(out, error.name);
      const std::vector<std::string_view> types(error.argument_types.begin(),
                                                error.argument_types.end());
      write_string_list(out, types);
      return;
    }
    case CqlErrorCode::ReadFailure:
    case CqlErrorCode::WriteFailure:
      out.u16be(error.consistency);
      out.i32be(error.alive);
      out.i32be(error.required);
      encode_failures(out, error, version);
      if (code == CqlErrorCode::ReadFailure) {
        out.u8(0);
      } else {
        write_string(out, error.write_type);
      }
      return;
    default:
      return;
  }
}

void encode_supported(ByteWriter& out) {
  const std::array<std::string_view, 3> versions{"3/v3", "4/v4", "5/v5"};
  const std::array<std::string_view, 2> compression{"snappy", "lz4"};
  const std::array<std::string_view, 1> cql{"3.4.7"};
  out.u16be(3);
  write_string(out, "PROTOCOL_VERSIONS");
  write_string_list(out, versions);
  write_string(out, "COMPRESSION");
  write_string_list(out, compression);
  write_string(out, "CQL_VERSION");
  write_string_list(out, cql);
}

void encode_authenticate(ByteWriter& out, std::string_view authenticator) {
  write_string(out, authenticator);
}
void encode_auth_success(ByteWriter& out) {
  out.i32be(-1);
}
void encode_void(ByteWriter& out) {
  out.i32be(kVoid);
}

void encode_rows(ByteWriter& out, const Rows& rows, RowsEncoding how, int version) {
  const auto& columns = rows.metadata->columns;
  const bool global = !columns.empty() && one_table(columns);
  const bool changed = version >= 5 && !how.changed_metadata_id.empty();
  const bool skip = how.skip_metadata && !changed;
  std::uint32_t flags = 0;
  if (rows.paging_state) flags |= kMorePages;
  if (skip) flags |= kNoMetadata;
  if (!skip && global) flags |= kGlobalTable;
  if (changed) flags |= kMetadataChanged;
  out.i32be(kRows);
  out.u32be(flags);
  out.i32be(static_cast<std::int32_t>(columns.size()));
  if (rows.paging_state) write_bytes(out, *rows.paging_state);
  if (changed) write_short_bytes(out, how.changed_metadata_id);
  if (!skip) write_columns(out, columns, global, version);
  out.i32be(rows.row_count);
  out.bytes(rows.cells);
}

void encode_set_keyspace(ByteWriter& out, std::string_view keyspace) {
  out.i32be(kSetKeyspace);
  write_string(out, keyspace);
}

void encode_prepared(ByteWriter& out, const Prepared& prepared, int version) {
  out.i32be(kPrepared);
  write_short_bytes(out, prepared.id);
  if (version >= 5) write_short_bytes(out, prepared.result_metadata_id);
  const auto& markers = prepared.markers->columns;
  const bool global = !markers.empty() && one_table(markers);
  out.u32be(global ? kGlobalTable : 0);
  out.i32be(static_cast<std::int32_t>(markers.size()));
  if (version >= 4) {
    out.i32be(static_cast<std::int32_t>(prepared.partition_key.size()));
    for (const std::uint16_t index : prepared.partition_key) out.u16be(index);
  }
  write_columns(out, markers, global, version);
  if (!prepared.result || prepared.result->columns.empty()) {
    out.u32be(kNoMetadata);
    out.i32be(0);
    return;
  }
  const auto& columns = prepared.result->columns;
  const bool global_result = one_table(columns);
  out.u32be(global_result ? kGlobalTable : 0);
  out.i32be(static_cast<std::int32_t>(columns.size()));
  write_columns(out, columns, global_result, version);
}

void encode_schema_change(ByteWriter& out, const SchemaChange& change) {
  out.i32be(kSchemaChange);
  write_schema_change(out, change);
}

void encode_schema_change_event(ByteWriter& out, const SchemaChange& change) {
  write_string(out, "SCHEMA_CHANGE");
  write_schema_change(out, change);
}

void encode_warnings(ByteWriter& out, std::span<const std::string> warnings) {
  out.u16be(static_cast<std::uint16_t>(warnings.size()));
  for (const std::string& warning : warnings) write_string(out, warning);
}

CqlError decode_error(BytesView body) {
  const auto read = [&]() -> Result<CqlError> {
    ByteReader in(body);
    CqlError failure;
    failure.code = static_cast<CqlErrorCode>(TRY(in.u32be()));
    failure.message = TRY(read_string(in));
    if (failure.code == CqlErrorCode::AlreadyExists) {
      failure.keyspace = TRY(read_string(in));
      failure.name = TRY(read_string(in));
    } else if (failure.code == CqlErrorCode::Unprepared) {
      failure.statement_id = TRY(read_short_bytes(in));
    }
    return failure;
  };
  Result<CqlError> failure = read();
  if (failure.ok()) return *std::move(failure);
  return protocol_error("the server's error cannot be read: " + failure.error().message);
}

Result<std::int32_t> result_kind(BytesView body) {
  return ByteReader(body).i32be();
}

Result<RowsView> decode_rows(BytesView body) {
  ByteReader in(body);
  const auto kind = TRY(in.i32be());
  if (kind != kRows) return error(ErrorCode::Corrupt, fmt::format("result kind is {}", kind));
  const RowsHeader header = TRY(read_rows_header(in));
  RowsView rows;
  rows.column_count = header.columns;
  rows.paging_state = header.paging_state;
  rows.changed_metadata_id = header.metadata_id;
  if (!(header.flags & kNoMetadata)) {
    rows.columns = TRY(read_columns(in, header.flags, header.columns));
  }
  rows.row_count = TRY(read_count(in));
  rows.cells = in.rest();
  return rows;
}

Result<Prepared> decode_prepared(BytesView body, int version) {
  ByteReader in(body);
  const auto kind = TRY(in.i32be());
  if (kind != kPrepared) return error(ErrorCode::Corrupt, fmt::format("result kind is {}", kind));
  Prepared prepared;
  prepared.id = TRY(read_short_bytes(in));
  if (version >= 5) prepared.result_metadata_id = TRY(read_short_bytes(in));
  const auto flags = TRY(in.u32be());
  const auto count = TRY(read_count(in));
  if (version >= 4) {
    const auto keys = TRY(read_count(in));
    for (std::int32_t i = 0; i < keys; ++i) prepared.partition_key.push_back(TRY(in.u16be()));
  }
  Metadata markers{TRY(read_columns(in, flags, count))};
  prepared.markers = std::make_shared<const Metadata>(std::move(markers));
  const RowsHeader header = TRY(read_rows_header(in));
  Metadata result;
  if (!(header.flags & kNoMetadata)) {
    result.columns = TRY(read_columns(in, header.flags, header.columns));
  }
  prepared.result = std::make_shared<const Metadata>(std::move(result));
  return prepared;
}

Result<SchemaChange> decode_schema_change(BytesView body) {
  ByteReader in(body);
  const auto kind = TRY(in.i32be());
  if (kind != kSchemaChange) {
    return error(ErrorCode::Corrupt, fmt::format("result kind is {}", kind));
  }
  SchemaChange change;
  const std::string what = TRY(read_string(in));
  change.kind = what == "CREATED"   ? SchemaChange::Kind::Created
                : what == "UPDATED" ? SchemaChange::Kind::Updated
                                    : SchemaChange::Kind::Dropped;
  const std::string target = TRY(read_string(in));
  change.target = target == "KEYSPACE" ? SchemaChange::Target::Keyspace
                  : target == "TABLE"  ? SchemaChange::Target::Table
                                       : SchemaChange::Target::Type;
  change.keyspace = TRY(read_string(in));
  if (change.target != SchemaChange::Target::Keyspace) change.name = TRY(read_string(in));
  return change;
}

Result<std::optional<BytesView>> read_cell(ByteReader& in) {
  const auto length = TRY(in.i32be());
  if (length < 0) return std::optional<BytesView>{};
  return std::optional<BytesView>{TRY(in.bytes(static_cast<std::size_t>(length)))};
}

}  // namespace tidemill::wire::cql

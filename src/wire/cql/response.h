// SPDX-License-Identifier: Apache-2.0
// The bodies of answers and events, both ways. Kinds of RESULT:
//   result := 1 | 2 metadata rows:i32 cells | 3 keyspace | 4 prepared | 5 schema_change
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "wire/cql/error.h"
#include "wire/cql/request.h"
#include "wire/cql/type.h"

namespace tidemill::wire::cql {

struct ColumnSpec {
  std::string keyspace;
  std::string table;
  std::string name;
  Type type;
};

// The columns of a result or the markers of a statement. Shared and never changed.
struct Metadata {
  std::vector<ColumnSpec> columns;
};

// MD5 over names and types: what v5 compares to see that a statement's result has changed.
Bytes metadata_id(const Metadata& metadata);

// Rows whose cells are already in wire form: `cells` holds columns x row_count [bytes].
struct Rows {
  std::shared_ptr<const Metadata> metadata;
  std::int32_t row_count = 0;
  Bytes cells;
  std::optional<Bytes> paging_state;
};

struct SchemaChange {
  enum class Kind : std::uint8_t { Created, Updated, Dropped };
  enum class Target : std::uint8_t { Keyspace, Table, Type };
  Kind kind = Kind::Created;
  Target target = Target::Keyspace;
  std::string keyspace = {};
  std::string name = {};  // empty for a keyspace
};

struct Prepared {
  Bytes id;
  Bytes result_metadata_id;                  // v5
  std::shared_ptr<const Metadata> markers;   // what to bind
  std::vector<std::uint16_t> partition_key;  // v4: indices of the markers of the partition key
  std::shared_ptr<const Metadata> result;    // null or empty when no rows come back
};

// One cell in wire form.
inline void append_cell(Bytes& cells, BytesView value) {
  const std::size_t at = cells.size();
  cells.resize(at + 4 + value.size());
  store_be(cells.data() + at, static_cast<std::int32_t>(value.size()));
  if (!value.empty()) std::memcpy(cells.data() + at + 4, value.data(), value.size());
}
inline void append_null_cell(Bytes& cells) {
  cells.insert(cells.end(), 4, 0xFF);
}

void encode_error(ByteWriter& out, const CqlError& error, int version);
void encode_supported(ByteWriter& out);
void encode_authenticate(ByteWriter& out, std::string_view authenticator);
void encode_auth_success(ByteWriter& out);
void encode_void(ByteWriter& out);

struct RowsEncoding {
  bool skip_metadata = false;
  BytesView changed_metadata_id = {};  // v5: set when the client's is not the current one
};
void encode_rows(ByteWriter& out, const Rows& rows, RowsEncoding how, int version);
void encode_set_keyspace(ByteWriter& out, std::string_view keyspace);
void encode_prepared(ByteWriter& out, const Prepared& prepared, int version);
void encode_schema_change(ByteWriter& out, const SchemaChange& change);
void encode_schema_change_event(ByteWriter& out, const SchemaChange& change);

// Warnings stand before a body whose frame has the warning flag.
void encode_warnings(ByteWriter& out, std::span<const std::string> warnings);

// For clients.
struct RowsView {
  std::vector<ColumnSpec> columns;  // empty when the metadata was skipped
  std::int32_t column_count = 0;
  std::int32_t row_count = 0;
  BytesView cells;
  std::optional<BytesView> paging_state;
  BytesView changed_metadata_id;
};
CqlError decode_error(BytesView body);
Result<std::int32_t> result_kind(BytesView body);
Result<RowsView> decode_rows(BytesView body);
Result<Prepared> decode_prepared(BytesView body, int version);
Result<SchemaChange> decode_schema_change(BytesView body);
// The next cell of `cells`; null when its length is negative.
Result<std::optional<BytesView>> read_cell(ByteReader& in);

}  // namespace tidemill::wire::cql

// SPDX-License-Identifier: Apache-2.0
#include "stream/metadata_columns.h"

#include "wire/json/text.h"

namespace tidemill::stream {
namespace {

// {"name":"text", ...}; a value that is no UTF-8 text or null is null.
void append_headers(BytesView encoded, Bytes& out) {
  out.push_back('{');
  const auto headers = decode_headers(encoded);
  if (headers.ok()) {
    bool first = true;
    for (const auto& header : *headers) {
      if (!is_utf8(header.key)) continue;
      if (!first) out.push_back(',');
      first = false;
      wire::json::append_string(out, header.key);
      out.push_back(':');
      if (header.value && is_utf8(as_text(*header.value))) {
        wire::json::append_string(out, as_text(*header.value));
      } else {
        const auto null = as_bytes("null");
        out.insert(out.end(), null.begin(), null.end());
      }
    }
  }
  out.push_back('}');
}

}  // namespace

std::vector<std::uint32_t> fill_metadata(Slice& slice, ColumnOrigin origin, std::size_t column) {
  ChunkBuffer& out = *slice.buffer;
  const ColumnType type = out.type(column);
  std::vector<std::uint32_t> bad;
  Bytes scratch;
  for (const auto& run : slice.runs) {
    for (std::size_t i = 0; i < run.count; ++i) {
      const std::size_t row = run.row + i;
      const RecordView& record = run.chunk->records[run.first + i];
      switch (origin) {
        case ColumnOrigin::Json:
          break;
        case ColumnOrigin::Key:
          if (!record.has_key()) break;
          if (type == ColumnType::Varchar && !is_utf8(as_text(record.key))) {
            bad.push_back(static_cast<std::uint32_t>(row));
            break;
          }
          out.set(column, row, TextRef(as_text(record.key)));
          break;
        case ColumnOrigin::Timestamp:
          out.set(column, row,
                  type == ColumnType::BigInt ? record.timestamp_ms : record.timestamp_ms * 1000);
          break;
        case ColumnOrigin::Offset:
          out.set(column, row, record.offset);
          break;
        case ColumnOrigin::Partition:
          if (type == ColumnType::Integer) {
            out.set(column, row, run.chunk->source.partition);
          } else {
            out.set(column, row, std::int64_t{run.chunk->source.partition});
          }
          break;
        case ColumnOrigin::Topic:
          out.set(column, row, TextRef(std::string_view(run.chunk->source.topic)));
          break;
        case ColumnOrigin::Headers:
          scratch.clear();
          append_headers(record.headers, scratch);
          out.set(column, row, TextRef(out.arena().copy(as_text(scratch))));
      }
    }
  }
  return bad;
}

}  // namespace tidemill::stream

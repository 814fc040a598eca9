// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/request.h"

#include <fmt/format.h>

namespace tidemill::wire::cql {
namespace {

Result<std::string_view> read_string(ByteReader& in) {
  return in.text(TRY(in.u16be()));
}
Result<BytesView> read_short_bytes(ByteReader& in) {
  return in.bytes(TRY(in.u16be()));
}

Outcome<std::string_view> read_long_string(ByteReader& in) {
  const auto length = TRY(in.i32be());
  if (length < 0) return protocol_error(fmt::format("string has a length of {}", length));
  const std::string_view text = TRY(in.text(static_cast<std::size_t>(length)));
  if (!is_utf8(text)) return protocol_error("Cannot decode string as UTF8");
  return text;
}

Outcome<BoundValue> read_value(ByteReader& in, int version) {
  const auto length = TRY(in.i32be());
  if (length >= 0) return BoundValue::of(TRY(in.bytes(static_cast<std::size_t>(length))));
  if (length == -1 || version < 4) return BoundValue::null();
  if (length == -2) return BoundValue::unset();
  return protocol_error(fmt::format("Invalid ByteBuf length {}", length));
}

// Reads past a claimed count only as long as there are bytes, so a false count allocates nothing.
Outcome<std::vector<BoundValue>> read_values(ByteReader& in, int version) {
  const auto count = TRY(in.u16be());
  std::vector<BoundValue> values;
  values.reserve(std::min<std::size_t>(count, in.remaining() / 4));
  for (int i = 0; i < count; ++i) values.push_back(TRY(read_value(in, version)));
  return values;
}

Outcome<Consistency> read_consistency(ByteReader& in) {
  const auto code = TRY(in.u16be());
  if (code > static_cast<std::uint16_t>(Consistency::NodeLocal)) {
    return protocol_error(fmt::format("Unknown code {} for a consistency level", code));
  }
  return static_cast<Consistency>(code);
}

Outcome<> read_tail(ByteReader& in, std::uint32_t flags, int version, QueryOptions& options) {
  if (flags & query_flag::kPageSize) options.page_size = TRY(in.i32be());
  if (flags & query_flag::kPagingState) {
    const auto value = TRY(read_value(in, version));
    if (value.is_value()) options.paging_state = value.bytes;
  }
  if (flags & query_flag::kSerialConsistency) {
    options.serial_consistency = TRY(read_consistency(in));
  }
  if (flags & query_flag::kTimestamp) {
    options.timestamp = TRY(in.i64be());
    if (*options.timestamp == INT64_MIN) {
      return protocol_error(
          fmt::format("Out of bound timestamp, must be in [-9223372036854775807, "
                      "9223372036854775807] (got {})",
                      *options.timestamp));
    }
  }
  if (version >= 5 && (flags & query_flag::kKeyspace)) options.keyspace = TRY(read_string(in));
  if (version >= 5 && (flags & query_flag::kNowInSeconds)) {
    options.now_in_seconds = TRY(in.i32be());
  }
  return {};
}

Result<std::uint32_t> read_flags(ByteReader& in, int version) {
  if (version >= 5) return in.u32be();
  return std::uint32_t{TRY(in.u8())};
}

Outcome<QueryOptions> read_options(ByteReader& in, int version) {
  QueryOptions options;
  options.consistency = TRY(read_consistency(in));
  const std::uint32_t flags = TRY(read_flags(in, version));
  options.skip_metadata = (flags & query_flag::kSkipMetadata) != 0;
  if (flags & query_flag::kValues) {
    if (flags & query_flag::kNames) {
      const auto count = TRY(in.u16be());
      for (int i = 0; i < count; ++i) {
        options.names.push_back(TRY(read_string(in)));
        options.values.push_back(TRY(read_value(in, version)));
      }
    } else {
      options.values = TRY(read_values(in, version));
    }
  }
  TRY(read_tail(in, flags, version, options));
  return options;
}

// Truncated bodies are the client's fault, not ours.
template <class T>
Outcome<T> as_protocol_error(Outcome<T> result) {
  if (!result.ok() && result.error().code == CqlErrorCode::ServerError) {
    return protocol_error(std::move(result).error().message);
  }
  return result;
}

Outcome<QueryRequest> read_query(BytesView body, int version) {
  ByteReader in(body);
  QueryRequest request;
  request.query = TRY(read_long_string(in));
  request.options = TRY(read_options(in, version));
  return request;
}

Outcome<PrepareRequest> read_prepare(BytesView body, int version) {
  ByteReader in(body);
  PrepareRequest request;
  request.query = TRY(read_long_string(in));
  if (version >= 5) {
    const auto flags = TRY(in.u32be());
    if (flags & 0x01) request.keyspace = TRY(read_string(in));
  }
  return request;
}

Outcome<ExecuteRequest> read_execute(BytesView body, int version) {
  ByteReader in(body);
  ExecuteRequest request;
  request.id = TRY(read_short_bytes(in));
  if (version >= 5) request.result_metadata_id = TRY(read_short_bytes(in));
  request.options = TRY(read_options(in, version));
  return request;
}

Outcome<BatchRequest> read_batch(BytesView body, int version) {
  ByteReader in(body);
  BatchRequest request;
  const auto kind = TRY(in.u8());
  if (kind > 2) return protocol_error(fmt::format("Invalid batch type {}", kind));
  request.kind = static_cast<BatchRequest::Kind>(kind);
  const auto count = TRY(in.u16be());
  for (int i = 0; i < count; ++i) {
    BatchRequest::Statement statement;
    const auto form = TRY(in.u8());
    if (form == 0) {
      statement.query = TRY(read_long_string(in));
    } else if (form == 1) {
      statement.prepared = true;
      statement.id = TRY(read_short_bytes(in));
    } else {
      return protocol_error("Invalid query kind in BATCH messages. Must be 0 or 1 but got " +
                            std::to_string(form));
    }
    statement.values = TRY(read_values(in, version));
    request.statements.push_back(std::move(statement));
  }
  request.options.consistency = TRY(read_consistency(in));
  const std::uint32_t flags = TRY(read_flags(in, version));
  if (flags & query_flag::kNames) {
    return protocol_error("Named values in a batch cannot be told apart by the server");
  }
  TRY(read_tail(in, flags & ~(query_flag::kPageSize | query_flag::kPagingState), version,
                request.options));
  return request;
}

Outcome<StartupRequest> read_startup(BytesView body) {
  ByteReader in(body);
  StartupRequest request;
  const auto count = TRY(in.u16be());
  for (int i = 0; i < count; ++i) {
    const auto key = TRY(read_string(in));
    request.options.emplace_back(key, TRY(read_string(in)));
  }
  return request;
}

Outcome<RegisterRequest> read_register(BytesView body) {
  ByteReader in(body);
  RegisterRequest request;
  const auto count = TRY(in.u16be());
  for (int i = 0; i < count; ++i) request.events.push_back(TRY(read_string(in)));
  return request;
}

Outcome<AuthResponseRequest> read_auth_response(BytesView body) {
  ByteReader in(body);
  AuthResponseRequest request;
  const auto value = TRY(read_value(in, 4));
  if (value.is_value()) request.token = value.bytes;
  return request;
}

Outcome<BytesView> read_past_payload(BytesView body) {
  ByteReader in(body);
  const auto count = TRY(in.u16be());
  for (int i = 0; i < count; ++i) {
    TRY(read_string(in));
    TRY(read_value(in, 4));
  }
  return in.rest();
}

void write_string(ByteWriter& out, std::string_view text) {
  out.u16be(static_cast<std::uint16_t>(text.size()));
  out.text(text);
}
void write_short_bytes(ByteWriter& out, BytesView bytes) {
  write_string(out, as_text(bytes));
}
void write_long_string(ByteWriter& out, std::string_view text) {
  out.i32be(static_cast<std::int32_t>(text.size()));
  out.text(text);
}
void write_value(ByteWriter& out, const BoundValue& value) {
  if (!value.is_value()) {
    out.i32be(value.is_null() ? -1 : -2);
    return;
  }
  out.i32be(static_cast<std::int32_t>(value.bytes.size()));
  out.bytes(value.bytes);
}
void write_values(ByteWriter& out, std::span<const BoundValue> values) {
  out.u16be(static_cast<std::uint16_t>(values.size()));
  for (const BoundValue& value : values) write_value(out, value);
}
void write_flags(ByteWriter& out, std::uint32_t flags, int version) {
  if (version >= 5) {
    out.u32be(flags);
  } else {
    out.u8(static_cast<std::uint8_t>(flags));
  }
}

void write_options(ByteWriter& out, const QueryOptions& options, int version, bool in_batch) {
  out.u16be(static_cast<std::uint16_t>(options.consistency));
  std::uint32_t flags = 0;
  if (!in_batch && !options.values.empty()) flags |= query_flag::kValues;
  if (!in_batch && !options.names.empty()) flags |= query_flag::kNames;
  if (options.skip_metadata) flags |= query_flag::kSkipMetadata;
  if (options.page_size > 0) flags |= query_flag::kPageSize;
  if (options.paging_state) flags |= query_flag::kPagingState;
  if (options.serial_consistency) flags |= query_flag::kSerialConsistency;
  if (options.timestamp) flags |= query_flag::kTimestamp;
  if (version >= 5 && options.keyspace) flags |= query_flag::kKeyspace;
  if (version >= 5 && options.now_in_seconds) flags |= query_flag::kNowInSeconds;
  write_flags(out, flags, version);
  if (flags & query_flag::kNames) {
    out.u16be(static_cast<std::uint16_t>(options.values.size()));
    for (std::size_t i = 0; i < options.values.size(); ++i) {
      write_string(out, options.names[i]);
      write_value(out, options.values[i]);
    }
  } else if (flags & query_flag::kValues) {
    write_values(out, options.values);
  }
  if (flags & query_flag::kPageSize) out.i32be(options.page_size);
  if (flags & query_flag::kPagingState) write_value(out, BoundValue::of(*options.paging_state));
  if (flags & query_flag::kSerialConsistency) {
    out.u16be(static_cast<std::uint16_t>(*options.serial_consistency));
  }
  if (flags & query_flag::kTimestamp) out.i64be(*options.timestamp);
  if (flags & query_flag::kKeyspace) write_string(out, *options.keyspace);
  if (flags & query_flag::kNowInSeconds) out.i32be(*options.now_in_seconds);
}

}  // namespace

std::string_view name_of(Consistency consistency) {
  switch (consistency) {
    case Consistency::Any:
      return "ANY";
    case Consistency::One:
      return "ONE";
    case Consistency::Two:
      return "TWO";
    case Consistency::Three:
      return "THREE";
    case Consistency::Quorum:
      return "QUORUM";
    case Consistency::All:
      return "ALL";
    case Consistency::LocalQuorum:
      return "LOCAL_QUORUM";
    case Consistency::EachQuorum:
      return "EACH_QUORUM";
    case Consistency::Serial:
      return "SERIAL";
    case Consistency::LocalSerial:
      return "LOCAL_SERIAL";
    case Consistency::LocalOne:
      return "LOCAL_ONE";
    case Consistency::NodeLocal:
      return "NODE_LOCAL";
  }
  return "UNKNOWN";
}

Outcome<StartupRequest> decode_startup(BytesView body) {
  return as_protocol_error(read_startup(body));
}
Outcome<QueryRequest> decode_query(BytesView body, int version) {
  return as_protocol_error(read_query(body, version));
}
Outcome<PrepareRequest> decode_prepare(BytesView body, int version) {
  return as_protocol_error(read_prepare(body, version));
}
Outcome<ExecuteRequest> decode_execute(BytesView body, int version) {
  return as_protocol_error(read_execute(body, version));
}
Outcome<BatchRequest> decode_batch(BytesView body, int version) {
  return as_protocol_error(read_batch(body, version));
}
Outcome<RegisterRequest> decode_register(BytesView body) {
  return as_protocol_error(read_register(body));
}
Outcome<AuthResponseRequest> decode_auth_response(BytesView body) {
  return as_protocol_error(read_auth_response(body));
}
Outcome<BytesView> skip_custom_payload(BytesView body) {
  return as_protocol_error(read_past_payload(body));
}

void encode_startup(ByteWriter& out, std::span<const std::pair<std::string, std::string>> options) {
  out.u16be(static_cast<std::uint16_t>(options.size()));
  for (const auto& [key, value] : options) {
    write_string(out, key);
    write_string(out, value);
  }
}
void encode_query(ByteWriter& out, std::string_view query, const QueryOptions& options,
                  int version) {
  write_long_string(out, query);
  write_options(out, options, version, false);
}
void encode_prepare(ByteWriter& out, std::string_view query,
                    std::optional<std::string_view> keyspace, int version) {
  write_long_string(out, query);
  if (version < 5) return;
  out.u32be(keyspace ? 1 : 0);
  if (keyspace) write_string(out, *keyspace);
}
void encode_execute(ByteWriter& out, const ExecuteRequest& request, int version) {
  write_short_bytes(out, request.id);
  if (version >= 5) write_short_bytes(out, request.result_metadata_id);
  write_options(out, request.options, version, false);
}
void encode_batch(ByteWriter& out, const BatchRequest& request, int version) {
  out.u8(static_cast<std::uint8_t>(request.kind));
  out.u16be(static_cast<std::uint16_t>(request.statements.size()));
  for (const auto& statement : request.statements) {
    out.u8(statement.prepared ? 1 : 0);
    if (statement.prepared) {
      write_short_bytes(out, statement.id);
    } else {
      write_long_string(out, statement.query);
    }
    write_values(out, statement.values);
  }
  write_options(out, request.options, version, true);
}
void encode_register(ByteWriter& out, std::span<const std::string_view> events) {
  out.u16be(static_cast<std::uint16_t>(events.size()));
  for (const std::string_view event : events) write_string(out, event);
}

}  // namespace tidemill::wire::cql

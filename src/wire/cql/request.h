// SPDX-License-Identifier: Apache-2.0
// The bodies of requests, decoded into views of the body and encoded from the same structs. The
// body must outlive what was decoded from it. Grammar in the words of the protocol:
//   string := n:u16 byte[n]       long_string := n:i32 byte[n]     bytes := n:i32 byte[n], n < 0
//   null value  := bytes, n = -2 unset         options := consistency:u16 flags [values] ...
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "wire/cql/error.h"
#include "wire/cql/frame.h"

namespace tidemill::wire::cql {

enum class Consistency : std::uint16_t {
  Any = 0x0000,
  One = 0x0001,
  Two = 0x0002,
  Three = 0x0003,
  Quorum = 0x0004,
  All = 0x0005,
  LocalQuorum = 0x0006,
  EachQuorum = 0x0007,
  Serial = 0x0008,
  LocalSerial = 0x0009,
  LocalOne = 0x000A,
  NodeLocal = 0x000B,
};
std::string_view name_of(Consistency consistency);

namespace query_flag {
constexpr std::uint32_t kValues = 0x0001;
constexpr std::uint32_t kSkipMetadata = 0x0002;
constexpr std::uint32_t kPageSize = 0x0004;
constexpr std::uint32_t kPagingState = 0x0008;
constexpr std::uint32_t kSerialConsistency = 0x0010;
constexpr std::uint32_t kTimestamp = 0x0020;
constexpr std::uint32_t kNames = 0x0040;
constexpr std::uint32_t kKeyspace = 0x0080;
constexpr std::uint32_t kNowInSeconds = 0x0100;
}  // namespace query_flag

// One bound value: bytes, null (an absent value) or unset (keeps what is there; since v4).
struct BoundValue {
  enum class State : std::uint8_t { Value, Null, Unset };
  State state = State::Null;
  BytesView bytes = {};

  static BoundValue of(BytesView bytes) { return {State::Value, bytes}; }
  static BoundValue null() { return {}; }
  static BoundValue unset() { return {State::Unset, {}}; }
  bool is_value() const { return state == State::Value; }
  bool is_null() const { return state == State::Null; }
  bool is_unset() const { return state == State::Unset; }
};

struct QueryOptions {
  Consistency consistency = Consistency::One;
  std::optional<Consistency> serial_consistency = {};
  std::vector<BoundValue> values = {};
  std::vector<std::string_view> names = {};  // empty, or one per value
  bool skip_metadata = false;
  std::int32_t page_size = 0;  // 0: no paging asked for
  std::optional<BytesView> paging_state = {};
  std::optional<std::int64_t> timestamp = {};
  std::optional<std::string_view> keyspace = {};
  std::optional<std::int32_t> now_in_seconds = {};
};

struct StartupRequest {
  std::vector<std::pair<std::string_view, std::string_view>> options;
};
struct QueryRequest {
  std::string_view query;
  QueryOptions options;
};
struct PrepareRequest {
  std::string_view query;
  std::optional<std::string_view> keyspace;
};
struct ExecuteRequest {
  BytesView id;
  BytesView result_metadata_id;  // v5
  QueryOptions options;
};
struct BatchRequest {
  enum class Kind : std::uint8_t { Logged = 0, Unlogged = 1, Counter = 2 };
  struct Statement {
    bool prepared = false;
    std::string_view query = {};  // when not prepared
    BytesView id = {};            // when prepared
    std::vector<BoundValue> values = {};
  };
  Kind kind = Kind::Logged;
  std::vector<Statement> statements = {};
  QueryOptions options = {};  // no values here
};
struct RegisterRequest {
  std::vector<std::string_view> events;
};
struct AuthResponseRequest {
  std::optional<BytesView> token;
};

Outcome<StartupRequest> decode_startup(BytesView body);
Outcome<QueryRequest> decode_query(BytesView body, int version);
Outcome<PrepareRequest> decode_prepare(BytesView body, int version);
Outcome<ExecuteRequest> decode_execute(BytesView body, int version);
Outcome<BatchRequest> decode_batch(BytesView body, int version);
Outcome<RegisterRequest> decode_register(BytesView body);
Outcome<AuthResponseRequest> decode_auth_response(BytesView body);

// The custom payload (flag 0x04) that may stand before a body; it is read and left out.
Outcome<BytesView> skip_custom_payload(BytesView body);

void encode_startup(ByteWriter& out, std::span<const std::pair<std::string, std::string>> options);
void encode_query(ByteWriter& out, std::string_view query, const QueryOptions& options,
                  int version);
void encode_prepare(ByteWriter& out, std::string_view query,
                    std::optional<std::string_view> keyspace, int version);
void encode_execute(ByteWriter& out, const ExecuteRequest& request, int version);
void encode_batch(ByteWriter& out, const BatchRequest& request, int version);
void encode_register(ByteWriter& out, std::span<const std::string_view> events);

}  // namespace tidemill::wire::cql

// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/paging_state.h"

#include "base/crc32c.h"

namespace tidemill::tables::statements {

constexpr std::uint8_t kVersion = 1;

Bytes encode_paging_state(const PagingState& state) {
  ByteWriter out;
  out.u8(kVersion);
  out.bytes(state.table.bytes);
  out.i32be(state.rows_left);
  out.u32be(state.in_partition);
  out.u32be(static_cast<std::uint32_t>(state.partition.size()));
  out.bytes(state.partition);
  out.u32be(static_cast<std::uint32_t>(state.store.size()));
  out.bytes(state.store);
  out.u32be(crc32c(out.buffer()));
  return out.take();
}

wire::cql::Outcome<PagingState> decode_paging_state(BytesView bytes, const Uuid& table) {
  const auto read = [&]() -> Result<PagingState> {
    const Error broken = error(ErrorCode::Corrupt, "paging state is damaged");
    if (bytes.size() < 4) return broken;
    const BytesView checked = bytes.first(bytes.size() - 4);
    if (load_be<std::uint32_t>(bytes.data() + checked.size()) != crc32c(checked)) return broken;
    ByteReader in(checked);
    if (TRY(in.u8()) != kVersion) return broken;
    PagingState state;
    const BytesView id = TRY(in.bytes(16));
    std::copy(id.begin(), id.end(), state.table.bytes.begin());
    if (state.table != table) return broken;
    state.rows_left = TRY(in.i32be());
    state.in_partition = TRY(in.u32be());
    const BytesView partition = TRY(in.bytes(TRY(in.u32be())));
    state.partition.assign(partition.begin(), partition.end());
    const BytesView store = TRY(in.bytes(TRY(in.u32be())));
    state.store.assign(store.begin(), store.end());
    return state;
  };
  Result<PagingState> state = read();
  if (state.ok()) return *std::move(state);
  return wire::cql::protocol_error("Invalid value for the paging state");
}

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
#include "store/log/compaction_state.h"

#include <fmt/format.h>

#include "store/log/checked_file.h"

namespace tidemill::store::log {
namespace {

constexpr std::string_view kMagic = "TMPC";
constexpr std::uint16_t kVersion = 1;
constexpr std::uint64_t kBytesMax = 1024;

std::string path_in(const std::string& folder) {
  return folder + "/compaction.state";
}

}  // namespace

Result<CompactionState> read_compaction_state(Disk& disk, const std::string& folder) {
  CompactionState state;
  const std::string path = path_in(folder);
  if (!disk.exists(path)) return state;
  const auto content = TRY(read_checked_file(disk, path, kMagic, kVersion, kBytesMax));
  ByteReader in(content.payload);
  state.clean_offset = TRY(in.i64be());
  state.gaps_below = TRY(in.i64be());
  state.replaced_from = TRY(in.i64be());
  state.replaced_to = TRY(in.i64be());
  if (state.clean_offset < 0 || state.gaps_below < 0 || state.replaced_to < state.replaced_from) {
    return error(ErrorCode::Corrupt, fmt::format("file '{}' has impossible offsets", path));
  }
  return state;
}

Result<> write_compaction_state(Disk& disk, const std::string& folder,
                                const CompactionState& state) {
  ByteWriter out;
  out.i64be(state.clean_offset);
  out.i64be(state.gaps_below);
  out.i64be(state.replaced_from);
  out.i64be(state.replaced_to);
  return write_checked_file(disk, path_in(folder), kMagic, kVersion, out.buffer());
}

}  // namespace tidemill::store::log

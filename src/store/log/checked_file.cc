// SPDX-License-Identifier: Apache-2.0
#include "store/log/checked_file.h"

#include <fmt/format.h>

#include "base/check.h"
#include "base/crc32c.h"

namespace tidemill::store::log {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kHeaderBytes = kMagicBytes + 2 + 4 + 4;

}  // namespace

Bytes checked_content(std::string_view magic, std::uint16_t version, BytesView payload) {
  TM_CHECK(magic.size() == kMagicBytes, "magic has {} bytes", magic.size());
  ByteWriter out;
  out.buffer().reserve(kHeaderBytes + payload.size());
  out.text(magic);
  out.u16be(version);
  out.u32be(static_cast<std::uint32_t>(payload.size()));
  out.u32be(crc32c(payload));
  out.bytes(payload);
  return out.take();
}

Result<> write_checked_file(Disk& disk, const std::string& path, std::string_view magic,
                            std::uint16_t version, BytesView payload) {
  return replace_file(disk, path, checked_content(magic, version, payload));
}

Result<CheckedContent> read_checked_file(Disk& disk, const std::string& path,
                                         std::string_view magic, std::uint16_t newest_version,
                                         std::uint64_t bytes_max) {
  const Bytes content = TRY(read_file(disk, path, bytes_max));
  const auto damaged = [&path](std::string_view what) {
    return error(ErrorCode::Corrupt, fmt::format("file '{}' is damaged: {}", path, what));
  };
  ByteReader in(content);
  if (content.size() < kHeaderBytes) {
    return damaged(fmt::format("{} bytes cannot hold a header", content.size()));
  }
  if (TRY(in.text(kMagicBytes)) != magic) return damaged("it begins with another magic number");
  CheckedContent found;
  found.version = TRY(in.u16be());
  if (found.version > newest_version) {
    return error(ErrorCode::Unsupported,
                 fmt::format("file '{}' has format version {}, this program reads up to {}", path,
                             found.version, newest_version));
  }
  const std::uint32_t size = TRY(in.u32be());
  const std::uint32_t expected = TRY(in.u32be());
  if (size != in.remaining()) {
    return damaged(fmt::format("{} bytes follow the header, {} should", in.remaining(), size));
  }
  if (crc32c(in.rest()) != expected) return damaged("checksum mismatch");
  found.payload.assign(in.rest().begin(), in.rest().end());
  return found;
}

}  // namespace tidemill::store::log

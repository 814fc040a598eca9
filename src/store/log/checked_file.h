// SPDX-License-Identifier: Apache-2.0
// Small files that are replaced as a whole and checked when read back.
//
//   file := magic:4 bytes  version:u16be  size:u32be  crc:u32be  payload[size]
//   crc is CRC-32C of the payload.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "runtime/disk.h"

namespace tidemill::store::log {

struct CheckedContent {
  std::uint16_t version = 0;
  Bytes payload;
};

// The bytes of such a file.
Bytes checked_content(std::string_view magic, std::uint16_t version, BytesView payload);
// Durable: after return either the old or the new content survives a crash.
Result<> write_checked_file(Disk& disk, const std::string& path, std::string_view magic,
                            std::uint16_t version, BytesView payload);
// NotFound where there is no file; Corrupt where a byte is wrong; Unsupported for a newer version.
Result<CheckedContent> read_checked_file(Disk& disk, const std::string& path,
                                         std::string_view magic, std::uint16_t newest_version,
                                         std::uint64_t bytes_max);

}  // namespace tidemill::store::log

// SPDX-License-Identifier: Apache-2.0
// The worked example of docs/dev/formats/segment.md against what the code writes and reads.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "runtime/faulty_disk.h"
#include "store/log/segment_log.h"
#include "store/log/test_batch.h"

namespace tidemill::store::log {
namespace {

// Blocks that begin with ```hex NAME; what follows '#' in a line is a remark.
std::map<std::string, Bytes> hex_blocks(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::map<std::string, Bytes> blocks;
  std::string name;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```hex ")) {
      name = line.substr(7);
    } else if (line.starts_with("```")) {
      name.clear();
    } else if (!name.empty()) {
      std::istringstream bytes(line.substr(0, line.find('#')));
      for (std::string byte; bytes >> byte;) {
        blocks[name].push_back(static_cast<std::uint8_t>(std::stoul(byte, nullptr, 16)));
      }
    }
  }
  return blocks;
}

Bytes content(FaultyDisk& disk, const std::string& name) {
  const auto bytes = read_file(disk, "log/" + name, 1 << 20);
  EXPECT_TRUE(bytes.ok()) << name;
  return bytes.ok() ? *bytes : Bytes{};
}

TEST(SegmentFormat, TheWorkedExampleIsWhatIsWritten) {
  const auto blocks = hex_blocks(std::string(TIDEMILL_SOURCE_DIR) + "/docs/dev/formats/segment.md");
  FaultyDisk disk;
  ASSERT_TRUE(disk.create_directories("log").ok());
  FileCache files(disk, 4);
  auto log = *SegmentLog::open(files, "log", {}, {.now_ms = 1});
  // A record with key "k" and value "v".
  const Bytes batch = make_batch({.timestamp_ms = 1'767'225'600'000,
                                  .producer_id = 1,
                                  .producer_epoch = 0,
                                  .sequence = 0,
                                  .payload = std::string_view("\x10\0\0\0\x02k\x02v\0", 9)});
  const BatchFrame frame = *parse_frame(batch);
  ASSERT_TRUE(log->append(batch, std::span(&frame, 1), 1).ok());
  ASSERT_TRUE(log->close().ok());
  ASSERT_TRUE(SegmentLog::write_state(disk, "log", log->encode_state(0)).ok());
  for (const std::string name :
       {"00000000000000000000.log", "00000000000000000000.index", "00000000000000000000.timeindex",
        "00000000000000000000.seal", "partition.state"}) {
    ASSERT_TRUE(blocks.contains(name)) << name;
    EXPECT_EQ(to_hex(blocks.at(name)), to_hex(content(disk, name))) << name;
  }
}

TEST(SegmentFormat, TheWorkedExampleOpens) {
  FaultyDisk disk;
  ASSERT_TRUE(disk.create_directories("log").ok());
  for (const auto& [name, bytes] :
       hex_blocks(std::string(TIDEMILL_SOURCE_DIR) + "/docs/dev/formats/segment.md")) {
    ASSERT_TRUE((*disk.open("log/" + name, OpenMode::ReadWrite))->write(0, bytes).ok());
  }
  FileCache files(disk, 4);
  const auto log =
      SegmentLog::open(files, "log", {}, {.durable_offset = 1, .clean = true, .now_ms = 1});
  ASSERT_TRUE(log.ok()) << log.error().message;
  EXPECT_EQ((*log)->end_offset(), 1);
  EXPECT_EQ((*log)->recovery().scanned_bytes, 0U);  // the seal was believed
  EXPECT_EQ((*log)->producers().all().at(1).last_sequence(), 0);
  EXPECT_EQ((*log)->max_timestamp(), 1'767'225'600'000);
}

}  // namespace
}  // namespace tidemill::store::log

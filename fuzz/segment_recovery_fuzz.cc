// SPDX-License-Identifier: Apache-2.0
// A segment file as a crash or a bad disk may leave it: opening it must cut or refuse, and what is
// left must be readable, appendable and the same after another opening. The first byte says how
// much was known to be on disk, the second whether the log was closed.
#include "base/check.h"
#include "base/crc32c.h"
#include "runtime/faulty_disk.h"
#include "runtime/log.h"
#include "store/log/segment_log.h"

using namespace tidemill;
using namespace tidemill::store::log;

namespace {

constexpr const char* kFolder = "log";

// Makes checksum and base offset of each batch fit, so that what is behind them is reached.
void mend(Bytes& log) {
  std::int64_t next = 0;
  for (std::span<std::uint8_t> rest(log); rest.size() >= kFrameBytes;) {
    const auto frame = parse_frame(rest);
    if (!frame.ok() || frame->size > rest.size()) return;
    store_be(rest.data(), next);
    store_be(rest.data() + 17, crc32c(rest.first(frame->size).subspan(kFrameUncheckedBytes)));
    next += std::int64_t{frame->last_offset_delta} + 1;
    rest = rest.subspan(frame->size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  static const bool quiet = [] { return configure_log(LogLevel::Error, LogFormat::Text), true; }();
  (void)quiet;
  if (size < 2) return 0;
  FaultyDisk disk;
  (void)disk.create_directories(kFolder);
  Bytes content(input + 2, input + size);
  if (input[1] & 2) mend(content);
  (void)(*disk.open("log/00000000000000000000.log", OpenMode::ReadWrite))->write(0, content);
  FileCache files(disk, 4);
  const LogOpening opening{.durable_offset = input[0], .clean = (input[1] & 1) != 0, .now_ms = 1};
  const auto opened = SegmentLog::open(files, kFolder, {}, opening);
  if (!opened.ok()) return 0;
  const std::int64_t end = (*opened)->end_offset();
  TM_CHECK(end >= input[0]);
  for (std::int64_t offset = 0; offset < end;) {
    const auto chunk = SegmentLog::read(*(*opened)->plan_read(offset, end), 4096);
    TM_CHECK(chunk.ok() && !chunk->batches.empty());
    for (BytesView rest = chunk->batches; !rest.empty();) {
      const auto frame = parse_frame(rest);
      TM_CHECK(frame.ok());
      offset = frame->next_offset();
      rest = rest.subspan(frame->size);
    }
  }
  (void)(*opened)->aborted_between(0, end);
  TM_CHECK((*opened)->close().ok());
  const auto again =
      SegmentLog::open(files, kFolder, {}, {.durable_offset = end, .clean = true, .now_ms = 1});
  TM_CHECK(again.ok() && (*again)->end_offset() == end);
  return 0;
}

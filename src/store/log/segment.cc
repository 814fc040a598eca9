// SPDX-License-Identifier: Apache-2.0
#include "store/log/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include "base/check.h"
#include "base/crc32c.h"
#include "store/log/checked_file.h"

namespace tidemill::store::log {
namespace {

// seal := log_bytes:u64 end_offset:i64 first_timestamp:i64 max_timestamp:i64
//         max_timestamp_offset:i64 index_crc:u32 timeindex_crc:u32 txnindex_crc:u32
//         header_checks:u32 (check:u32)* producers
constexpr std::string_view kSealMagic = "TMSL";
constexpr std::uint16_t kSealVersion = 1;
// Where the header checks begin: behind the file's own header and the fields before them.
constexpr std::uint64_t kSealChecksAt = 14 + 5 * 8 + 4 * 4;
constexpr std::uint64_t kIndexBytesMax = std::uint64_t{64} << 20;
constexpr std::int16_t kTransactionIndexVersion = 0;

Bytes encode_index(const std::vector<IndexEntry>& entries) {
  ByteWriter out;
  out.buffer().reserve(entries.size() * kIndexEntryBytes);
  for (const IndexEntry& entry : entries) {
    out.u32be(entry.relative_offset);
    out.u32be(entry.position);
  }
  return out.take();
}

Bytes encode_times(const std::vector<TimeEntry>& entries) {
  ByteWriter out;
  out.buffer().reserve(entries.size() * kTimeEntryBytes);
  for (const TimeEntry& entry : entries) {
    out.i64be(entry.timestamp_ms);
    out.u32be(entry.relative_offset);
  }
  return out.take();
}

Bytes encode_aborted(const std::vector<AbortedRange>& entries) {
  ByteWriter out;
  out.buffer().reserve(entries.size() * kTransactionEntryBytes);
  for (const AbortedRange& entry : entries) {
    out.i16be(kTransactionIndexVersion);
    out.i64be(entry.producer_id);
    out.i64be(entry.first_offset);
    out.i64be(entry.last_offset);
    out.i64be(entry.last_stable_offset);
  }
  return out.take();
}

Result<> write_whole_file(Disk& disk, const std::string& path, BytesView content, SyncBy sync_by) {
  const auto file = TRY(disk.open(path, OpenMode::ReadWrite));
  TRY(file->truncate(0));
  TRY(file->write(0, content));
  if (sync_by == SyncBy::File) TRY(file->sync());
  return {};
}

// The content if it has the checksum, else nothing.
std::optional<Bytes> read_if(Disk& disk, const std::string& path, std::uint32_t checksum) {
  auto content = read_file(disk, path, kIndexBytesMax);
  if (!content.ok() || crc32c(*content) != checksum) return std::nullopt;
  return std::move(content).value();
}

// The number of fixed-size entries for which `before` holds; they come first in the file.
Result<std::uint64_t> partition_point(const File& file, std::size_t entry_bytes,
                                      const std::function<bool(const std::uint8_t*)>& before) {
  std::uint64_t low = 0;
  std::uint64_t high = TRY(file.size()) / entry_bytes;
  std::array<std::uint8_t, kTimeEntryBytes> entry{};
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const std::size_t got =
        TRY(file.read(middle * entry_bytes, std::span(entry).first(entry_bytes)));
    if (got != entry_bytes) return error(ErrorCode::Corrupt, "index entry is cut off");
    if (before(entry.data())) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

std::string segment_file_name(std::int64_t base_offset, std::string_view extension) {
  return fmt::format("{:020}{}", base_offset, extension);
}

std::optional<std::int64_t> parse_segment_file_name(std::string_view name) {
  constexpr std::size_t kDigits = 20;
  if (name.size() != kDigits + 4 || name.substr(kDigits) != ".log") return std::nullopt;
  std::int64_t base = 0;
  const std::string digits(name.substr(0, kDigits));
  const char* const last = digits.c_str() + kDigits;
  const auto [end, failure] = std::from_chars(digits.c_str(), last, base);
  if (failure != std::errc{} || end != last || base < 0) return std::nullopt;
  return base;
}

Segment::Segment(FileCache& cache, std::string folder_path, std::int64_t base)
    : files(cache),
      file_id(cache.fresh_id()),
      folder(std::move(folder_path)),
      base_offset(base),
      end_offset(base) {}

Segment::~Segment() {
  files.forget(file_id);
}

std::string Segment::path(std::string_view extension) const {
  return folder + "/" + segment_file_name(base_offset, extension);
}

void Segment::add(const BatchFrame& frame, BytesView header, std::uint32_t index_interval_bytes) {
  const auto relative = [this](std::int64_t offset) {
    return static_cast<std::uint32_t>(offset - base_offset);
  };
  if (bytes == 0) first_timestamp = frame.max_timestamp;
  const bool indexed = index.empty() || bytes - index.back().position >= index_interval_bytes;
  if (indexed) {
    index.push_back({relative(frame.base_offset), static_cast<std::uint32_t>(bytes)});
    header_checks.push_back(0);
  }
  header_checks.back() = extend_header_check(header_checks.back(), header);
  if (frame.max_timestamp > max_timestamp) {
    max_timestamp = frame.max_timestamp;
    max_timestamp_offset = frame.last_offset();
  }
  if (indexed && max_timestamp >= 0 &&
      (times.empty() || max_timestamp > times.back().timestamp_ms)) {
    times.push_back({max_timestamp, relative(max_timestamp_offset)});
  }
  bytes += frame.size;
  extended_bytes = std::max(extended_bytes, bytes);
  end_offset = frame.next_offset();
}

Result<std::uint64_t> Segment::position_of(std::int64_t offset) const {
  if (offset <= base_offset) return std::uint64_t{0};
  const auto wanted = static_cast<std::uint64_t>(offset - base_offset);
  if (!sealed) {
    const auto after = std::ranges::upper_bound(index, wanted, {}, &IndexEntry::relative_offset);
    return after == index.begin() ? std::uint64_t{0} : std::uint64_t{std::prev(after)->position};
  }
  const auto file = TRY(files.disk().open(path(".index"), OpenMode::ReadOnly));
  const std::uint64_t after =
      TRY(partition_point(*file, kIndexEntryBytes, [wanted](const std::uint8_t* entry) {
        return load_be<std::uint32_t>(entry) <= wanted;
      }));
  if (after == 0) return std::uint64_t{0};
  std::array<std::uint8_t, kIndexEntryBytes> entry{};
  TRY(file->read((after - 1) * kIndexEntryBytes, entry));
  return std::uint64_t{load_be<std::uint32_t>(entry.data() + 4)};
}

Result<std::uint64_t> Segment::position_of_time(std::int64_t timestamp_ms) const {
  // Everything up to the entry before the first one that reaches the time is too old.
  std::int64_t from = base_offset;
  if (!sealed) {
    const auto reached =
        std::ranges::lower_bound(times, timestamp_ms, {}, &TimeEntry::timestamp_ms);
    if (reached != times.begin()) from += std::prev(reached)->relative_offset;
  } else {
    const auto file = TRY(files.disk().open(path(".timeindex"), OpenMode::ReadOnly));
    const std::uint64_t reached =
        TRY(partition_point(*file, kTimeEntryBytes, [timestamp_ms](const std::uint8_t* entry) {
          return load_be<std::int64_t>(entry) < timestamp_ms;
        }));
    if (reached > 0) {
      std::array<std::uint8_t, kTimeEntryBytes> entry{};
      TRY(file->read((reached - 1) * kTimeEntryBytes, entry));
      from += load_be<std::uint32_t>(entry.data() + 8);
    }
  }
  return position_of(from);
}

Result<> Segment::check_headers(std::uint64_t position, BytesView batches) const {
  const std::uint64_t end = position + batches.size();
  const auto index_file = TRY(files.disk().open(path(".index"), OpenMode::ReadOnly));
  const auto seal = TRY(files.disk().open(path(".seal"), OpenMode::ReadOnly));
  std::uint64_t entry =
      TRY(partition_point(*index_file, kIndexEntryBytes, [position](const std::uint8_t* at) {
        return load_be<std::uint32_t>(at + 4) < position;
      }));
  const std::uint64_t entries = TRY(index_file->size()) / kIndexEntryBytes;
  const auto position_at = [&](std::uint64_t which) -> Result<std::uint64_t> {
    if (which == entries) return bytes;
    std::array<std::uint8_t, 4> found{};
    TRY(index_file->read(which * kIndexEntryBytes + 4, found));
    return std::uint64_t{load_be<std::uint32_t>(found.data())};
  };
  if (entry == entries) return {};
  for (std::uint64_t from = TRY(position_at(entry)); entry < entries; ++entry) {
    const std::uint64_t to = TRY(position_at(entry + 1));
    if (to > end) return {};
    std::uint32_t check = 0;
    for (std::uint64_t at = from; at + kFrameBytes <= to;) {
      const BytesView batch = batches.subspan(at - position);
      check = extend_header_check(check, batch);
      at += TRY(parse_frame(batch)).size;
    }
    std::array<std::uint8_t, 4> expected{};
    TRY(seal->read(kSealChecksAt + entry * 4, expected));
    if (check != load_be<std::uint32_t>(expected.data())) {
      return error(
          ErrorCode::Corrupt,
          fmt::format("a batch header between bytes {} and {} is not what was written", from, to));
    }
    from = to;
  }
  return {};
}

Result<> Segment::write_seal(SyncBy sync_by) const {
  const auto log = TRY(file());
  // Also where the size fits: there may be space that was taken ahead, perhaps before a crash.
  const bool longer = TRY(log->size()) > bytes;
  TRY(log->truncate(bytes));
  if (longer && sync_by == SyncBy::File) TRY(log->sync());
  const Bytes offsets = encode_index(index);
  const Bytes timestamps = encode_times(times);
  const Bytes transactions = encode_aborted(aborted);
  TRY(write_whole_file(files.disk(), path(".index"), offsets, sync_by));
  TRY(write_whole_file(files.disk(), path(".timeindex"), timestamps, sync_by));
  if (!aborted.empty() || files.disk().exists(path(".txnindex"))) {
    TRY(write_whole_file(files.disk(), path(".txnindex"), transactions, sync_by));
  }
  ByteWriter seal;
  seal.u64be(bytes);
  seal.i64be(end_offset);
  seal.i64be(first_timestamp);
  seal.i64be(max_timestamp);
  seal.i64be(max_timestamp_offset);
  seal.u32be(crc32c(offsets));
  seal.u32be(crc32c(timestamps));
  seal.u32be(crc32c(transactions));
  seal.u32be(static_cast<std::uint32_t>(header_checks.size()));
  for (const std::uint32_t check : header_checks) seal.u32be(check);
  seal.bytes(producers_at_end);
  if (sync_by == SyncBy::File) {
    return write_checked_file(files.disk(), path(".seal"), kSealMagic, kSealVersion, seal.buffer());
  }
  // A torn one is not believed, which only costs the work it saves.
  return write_whole_file(files.disk(), path(".seal"),
                          checked_content(kSealMagic, kSealVersion, seal.buffer()), sync_by);
}

Result<bool> Segment::read_seal(bool load_indexes) {
  auto content =
      read_checked_file(files.disk(), path(".seal"), kSealMagic, kSealVersion, kIndexBytesMax);
  // A seal only saves work: without a good one the log is read again.
  if (!content.ok()) return false;
  ByteReader in(content->payload);
  const std::uint64_t sealed_bytes = TRY(in.u64be());
  const auto log = TRY(file());
  const std::uint64_t found_bytes = TRY(log->size());
  if (found_bytes < sealed_bytes) {
    return error(ErrorCode::Corrupt,
                 fmt::format("segment '{}' has {} bytes, it had {} when it was closed",
                             path(".log"), found_bytes, sealed_bytes));
  }
  if (found_bytes > sealed_bytes) return false;
  const std::int64_t end = TRY(in.i64be());
  const std::int64_t first_time = TRY(in.i64be());
  const std::int64_t max_time = TRY(in.i64be());
  const std::int64_t max_time_offset = TRY(in.i64be());
  const std::uint32_t index_crc = TRY(in.u32be());
  const std::uint32_t times_crc = TRY(in.u32be());
  const std::uint32_t aborted_crc = TRY(in.u32be());
  const std::uint32_t checks = TRY(in.u32be());
  if (checks > in.remaining() / 4 || end < base_offset) return false;
  const auto offsets = read_if(files.disk(), path(".index"), index_crc);
  const auto timestamps = read_if(files.disk(), path(".timeindex"), times_crc);
  auto transactions = read_if(files.disk(), path(".txnindex"), aborted_crc);
  if (!transactions && aborted_crc == crc32c({})) transactions.emplace();
  if (!offsets || !timestamps || !transactions || checks != offsets->size() / kIndexEntryBytes) {
    return false;
  }
  bytes = extended_bytes = synced_bytes = sealed_bytes;
  end_offset = end;
  first_timestamp = first_time;
  max_timestamp = max_time;
  max_timestamp_offset = max_time_offset;
  fresh = false;
  for (std::uint32_t i = 0; i < checks; ++i) {
    const std::uint32_t check = TRY(in.u32be());
    if (load_indexes) header_checks.push_back(check);
  }
  producers_at_end.assign(in.rest().begin(), in.rest().end());
  for (std::size_t at = 0; at + kTransactionEntryBytes <= transactions->size();
       at += kTransactionEntryBytes) {
    const std::uint8_t* entry = transactions->data() + at;
    aborted.push_back({.producer_id = load_be<std::int64_t>(entry + 2),
                       .first_offset = load_be<std::int64_t>(entry + 10),
                       .last_offset = load_be<std::int64_t>(entry + 18),
                       .last_stable_offset = load_be<std::int64_t>(entry + 26)});
  }
  if (!load_indexes) {
    sealed = true;
    return true;
  }
  for (std::size_t at = 0; at + kIndexEntryBytes <= offsets->size(); at += kIndexEntryBytes) {
    index.push_back({load_be<std::uint32_t>(offsets->data() + at),
                     load_be<std::uint32_t>(offsets->data() + at + 4)});
  }
  for (std::size_t at = 0; at + kTimeEntryBytes <= timestamps->size(); at += kTimeEntryBytes) {
    times.push_back({load_be<std::int64_t>(timestamps->data() + at),
                     load_be<std::uint32_t>(timestamps->data() + at + 8)});
  }
  return true;
}

void Segment::drop_indexes() {
  sealed = true;
  index = {};
  times = {};
  header_checks = {};
}

Result<Bytes> Segment::read_sealed_producers() const {
  const auto content =
      TRY(read_checked_file(files.disk(), path(".seal"), kSealMagic, kSealVersion, kIndexBytesMax));
  ByteReader in(content.payload);
  TRY(in.skip(5 * 8 + 3 * 4));
  const std::uint32_t checks = TRY(in.u32be());
  TRY(in.skip(std::size_t{checks} * 4));
  return Bytes(in.rest().begin(), in.rest().end());
}

Result<> Segment::remove_files() const {
  for (const std::string_view extension : {".seal", ".txnindex", ".timeindex", ".index", ".log"}) {
    const std::string name = path(extension);
    if (files.disk().exists(name)) TRY(files.disk().remove(name));
  }
  return {};
}

}  // namespace tidemill::store::log

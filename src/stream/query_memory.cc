// SPDX-License-Identifier: Apache-2.0
#include "stream/query_memory.h"

#include <fmt/format.h>

#include <cctype>

#include "base/crc32c.h"
#include "runtime/log.h"
#include "stream/state/key.h"

namespace tidemill::stream {
namespace {

// snapshot := magic:u32be crc:u32be body;  crc is CRC-32C of body
// body     := version:u8 changelog_next:i64be epoch_record:bytes32 tables:u8 table*
constexpr std::uint32_t kMagic = 0x544d5331;  // "TMS1"
constexpr std::uint8_t kVersion = 1;
constexpr std::uint64_t kSnapshotBytesMax = 16UL * 1024 * 1024 * 1024;
constexpr std::size_t kFetchBytes = 8UL * 1024 * 1024;

// Letters, digits, '.', '_' and '-' stay; a name with others gets their hash behind it.
std::string safe_name(const std::string& query) {
  std::string name;
  bool changed = query.empty() || query.size() > 150;
  for (const char c : query.substr(0, 150)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    name += plain ? c : '-';
    changed = changed || !plain;
  }
  if (changed) name += fmt::format("-{:016x}", hash_key(as_bytes(query)));
  return name;
}

}  // namespace

QueryPlaces places_of(const std::string& query, const std::string& state_folder) {
  const std::string name = safe_name(query);
  return {.group = "tidemill.query." + query,
          .transactional_id = "tidemill.query." + query,
          .changelog_topic = "_tidemill_changelog." + name,
          .snapshot_path = state_folder.empty() ? "" : state_folder + "/" + name + ".state"};
}

QueryMemory::QueryMemory(const QuerySpec& spec, bool write_times)
    : plan_hash_(spec.plan_hash), query_(spec.name) {
  if (spec.dedup) seen.emplace('K');
  if (write_times) written.emplace('T');
  if (spec.window) windows.emplace(*spec.window);
}

void QueryMemory::write_changes(ChangelogBatch& out, const EpochRecord& next) {
  if (seen) seen->write_changes(out);
  if (written) written->write_changes(out);
  if (windows) windows->write_changes(out);
  out.put(as_bytes("E"), encode(next));
  for (const auto& change : out.records()) {
    bytes_since_snapshot_ += change.key->size() + (change.value ? change.value->size() : 0);
  }
}

void QueryMemory::commit(EpochRecord next) {
  if (seen) seen->commit();
  if (written) written->commit();
  if (windows) windows->commit();
  record = std::move(next);
}

void QueryMemory::rollback() {
  if (seen) seen->rollback();
  if (written) written->rollback();
  if (windows) windows->rollback();
}

void QueryMemory::clear() {
  record = {};
  if (seen) seen->clear();
  if (written) written->clear();
  if (windows) windows->clear();
  changelog_next_ = 0;
}

Result<> QueryMemory::restore(broker::Broker& broker, Disk& disk, const QueryPlaces& places) {
  const TopicPartition changelog{places.changelog_topic, 0};
  const std::int64_t end = TRY(broker.find_offset(changelog, broker::OffsetSpec::Latest));
  if (!loaded_) {
    loaded_ = true;
    if (!places.snapshot_path.empty() && disk.exists(places.snapshot_path)) {
      auto bytes = read_file(disk, places.snapshot_path, kSnapshotBytesMax);
      auto loaded = bytes.ok() ? load(*bytes) : Result<>(std::move(bytes).error());
      if (!loaded.ok() || changelog_next_ > end) {
        // The changelog has it all: slower, and nothing is lost.
        log_warning("stream", "query '{}': snapshot not used ({}), reading the changelog", query_,
                    loaded.ok() ? "it is ahead of the changelog" : loaded.error().message);
        clear();
      }
    }
  }
  const auto start = TRY(broker.find_offset(changelog, broker::OffsetSpec::Earliest));
  changelog_next_ = std::max(changelog_next_, start);
  while (changelog_next_ < end) {
    const broker::FetchPosition position{changelog, changelog_next_};
    broker::FetchLimits limits;
    limits.max_bytes = kFetchBytes;
    const auto chunks = TRY(broker.fetch({&position, 1}, limits));
    if (chunks.empty()) break;
    for (const auto& chunk : chunks) {
      for (const auto& change : chunk.records) {
        bytes_since_snapshot_ += change.key.size() + change.value.size();
        TRY(apply(change).context(fmt::format("changelog '{}' is damaged at offset {}",
                                              places.changelog_topic, change.offset)));
      }
      changelog_next_ = chunk.next_offset;
    }
  }
  if (!record.plan_hash.empty() && record.plan_hash != plan_hash_) {
    return error(ErrorCode::Conflict,
                 fmt::format("query '{}' has stored state of another plan (hash {}, now {})",
                             query_, record.plan_hash, plan_hash_))
        .with_hint("drop the query and create it again, or give the new one another name");
  }
  return {};
}

Result<> QueryMemory::apply(const RecordView& change) {
  const auto kind = change.key.empty() ? '\0' : static_cast<char>(change.key[0]);
  std::optional<BytesView> payload;
  if (change.has_value()) {
    ByteReader in(change.value);
    TRY(in.skip(8));  // the epoch
    payload = in.rest();
  }
  const BytesView key = change.key.empty() ? change.key : change.key.subspan(1);
  if (kind == 'E' && payload) {
    record = TRY(decode_epoch(*payload));
  } else if (kind == 'K' && seen) {
    TRY(seen->apply(key, payload));
  } else if (kind == 'T' && written) {
    TRY(written->apply(key, payload));
  } else if (kind == 'W' && windows) {
    TRY(windows->apply(key, payload));
  }
  return {};
}

Result<> QueryMemory::save(Disk& disk, const QueryPlaces& places) {
  if (places.snapshot_path.empty()) return {};
  ByteWriter out;
  out.buffer().reserve(memory_bytes());  // one allocation: growing would copy it again and again
  out.be(kMagic);
  out.be(std::uint32_t{0});
  out.u8(kVersion);
  out.be(changelog_next_);
  const Bytes epoch = encode(record);
  out.be(static_cast<std::uint32_t>(epoch.size()));
  out.bytes(epoch);
  out.u8(static_cast<std::uint8_t>((seen ? 1 : 0) | (written ? 2 : 0) | (windows ? 4 : 0)));
  if (seen) seen->save(out);
  if (written) written->save(out);
  if (windows) windows->save(out);
  store_be(out.buffer().data() + 4, crc32c(BytesView(out.buffer()).subspan(8)));
  TRY(replace_file(disk, places.snapshot_path, out.buffer()));
  bytes_since_snapshot_ = 0;
  return {};
}

Result<> QueryMemory::load(BytesView snapshot) {
  ByteReader in(snapshot);
  if (TRY(in.u32be()) != kMagic) return error(ErrorCode::Corrupt, "snapshot has no magic number");
  if (TRY(in.u32be()) != crc32c(in.rest())) {
    return error(ErrorCode::Corrupt, "snapshot checksum mismatch");
  }
  if (const auto version = TRY(in.u8()); version != kVersion) {
    return error(ErrorCode::Unsupported, fmt::format("snapshot has version {}", version));
  }
  const auto next = TRY(in.i64be());
  record = TRY(decode_epoch(TRY(in.bytes(TRY(in.u32be())))));
  const auto tables = TRY(in.u8());
  if (tables != ((seen ? 1 : 0) | (written ? 2 : 0) | (windows ? 4 : 0))) {
    return error(ErrorCode::Conflict, "snapshot has other tables");
  }
  if (seen) TRY(seen->load(in));
  if (written) TRY(written->load(in));
  if (windows) TRY(windows->load(in));
  changelog_next_ = next;
  return {};
}

std::size_t QueryMemory::memory_bytes() const {
  return (seen ? seen->memory_bytes() : 0) + (written ? written->memory_bytes() : 0) +
         (windows ? windows->memory_bytes() : 0);
}

}  // namespace tidemill::stream

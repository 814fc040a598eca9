// SPDX-License-Identifier: Apache-2.0
// Exact keys with one number each (an event time, a write time), for deduplication and for write
// timestamps. In memory, 128 key groups, changes undone until commit().
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "stream/state/changelog.h"

namespace tidemill::stream {

// Each group appends its entries to one byte array and finds them through open addressing; a newer
// entry of a key shadows the older one. What an epoch appended is, as it stands, its changelog.
//
// entry := value:i64 key_size:u32 key   (little-endian)
//
// Thread: one at a time.
class KeyTable {
 public:
  static constexpr std::size_t kGroups = 128;

  // `prefix` begins the keys of its changelog records ('K' or 'T').
  explicit KeyTable(char prefix = 'K') : prefix_(prefix) {}

  // The key's number, if it is there.
  std::optional<std::int64_t> find(std::uint64_t hash, BytesView key) const;
  void put(std::uint64_t hash, BytesView key, std::int64_t value);
  // Touches the memory that find(hash) will need.
  void prefetch(std::uint64_t hash) const;

  // The uncommitted changes as changelog records. Groups whose log has grown to twice their live
  // bytes are written whole and their old records removed.
  void write_changes(ChangelogBatch& out);
  void commit();    // what write_changes() gave is in the log
  void rollback();  // as if nothing had happened since the last commit()

  // From the changelog; `key` without its leading prefix.
  Result<> apply(BytesView key, std::optional<BytesView> payload);

  // Forgets keys whose number is below; only between epochs. Gives how many went.
  std::size_t forget_below(std::int64_t value);

  void save(ByteWriter& out) const;
  Result<> load(ByteReader& in);
  void clear();

  std::size_t size() const;
  std::size_t memory_bytes() const;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint64_t entry = kFree;
  };
  static constexpr std::uint64_t kFree = UINT64_MAX;
  struct Undo {
    std::uint64_t hash;
    std::uint64_t entry;     // the one appended
    std::uint64_t previous;  // what its slot had
  };
  struct Piece {
    std::uint64_t sequence;
    std::uint64_t bytes;
  };
  struct Group {
    Bytes entries;
    std::vector<Slot> slots;  // a power of two
    std::size_t live = 0;
    std::size_t committed_bytes = 0;
    std::vector<Undo> undo;
    // The records that hold this group in the changelog.
    std::vector<Piece> pieces;
    std::uint64_t next_sequence = 0;
    bool rewrite = false;
    std::size_t whole_bytes = 0;  // when it was last written whole
    std::vector<Piece> pending;   // written, not committed
    bool pending_whole = false;
    std::int64_t least = INT64_MAX;  // no live number is below
  };

  static std::size_t group_of(std::uint64_t hash) { return hash >> 57; }
  static BytesView key_at(const Group& group, std::uint64_t entry);
  static std::int64_t value_at(const Group& group, std::uint64_t entry);
  static std::size_t find_slot(const Group& group, std::uint64_t hash, BytesView key);
  static void grow(Group& group);
  static Result<> insert_entries(Group& group, std::size_t from);
  static std::size_t rebuild(Group& group, std::int64_t least);
  void write_pieces(std::size_t index, Group& group, std::size_t from, ChangelogBatch& out);

  char prefix_;
  std::array<Group, kGroups> groups_;
};

}  // namespace tidemill::stream

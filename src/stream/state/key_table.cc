// SPDX-License-Identifier: Apache-2.0
#include "stream/state/key_table.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "stream/state/key.h"

namespace tidemill::stream {
namespace {

constexpr std::size_t kEntryHead = 12;
constexpr std::size_t kPieceBytes = 512UL * 1024;
constexpr std::size_t kPiecesMax = 4096;

std::uint32_t key_size_at(const Bytes& entries, std::uint64_t entry) {
  std::uint32_t size;
  std::memcpy(&size, entries.data() + entry + 8, sizeof size);
  return size;
}
std::size_t entry_size(const Bytes& entries, std::uint64_t entry) {
  return kEntryHead + key_size_at(entries, entry);
}

std::array<std::uint8_t, 10> piece_key(char prefix, std::size_t group, std::uint64_t sequence) {
  std::array<std::uint8_t, 10> key{};
  key[0] = static_cast<std::uint8_t>(prefix);
  key[1] = static_cast<std::uint8_t>(group);
  store_be(key.data() + 2, sequence);
  return key;
}

}  // namespace

BytesView KeyTable::key_at(const Group& group, std::uint64_t entry) {
  return BytesView(group.entries).subspan(entry + kEntryHead, key_size_at(group.entries, entry));
}

std::int64_t KeyTable::value_at(const Group& group, std::uint64_t entry) {
  std::int64_t value;
  std::memcpy(&value, group.entries.data() + entry, sizeof value);
  return value;
}

// The slot of the key, or the free one where it belongs. The group has a free slot.
std::size_t KeyTable::find_slot(const Group& group, std::uint64_t hash, BytesView key) {
  const std::size_t mask = group.slots.size() - 1;
  std::size_t at = hash & mask;
  while (true) {
    const Slot& slot = group.slots[at];
    if (slot.entry == kFree) return at;
    if (slot.hash == hash) {
      const BytesView there = key_at(group, slot.entry);
      if (there.size() == key.size() &&
          (key.empty() || std::memcmp(there.data(), key.data(), key.size()) == 0)) {
        return at;
      }
    }
    at = (at + 1) & mask;
  }
}

void KeyTable::grow(Group& group) {
  const std::size_t size = std::max<std::size_t>(group.slots.size() * 2, 16);
  std::vector<Slot> old(size);
  old.swap(group.slots);
  const std::size_t mask = size - 1;
  for (const Slot& slot : old) {
    if (slot.entry == kFree) continue;
    std::size_t at = slot.hash & mask;
    while (group.slots[at].entry != kFree) at = (at + 1) & mask;
    group.slots[at] = slot;
  }
}

void KeyTable::prefetch(std::uint64_t hash) const {
  const Group& group = groups_[group_of(hash)];
  if (!group.slots.empty()) {
    __builtin_prefetch(&group.slots[hash & (group.slots.size() - 1)]);
  }
}

std::optional<std::int64_t> KeyTable::find(std::uint64_t hash, BytesView key) const {
  const Group& group = groups_[group_of(hash)];
  if (group.slots.empty()) return std::nullopt;
  const Slot& slot = group.slots[find_slot(group, hash, key)];
  if (slot.entry == kFree) return std::nullopt;
  return value_at(group, slot.entry);
}

void KeyTable::put(std::uint64_t hash, BytesView key, std::int64_t value) {
  Group& group = groups_[group_of(hash)];
  if ((group.live + 1) * 4 > group.slots.size() * 3) grow(group);
  Slot& slot = group.slots[find_slot(group, hash, key)];
  const std::uint64_t entry = group.entries.size();
  const auto size = static_cast<std::uint32_t>(key.size());
  group.entries.resize(entry + kEntryHead + size);
  std::uint8_t* to = group.entries.data() + entry;
  std::memcpy(to, &value, sizeof value);
  std::memcpy(to + 8, &size, sizeof size);
  if (size > 0) std::memcpy(to + kEntryHead, key.data(), size);
  group.undo.push_back({hash, entry, slot.entry});
  if (slot.entry == kFree) ++group.live;
  slot = {hash, entry};
  group.least = std::min(group.least, value);
}

void KeyTable::write_pieces(std::size_t index, Group& group, std::size_t from,
                            ChangelogBatch& out) {
  std::uint64_t sequence =
      group.pending.empty() ? group.next_sequence : group.pending.back().sequence + 1;
  while (from < group.entries.size()) {
    std::size_t to = from;
    do {
      to += entry_size(group.entries, to);
    } while (to < group.entries.size() && to + entry_size(group.entries, to) - from <= kPieceBytes);
    out.put(piece_key(prefix_, index, sequence), BytesView(group.entries).subspan(from, to - from));
    group.pending.push_back({sequence, to - from});
    ++sequence;
    from = to;
  }
}

void KeyTable::write_changes(ChangelogBatch& out) {
  for (std::size_t i = 0; i < kGroups; ++i) {
    Group& group = groups_[i];
    group.pending.clear();
    group.pending_whole = group.rewrite;
    if (!group.pending_whole && group.entries.size() == group.committed_bytes) continue;
    if (group.pending_whole) {
      for (const auto& piece : group.pieces) out.remove(piece_key(prefix_, i, piece.sequence));
    }
    write_pieces(i, group, group.pending_whole ? 0 : group.committed_bytes, out);
  }
}

void KeyTable::commit() {
  for (auto& group : groups_) {
    group.undo.clear();
    group.committed_bytes = group.entries.size();
    if (group.pending_whole) {
      group.pieces.clear();
      group.whole_bytes = group.entries.size();
      group.rewrite = false;
      group.pending_whole = false;
    }
    if (group.pending.empty()) continue;
    group.next_sequence = group.pending.back().sequence + 1;
    group.pieces.insert(group.pieces.end(), group.pending.begin(), group.pending.end());
    group.pending.clear();
    // Many small records: write the group as one when it has doubled since it last was one.
    const bool doubled = group.entries.size() >= 2 * std::max<std::size_t>(group.whole_bytes, 4096);
    group.rewrite = (group.pieces.size() >= 64 && doubled) || group.pieces.size() >= kPiecesMax;
  }
}

void KeyTable::rollback() {
  for (auto& group : groups_) {
    group.pending.clear();
    group.pending_whole = false;
    // Newest first: a slot gets back what it had, and a probe finds each key where it was put.
    for (auto undo = group.undo.rbegin(); undo != group.undo.rend(); ++undo) {
      Slot& slot = group.slots[find_slot(group, undo->hash, key_at(group, undo->entry))];
      slot.entry = undo->previous;
      if (undo->previous == kFree) --group.live;
    }
    const bool removed = !group.undo.empty();
    group.undo.clear();
    group.entries.resize(group.committed_bytes);
    // After a grow() the order of probing is another: freeing slots may have cut a chain.
    if (removed) {
      for (auto& slot : group.slots) slot = Slot{};
      group.live = 0;
      TM_CHECK(insert_entries(group, 0).ok(), "own entries are well formed");
    }
  }
}

// Finds every entry from `from` on through the slots, later ones shadowing earlier ones.
Result<> KeyTable::insert_entries(Group& group, std::size_t from) {
  const Bytes& entries = group.entries;
  while (from < entries.size()) {
    if (entries.size() - from < kEntryHead ||
        entries.size() - from - kEntryHead < key_size_at(entries, from)) {
      return error(ErrorCode::Corrupt, "an entry of the key table is cut");
    }
    if ((group.live + 1) * 4 > group.slots.size() * 3) grow(group);
    const BytesView key = key_at(group, from);
    const std::uint64_t hash = hash_key(key);
    Slot& slot = group.slots[find_slot(group, hash, key)];
    if (slot.entry == kFree) ++group.live;
    slot = {hash, from};
    group.least = std::min(group.least, value_at(group, from));
    from += entry_size(entries, from);
  }
  return {};
}

Result<> KeyTable::apply(BytesView key, std::optional<BytesView> payload) {
  ByteReader in(key);
  const auto index = TRY(in.u8());
  const auto sequence = TRY(in.be<std::uint64_t>());
  if (index >= kGroups) return error(ErrorCode::Corrupt, "key group out of range");
  Group& group = groups_[index];
  std::erase_if(group.pieces, [&](const Piece& piece) { return piece.sequence == sequence; });
  // A removed record was written again as part of a whole one, or its keys are forgotten: keeping
  // them a little longer changes nothing, forget_below() finds them.
  if (!payload) return {};
  group.pieces.push_back({sequence, payload->size()});
  group.next_sequence = std::max(group.next_sequence, sequence + 1);
  const std::size_t from = group.entries.size();
  group.entries.insert(group.entries.end(), payload->begin(), payload->end());
  if (auto inserted = insert_entries(group, from); !inserted.ok()) {
    group.entries.resize(from);
    return inserted;
  }
  group.committed_bytes = group.entries.size();
  return {};
}

// Copies the entries that are found and not below into a new array. Gives how many keys went.
std::size_t KeyTable::rebuild(Group& group, std::int64_t least) {
  Bytes kept;
  std::size_t gone = 0;
  for (const Slot& slot : group.slots) {
    if (slot.entry == kFree) continue;
    if (value_at(group, slot.entry) < least) {
      ++gone;
      continue;
    }
    const std::uint8_t* from = group.entries.data() + slot.entry;
    kept.insert(kept.end(), from, from + entry_size(group.entries, slot.entry));
  }
  group.entries = std::move(kept);
  group.slots.clear();
  group.live = 0;
  group.least = INT64_MAX;
  group.committed_bytes = group.entries.size();
  group.rewrite = true;
  TM_CHECK(insert_entries(group, 0).ok(), "own entries are well formed");
  return gone;
}

std::size_t KeyTable::forget_below(std::int64_t value) {
  std::size_t gone = 0;
  for (auto& group : groups_) {
    TM_CHECK(group.undo.empty(), "forget_below() within an epoch");
    if (group.least >= value) continue;
    gone += rebuild(group, value);
  }
  return gone;
}

void KeyTable::save(ByteWriter& out) const {
  for (const auto& group : groups_) {
    out.be(group.next_sequence);
    out.u8(group.rewrite ? 1 : 0);
    out.be(static_cast<std::uint32_t>(group.pieces.size()));
    for (const auto& piece : group.pieces) {
      out.be(piece.sequence);
      out.be(piece.bytes);
    }
    out.be(static_cast<std::uint64_t>(group.committed_bytes));
    out.bytes(BytesView(group.entries).first(group.committed_bytes));
  }
}

Result<> KeyTable::load(ByteReader& in) {
  clear();
  for (auto& group : groups_) {
    group.next_sequence = TRY(in.be<std::uint64_t>());
    group.rewrite = TRY(in.u8()) != 0;
    const auto pieces = TRY(in.u32be());
    for (std::uint32_t i = 0; i < pieces; ++i) {
      const auto sequence = TRY(in.be<std::uint64_t>());
      group.pieces.push_back({sequence, TRY(in.be<std::uint64_t>())});
    }
    const BytesView entries = TRY(in.bytes(TRY(in.be<std::uint64_t>())));
    group.entries.assign(entries.begin(), entries.end());
    group.committed_bytes = group.entries.size();
    TRY(insert_entries(group, 0));
  }
  return {};
}

void KeyTable::clear() {
  groups_ = {};
}

std::size_t KeyTable::size() const {
  std::size_t total = 0;
  for (const auto& group : groups_) total += group.live;
  return total;
}

std::size_t KeyTable::memory_bytes() const {
  std::size_t total = 0;
  for (const auto& group : groups_) {
    total += group.entries.capacity() + group.slots.capacity() * sizeof(Slot) +
             group.undo.capacity() * sizeof(Undo) + group.pieces.capacity() * sizeof(Piece);
  }
  return total;
}

}  // namespace tidemill::stream

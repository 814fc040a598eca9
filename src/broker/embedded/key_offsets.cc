// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/key_offsets.h"

#include <algorithm>
#include <bit>

namespace tidemill::broker::embedded {
namespace {

constexpr std::size_t kSlotsMin = 1024;

std::uint64_t load_little(const std::uint8_t* from, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{from[i]} << (8 * i);
  return value;
}

struct SipState {
  std::uint64_t a, b, c, d;

  void rounds(int count) {
    for (int i = 0; i < count; ++i) {
      a += b;
      b = std::rotl(b, 13) ^ a;
      a = std::rotl(a, 32);
      c += d;
      d = std::rotl(d, 16) ^ c;
      a += d;
      d = std::rotl(d, 21) ^ a;
      c += b;
      b = std::rotl(b, 17) ^ c;
      c = std::rotl(c, 32);
    }
  }
  void take(std::uint64_t word) {
    d ^= word;
    rounds(2);
    a ^= word;
  }
  std::uint64_t value() const { return a ^ b ^ c ^ d; }
};

}  // namespace

KeyOffsets::KeyOffsets(std::uint64_t bytes_max, Random& random)
    : slots_max_(std::bit_floor(std::max<std::size_t>(kSlotsMin, bytes_max / sizeof(Slot)))),
      secret_{random.next(), random.next()} {
  slots_.resize(kSlotsMin);
}

KeyOffsets::Hash KeyOffsets::hash_of(BytesView key) const {
  SipState state{.a = secret_[0] ^ 0x736f6d6570736575,
                 .b = secret_[1] ^ 0x646f72616e646f6d ^ 0xee,
                 .c = secret_[0] ^ 0x6c7967656e657261,
                 .d = secret_[1] ^ 0x7465646279746573};
  const std::size_t whole = key.size() / 8 * 8;
  for (std::size_t at = 0; at < whole; at += 8) state.take(load_little(key.data() + at, 8));
  const std::uint64_t rest =
      key.size() == whole ? 0 : load_little(key.data() + whole, key.size() - whole);
  state.take(rest | std::uint64_t{key.size()} << 56);
  Hash hash;
  state.c ^= 0xee;
  state.rounds(4);
  hash.first = state.value();
  state.b ^= 0xdd;
  state.rounds(4);
  hash.second = state.value();
  return hash;
}

// The slot that has the hash, or the free one where it belongs.
std::size_t KeyOffsets::slot_of(const Hash& hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash.first & mask;
  while (slots_[at].offset >= 0 && slots_[at].hash != hash) at = (at + 1) & mask;
  return at;
}

bool KeyOffsets::grow() {
  if (slots_.size() >= slots_max_) return false;
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.offset >= 0) slots_[slot_of(slot.hash)] = slot;
  }
  return true;
}

bool KeyOffsets::put(BytesView key, std::int64_t offset) {
  const Hash hash = hash_of(key);
  std::size_t at = slot_of(hash);
  if (slots_[at].offset < 0) {
    if (count_ >= slots_.size() / 4 * 3) {
      if (!grow()) return false;
      at = slot_of(hash);
    }
    ++count_;
    slots_[at].hash = hash;
  }
  slots_[at].offset = std::max(slots_[at].offset, offset);
  return true;
}

std::optional<std::int64_t> KeyOffsets::newest(BytesView key) const {
  const Slot& slot = slots_[slot_of(hash_of(key))];
  if (slot.offset < 0) return std::nullopt;
  return slot.offset;
}

}  // namespace tidemill::broker::embedded

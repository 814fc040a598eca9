// SPDX-License-Identifier: Apache-2.0
// The newest offset of each key of a part of a log, in bounded memory.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "runtime/random.h"

namespace tidemill::broker::embedded {

// Keeps 128 bits of a keyed hash of each key (SipHash-2-4), so that nobody can choose keys that
// shadow each other; 24 bytes a key.
//
// Thread: one at a time.
class KeyOffsets {
 public:
  KeyOffsets(std::uint64_t bytes_max, Random& random);

  // False when it is full and the key is not in it; nothing is changed then.
  bool put(BytesView key, std::int64_t offset);
  std::optional<std::int64_t> newest(BytesView key) const;
  std::size_t size() const { return count_; }

 private:
  struct Hash {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    bool operator==(const Hash&) const = default;
  };
  struct Slot {
    Hash hash;
    std::int64_t offset = -1;  // -1: free
  };

  Hash hash_of(BytesView key) const;
  std::size_t slot_of(const Hash& hash) const;
  bool grow();

  const std::size_t slots_max_;
  const std::array<std::uint64_t, 2> secret_;
  std::vector<Slot> slots_;  // a power of two of them
  std::size_t count_ = 0;
};

}  // namespace tidemill::broker::embedded

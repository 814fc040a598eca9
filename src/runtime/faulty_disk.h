// SPDX-License-Identifier: Apache-2.0
// A disk in memory that loses what was not synced, fills up, tears writes and fails syncs, by seed.
// For tests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "runtime/disk.h"
#include "runtime/random.h"

namespace tidemill {

// Thread:   any.
class FaultyDisk final : public Disk {
 public:
  FaultyDisk();
  FaultyDisk(FaultyDisk&&) = default;
  FaultyDisk& operator=(FaultyDisk&&) = default;
  ~FaultyDisk() override;

  // What a power cut would leave now: names fall back to those of the last sync_directory, contents
  // to those of the last sync; what was written since survives in part: a prefix, or any of its
  // 512-byte sectors, with zeros where the size reached the disk before the data.
  FaultyDisk after_power_cut(Random& random) const;
  // All files together may hold this much; beyond, writes fail with Exhausted after what fits.
  void set_capacity(std::optional<std::uint64_t> bytes);
  // The write that passes this many more bytes stops there and fails with Io, as do all after it.
  void fail_after_bytes(std::optional<std::uint64_t> bytes);
  // The next so many syncs of files fail with Io and sync nothing.
  void fail_syncs(int count);
  // Flips one bit of a file's content, on disk too.
  void damage(const std::string& path, std::uint64_t byte);
  std::uint64_t syncs() const;
  std::uint64_t used_bytes() const;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<> create_directories(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<> remove_tree(const std::string& path) override;
  bool exists(const std::string& path) override;
  Result<> sync_directory(const std::string& path) override;
  Result<> sync_all(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;

 private:
  struct State;
  class OpenFile;
  std::shared_ptr<State> state_;
};

}  // namespace tidemill

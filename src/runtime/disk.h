// SPDX-License-Identifier: Apache-2.0
// Files behind a seam, so that tests can tear writes, fill the disk and fail a sync by seed.
// RocksDB and SQLite keep their own files and do not come through here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace tidemill {

// One open file.
//
// Thread: any for reads; writes by one thread at a time.
// Errors: Io with the path and the operating system's reason; Exhausted when the disk is full.
class File {
 public:
  virtual ~File() = default;
  // Writes all of the parts, one after the other, starting at `at`.
  virtual Result<> write(std::uint64_t at, BytesView first, BytesView second = {}) = 0;
  // Reads up to into.size() bytes; fewer only at the end of the file.
  virtual Result<std::size_t> read(std::uint64_t at, std::span<std::uint8_t> into) const = 0;
  // Returns once everything written is on disk (fdatasync).
  virtual Result<> sync() = 0;
  virtual Result<> truncate(std::uint64_t size) = 0;
  // Makes the next bytes real zeros on disk ahead of use, so that an append changes no metadata.
  virtual Result<> extend_with_zeros(std::uint64_t from, std::uint64_t to) = 0;
  // Takes the space of the next bytes in one piece ahead of use; the size stays. truncate() gives
  // back what was not used.
  virtual Result<> reserve(std::uint64_t from, std::uint64_t to) = 0;
  virtual Result<std::uint64_t> size() const = 0;
  // The descriptor for sendfile and the like; -1 where there is none.
  virtual int descriptor() const = 0;
};

enum class OpenMode { ReadOnly, ReadWrite, CreateNew };

// Thread: any.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Result<> create_directories(const std::string& path) = 0;
  // Names (not paths) in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<> remove(const std::string& path) = 0;  // a file
  virtual Result<> remove_tree(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  // Makes creations, renames and removals in the folder durable.
  virtual Result<> sync_directory(const std::string& path) = 0;
  // Makes everything durable that was written to the file system of the folder, by anybody. For
  // thousands of files it is quicker than each by itself.
  virtual Result<> sync_all(const std::string& path) = 0;
  virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
};

class RealDisk final : public Disk {
 public:
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
};

// Reads a whole file of at most `limit` bytes; TooLarge beyond.
Result<Bytes> read_file(Disk& disk, const std::string& path, std::uint64_t limit);
// Replaces a file so that after a crash either the old or the new content is there:
// temporary file, sync, rename, sync of the folder.
Result<> replace_file(Disk& disk, const std::string& path, BytesView content);

}  // namespace tidemill

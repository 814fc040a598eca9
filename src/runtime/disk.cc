// SPDX-License-Identifier: Apache-2.0
#include "runtime/disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace tidemill {
namespace {

namespace fs = std::filesystem;

Error failed(const char* what, const std::string& path, int reason) {
  const ErrorCode code = reason == ENOSPC || reason == EDQUOT ? ErrorCode::Exhausted
                         : reason == ENOENT                   ? ErrorCode::NotFound
                         : reason == EEXIST                   ? ErrorCode::AlreadyExists
                         : reason == EACCES                   ? ErrorCode::Denied
                                                              : ErrorCode::Io;
  return error(code, fmt::format("cannot {} '{}': {}", what, path, std::strerror(reason)));
}

class RealFile final : public File {
 public:
  RealFile(int descriptor, std::string path) : fd_(descriptor), path_(std::move(path)) {}
  ~RealFile() override { ::close(fd_); }
  RealFile(const RealFile&) = delete;
  RealFile& operator=(const RealFile&) = delete;

  Result<> write(std::uint64_t at, BytesView first, BytesView second) override {
    std::array<iovec, 2> parts{{{const_cast<std::uint8_t*>(first.data()), first.size()},
                                {const_cast<std::uint8_t*>(second.data()), second.size()}}};
    std::size_t next = 0;
    while (next < parts.size()) {
      if (parts[next].iov_len == 0) {
        ++next;
        continue;
      }
      const ssize_t wrote = ::pwritev(
          fd_, parts.data() + next, static_cast<int>(parts.size() - next), static_cast<off_t>(at));
      if (wrote < 0) {
        if (errno == EINTR) continue;
        return failed("write to", path_, errno);
      }
      at += static_cast<std::uint64_t>(wrote);
      for (auto left = static_cast<std::size_t>(wrote); left > 0 && next < parts.size();) {
        const std::size_t step = std::min(left, parts[next].iov_len);
        parts[next].iov_base = static_cast<std::uint8_t*>(parts[next].iov_base) + step;
        parts[next].iov_len -= step;
        left -= step;
        if (parts[next].iov_len == 0) ++next;
      }
    }
    return {};
  }

  Result<std::size_t> read(std::uint64_t at, std::span<std::uint8_t> into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t got =
          ::pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(at + done));
      if (got < 0) {
        if (errno == EINTR) continue;
        return failed("read", path_, errno);
      }
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<> sync() override {
    if (::fdatasync(fd_) != 0) return failed("sync", path_, errno);
    return {};
  }

  Result<> truncate(std::uint64_t size) override {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return failed("truncate", path_, errno);
    return {};
  }

  Result<> extend_with_zeros(std::uint64_t from, std::uint64_t to) override {
    static constexpr std::size_t kStep = 256 * 1024;
    static const std::vector<std::uint8_t> zeros(kStep, 0);
    for (; from < to; from += kStep) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kStep, to - from));
      auto wrote = write(from, BytesView{zeros}.first(count), {});
      if (!wrote.ok()) return wrote;
    }
    return {};
  }

  Result<> reserve(std::uint64_t from, std::uint64_t to) override {
    if (::fallocate(fd_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                    static_cast<off_t>(to - from)) != 0) {
      return failed("reserve space for", path_, errno);
    }
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat status{};
    if (::fstat(fd_, &status) != 0) return failed("stat", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  int descriptor() const override { return fd_; }

 private:
  int fd_;
  std::string path_;
};

Result<> sync_folder(const std::string& path, int (*sync)(int)) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed("open folder", path, errno);
  const int outcome = sync(descriptor);
  const int reason = errno;
  ::close(descriptor);
  if (outcome != 0) return failed("sync folder", path, reason);
  return {};
}

}  // namespace

Result<std::unique_ptr<File>> RealDisk::open(const std::string& path, OpenMode mode) {
  int flags = O_CLOEXEC;
  switch (mode) {
    case OpenMode::ReadOnly:
      flags |= O_RDONLY;
      break;
    case OpenMode::ReadWrite:
      flags |= O_RDWR | O_CREAT;
      break;
    case OpenMode::CreateNew:
      flags |= O_RDWR | O_CREAT | O_EXCL;
      break;
  }
  const int descriptor = ::open(path.c_str(), flags, 0644);
  if (descriptor < 0) return failed("open", path, errno);
  return std::unique_ptr<File>(std::make_unique<RealFile>(descriptor, path));
}

Result<> RealDisk::create_directories(const std::string& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) return failed("create folder", path, failure.value());
  return {};
}

Result<std::vector<std::string>> RealDisk::list(const std::string& path) {
  std::error_code failure;
  std::vector<std::string> names;
  for (fs::directory_iterator it(path, failure), end; !failure && it != end;
       it.increment(failure)) {
    names.push_back(it->path().filename().string());
  }
  if (failure) return failed("list", path, failure.value());
  std::ranges::sort(names);
  return names;
}

Result<> RealDisk::rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return failed("rename to", to, errno);
  return {};
}

Result<> RealDisk::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return failed("remove", path, errno);
  return {};
}

Result<> RealDisk::remove_tree(const std::string& path) {
  std::error_code failure;
  fs::remove_all(path, failure);
  if (failure) return failed("remove folder", path, failure.value());
  return {};
}

bool RealDisk::exists(const std::string& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

Result<> RealDisk::sync_directory(const std::string& path) {
  return sync_folder(path, ::fsync);
}

Result<> RealDisk::sync_all(const std::string& path) {
  return sync_folder(path, ::syncfs);
}

Result<std::uint64_t> RealDisk::free_bytes(const std::string& path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) != 0) return failed("stat", path, errno);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Result<Bytes> read_file(Disk& disk, const std::string& path, std::uint64_t limit) {
  const auto file = TRY(disk.open(path, OpenMode::ReadOnly));
  const std::uint64_t size = TRY(file->size());
  if (size > limit) {
    return error(ErrorCode::TooLarge,
                 fmt::format("file '{}' has {} bytes, the limit is {}", path, size, limit));
  }
  Bytes content(size);
  content.resize(TRY(file->read(0, content)));
  return content;
}

Result<> replace_file(Disk& disk, const std::string& path, BytesView content) {
  const std::string next = path + ".tmp";
  if (disk.exists(next)) TRY(disk.remove(next));
  {
    const auto file = TRY(disk.open(next, OpenMode::CreateNew));
    TRY(file->write(0, content));
    TRY(file->sync());
  }
  TRY(disk.rename(next, path));
  const auto slash = path.find_last_of('/');
  return disk.sync_directory(slash == std::string::npos ? "." : path.substr(0, slash));
}

}  // namespace tidemill

// SPDX-License-Identifier: Apache-2.0
#include "runtime/faulty_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tidemill {
namespace {

struct Node {
  Bytes content;
  Bytes synced;
};

constexpr std::size_t kSectorBytes = 512;

// What is left of a file after a power cut.
Bytes survivor(const Node& node, Random& random) {
  if (node.content.size() < node.synced.size()) {
    // Cut shorter but not synced: either length.
    return random.next() % 2 == 0 ? node.content : node.synced;
  }
  const std::size_t grown = node.content.size() - node.synced.size();
  Bytes left = node.synced;
  left.resize(node.synced.size() + (grown == 0 ? 0 : random.next() % (grown + 1)), 0);
  const bool prefix = random.next() % 2 == 0;
  for (std::size_t at = 0; at < left.size(); at += kSectorBytes) {
    if (!prefix && random.next() % 2 == 0) continue;
    const std::size_t end = std::min(left.size(), at + kSectorBytes);
    std::copy(node.content.begin() + static_cast<std::ptrdiff_t>(at),
              node.content.begin() + static_cast<std::ptrdiff_t>(end),
              left.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return left;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

struct FaultyDisk::State {
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  Mutex mutex;
  Names names TM_GUARDED_BY(mutex);
  Names synced_names TM_GUARDED_BY(mutex);
  std::set<std::string> folders TM_GUARDED_BY(mutex);
  std::optional<std::uint64_t> capacity TM_GUARDED_BY(mutex);
  std::optional<std::uint64_t> until_failure TM_GUARDED_BY(mutex);
  int failing_syncs TM_GUARDED_BY(mutex) = 0;
  std::uint64_t syncs TM_GUARDED_BY(mutex) = 0;

  std::uint64_t used() const TM_REQUIRES(mutex) {
    std::uint64_t total = 0;
    for (const auto& [path, node] : names) total += node->content.size();
    return total;
  }
};

class FaultyDisk::OpenFile final : public File {
 public:
  OpenFile(std::shared_ptr<State> state, std::shared_ptr<Node> node, std::string path)
      : state_(std::move(state)), node_(std::move(node)), path_(std::move(path)) {}

  Result<> write(std::uint64_t at, BytesView first, BytesView second) override {
    TRY(write_part(at, first));
    return write_part(at + first.size(), second);
  }

  Result<std::size_t> read(std::uint64_t at, std::span<std::uint8_t> into) const override {
    const MutexLock lock(state_->mutex);
    const Bytes& content = node_->content;
    if (at >= content.size()) return std::size_t{0};
    const std::size_t count = std::min(into.size(), content.size() - at);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(at), count, into.begin());
    return count;
  }

  Result<> sync() override {
    const MutexLock lock(state_->mutex);
    ++state_->syncs;
    if (state_->failing_syncs > 0) {
      --state_->failing_syncs;
      return error(ErrorCode::Io, fmt::format("cannot sync '{}': injected failure", path_));
    }
    node_->synced = node_->content;
    return {};
  }

  Result<> truncate(std::uint64_t size) override {
    const MutexLock lock(state_->mutex);
    node_->content.resize(size);
    return {};
  }

  Result<> extend_with_zeros(std::uint64_t from, std::uint64_t to) override {
    const Bytes zeros(to - from, 0);
    return write_part(from, zeros);
  }

  Result<> reserve(std::uint64_t, std::uint64_t) override { return {}; }

  Result<std::uint64_t> size() const override {
    const MutexLock lock(state_->mutex);
    return std::uint64_t{node_->content.size()};
  }

  int descriptor() const override { return -1; }

 private:
  Result<> write_part(std::uint64_t at, BytesView bytes) {
    if (bytes.empty()) return {};
    const MutexLock lock(state_->mutex);
    std::uint64_t fits = bytes.size();
    Result<> outcome;
    if (state_->until_failure) {
      if (fits > *state_->until_failure) {
        fits = *state_->until_failure;
        outcome =
            error(ErrorCode::Io, fmt::format("cannot write to '{}': injected failure", path_));
      }
      *state_->until_failure -= fits;
    }
    const std::uint64_t end = at + fits;
    if (state_->capacity && end > node_->content.size()) {
      const std::uint64_t used = state_->used();
      const std::uint64_t free = *state_->capacity > used ? *state_->capacity - used : 0;
      const std::uint64_t more = end - node_->content.size();
      if (more > free) {
        fits -= std::min(fits, more - free);
        outcome = error(ErrorCode::Exhausted,
                        fmt::format("cannot write to '{}': no space left on device", path_));
      }
    }
    if (node_->content.size() < at + fits) node_->content.resize(at + fits, 0);
    std::copy_n(bytes.begin(), fits, node_->content.begin() + static_cast<std::ptrdiff_t>(at));
    return outcome;
  }

  std::shared_ptr<State> state_;
  std::shared_ptr<Node> node_;
  std::string path_;
};

FaultyDisk::FaultyDisk() : state_(std::make_shared<State>()) {}
FaultyDisk::~FaultyDisk() = default;

FaultyDisk FaultyDisk::after_power_cut(Random& random) const {
  FaultyDisk left;
  const auto next = left.state_;
  const MutexLock lock(state_->mutex);
  const MutexLock next_lock(next->mutex);
  std::map<const Node*, std::shared_ptr<Node>> copies;
  for (const auto& [path, node] : state_->synced_names) {
    auto& copy = copies[node.get()];
    if (copy == nullptr) {
      copy = std::make_shared<Node>();
      copy->content = survivor(*node, random);
      copy->synced = copy->content;
    }
    next->names[path] = copy;
  }
  next->synced_names = next->names;
  next->folders = state_->folders;
  next->capacity = state_->capacity;
  return left;
}

void FaultyDisk::set_capacity(std::optional<std::uint64_t> bytes) {
  const MutexLock lock(state_->mutex);
  state_->capacity = bytes;
}

void FaultyDisk::fail_after_bytes(std::optional<std::uint64_t> bytes) {
  const MutexLock lock(state_->mutex);
  state_->until_failure = bytes;
}

void FaultyDisk::fail_syncs(int count) {
  const MutexLock lock(state_->mutex);
  state_->failing_syncs = count;
}

void FaultyDisk::damage(const std::string& path, std::uint64_t byte) {
  const MutexLock lock(state_->mutex);
  Node& node = *state_->names.at(path);
  node.content.at(byte) ^= 1;
  if (byte < node.synced.size()) node.synced[byte] ^= 1;
}

std::uint64_t FaultyDisk::syncs() const {
  const MutexLock lock(state_->mutex);
  return state_->syncs;
}

std::uint64_t FaultyDisk::used_bytes() const {
  const MutexLock lock(state_->mutex);
  return state_->used();
}

Result<std::unique_ptr<File>> FaultyDisk::open(const std::string& path, OpenMode mode) {
  const MutexLock lock(state_->mutex);
  auto found = state_->names.find(path);
  if (found == state_->names.end()) {
    if (mode == OpenMode::ReadOnly) {
      return error(ErrorCode::NotFound, fmt::format("cannot open '{}': no such file", path));
    }
    if (!state_->folders.contains(parent_of(path))) {
      return error(ErrorCode::NotFound, fmt::format("cannot open '{}': no such folder", path));
    }
    found = state_->names.emplace(path, std::make_shared<Node>()).first;
  } else if (mode == OpenMode::CreateNew) {
    return error(ErrorCode::AlreadyExists, fmt::format("cannot open '{}': file exists", path));
  }
  return std::unique_ptr<File>(std::make_unique<OpenFile>(state_, found->second, path));
}

Result<> FaultyDisk::create_directories(const std::string& path) {
  const MutexLock lock(state_->mutex);
  for (std::string at = path; at != "." && !at.empty(); at = parent_of(at)) {
    state_->folders.insert(at);
    if (at.find('/') == std::string::npos) break;
  }
  return {};
}

Result<std::vector<std::string>> FaultyDisk::list(const std::string& path) {
  const MutexLock lock(state_->mutex);
  if (!state_->folders.contains(path)) {
    return error(ErrorCode::NotFound, fmt::format("cannot list '{}': no such folder", path));
  }
  std::vector<std::string> names;
  for (const auto& [name, node] : state_->names) {
    if (parent_of(name) == path) names.push_back(name.substr(path.size() + 1));
  }
  for (const std::string& folder : state_->folders) {
    if (folder != path && parent_of(folder) == path)
      names.push_back(folder.substr(path.size() + 1));
  }
  std::ranges::sort(names);
  return names;
}

Result<> FaultyDisk::rename(const std::string& from, const std::string& to) {
  const MutexLock lock(state_->mutex);
  if (state_->folders.contains(from)) {
    // Folders move at once and durably, with all they hold.
    for (auto* names : {&state_->names, &state_->synced_names}) {
      State::Names moved;
      for (const auto& [path, node] : *names) {
        const bool inside = path.starts_with(from + "/");
        moved[inside ? to + path.substr(from.size()) : path] = node;
      }
      *names = std::move(moved);
    }
    state_->folders.erase(from);
    state_->folders.insert(to);
    return {};
  }
  const auto found = state_->names.find(from);
  if (found == state_->names.end()) {
    return error(ErrorCode::NotFound, fmt::format("cannot rename '{}': no such file", from));
  }
  state_->names[to] = found->second;
  state_->names.erase(from);
  return {};
}

Result<> FaultyDisk::remove(const std::string& path) {
  const MutexLock lock(state_->mutex);
  if (state_->names.erase(path) == 0) {
    return error(ErrorCode::NotFound, fmt::format("cannot remove '{}': no such file", path));
  }
  return {};
}

Result<> FaultyDisk::remove_tree(const std::string& path) {
  const MutexLock lock(state_->mutex);
  const auto inside = [&path](const std::string& name) {
    return name == path || name.starts_with(path + "/");
  };
  std::erase_if(state_->names, [&](const auto& entry) { return inside(entry.first); });
  std::erase_if(state_->synced_names, [&](const auto& entry) { return inside(entry.first); });
  std::erase_if(state_->folders, inside);
  return {};
}

bool FaultyDisk::exists(const std::string& path) {
  const MutexLock lock(state_->mutex);
  return state_->names.contains(path) || state_->folders.contains(path);
}

Result<> FaultyDisk::sync_all(const std::string& path) {
  const MutexLock lock(state_->mutex);
  ++state_->syncs;
  if (state_->failing_syncs > 0) {
    --state_->failing_syncs;
    return error(ErrorCode::Io, fmt::format("cannot sync folder '{}': injected failure", path));
  }
  state_->synced_names = state_->names;
  for (const auto& [name, node] : state_->names) node->synced = node->content;
  return {};
}

Result<> FaultyDisk::sync_directory(const std::string& path) {
  const MutexLock lock(state_->mutex);
  std::erase_if(state_->synced_names,
                [&path](const auto& entry) { return parent_of(entry.first) == path; });
  for (const auto& [name, node] : state_->names) {
    if (parent_of(name) == path) state_->synced_names[name] = node;
  }
  return {};
}

Result<std::uint64_t> FaultyDisk::free_bytes(const std::string&) {
  const MutexLock lock(state_->mutex);
  const std::uint64_t used = state_->used();
  if (!state_->capacity) return std::uint64_t{1} << 40;
  return *state_->capacity > used ? *state_->capacity - used : 0;
}

}  // namespace tidemill

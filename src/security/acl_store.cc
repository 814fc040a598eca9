// SPDX-License-Identifier: Apache-2.0
#include "security/acl_store.h"

#include <fmt/format.h>

#include "security/acl_file.h"

namespace tidemill::security {

Result<std::unique_ptr<AclStore>> AclStore::open(Disk& disk, std::string path) {
  std::unique_ptr<AclStore> store(new AclStore(disk, std::move(path)));
  if (!disk.exists(store->path_)) return store;
  const Bytes text = TRY(read_file(disk, store->path_, kAclFileBytesMax));
  auto acls = parse_acls(as_text(text));
  if (!acls.ok()) {
    return std::move(acls).error().context(fmt::format("in file of ACLs '{}'", store->path_));
  }
  const MutexLock lock(store->mutex_);
  store->index_ = std::make_shared<const AclIndex>(*std::move(acls));
  return store;
}

std::shared_ptr<const AclIndex> AclStore::snapshot() const {
  const MutexLock lock(mutex_);
  return index_;
}

std::vector<Acl> AclStore::list(const AclFilter& filter) const {
  std::vector<Acl> found;
  const auto index = snapshot();
  for (const Acl& acl : index->all()) {
    if (filter.matches(acl)) found.push_back(acl);
  }
  return found;
}

Result<> AclStore::add(std::span<const Acl> acls) {
  for (const Acl& acl : acls) TRY(check_acl(acl));
  const MutexLock changing(changing_);
  Acls next = snapshot()->all();
  const std::size_t before = next.size();
  next.insert(acls.begin(), acls.end());
  return next.size() == before ? Result<>{} : replace(std::move(next));
}

Result<std::vector<std::vector<Acl>>> AclStore::remove(std::span<const AclFilter> filters) {
  const MutexLock changing(changing_);
  Acls next = snapshot()->all();
  const std::size_t before = next.size();
  std::vector<std::vector<Acl>> gone;
  for (const AclFilter& filter : filters) {
    auto& matching = gone.emplace_back();
    std::erase_if(next, [&](const Acl& acl) {
      if (!filter.matches(acl)) return false;
      matching.push_back(acl);
      return true;
    });
  }
  if (next.size() != before) TRY(replace(std::move(next)));
  return gone;
}

Result<> AclStore::replace(Acls acls) {
  const std::string text = render_acls(acls);
  // What could not be read again is not written.
  if (text.size() > kAclFileBytesMax) {
    return error(ErrorCode::TooLarge,
                 fmt::format("the file of ACLs would have {} bytes, {} are allowed", text.size(),
                             kAclFileBytesMax));
  }
  TRY(replace_file(disk_, path_, as_bytes(text)));
  auto index = std::make_shared<const AclIndex>(std::move(acls));
  const MutexLock lock(mutex_);
  index_ = std::move(index);
  return {};
}

}  // namespace tidemill::security

// SPDX-License-Identifier: Apache-2.0
// The ACLs of the Kafka port, durable in one file.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "runtime/disk.h"
#include "security/acl_index.h"

namespace tidemill::security {

// Thread:  any. Reading never waits for a disk; changes block.
// Durable: a change is on disk once it returns, all of it or nothing.
class AclStore {
 public:
  // Corrupt when the file is there and cannot be understood: nobody is let in by accident.
  static Result<std::unique_ptr<AclStore>> open(Disk& disk, std::string path);

  // All as they were at one moment.
  std::shared_ptr<const AclIndex> snapshot() const;
  std::vector<Acl> list(const AclFilter& filter) const;

  // What is there already is no failure. Nothing is added where one cannot be.
  Result<> add(std::span<const Acl> acls);
  // What went, for each filter; an entry that several match goes for the first of them.
  Result<std::vector<std::vector<Acl>>> remove(std::span<const AclFilter> filters);

 private:
  AclStore(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  Result<> replace(Acls acls) TM_REQUIRES(changing_);

  Disk& disk_;
  const std::string path_;
  Mutex changing_;  // held while the file is written
  mutable Mutex mutex_;
  std::shared_ptr<const AclIndex> index_ TM_GUARDED_BY(mutex_) = std::make_shared<AclIndex>();
};

}  // namespace tidemill::security

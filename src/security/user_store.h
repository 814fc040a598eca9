// SPDX-License-Identifier: Apache-2.0
// The users that clients may log in as, durable in one file.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "runtime/disk.h"
#include "security/roles.h"
#include "security/scram.h"

namespace tidemill::security {

// Thread:  any. Reading never waits for a disk; changes and check_password() block.
// Durable: a change is on disk once it returns; a crash leaves the old file or the new one.
class UserStore {
 public:
  // Corrupt when the file is there and cannot be understood: nobody is let in by accident.
  static Result<std::unique_ptr<UserStore>> open(Disk& disk, Random& random, std::string path);

  // All, by name.
  std::vector<User> list() const;
  std::optional<User> find(const std::string& name) const;
  std::optional<ScramCredential> find_credential(const std::string& name,
                                                 ScramMechanism mechanism) const;
  bool empty() const;

  // All as they were at one moment.
  std::shared_ptr<const Users> snapshot() const;
  // Another number after each change: what was worked out from a snapshot may be kept until then.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  // One sentence for an unknown user and a wrong password, and about the same time. A role that may
  // not log in is told so, once it has shown that it knows the password.
  Result<> check_password(const std::string& name, std::string_view password) const;

  // A SCRAM exchange with whoever claims to be one of the users. The store outlives it.
  std::unique_ptr<ScramExchange> begin_exchange(ScramMechanism mechanism) const;

  // Creates the user, or replaces its credentials, with those of a password for every mechanism.
  Result<> set_password(const std::string& name, std::string_view password);
  // Those credentials, for change().
  Result<Credentials> credentials_of(const std::string& name, std::string_view password) const;
  // NotFound where a removed one does not exist. What others were granted on it goes too.
  Result<> remove(const std::string& name);
  // A user whose last credential goes, goes too, unless it is more than a name and a password.
  Result<> set_credential(const std::string& name, ScramMechanism mechanism,
                          ScramCredential credential);
  Result<> remove_credential(const std::string& name, ScramMechanism mechanism);

  // Any other change: `edit` works on a copy, which counts when it succeeds. All of it or nothing
  // is on disk; no file is written when nothing changes.
  Result<> change(const std::function<Result<>(Users& users)>& edit);

 private:
  UserStore(Disk& disk, Random& random, std::string path)
      : disk_(disk),
        random_(random),
        path_(std::move(path)),
        strangers_key_(random_bytes(random, 32)) {}
  Result<> replace(Users users) TM_REQUIRES(changing_);

  Disk& disk_;
  Random& random_;
  const std::string path_;
  const Bytes strangers_key_;  // of this run
  Mutex changing_;             // held while the file is written
  std::atomic<std::uint64_t> generation_{1};
  mutable Mutex mutex_;
  std::shared_ptr<const Users> users_ TM_GUARDED_BY(mutex_) = std::make_shared<Users>();
};

// Kafka's and CQL's clients take any text; what is in a file and in log lines should be readable.
Result<> check_user_name(std::string_view name);

}  // namespace tidemill::security

// SPDX-License-Identifier: Apache-2.0
// The users that clients may log in as, durable in one file.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "runtime/disk.h"
#include "security/scram.h"

namespace tidemill::security {

struct User {
  std::string name;
  std::map<ScramMechanism, ScramCredential> credentials;

  bool operator==(const User&) const = default;
};

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

  // One sentence for an unknown user and a wrong password, and about the same time.
  Result<> check_password(const std::string& name, std::string_view password) const;

  // A SCRAM exchange with whoever claims to be one of the users. The store outlives it.
  std::unique_ptr<ScramExchange> begin_exchange(ScramMechanism mechanism) const;

  // Creates the user, or replaces its credentials, with those of a password for every mechanism.
  Result<> set_password(const std::string& name, std::string_view password);
  // NotFound where a removed one does not exist.
  Result<> remove(const std::string& name);
  // A user whose last credential goes, goes too.
  Result<> set_credential(const std::string& name, ScramMechanism mechanism,
                          ScramCredential credential);
  Result<> remove_credential(const std::string& name, ScramMechanism mechanism);

 private:
  using Users = std::map<std::string, User>;
  UserStore(Disk& disk, Random& random, std::string path)
      : disk_(disk),
        random_(random),
        path_(std::move(path)),
        strangers_key_(random_bytes(random, 32)) {}
  std::shared_ptr<const Users> users() const;
  Result<> replace(Users users) TM_REQUIRES(changing_);

  Disk& disk_;
  Random& random_;
  const std::string path_;
  const Bytes strangers_key_;  // of this run
  Mutex changing_;             // held while the file is written
  mutable Mutex mutex_;
  std::shared_ptr<const Users> users_ TM_GUARDED_BY(mutex_) = std::make_shared<Users>();
};

// Kafka's and CQL's clients take any text; what is in a file and in log lines should be readable.
Result<> check_user_name(std::string_view name);

}  // namespace tidemill::security

// SPDX-License-Identifier: Apache-2.0
// Records of the users pipeline, fast enough not to be what a measurement measures. Same seed, same
// records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidemill::bench {

struct UserShares {
  double invalid = 0.01;   // break one rule
  double repeated = 0.05;  // have the id of an earlier one
};

class UserRecords {
 public:
  UserRecords(std::uint64_t seed, UserShares shares) : state_(seed * 2 + 1), shares_(shares) {}

  // The JSON text; valid until the next call.
  const std::string& next();
  // Of the last record: 8-4-4-4-12 digits.
  const std::string& id() const { return id_; }

 private:
  std::uint64_t random();
  std::uint64_t below(std::uint64_t limit) { return random() % limit; }

  std::uint64_t state_;
  UserShares shares_;
  std::string id_;
  std::string text_;
  std::vector<std::string> past_ids_;
};

}  // namespace tidemill::bench

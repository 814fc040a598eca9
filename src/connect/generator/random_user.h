// SPDX-License-Identifier: Apache-2.0
// People as a user-creation service reports them: the fields of the users pipeline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemill::connect::generator {

struct RandomUserShares {
  double invalid = 0;    // of records that break a rule of the pipeline
  double duplicate = 0;  // of records under an id that was there before
};

// Record number n of a seed is the same in every run; nothing is remembered between records.
//
// Thread: any.
class RandomUsers {
 public:
  RandomUsers(std::uint64_t seed, RandomUserShares shares) : seed_(seed), shares_(shares) {}

  // Where the record's id lies in what was appended; size 0: it has none.
  struct Written {
    std::size_t id_at = 0;
    std::size_t id_size = 0;
  };
  // Appends the record as JSON.
  Written append(std::uint64_t number, std::string& out) const;

 private:
  enum class Kind { Plain, Invalid, SameAgain, ChangedAgain };
  struct Choice {
    Kind kind = Kind::Plain;
    std::uint64_t earlier = 0;  // the record repeated
    std::uint64_t chance = 0;   // for what remains to be chosen
  };
  Choice choose(std::uint64_t number) const;
  bool is_plain(std::uint64_t number) const;
  Written append_plain(std::uint64_t number, std::uint64_t id_of, std::string& out) const;
  Written append_invalid(std::uint64_t number, std::uint64_t chance, std::string& out) const;

  std::uint64_t seed_;
  RandomUserShares shares_;
};

}  // namespace tidemill::connect::generator

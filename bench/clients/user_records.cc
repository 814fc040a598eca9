// SPDX-License-Identifier: Apache-2.0
#include "user_records.h"

#include <array>
#include <cstdio>

namespace tidemill::bench {
namespace {

constexpr std::size_t kPastIdsMax = 100'000;
constexpr std::array kFirst = {"Ada", "Mira", "Noor", "Zofia", "Odin", "Tomasz", "Pavel", "Ravi"};
constexpr std::array kLast = {"Lindqvist", "Nakamura", "Mensah", "Quispe", "Duarte", "Abara"};
constexpr std::array kStreets = {"Harbour Row", "Tidemill Lane", "Quai du Nord", "Am Deich"};
constexpr std::array kTowns = {"Ebbsfleet, Kent, United Kingdom", "Roscoff, Bretagne, France",
                               "Husum, Schleswig-Holstein, Germany", "Viveiro, Galicia, Spain"};

}  // namespace

std::uint64_t UserRecords::random() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);  // splitmix64
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

const std::string& UserRecords::next() {
  const auto share = static_cast<double>(random() >> 11) * 0x1.0p-53;
  const bool invalid = share < shares_.invalid;
  if (!invalid && share < shares_.invalid + shares_.repeated && !past_ids_.empty()) {
    id_ = past_ids_[below(past_ids_.size())];
  } else {
    char digits[37];
    const std::uint64_t a = random();
    const std::uint64_t b = random();
    std::snprintf(
        digits, sizeof digits, "%08llx-%04llx-4%03llx-8%03llx-%012llx",
        static_cast<unsigned long long>(a >> 32), static_cast<unsigned long long>(a >> 16 & 0xFFFF),
        static_cast<unsigned long long>(a & 0xFFF), static_cast<unsigned long long>(b >> 52),
        static_cast<unsigned long long>(b & 0xFFFFFFFFFFFF));
    id_ = digits;
    if (!invalid && past_ids_.size() < kPastIdsMax) past_ids_.push_back(id_);
  }
  const auto number = static_cast<unsigned>(below(90'000) + 10'000);
  const char* gender = below(2) == 0 ? "female" : "male";
  const char* at = "@";
  if (invalid) (below(2) == 0 ? gender : at) = "unknown";
  char text[1024];
  const int size = std::snprintf(
      text, sizeof text,
      R"({"id": "%s", "first_name": "%s", "last_name": "%s", "gender": "%s", "address": "%u %s, %s", "post_code": %u, )"
      R"("email": "%s%u%smail.example", "username": "tidepool%u", "dob": "1978-04-11T08:15:00.000Z", )"
      R"("registered_date": "2016-11-2%uT10:00:00.500Z", "phone": "(0%u) %u-4411", )"
      R"("picture": "https://pictures.example/portraits/med/%u.jpg"})",
      id_.c_str(), kFirst[below(kFirst.size())], kLast[below(kLast.size())], gender, number % 999,
      kStreets[below(kStreets.size())], kTowns[below(kTowns.size())], number,
      kFirst[below(kFirst.size())], number, at, number, number % 9, number % 99, number,
      number % 100);
  text_.assign(text, static_cast<std::size_t>(size));
  return text_;
}

}  // namespace tidemill::bench

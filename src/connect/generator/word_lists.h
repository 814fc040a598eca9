// SPDX-License-Identifier: Apache-2.0
// Names, streets and places that people are put together from.
#pragma once

#include <span>
#include <string_view>

namespace tidemill::connect::generator {

// `latin` is what an email address takes.
struct PersonName {
  std::string_view text;
  std::string_view latin;
};

struct Country {
  std::string_view name;
  std::span<const PersonName> men;
  std::span<const PersonName> women;
  std::span<const PersonName> families;
  std::span<const std::string_view> streets;
  std::span<const std::string_view> places;  // "city, region"
  // '#' a digit, '@' a letter; empty: a number of five digits.
  std::string_view post_code;
  std::string_view phone;
};

std::span<const Country> countries();
std::span<const std::string_view> adjectives();
std::span<const std::string_view> animals();

}  // namespace tidemill::connect::generator

// SPDX-License-Identifier: Apache-2.0
#include "connect/generator/random_user.h"

#include <array>
#include <charconv>

#include "connect/generator/word_lists.h"

namespace tidemill::connect::generator {
namespace {

// SplitMix64 that starts anywhere: number n of a seed needs no numbers before it.
class Chance {
 public:
  Chance(std::uint64_t seed, std::uint64_t stream, std::uint64_t number)
      : state_(mix(seed ^ mix(stream)) ^ mix(number + 0x632be59bd9b4e019)) {}
  explicit Chance(std::uint64_t state) : state_(state) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    return mix(state_);
  }
  // 0 to below `bound`; bound is small, so that the bias is nothing.
  std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
  double share() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  template <class List>
  const auto& pick(const List& list) {
    return list[below(list.size())];
  }

 private:
  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }
  std::uint64_t state_;
};

constexpr std::uint64_t kChoices = 1;
constexpr std::uint64_t kIds = 2;
constexpr std::uint64_t kContents = 3;
constexpr std::string_view kHex = "0123456789abcdef";

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_padded(std::string& out, std::uint64_t value, std::size_t width) {
  std::array<char, 8> digits{};
  for (std::size_t i = width; i-- > 0; value /= 10) {
    digits[i] = static_cast<char>('0' + value % 10);
  }
  out.append(digits.data(), width);
}

void append_pattern(Chance& chance, std::string& out, std::string_view pattern) {
  for (const char c : pattern) {
    if (c == '#') {
      out += static_cast<char>('0' + chance.below(10));
    } else if (c == '@') {
      out += static_cast<char>('A' + chance.below(26));
    } else {
      out += c;
    }
  }
}

void append_instant(Chance& chance, std::string& out, std::uint64_t first_year,
                    std::uint64_t years) {
  append_padded(out, first_year + chance.below(years), 4);
  out += '-';
  append_padded(out, 1 + chance.below(12), 2);
  out += '-';
  append_padded(out, 1 + chance.below(28), 2);
  out += 'T';
  append_padded(out, chance.below(24), 2);
  out += ':';
  append_padded(out, chance.below(60), 2);
  out += ':';
  append_padded(out, chance.below(60), 2);
  out += '.';
  append_padded(out, chance.below(1000), 3);
  out += 'Z';
}

// RFC 9562 version 4, in lower case.
void append_uuid(Chance chance, std::string& out) {
  const std::uint64_t high = (chance.next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (chance.next() >> 2) | 0x8000000000000000ULL;
  std::array<char, 36> text{};
  std::size_t at = 0;
  for (const std::uint64_t half : {high, low}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      if (at == 8 || at == 13 || at == 18 || at == 23) text[at++] = '-';
      text[at++] = kHex[(half >> static_cast<unsigned>(shift)) & 15U];
    }
  }
  out.append(text.data(), text.size());
}

// Ends the text value before it and begins another.
void append_field(std::string& out, std::string_view name) {
  out += "\", \"";
  out += name;
  out += "\": \"";
}

// Replaces the JSON value of a field, quotes included; an empty replacement takes the field away.
void replace_field(std::string& record, std::string_view field, std::string_view value) {
  std::string name = "\"";
  name += field;
  name += "\": ";
  const std::size_t at = record.find(name);
  if (at == std::string::npos) return;
  const std::size_t from = at + name.size();
  std::size_t end =
      record[from] == '"' ? record.find('"', from + 1) + 1 : record.find_first_of(",}", from);
  if (!value.empty()) {
    record.replace(from, end - from, value);
    return;
  }
  if (record.compare(end, 2, ", ") == 0) end += 2;
  record.erase(at, end - at);
}

}  // namespace

RandomUsers::Choice RandomUsers::choose(std::uint64_t number) const {
  Chance chance(seed_, kChoices, number);
  Choice choice;
  const double duplicate = chance.share();
  const double invalid = chance.share();
  choice.chance = chance.next();
  if (number > 0 && duplicate < shares_.duplicate) {
    // One that was plain itself, soon after it or long after.
    for (int attempt = 0; attempt < 4; ++attempt) {
      const std::uint64_t near = number < 1000 ? number : 1000;
      const std::uint64_t back = chance.below(2) == 0 ? chance.below(near) : chance.below(number);
      choice.earlier = number - 1 - back;
      if (!is_plain(choice.earlier)) continue;
      choice.kind = chance.below(2) == 0 ? Kind::SameAgain : Kind::ChangedAgain;
      return choice;
    }
  }
  if (invalid < shares_.invalid) choice.kind = Kind::Invalid;
  return choice;
}

bool RandomUsers::is_plain(std::uint64_t number) const {
  Chance chance(seed_, kChoices, number);
  const double duplicate = chance.share();
  const double invalid = chance.share();
  return duplicate >= shares_.duplicate && invalid >= shares_.invalid;
}

RandomUsers::Written RandomUsers::append(std::uint64_t number, std::string& out) const {
  if (shares_.duplicate <= 0 && shares_.invalid <= 0) return append_plain(number, number, out);
  const Choice choice = choose(number);
  switch (choice.kind) {
    case Kind::Plain:
      break;
    case Kind::Invalid:
      return append_invalid(number, choice.chance, out);
    case Kind::SameAgain:
      return append_plain(choice.earlier, choice.earlier, out);
    case Kind::ChangedAgain:
      return append_plain(number, choice.earlier, out);
  }
  return append_plain(number, number, out);
}

RandomUsers::Written RandomUsers::append_plain(std::uint64_t number, std::uint64_t id_of,
                                               std::string& out) const {
  Chance chance(seed_, kContents, number);
  const Country& country = chance.pick(countries());
  const bool man = chance.below(2) == 0;
  const PersonName& first = chance.pick(man ? country.men : country.women);
  const PersonName& family = chance.pick(country.families);
  Written written;
  out += "{\"id\": \"";
  written.id_at = out.size();
  written.id_size = 36;
  append_uuid(Chance(seed_, kIds, id_of), out);
  out += "\", \"first_name\": \"";
  out += first.text;
  append_field(out, "last_name");
  out += family.text;
  append_field(out, "gender");
  out += man ? "male" : "female";
  append_field(out, "address");
  append_number(out, 1 + chance.below(9998));
  out += ' ';
  out += chance.pick(country.streets);
  out += ", ";
  out += chance.pick(country.places);
  out += ", ";
  out += country.name;
  out += "\", \"post_code\": ";
  if (country.post_code.empty()) {
    append_number(out, 10'000 + chance.below(89'999));
  } else {
    out += '"';
    append_pattern(chance, out, country.post_code);
    out += '"';
  }
  out += ", \"email\": \"";
  out += first.latin;
  out += '.';
  out += family.latin;
  out += "@example.com";
  append_field(out, "username");
  out += chance.pick(adjectives());
  out += chance.pick(animals());
  append_number(out, 100 + chance.below(900));
  append_field(out, "dob");
  append_instant(chance, out, 1945, 56);
  append_field(out, "registered_date");
  append_instant(chance, out, 2002, 21);
  append_field(out, "phone");
  append_pattern(chance, out, country.phone);
  out += "\", \"picture\": \"https://randomuser.me/api/portraits/med/";
  out += man ? "men/" : "women/";
  append_number(out, chance.below(100));
  out += ".jpg\"}";
  return written;
}

RandomUsers::Written RandomUsers::append_invalid(std::uint64_t number, std::uint64_t chance_state,
                                                 std::string& out) const {
  Chance chance(chance_state);
  std::string record;
  Written written = append_plain(number, number, record);
  std::string id = record.substr(written.id_at, written.id_size);
  const std::size_t begin = out.size();
  // One broken record in five breaks a second rule.
  const int breaks = chance.below(5) == 0 ? 2 : 1;
  for (int i = 0; i < breaks; ++i) {
    const bool absent = chance.below(2) == 0;
    switch (chance.below(7)) {
      case 0:
        replace_field(record, "id", absent ? "" : "null");
        id.clear();
        break;
      case 1:
        replace_field(record, "email", absent ? "" : "null");
        break;
      case 2:
        replace_field(record, "registered_date", absent ? "" : "null");
        break;
      case 3: {
        if (id.empty()) break;
        std::string shorter = id.substr(0, id.size() - 1);
        if (!absent) shorter = "user-" + id.substr(0, 4);
        replace_field(record, "id", "\"" + shorter + "\"");
        id = shorter;
        break;
      }
      case 4:
        replace_field(record, "email", absent ? "\"not an address\"" : "\"someone@localhost\"");
        break;
      case 5:
        replace_field(record, "gender", absent ? "\"unknown\"" : "null");
        break;
      default:
        // Cut anywhere, it is no JSON any more, and nobody can tell its id.
        out += record.substr(0, 1 + chance.below(record.size() - 2));
        return {begin, 0};
    }
  }
  out += record;
  if (id.empty()) return {begin, 0};
  const std::size_t at = out.find(id, begin);
  return at == std::string::npos ? Written{begin, 0} : Written{at, id.size()};
}

}  // namespace tidemill::connect::generator

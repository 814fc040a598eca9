// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/check.h"

namespace tidemill::config {
namespace {

Error unknown(std::string_view name, std::string_view where) {
  return error(ErrorCode::InvalidArgument,
               fmt::format("unknown option '{}'{}{}", name, where.empty() ? "" : " in ", where))
      .with_hint(
          fmt::format("did you mean '{}'? tidemill config show lists all", nearest_option(name)));
}

std::string place(const std::string& file, const YAML::Mark& mark) {
  return fmt::format("{} line {} column {}", file, mark.line + 1, mark.column + 1);
}

bool is_section(const std::string& name) {
  return std::ranges::any_of(option_table(), [prefix = name + "."](const OptionSpec& option) {
    return option.name.starts_with(prefix);
  });
}

Result<> load_map(Config& config, const YAML::Node& map, const std::string& prefix,
                  const std::string& file) {
  for (const auto& entry : map) {
    const std::string name = prefix + entry.first.as<std::string>();
    const std::string where = place(file, entry.first.Mark());
    if (entry.second.IsMap() && is_section(name)) {
      TRY(load_map(config, entry.second, name + ".", file));
      continue;
    }
    if (find_option(name) == nullptr) return unknown(name, where);
    if (!entry.second.IsScalar()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("option {} needs a single value (in {})", name, where));
    }
    TRY(config.set(name, entry.second.as<std::string>(), where)
            .context(fmt::format("in {}", place(file, entry.second.Mark()))));
  }
  return {};
}

}  // namespace

Config::Config() {
  for (const auto& option : option_table()) {
    settings_[std::string(option.name)] = {.text = std::string(option.default_text)};
  }
}

Result<> Config::load_yaml(std::string_view text, const std::string& file_name) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (root.IsNull()) return {};
    if (!root.IsMap()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("{} must be a map of options", file_name));
    }
    return load_map(*this, root, "", file_name);
  } catch (const YAML::Exception& e) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("{} is not YAML: {} (line {} column {})", file_name, e.msg,
                             e.mark.line + 1, e.mark.column + 1));
  }
}

Result<> Config::load_environment(const char* const* environment) {
  constexpr std::string_view kPrefix = "TIDEMILL_";
  for (; *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    if (!variable.starts_with(kPrefix)) continue;
    // The command line's address of an instance is no option of one.
    if (variable.starts_with("TIDEMILL_URL=")) continue;
    const auto equals = std::min(variable.find('='), variable.size());
    std::string name(variable.substr(kPrefix.size(), equals - kPrefix.size()));
    std::ranges::transform(name, name.begin(), [](char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    // An underscore stands for a dot where that makes it an option.
    const auto found = std::ranges::find_if(option_table(), [&](const OptionSpec& option) {
      std::string spelled(option.name);
      std::ranges::replace(spelled, '.', '_');
      return spelled == name;
    });
    const std::string origin = fmt::format("environment {}", variable.substr(0, equals));
    if (found == option_table().end()) return unknown(name, origin);
    TRY(set(found->name, variable.substr(std::min(equals + 1, variable.size())), origin)
            .context(origin));
  }
  return {};
}

Result<> Config::set(std::string_view assignment, std::string origin) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("{} '{}' is not of the form name=value", origin, assignment));
  }
  return set(assignment.substr(0, equals), assignment.substr(equals + 1), std::move(origin));
}

Result<> Config::set(std::string_view name, std::string_view value, std::string origin) {
  const OptionSpec* option = find_option(name);
  if (option == nullptr) return unknown(name, origin);
  TRY(check_value(*option, value));
  settings_[std::string(name)] = {.text = std::string(value), .origin = std::move(origin)};
  return {};
}

const std::string& Config::text(std::string_view name) const {
  const auto found = settings_.find(name);
  TM_CHECK(found != settings_.end(), "no option '{}'", name);
  return found->second.text;
}

std::int64_t Config::number(std::string_view name) const {
  const auto parsed = parse_number(*find_option(name), text(name));
  TM_CHECK(parsed.ok(), "option '{}' was not checked", name);
  return *parsed;
}

}  // namespace tidemill::config

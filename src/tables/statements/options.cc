// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tidemill::tables::statements {

using wire::cql::bad_config;
using wire::cql::invalid;
using wire::cql::Outcome;
using wire::cql::syntax;

namespace {

enum class Form : std::uint8_t { Text, Number, Fraction, Boolean, Map };

struct Option {
  std::string_view name;
  Form form;
  std::string_view fallback;
};

constexpr std::array kOptions{
    Option{"additional_write_policy", Form::Text, "99p"},
    Option{"allow_auto_snapshot", Form::Boolean, "true"},
    Option{"bloom_filter_fp_chance", Form::Fraction, "0.01"},
    Option{"caching", Form::Map, ""},
    Option{"cdc", Form::Boolean, "false"},
    Option{"comment", Form::Text, ""},
    Option{"compaction", Form::Map, ""},
    Option{"compression", Form::Map, ""},
    Option{"crc_check_chance", Form::Fraction, "1.0"},
    Option{"default_time_to_live", Form::Number, "0"},
    Option{"extensions", Form::Map, ""},
    Option{"gc_grace_seconds", Form::Number, "864000"},
    Option{"incremental_backups", Form::Boolean, "true"},
    Option{"max_index_interval", Form::Number, "2048"},
    Option{"memtable", Form::Text, "default"},
    Option{"memtable_flush_period_in_ms", Form::Number, "0"},
    Option{"min_index_interval", Form::Number, "128"},
    Option{"read_repair", Form::Text, "BLOCKING"},
    Option{"speculative_retry", Form::Text, "99p"},
};
// Accepted from old definitions, without effect and not echoed.
constexpr std::array<std::string_view, 3> kObsolete{"dclocal_read_repair_chance", "id",
                                                    "read_repair_chance"};

const OptionMap& default_map(std::string_view name) {
  static const OptionMap kCaching{{"keys", "ALL"}, {"rows_per_partition", "NONE"}};
  static const OptionMap kCompaction{
      {"class", "org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy"},
      {"max_threshold", "32"},
      {"min_threshold", "4"}};
  static const OptionMap kCompression{{"chunk_length_in_kb", "16"},
                                      {"class", "org.apache.cassandra.io.compress.LZ4Compressor"}};
  static const OptionMap kNone;
  if (name == "caching") return kCaching;
  if (name == "compaction") return kCompaction;
  if (name == "compression") return kCompression;
  return kNone;
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}
std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Outcome<std::string> checked_retry(const std::string& name, const std::string& text) {
  std::string value = upper(text);
  if (value == "NONE" || value == "NEVER") return std::string("NEVER");
  if (value == "ALWAYS") return value;
  for (const std::string_view suffix : {"PERCENTILE", "P", "MS"}) {
    if (!value.ends_with(suffix)) continue;
    const std::string digits = value.substr(0, value.size() - suffix.size());
    const auto number = parse_number(digits);
    if (!number || *number < 0 || (suffix != "MS" && *number > 100)) break;
    return digits + (suffix == "MS" ? "ms" : "p");
  }
  return bad_config(fmt::format("Invalid value {} for option '{}'", text, name));
}

Outcome<std::string> checked_scalar(const Option& option, const std::string& text) {
  const std::string name(option.name);
  switch (option.form) {
    case Form::Number: {
      const auto number = parse_number(text);
      if (!number || text.find('.') != std::string::npos) {
        return syntax(fmt::format("Invalid integer value {} for '{}'", text, name));
      }
      if (*number < 0)
        return bad_config(
            fmt::format("{} must be greater than or equal to 0 (got {})", name, text));
      if (*number > 2147483647)
        return syntax(fmt::format("Invalid integer value {} for '{}'", text, name));
      if (name == "default_time_to_live" && *number > 630720000) {
        return bad_config(fmt::format(
            "default_time_to_live must be less than or equal to 630720000 (got {})", text));
      }
      return text;
    }
    case Form::Fraction: {
      const auto number = parse_number(text);
      if (!number) return syntax(fmt::format("Invalid double value {} for '{}'", text, name));
      if (name == "bloom_filter_fp_chance" && !(*number > 6.71089e-5 && *number <= 1)) {
        return bad_config(
            fmt::format("bloom_filter_fp_chance must be larger than 6.71089E-5 and less than or "
                        "equal to 1.0 (got {})",
                        text));
      }
      if (*number < 0 || *number > 1) {
        return bad_config(fmt::format(
            "{} must be larger than or equal to 0 and smaller than or equal to 1.0 (got {})", name,
            text));
      }
      return text;
    }
    case Form::Boolean:
      if (lower(text) != "true" && lower(text) != "false") {
        return syntax(fmt::format(
            "Invalid boolean value {} for '{}'. Positive values can be '1', 'true' or 'yes'.", text,
            name));
      }
      return lower(text);
    case Form::Text:
      if (name == "speculative_retry" || name == "additional_write_policy")
        return checked_retry(name, text);
      if (name == "read_repair") {
        if (upper(text) != "BLOCKING" && upper(text) != "NONE") {
          return bad_config(fmt::format(
              "No enum constant org.apache.cassandra.service.reads.repair.ReadRepairStrategy.{}",
              upper(text)));
        }
        return upper(text);
      }
      return text;
    case Form::Map:
      break;
  }
  return text;
}

Outcome<OptionMap> checked_map(const std::string& name, OptionMap map) {
  if (name == "compaction") {
    if (!map.contains("class"))
      return bad_config("Missing sub-option 'class' for the 'compaction' option.");
    std::string& strategy = map["class"];
    static constexpr std::array<std::string_view, 5> kStrategies{
        "SizeTieredCompactionStrategy", "LeveledCompactionStrategy", "TimeWindowCompactionStrategy",
        "UnifiedCompactionStrategy", "DateTieredCompactionStrategy"};
    const std::size_t dot = strategy.rfind('.');
    const std::string plain = dot == std::string::npos ? strategy : strategy.substr(dot + 1);
    if (std::ranges::find(kStrategies, plain) == kStrategies.end()) {
      return bad_config(fmt::format(
          "Unable to find compaction strategy class 'org.apache.cassandra.db.compaction.{}'",
          plain));
    }
    strategy = "org.apache.cassandra.db.compaction." + plain;
    if (plain != "UnifiedCompactionStrategy") {
      map.try_emplace("max_threshold", "32");
      map.try_emplace("min_threshold", "4");
    }
  } else if (name == "compression") {
    if (map.empty() || (map.contains("enabled") && lower(map["enabled"]) == "false"))
      return OptionMap{{"enabled", "false"}};
    if (map.contains("sstable_compression")) {
      map["class"] = map["sstable_compression"];
      map.erase("sstable_compression");
    }
    if (!map.contains("class"))
      return bad_config("Missing sub-option 'class' for the 'compression' option.");
    std::string& compressor = map["class"];
    if (compressor.empty()) return OptionMap{{"enabled", "false"}};
    if (compressor.find('.') == std::string::npos)
      compressor = "org.apache.cassandra.io.compress." + compressor;
    map.try_emplace("chunk_length_in_kb", "16");
    map.erase("enabled");
  } else if (name == "caching") {
    for (auto& [key, value] : map) {
      if (key != "keys" && key != "rows_per_partition") {
        return bad_config(fmt::format(
            "Invalid caching sub-options [{}]: only 'keys' and 'rows_per_partition' are allowed",
            key));
      }
      value = upper(value);
    }
    map.try_emplace("keys", "ALL");
    map.try_emplace("rows_per_partition", "NONE");
  }
  return map;
}

}  // namespace

Outcome<TableOptions> table_options(const std::vector<Property>& properties) {
  TableOptions out;
  for (const Property& property : properties) {
    if (std::ranges::find(kObsolete, property.name) != kObsolete.end()) continue;
    const auto* option = std::ranges::find(kOptions, property.name, &Option::name);
    if (option == kOptions.end())
      return syntax(fmt::format("Unknown property '{}'", property.name));
    if (out.scalars.contains(property.name) || out.maps.contains(property.name)) {
      return syntax(fmt::format("Multiple definition for property '{}'", property.name));
    }
    const auto* map = std::get_if<OptionMap>(&property.value);
    if ((option->form == Form::Map) != (map != nullptr)) {
      return syntax(fmt::format("Invalid value for property '{}'. It should be a {}", property.name,
                                option->form == Form::Map ? "map." : "string."));
    }
    if (map != nullptr) {
      out.maps[property.name] = TRY(checked_map(property.name, *map));
    } else {
      out.scalars[property.name] =
          TRY(checked_scalar(*option, std::get<std::string>(property.value)));
    }
  }
  return out;
}

std::string option_text(const TableOptions& options, const std::string& name) {
  const auto at = options.scalars.find(name);
  if (at != options.scalars.end()) return at->second;
  if (name == "bloom_filter_fp_chance") {
    const OptionMap compaction = option_map(options, "compaction");
    if (compaction.at("class").ends_with("LeveledCompactionStrategy")) return "0.1";
  }
  const auto* option = std::ranges::find(kOptions, name, &Option::name);
  return option == kOptions.end() ? std::string() : std::string(option->fallback);
}

OptionMap option_map(const TableOptions& options, const std::string& name) {
  const auto at = options.maps.find(name);
  return at == options.maps.end() ? default_map(name) : at->second;
}

Outcome<KeyspaceOptions> keyspace_options(const std::vector<Property>& properties,
                                          std::string_view data_center) {
  constexpr std::string_view kLocator = "org.apache.cassandra.locator.";
  KeyspaceOptions out;
  for (const Property& property : properties) {
    if (property.name == "durable_writes") {
      const auto* text = std::get_if<std::string>(&property.value);
      if (text == nullptr || (lower(*text) != "true" && lower(*text) != "false")) {
        return syntax("Invalid boolean value for 'durable_writes'");
      }
      out.durable_writes = lower(*text) == "true";
      continue;
    }
    if (property.name != "replication")
      return syntax(fmt::format("Unknown property '{}'", property.name));
    const auto* given = std::get_if<OptionMap>(&property.value);
    if (given == nullptr)
      return syntax("Invalid value for property 'replication'. It should be a map.");
    OptionMap map = *given;
    if (!map.contains("class")) return bad_config("Missing replication strategy class");
    std::string strategy = map["class"];
    if (strategy.starts_with(kLocator)) strategy = strategy.substr(kLocator.size());
    const bool simple = strategy == "SimpleStrategy";
    const bool topology = strategy == "NetworkTopologyStrategy";
    if (!simple && !topology && strategy != "LocalStrategy" && strategy != "EverywhereStrategy") {
      return bad_config(
          fmt::format("Unable to find replication strategy class '{}{}'", kLocator, strategy));
    }
    if (strategy == "LocalStrategy") {
      return bad_config(
          "Unable to use given strategy class: LocalStrategy is reserved for internal use.");
    }
    map["class"] = std::string(kLocator) + strategy;
    if (simple && !map.contains("replication_factor")) {
      return bad_config("SimpleStrategy requires a replication_factor strategy option.");
    }
    if (topology && map.contains("replication_factor")) {
      // Stands for every data centre there is.
      map.try_emplace(std::string(data_center), map["replication_factor"]);
      map.erase("replication_factor");
    }
    for (const auto& [key, value] : map) {
      if (key == "class") continue;
      const auto factor = parse_number(value);
      if (!factor || *factor < 0) {
        return bad_config(fmt::format("Replication factor must be numeric; found {}", value));
      }
      if (simple && key != "replication_factor") {
        return bad_config(
            fmt::format("Unrecognized strategy option {{{}}} passed to SimpleStrategy", key));
      }
    }
    out.replication = std::move(map);
  }
  return out;
}

}  // namespace tidemill::tables::statements

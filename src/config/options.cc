// SPDX-License-Identifier: Apache-2.0
#include "config/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace tidemill::config {
namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;
constexpr std::int64_t kGiB = 1024 * kMiB;
constexpr std::int64_t kTiB = 1024 * kGiB;
constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kDay = 24 * 3600 * kSecond;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

using enum OptionKind;

constexpr auto kOptions = std::to_array<OptionSpec>({
    {"broker.allow_everyone_if_no_acl_found", Boolean, "false", 0, 1, "", Restart::Yes,
     "allow.everyone.if.no.acl.found: what no ACL is about everybody may use, instead of nobody."},
    {"broker.authorizer", Choice, "none", 0, 0, "none|acl", Restart::Yes,
     "Who may do what on the Kafka port: everybody everything, or what ACLs allow (tidemill acl)."},
    {"broker.auto_create_topics", Boolean, "true", 0, 1, "", Restart::Yes,
     "A produce to or metadata request for an unknown topic creates it."},
    {"broker.connections_max", Integer, "10000", 1, 1'000'000, "", Restart::Yes,
     "Client connections to the log; one more is closed at once."},
    {"broker.connections_max_idle", Duration, "10 min", 0, kMost, "", Restart::Yes,
     "connections.max.idle.ms: a client without a request for that long is disconnected; 0 never."},
    {"broker.connections_per_address_max", Integer, "0", 0, 1'000'000, "", Restart::Yes,
     "max.connections.per.ip: client connections to the log from one address; 0 is no limit."},
    {"broker.durability", Choice, "sync", 0, 0, "sync|interval|os", Restart::Yes,
     "When acks=all is answered: after a group-committed sync, within 100 ms before one, or from "
     "the "
     "page cache."},
    {"broker.kind", Choice, "embedded", 0, 0, "embedded", Restart::Yes,
     "Where topics live. Apache Kafka through librdkafka is not built yet."},
    {"broker.listen", Text, "", 0, 0, "", Restart::Yes,
     "Address of the Kafka port; that of listen when empty."},
    {"broker.log_retention", Duration, "7 d", -1, kMost, "", Restart::Yes,
     "Default retention.ms of topics; -1 keeps records for ever."},
    {"broker.log_retention_bytes", Bytes, "-1", -1, kMost, "", Restart::Yes,
     "Default retention.bytes of a partition; -1 is no limit."},
    {"broker.memory_in_flight", Bytes, "256 MiB", kMiB, kTiB, "", Restart::Yes,
     "Request bytes in memory over all connections; above it connections are read no further."},
    {"broker.partitions", Integer, "4", 1, 10'000, "", Restart::Yes,
     "num.partitions: partitions of a topic that is created without a number."},
    {"broker.port", Integer, "9092", 0, 65535, "", Restart::Yes,
     "Kafka protocol port; 0 takes a free one."},
    {"broker.request_bytes_max", Bytes, "100 MiB", kKiB, kGiB, "", Restart::Yes,
     "Largest request frame accepted; a larger one closes the connection."},
    {"broker.sasl_enabled_mechanisms", Text, "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512", 0, 0, "",
     Restart::Yes,
     "sasl.enabled.mechanisms: how clients may log in where broker.security_protocol has SASL."},
    {"broker.security_protocol", Choice, "PLAINTEXT", 0, 0, "PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL",
     Restart::Yes,
     "What the Kafka port speaks: SSL is TLS with broker.ssl_certificate_location, SASL makes "
     "clients "
     "log in as one of the users (tidemill user)."},
    {"broker.segment_bytes", Bytes, "1 GiB", kMiB, 2 * kGiB - 1, "", Restart::Yes,
     "Default segment.bytes of topics."},
    {"broker.ssl_certificate_location", Text, "", 0, 0, "", Restart::Yes,
     "PEM file of the Kafka port's certificate and its chain; read at the start."},
    {"broker.ssl_key_location", Text, "", 0, 0, "", Restart::Yes,
     "PEM file of the private key of broker.ssl_certificate_location."},
    {"broker.super_users", Text, "", 0, 0, "", Restart::Yes,
     "super.users: whom ACLs do not bind, as User:alice;User:bob."},
    {"data", Text, "tidemill-data", 0, 0, "", Restart::Yes,
     "Folder of everything that is kept; --data sets it too."},
    {"engine.epoch_bytes_max", Bytes, "16 MiB", 64 * kKiB, kGiB, "", Restart::Yes,
     "Record bytes one epoch of a query reads at most."},
    {"engine.threads", Integer, "0", 0, 256, "", Restart::Yes,
     "Worker threads of queries; 0 takes the number of processors."},
    {"io.first_request_timeout", Duration, "30 s", 1, kMost, "", Restart::Yes,
     "Time a new client of log or tables has for its TLS handshake, its login and its first "
     "request."},
    {"io.stall_timeout", Duration, "60 s", 1, kMost, "", Restart::Yes,
     "Time a client of log or tables has to send the rest of a request, or to take an answer; a "
     "second more for each 16 KiB that moved."},
    {"io.threads", Integer, "0", 0, 256, "", Restart::Yes,
     "Threads that serve connections; 0 takes the number of processors, four at most."},
    {"listen", Text, "127.0.0.1", 0, 0, "", Restart::Yes,
     "Address all servers listen on that have none of their own (broker.listen, tables.listen, "
     "web.listen). Beyond loopback a server needs authentication, or "
     "listen_without_authentication."},
    {"listen_without_authentication", Boolean, "false", 0, 1, "", Restart::Yes,
     "Allows listen addresses beyond loopback although clients are not authenticated."},
    {"log.format", Choice, "text", 0, 0, "text|json", Restart::Yes, "Form of log lines."},
    {"log.level", Choice, "info", 0, 0, "debug|info|warning|error", Restart::Yes,
     "Least important log lines written."},
    {"tables.authenticator", Choice, "AllowAllAuthenticator", 0, 0,
     "AllowAllAuthenticator|PasswordAuthenticator", Restart::Yes,
     "PasswordAuthenticator makes CQL clients log in as one of the users (tidemill user)."},
    {"tables.authorizer", Choice, "AllowAllAuthorizer", 0, 0,
     "AllowAllAuthorizer|CassandraAuthorizer", Restart::Yes,
     "CassandraAuthorizer lets a CQL role do only what it was granted; superusers do everything. "
     "Needs PasswordAuthenticator."},
    {"tables.client_encryption", Boolean, "false", 0, 1, "", Restart::Yes,
     "client_encryption_options: the CQL port speaks TLS."},
    {"tables.client_encryption_certificate", Text, "", 0, 0, "", Restart::Yes,
     "PEM file of the CQL port's certificate and its chain; read at the start."},
    {"tables.client_encryption_private_key", Text, "", 0, 0, "", Restart::Yes,
     "PEM file of the private key of tables.client_encryption_certificate."},
    {"tables.commit_interval", Duration, "100 ms", 1, 60 * kSecond, "", Restart::Yes,
     "tables.durability periodic: time between syncs."},
    {"tables.connections_max", Integer, "10000", 1, 1'000'000, "", Restart::Yes,
     "Client connections to the tables; one more is closed at once."},
    {"tables.connections_per_address_max", Integer, "0", 0, 1'000'000, "", Restart::Yes,
     "Client connections to the tables from one address; 0 is no limit."},
    {"tables.coordinator_read_size_fail_threshold", Bytes, "256 MiB", 64 * kKiB, kTiB, "",
     Restart::Yes,
     "Memory the result of one SELECT may take that has to be kept as a whole: without paging, "
     "sorted over partitions, or in groups. More of it is a ReadFailure. Pages end before that."},
    {"tables.durability", Choice, "batch", 0, 0, "batch|periodic", Restart::Yes,
     "When a CQL write is answered: after a group-committed sync, or before the next periodic "
     "one."},
    {"tables.frame_bytes_max", Bytes, "16 MiB", 64 * kKiB, 256 * kMiB, "", Restart::Yes,
     "Largest CQL frame accepted."},
    {"tables.kind", Choice, "embedded", 0, 0, "embedded", Restart::Yes,
     "Where tables live. Apache Cassandra is not built yet."},
    {"tables.listen", Text, "", 0, 0, "", Restart::Yes,
     "Address of the CQL port; that of listen when empty."},
    {"tables.memory_bytes", Bytes, "64 MiB", 8 * kMiB, kTiB, "", Restart::Yes,
     "Memory for tables' write buffers and block cache."},
    {"tables.native_transport_idle_timeout", Duration, "0", 0, kMost, "", Restart::Yes,
     "A CQL client without a request for that long is disconnected; 0 never."},
    {"tables.port", Integer, "9042", 0, 65535, "", Restart::Yes,
     "CQL protocol port; 0 takes a free one."},
    {"tables.tombstone_failure_threshold", Integer, "100000", 1, kMost, "", Restart::Yes,
     "Tombstones one page of a SELECT may go over; one more is a ReadFailure. Dead and expired "
     "cells count, rows of which nothing else is left, and the ends of range tombstones."},
    {"tables.tombstone_warn_threshold", Integer, "1000", 1, kMost, "", Restart::Yes,
     "A SELECT that goes over more tombstones warns its client and the log."},
    {"web.listen", Text, "", 0, 0, "", Restart::Yes,
     "Address of the HTTP port; that of listen when empty. Clients of it are never authenticated."},
    {"web.port", Integer, "8080", 0, 65535, "", Restart::Yes,
     "HTTP port of console, REST and metrics; 0 takes a free one."},
    {"web.request_bytes_max", Bytes, "16 MiB", kKiB, kGiB, "", Restart::Yes,
     "Largest HTTP request body accepted."},
});
static_assert(std::ranges::is_sorted(kOptions, {}, &OptionSpec::name));

struct Unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr Unit kByteUnits[] = {{"b", 1},      {"bytes", 1},      {"kib", kKiB},
                               {"mib", kMiB}, {"gib", kGiB},     {"tib", kTiB},
                               {"kb", 1000},  {"mb", 1'000'000}, {"gb", 1'000'000'000}};
constexpr Unit kTimeUnits[] = {{"ms", 1},       {"s", kSecond},   {"sec", kSecond}, {"m", 60'000},
                               {"min", 60'000}, {"h", 3'600'000}, {"d", kDay},      {"days", kDay}};

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ') out += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

Error bad_value(const OptionSpec& option, std::string_view text, std::string_view wanted) {
  return error(ErrorCode::InvalidArgument,
               fmt::format("option {} is '{}', it must be {}", option.name, text, wanted));
}

std::string bound_text(const OptionSpec& option, std::int64_t bound) {
  const auto unit = unit_of(option);
  return unit.empty() ? std::to_string(bound) : fmt::format("{} {}", bound, unit);
}

}  // namespace

std::span<const OptionSpec> option_table() {
  return kOptions;
}

const OptionSpec* find_option(std::string_view name) {
  const auto found = std::ranges::lower_bound(kOptions, name, {}, &OptionSpec::name);
  return found != kOptions.end() && found->name == name ? &*found : nullptr;
}

std::string_view nearest_option(std::string_view name) {
  std::string_view nearest;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  const auto consider = [&](std::string_view candidate) {
    const std::size_t distance = edit_distance(candidate, name);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  };
  for (const auto& option : kOptions) {
    consider(option.name);
    // A section, as in `brokr: {port: 1}`.
    if (const auto dot = option.name.find('.'); dot != std::string_view::npos) {
      consider(option.name.substr(0, dot));
    }
  }
  return nearest;
}

std::string_view unit_of(const OptionSpec& option) {
  if (option.kind == Bytes) return "bytes";
  if (option.kind == Duration) return "ms";
  return "";
}

Result<std::int64_t> parse_number(const OptionSpec& option, std::string_view text) {
  const std::string value = folded(text);
  std::int64_t number = 0;
  if (option.kind == Boolean) {
    if (value == "true" || value == "yes" || value == "on" || value == "1") return 1;
    if (value == "false" || value == "no" || value == "off" || value == "0") return 0;
    return bad_value(option, text, "true or false");
  }
  const auto [rest, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
  std::string_view unit(rest, static_cast<std::size_t>(value.data() + value.size() - rest));
  if (failure != std::errc{}) return bad_value(option, text, "a whole number");
  if (!unit.empty()) {
    const auto find_in = [&](std::span<const Unit> units) {
      const auto found = std::ranges::find(units, unit, &Unit::name);
      return found == units.end() ? std::int64_t{0} : found->factor;
    };
    const std::int64_t factor = option.kind == Bytes      ? find_in(kByteUnits)
                                : option.kind == Duration ? find_in(kTimeUnits)
                                                          : 0;
    if (factor == 0) {
      return bad_value(option, text,
                       option.kind == Bytes      ? "bytes, as in '64 MiB'"
                       : option.kind == Duration ? "a duration, as in '200 ms', '10 s' or '7 d'"
                                                 : "a whole number");
    }
    if (number > kMost / factor || number < -(kMost / factor)) {
      return bad_value(option, text, "smaller");
    }
    number *= factor;
  }
  if (number < option.smallest) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("option {} is {}, the smallest allowed value is {}", option.name, text,
                             bound_text(option, option.smallest)));
  }
  if (number > option.largest) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("option {} is {}, the largest allowed value is {}", option.name, text,
                             bound_text(option, option.largest)));
  }
  return number;
}

Result<> check_value(const OptionSpec& option, std::string_view text) {
  switch (option.kind) {
    case Text:
      if (text.empty() && !option.default_text.empty()) return bad_value(option, text, "set");
      return {};
    case Choice: {
      for (std::string_view rest = option.choices; !rest.empty();) {
        const auto bar = std::min(rest.find('|'), rest.size());
        if (rest.substr(0, bar) == text) return {};
        rest.remove_prefix(std::min(bar + 1, rest.size()));
      }
      return bad_value(option, text, fmt::format("one of {}", option.choices));
    }
    case Boolean:
    case Integer:
    case Bytes:
    case Duration:
      TRY(parse_number(option, text));
      return {};
  }
  return {};
}

std::string reference_page() {
  std::string page =
      "# Options\n\n"
      "Set in `tidemill.yaml` (dots are nesting: `broker: {port: 9092}`), by environment\n"
      "(`TIDEMILL_BROKER_PORT=9092`) or on the command line (`--set broker.port=9092`); the later "
      "wins.\n"
      "`tidemill config show --origin` prints each value and where it comes from. This page is\n"
      "generated: `tidemill config reference`.\n\n"
      "| option | default | values | what it does |\n|---|---|---|---|\n";
  for (const auto& option : kOptions) {
    std::string values;
    switch (option.kind) {
      case Text:
        values = "text";
        break;
      case Boolean:
        values = "true, false";
        break;
      case Choice:
        values = option.choices;
        std::ranges::replace(values, '|', ',');
        break;
      case Integer:
      case Bytes:
      case Duration:
        values = option.largest == kMost
                     ? fmt::format("{} or more", bound_text(option, option.smallest))
                     : fmt::format("{} to {}", bound_text(option, option.smallest),
                                   bound_text(option, option.largest));
        break;
    }
    page += fmt::format("| `{}` | `{}` | {} | {} |\n", option.name, option.default_text, values,
                        option.help);
  }
  return page;
}

}  // namespace tidemill::config

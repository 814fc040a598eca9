// SPDX-License-Identifier: Apache-2.0
// `tidemill status` and `tidemill doctor`.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/project.h"

namespace tidemill::cli {
namespace {

struct Nothing {};
struct Doctor {
  std::string folder = ".";
};

Result<> status(Context& context, const Nothing&) {
  const Client client = context.client();
  const Output output = context.output();
  const Json health = TRY(client.get("/api/v1/health"));
  if (output.format() == OutputFormat::Json) {
    output.object(health);
    return {};
  }
  output.line(fmt::format("tidemill {} at {} is {}, up {} s", health.value("version", ""),
                          client.url(), health.value("status", ""),
                          health.value("uptime_ms", std::int64_t{0}) / 1000));
  output.line("");
  output.list(health.at("parts"), {{"PART", "name"},
                                   {"KIND", "kind"},
                                   {"ADDRESS", "address"},
                                   {"STATUS", "status"},
                                   {"DETAIL", "detail"}});
  const auto overview = client.get("/api/v1/overview");
  if (!overview.ok()) return {};
  output.line("");
  output.line(fmt::format("records in {:.0f}/s, out {:.0f}/s, rejected {:.1f}/s, memory {}",
                          overview->value("records_in_per_second", 0.0),
                          overview->value("records_out_per_second", 0.0),
                          overview->value("rejected_per_second", 0.0),
                          human_bytes(overview->value("resident_bytes", 0.0))));
  if (health.value("status", "") != "ok") {
    return error(ErrorCode::Internal, "a part is not well").with_hint("look at DETAIL above");
  }
  return {};
}

// Whether somebody could listen there.
bool is_free(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return true;
  const int reuse = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return free;
}

// What often goes wrong before a start: disk, open files, processors, an instance in the way.
Result<> doctor(Context& context, const Doctor& arguments) {
  std::vector<std::vector<std::string>> rows;
  bool all_well = true;
  const auto check = [&](std::string name, bool well, std::string found, std::string advice) {
    all_well = all_well && well;
    rows.push_back({std::move(name), well ? "ok" : "BAD", std::move(found),
                    well ? std::string() : std::move(advice)});
  };
  struct statvfs disk{};
  const bool readable = ::statvfs(arguments.folder.c_str(), &disk) == 0;
  const double free_bytes = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
  check("free disk", readable && free_bytes > 1e9,
        readable ? human_bytes(free_bytes) : "folder does not exist",
        "give --data a folder with a gigabyte or more");
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  check("open files", files.rlim_max >= 4096, fmt::format("{}", files.rlim_max),
        "raise it with ulimit -n 65536");
  const auto processors = ::sysconf(_SC_NPROCESSORS_ONLN);
  check("processors", processors >= 2, fmt::format("{}", processors), "two or more are advised");
  const auto health = context.client().get("/api/v1/health");
  rows.push_back({"instance", "ok",
                  health.ok() ? fmt::format("running at {}", context.url)
                              : fmt::format("none at {}", context.url),
                  ""});
  if (!health.ok()) {
    for (const char* option : {"broker.port", "tables.port", "web.port"}) {
      const auto port = TRY(load_config("", {})).number(option);
      const bool free = is_free(static_cast<std::uint16_t>(port));
      check(fmt::format("port {}", port), free, free ? "free" : "in use",
            fmt::format("stop what listens there, or set {} (0 takes a free one)", option));
    }
  }
  if (health.ok()) {
    for (const auto& part : health->at("parts")) {
      const std::string status = part.value("status", "");
      check("part " + part.value("name", ""), status == "ok" || status == "off", status,
            part.value("detail", ""));
    }
  }
  context.output().rows({"CHECK", "RESULT", "FOUND", "ADVICE"}, rows);
  if (!all_well) return error(ErrorCode::Internal, "some checks failed");
  return {};
}

}  // namespace

void add_instance_commands(CLI::App& root, Action& chosen, Context& context) {
  add_verb(root, chosen, "status", "Say how the running instance is", status, context);
  auto checked = add_verb(root, chosen, "doctor", "Look for what keeps an instance from working",
                          doctor, context);
  checked.app->add_option("--data", checked.arguments->folder, "The data folder to look at")
      ->capture_default_str();
}

}  // namespace tidemill::cli

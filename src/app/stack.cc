// SPDX-License-Identifier: Apache-2.0
#include "app/stack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/disk_watch.h"
#include "app/make_broker.h"
#include "app/make_engine.h"
#include "app/make_tables.h"
#include "runtime/clock.h"
#include "runtime/disk.h"
#include "runtime/log.h"
#include "runtime/process.h"
#include "runtime/random.h"
#include "runtime/threads.h"
#include "web/newest_rows.h"
#include "web/rates.h"
#include "web/server.h"

namespace tidemill::app {
namespace {

// Two instances in one folder would destroy each other's files.
class FolderLock {
 public:
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Result<> take(const std::string& folder) {
    const std::string path = folder + "/lock";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) return error(ErrorCode::Io, fmt::format("cannot open '{}'", path));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      return error(ErrorCode::Unavailable,
                   fmt::format("data folder '{}' is in use by another instance", folder))
          .with_hint("stop it, or give another folder with --data");
    }
    return {};
  }

 private:
  int descriptor_ = -1;
};

bool is_loopback(const std::string& address) {
  return address == "::1" || address.starts_with("127.");
}

std::size_t io_threads_of(const config::Config& config) {
  const auto wanted = static_cast<std::size_t>(config.number("io.threads"));
  return wanted != 0 ? wanted : std::min<std::size_t>(4, processors());
}

class StackImpl final : public Stack {
 public:
  StackImpl(const config::Config& config, std::set<std::string> parts, std::string folder)
      : config_(config),
        parts_(std::move(parts)),
        folder_(std::move(folder)),
        data_(config.text("data")),
        io_(io_threads_of(config)),
        pool_(std::max<std::size_t>(4, 2 * processors())),
        rates_(clock_),
        newest_rows_(clock_),
        space_(disk_, data_) {}
  ~StackImpl() override { stop(); }

  Result<> start() {
    TRY(check_doors());
    TRY(disk_.create_directories(data_));
    TRY(lock_.take(data_));
    TRY(open_users());
    metrics_.callback("tidemill_process_resident_bytes", "Memory of the process in RAM.", {},
                      [] { return static_cast<double>(process_usage().resident_bytes); });
    metrics_.callback("tidemill_process_cpu_seconds", "User and system time used.", {},
                      [] { return process_usage().cpu_seconds; });
    metrics_.callback("tidemill_process_disk_free_bytes", "Free on the disk of the data folder.",
                      {}, [this] { return static_cast<double>(space_.free_bytes()); });
    space_.start();
    const PartContext context{.config = config_,
                              .data = data_,
                              .folder = folder_,
                              .io = io_,
                              .pool = pool_,
                              .clock = clock_,
                              .disk = disk_,
                              .random = random_,
                              .metrics = metrics_,
                              .users = *users_,
                              .acls = *acls_};
    if (wants("broker")) {
      broker_ = TRY(make_broker(context));
      add_status("broker", "embedded", broker_->port());
    }
    if (wants("tables")) {
      tables_ = TRY(make_tables(context));
      add_status("tables", "embedded", tables_->port());
    }
    if (wants("engine")) {
      engine_ =
          TRY(make_engine_part(context, broker_->broker(), tables_ ? &tables_->tables() : nullptr));
      add_status("engine", "embedded", 0);
    }
    if (wants("web")) TRY(start_web());
    return write_ports();
  }

  const std::vector<web::PartStatus>& parts() const override { return statuses_; }

  Result<std::vector<sql::Change>> apply(const sql::Pipeline& pipeline) override {
    return engine_->catalog().apply(pipeline);
  }

  void stop() override {
    space_.stop();
    if (web_) web_->stop();
    if (engine_) engine_->stop();
    if (tables_) tables_->stop();
    if (broker_) broker_->stop();
    web_.reset();
    engine_.reset();
    tables_.reset();
    broker_.reset();
    pool_.stop();
    io_.stop();
  }

 private:
  bool wants(std::string_view part) const { return parts_.contains(std::string(part)); }

  bool logs_in(std::string_view part) const {
    return part == "broker"   ? config_.text("broker.security_protocol").starts_with("SASL")
           : part == "tables" ? config_.text("tables.authenticator") == "PasswordAuthenticator"
                              : false;
  }

  // Nobody listens beyond loopback by accident who lets everybody in.
  Result<> check_doors() const {
    constexpr std::pair<std::string_view, std::string_view> kDoors[] = {
        {"broker", "set broker.security_protocol=SASL_SSL, or broker.listen=127.0.0.1"},
        {"tables", "set tables.authenticator=PasswordAuthenticator, or tables.listen=127.0.0.1"},
        {"web", "set web.listen=127.0.0.1"}};
    if (config_.boolean("listen_without_authentication")) return {};
    for (const auto& [part, remedy] : kDoors) {
      const std::string address = listen_address_of(config_, part);
      if (!wants(part) || is_loopback(address) || logs_in(part)) continue;
      return error(ErrorCode::Denied,
                   fmt::format("{} would listen on {} without authentication", part, address))
          .with_hint(fmt::format("{}, or listen_without_authentication=true to allow it", remedy));
    }
    return {};
  }

  Result<> open_users() {
    const std::string folder = data_ + "/security";
    TRY(disk_.create_directories(folder));
    std::error_code failure;
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
    if (failure) {
      return error(ErrorCode::Io, fmt::format("cannot close folder '{}' to others: {}", folder,
                                              failure.message()));
    }
    users_ = TRY(security::UserStore::open(disk_, random_, folder + "/users.json"));
    acls_ = TRY(security::AclStore::open(disk_, folder + "/acls.json"));
    const bool needed =
        (wants("broker") && logs_in("broker")) || (wants("tables") && logs_in("tables"));
    if (needed && users_->empty()) {
      log_warning("app",
                  "clients have to log in, but there are no users: "
                  "create one with 'tidemill user create NAME'");
    }
    return {};
  }

  Result<> start_web() {
    services_ = {.broker = broker_ ? &broker_->broker() : nullptr,
                 .tables = tables_ ? &tables_->tables() : nullptr,
                 .engine = engine_ ? &engine_->engine() : nullptr,
                 .catalog = engine_ ? &engine_->catalog() : nullptr,
                 .rates = &rates_,
                 .newest_rows = &newest_rows_,
                 .clock = &clock_,
                 .metrics = &metrics_,
                 .config = &config_,
                 .users = users_.get(),
                 .acls = acls_.get(),
                 .started_at_ms = clock_.wall_ms(),
                 .parts = [this] { return statuses(); }};
    web::ServerOptions options;
    options.address = listen_address_of(config_, "web");
    options.port = static_cast<std::uint16_t>(config_.number("web.port"));
    options.request_bytes_max = static_cast<std::size_t>(config_.number("web.request_bytes_max"));
    web_ = TRY(web::listen(options, services_, io_, pool_));
    add_status("web", "embedded", web_->port());
    return {};
  }

  // All but the console write to the disk.
  std::vector<web::PartStatus> statuses() const {
    auto all = statuses_;
    const DiskState space = space_.state();
    for (auto& part : all) {
      if (space == DiskState::Roomy || part.name == "web") continue;
      if (space == DiskState::Full) part.status = "disk full";
      part.detail = space_.text();
    }
    return all;
  }

  void add_status(std::string name, std::string kind, std::uint16_t port) {
    std::string address =
        port == 0 ? "" : fmt::format("{}:{}", listen_address_of(config_, name), port);
    statuses_.push_back({.name = std::move(name),
                         .kind = std::move(kind),
                         .address = std::move(address),
                         .status = "ok",
                         .detail = ""});
  }

  Result<> write_ports() {
    nlohmann::ordered_json ports = nlohmann::ordered_json::object();
    for (const auto& part : statuses_) {
      if (part.address.empty()) continue;
      ports[part.name] = std::stoi(part.address.substr(part.address.rfind(':') + 1));
    }
    ports["pid"] = ::getpid();
    return replace_file(disk_, data_ + "/ports.json", as_bytes(ports.dump(2) + "\n"));
  }

  const config::Config& config_;
  const std::set<std::string> parts_;
  const std::string folder_;
  const std::string data_;
  FolderLock lock_;
  SystemClock clock_;
  RealDisk disk_;
  SystemRandom random_;
  Metrics metrics_;
  IoThreads io_;
  BlockingPool pool_;
  web::Rates rates_;
  web::NewestRows newest_rows_;
  DiskWatch space_;
  std::vector<web::PartStatus> statuses_;
  std::unique_ptr<security::UserStore> users_;
  std::unique_ptr<security::AclStore> acls_;
  std::unique_ptr<BrokerPart> broker_;
  std::unique_ptr<TablesPart> tables_;
  std::unique_ptr<EnginePart> engine_;
  web::Services services_;
  std::unique_ptr<web::Server> web_;  // last: it asks all of the others
};

}  // namespace

Result<std::set<std::string>> parse_parts(const std::string& only) {
  std::set<std::string> parts;
  if (only.empty()) {
    parts.insert(std::begin(kParts), std::end(kParts));
    return parts;
  }
  for (std::string_view rest = only; !rest.empty();) {
    const auto name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (std::ranges::find(kParts, name) == std::end(kParts)) {
      return error(
          ErrorCode::InvalidArgument,
          fmt::format("--only names '{}', the parts are broker, tables, engine, web", name));
    }
    parts.emplace(name);
  }
  if (parts.contains("engine") && !parts.contains("broker")) {
    return error(ErrorCode::InvalidArgument, "the engine needs the broker in the same process")
        .with_hint("add broker to --only");
  }
  return parts;
}

Result<std::unique_ptr<Stack>> Stack::start(const config::Config& config,
                                            const std::set<std::string>& parts,
                                            const std::string& folder) {
  auto stack = std::make_unique<StackImpl>(config, parts, folder);
  TRY(stack->start());
  return std::unique_ptr<Stack>(std::move(stack));
}

}  // namespace tidemill::app

// SPDX-License-Identifier: Apache-2.0
// The users pipeline inside one process, without sockets: a full topic drained into nothing and
// into the durable table, then records paced into it. `parts` (../clients) tells what the libraries
// alone need for such records.
//   tidemill_users_pipeline_bench [records] [folder] [partitions] [blackhole|table|paced]
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "bench/clients/user_records.h"
#include "broker/embedded/embedded_broker.h"
#include "connect/blackhole/sink.h"
#include "connect/cql/sink.h"
#include "runtime/threads.h"
#include "stream/engine.h"
#include "tables/embedded/store.h"
#include "tables/statements/tables_port.h"

namespace tidemill {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    fmt::print(stderr, "{}\n", result.error().message);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

stream::QuerySpec users_query(const std::string& name, stream::TriggerKind trigger) {
  stream::QuerySpec spec;
  spec.name = name;
  spec.source.name = "users_created";
  spec.source.topic = "users_created";
  std::string select;
  for (const auto* field : {"id", "first_name", "last_name", "gender", "address", "post_code",
                            "email", "username", "registered_date", "phone", "picture"}) {
    spec.source.columns.push_back(
        {{field, ColumnType::Varchar}, stream::ColumnOrigin::Json, field, true});
    spec.output.push_back({field, ColumnType::Varchar});
    select += (select.empty() ? "SELECT " : ", ") + std::string(field);
  }
  spec.source.constraints = {
      {"id_present", "id IS NOT NULL"},
      {"email_present", "email IS NOT NULL"},
      {"date_present", "registered_date IS NOT NULL"},
      {"id_uuid", "regexp_full_match(id, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')"},
      {"email_shape", "regexp_matches(email, '.+@.+\\..+')"},
      {"gender_known", "gender IS NOT NULL AND gender IN ('male', 'female')"}};
  spec.source.dead_letter_topic = name + ".dlq";
  spec.select_sql = select + " FROM input";
  spec.dedup = stream::Dedup{{"id"}, std::chrono::microseconds(0)};
  spec.key = {"id"};
  spec.trigger.kind = trigger;
  spec.plan_hash = name;
  return spec;
}

void fill(broker::Broker& broker, std::size_t records, std::int32_t partitions) {
  bench::UserRecords users(1, {});
  must(broker.create_topic({"users_created", partitions, {}}));
  std::vector<std::string> texts;
  std::vector<NewRecord> batch;
  for (std::size_t done = 0; done < records;) {
    texts.clear();
    batch.clear();
    while (texts.size() < 2000 && done < records) {
      texts.push_back(users.next());
      ++done;
    }
    for (const auto& text : texts) batch.push_back({.key = std::nullopt, .value = as_bytes(text)});
    const auto partition = static_cast<std::int32_t>(done / 2000) % partitions;
    must(broker.produce({"users_created", partition}, batch));
  }
}

void drain(stream::Engine& engine, const stream::QuerySpec& spec, std::size_t records) {
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  must(engine.start(spec));
  must(engine.wait(spec.name, std::chrono::minutes(5)));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double used = cpu_seconds() - cpu;
  const auto status = must(engine.status(spec.name));
  const auto count = static_cast<double>(records);
  fmt::print("{:<10} {:>9.0f} events/s  {:.2f} CPU s/million  {} out, {} rejected, {} repeated\n",
             spec.name, count / took.count(), used / count * 1e6, status.totals.output_rows,
             status.totals.rejected_rows, status.totals.duplicate_rows);
  std::map<std::string, std::int64_t> phases;
  for (const auto& progress : must(engine.progress(spec.name, 10'000))) {
    for (const auto& [phase, ms] : progress.duration_ms_by_phase) phases[phase] += ms;
  }
  for (const auto& [phase, ms] : phases) fmt::print("  {} {} ms", phase, ms);
  fmt::print("\n");
  must(engine.drop(spec.name));
}

void paced(stream::Engine& engine, broker::Broker& broker, std::size_t records) {
  auto spec = users_query("paced", stream::TriggerKind::Pipelined);
  spec.source.startup = stream::Startup::Latest;
  spec.sink = {"cassandra", {{"keyspace", "bench"}, {"table", "paced"}, {"ttl", "600"}}};
  must(engine.start(spec));
  bench::UserRecords users(7, {});
  std::vector<std::string> texts(20);
  std::vector<NewRecord> batch(20);
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t done = 0; done < records; done += 20) {
    for (std::size_t i = 0; i < 20; ++i) {
      texts[i] = users.next();
      batch[i] = {.key = std::nullopt, .value = as_bytes(texts[i])};
    }
    must(broker.produce({"users_created", 0}, batch));
    // The next twenty are due two milliseconds after these.
    const auto due = start + std::chrono::microseconds((done + 20) * 100);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        due - std::chrono::steady_clock::now());
    if (left.count() > 0) pause_thread(left);
  }
  must(engine.wait("paced", std::chrono::minutes(1)));
  std::vector<double> p50;
  std::vector<double> p99;
  for (const auto& progress : must(engine.progress("paced", 10'000))) {
    if (progress.output_rows == 0) continue;
    p50.push_back(progress.latency_ms_p50);
    p99.push_back(progress.latency_ms_p99);
  }
  std::ranges::sort(p50);
  std::ranges::sort(p99);
  fmt::print(
      "paced at 10,000/s: record to its epoch's sink, median of epochs' p50 {:.1f} ms, 99 % of "
      "epochs' p99 below {:.1f} ms, {} epochs\n",
      p50[p50.size() / 2], p99[p99.size() * 99 / 100], p99.size());
}

int run(int argc, char** argv) {
  const std::size_t records = argc > 1 ? std::stoul(argv[1]) : 1'000'000;
  const std::string folder = argc > 2 ? argv[2] : "/tmp/tidemill_users_pipeline";
  const auto partitions = static_cast<std::int32_t>(argc > 3 ? std::stol(argv[3]) : 1);
  const std::string only = argc > 4 ? argv[4] : "";
  std::filesystem::remove_all(folder);
  SystemClock clock;
  SystemRandom random;
  RealDisk disk;
  Metrics metrics;
  broker::embedded::EmbeddedOptions log_options;
  log_options.folder = folder + "/log";
  const auto broker =
      must(broker::embedded::EmbeddedBroker::open(log_options, {clock, disk, random, metrics}));
  tables::embedded::StoreOptions store_options;
  store_options.path = folder + "/tables";
  std::filesystem::create_directories(store_options.path);
  const auto store = must(tables::embedded::Store::open(store_options, clock, random));
  tables::statements::Executor executor(*store, clock, random, {});
  const auto tables = tables::statements::make_tables_port(executor);
  fill(*broker, records, partitions);
  stream::EngineOptions options;
  options.state_folder = folder + "/state";
  if (const char* bytes = std::getenv("TIDEMILL_EPOCH_BYTES")) {
    options.epoch_bytes_max = std::stoul(bytes);
  }
  const auto engine = stream::make_engine(options, *broker, disk,
                                          {{"blackhole", connect::blackhole::make_sink()},
                                           {"cassandra", connect::cql::make_sink(*tables)}},
                                          clock, random, metrics);
  auto spec = users_query("blackhole", stream::TriggerKind::AvailableNow);
  spec.sink.connector = "blackhole";
  if (only.empty() || only == "blackhole") drain(*engine, spec, records);
  spec = users_query("table", stream::TriggerKind::AvailableNow);
  spec.sink = {"cassandra", {{"keyspace", "bench"}, {"table", "users"}, {"ttl", "600 s"}}};
  if (only.empty() || only == "table") drain(*engine, spec, records);
  if (only.empty() || only == "paced") paced(*engine, *broker, 100'000);
  return 0;
}

}  // namespace
}  // namespace tidemill

int main(int argc, char** argv) {
  return tidemill::run(argc, argv);
}

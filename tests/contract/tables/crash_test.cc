// SPDX-License-Identifier: Apache-2.0
// kill -9 under load, again and again: what was acknowledged is there, exactly as written.
// The program starts itself as the writer that is killed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <latch>
#include <set>
#include <string>

#include "runtime/threads.h"
#include "tables/embedded/store.h"
#include "wire/cql/value.h"

namespace tidemill::tables::embedded {
namespace {

constexpr int kRounds = 6;
constexpr std::size_t kAcknowledgedPerRound = 6000;
constexpr std::size_t kInFlight = 64;
constexpr std::size_t kBulkRows = 500;

template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    fmt::print(stderr, "{}\n", result.error().message);
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

std::unique_ptr<Store> open(const std::string& folder, Clock& clock, Random& random) {
  StoreOptions options;
  options.path = folder;
  options.memtable_bytes = 256U << 10;  // flushes and compactions are part of the story
  options.bulk_rows_min = kBulkRows;
  return must(Store::open(options, clock, random));
}

std::shared_ptr<const Table> find_or_create_table(Store& store) {
  if (auto table = store.schema()->find_table("ks", "t")) return table;
  Keyspace keyspace;
  keyspace.name = "ks";
  if (store.schema()->find_keyspace("ks") == nullptr) must(store.create_keyspace(keyspace));
  Table draft;
  draft.keyspace = "ks";
  draft.name = "t";
  draft.columns.resize(2);
  draft.columns[0].name = "id";
  draft.columns[0].kind = ColumnKind::PartitionKey;
  draft.columns[0].type = draft.columns[1].type = CqlType::of(TypeKind::Text);
  draft.columns[1].name = "v";
  return must(store.create_table(std::move(draft)));
}

std::string value_of(std::uint64_t id) {
  return fmt::format("value {} {}", id, std::string(id % 300, 'x'));
}

// --- the writer ---

// One whole line per call: writes of less than PIPE_BUF bytes do not mix.
void acknowledge(std::uint64_t from, std::uint64_t count) {
  const std::string line = fmt::format("{} {}\n", from, count);
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::abort();
}

void write_rows(Store& store, const Table& table, std::uint64_t from) {
  const auto shared = store.schema()->find_table("ks", "t");
  for (std::uint64_t id = from;; id += kInFlight) {
    std::latch all(kInFlight);
    for (std::uint64_t i = id; i < id + kInFlight; ++i) {
      Mutation mutation;
      mutation.table = shared;
      mutation.partition_key = wire::cql::encode_text(std::to_string(i));
      RowChange row;
      row.marker = true;
      row.timestamp = static_cast<std::int64_t>(i);
      CellChange cell;
      cell.column = table.find("v")->id;
      cell.value = wire::cql::encode_text(value_of(i));
      row.cells.push_back(std::move(cell));
      mutation.rows.push_back(std::move(row));
      std::vector<Mutation> mutations;
      mutations.push_back(std::move(mutation));
      store.apply(std::move(mutations), [&all, i](Result<> result) {
        must(std::move(result));
        acknowledge(i, 1);
        all.count_down();
      });
    }
    all.wait();
  }
}

void write_bulk(Store& store, const Table& table, std::uint64_t from) {
  const ColumnId columns[] = {table.find("id")->id, table.find("v")->id};
  for (std::uint64_t id = from;; id += kBulkRows) {
    UpsertBatch batch;
    batch.rows = kBulkRows;
    batch.columns.resize(2);
    for (auto& column : batch.columns) column.offsets.push_back(0);
    for (std::uint64_t i = id; i < id + kBulkRows; ++i) {
      const std::string values[] = {std::to_string(i), value_of(i)};
      for (std::size_t c = 0; c < 2; ++c) {
        auto& column = batch.columns[c];
        column.data.insert(column.data.end(), values[c].begin(), values[c].end());
        column.offsets.push_back(static_cast<std::uint32_t>(column.data.size()));
      }
      batch.write_timestamps.push_back(static_cast<std::int64_t>(i));
    }
    must(store.upsert(table, columns, batch));
    acknowledge(id, kBulkRows);
  }
}

// Writes until it is killed. Numbers of a round and a thread never meet those of another.
[[noreturn]] void run_writer(const std::string& folder, std::uint64_t round) {
  SystemClock clock;
  SystemRandom random;
  const auto store = open(folder, clock, random);
  const auto table = find_or_create_table(*store);
  const std::uint64_t base = (round + 1) * 1'000'000'000;
  Thread bulk("bulk", [&](const std::stop_token&) { write_bulk(*store, *table, base); });
  write_rows(*store, *table, base + 500'000'000);
  std::abort();  // write_rows does not return
}

// --- the judge ---

class CrashTest : public testing::Test {
 protected:
  CrashTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "tidemill_crash_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~CrashTest() override { std::filesystem::remove_all(folder_); }

  // Starts a writer, kills it once enough is acknowledged, notes what was.
  void write_and_kill(int round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t writer = fork();
    ASSERT_GE(writer, 0);
    if (writer == 0) {
      dup2(ends[1], STDOUT_FILENO);
      close(ends[0]);
      close(ends[1]);
      const std::string number = std::to_string(round);
      execl("/proc/self/exe", "crash_test", "--writer", folder_.c_str(), number.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    std::string pending;
    std::size_t seen = 0;
    bool killed = false;
    char buffer[4096];
    // What the pipe still holds after the kill was acknowledged before it.
    for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) {
      pending.append(buffer, static_cast<std::size_t>(got));
      seen += take_lines(pending);
      if (!killed && seen >= kAcknowledgedPerRound) {
        kill(writer, SIGKILL);
        killed = true;
      }
    }
    close(ends[0]);
    int status = 0;
    waitpid(writer, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        << "the writer failed by itself";
  }

  std::size_t take_lines(std::string& pending) {
    std::size_t taken = 0;
    for (std::size_t end = 0; (end = pending.find('\n')) != std::string::npos;) {
      std::uint64_t from = 0;
      std::uint64_t count = 0;
      const char* stop = pending.data() + end;
      const auto first = std::from_chars(pending.data(), stop, from);
      std::from_chars(first.ptr + 1, stop, count);
      for (std::uint64_t id = from; id < from + count; ++id) acknowledged_.insert(id);
      taken += count;
      pending.erase(0, end + 1);
    }
    return taken;
  }

  void expect_everything_acknowledged() {
    SystemClock clock;
    SystemRandom random;
    const auto store = open(folder_, clock, random);
    const auto table = store->schema()->find_table("ks", "t");
    ASSERT_NE(table, nullptr);
    ReadRequest request;
    request.table = table;
    request.columns = {table->find("id")->id, table->find("v")->id};
    std::set<std::uint64_t> there;
    while (true) {
      const auto page = must(store->read(request));
      for (std::size_t i = 0; i < page.rows(); ++i) {
        const std::uint64_t id = std::stoull(std::string(as_text(*page.value(i, 0))));
        ASSERT_TRUE(there.insert(id).second) << "row " << id << " came twice";
        ASSERT_EQ(as_text(*page.value(i, 1)), value_of(id));
      }
      if (page.is_last()) break;
      request.resume = page.resume();
    }
    for (const auto id : acknowledged_)
      ASSERT_TRUE(there.contains(id)) << "row " << id << " is lost";
  }

  std::string folder_;
  std::set<std::uint64_t> acknowledged_;
};

TEST_F(CrashTest, NothingAcknowledgedIsLostWhenTheProcessIsKilled) {
  for (int round = 0; round < kRounds; ++round) {
    write_and_kill(round);
    ASSERT_GE(acknowledged_.size(), kAcknowledgedPerRound * static_cast<std::size_t>(round + 1));
    expect_everything_acknowledged();
  }
}

}  // namespace
}  // namespace tidemill::tables::embedded

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--writer") {
    tidemill::tables::embedded::run_writer(argv[2], std::stoull(argv[3]));
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

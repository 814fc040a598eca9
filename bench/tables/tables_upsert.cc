// SPDX-License-Identifier: Apache-2.0
// How fast rows of ten text columns (400 bytes) become durable: Store::upsert against RocksDB's own
// batched Put of the same bytes, in one run; then single-row writes through the commit queue.
//   tidemill_tables_upsert_bench [rows] [folder]
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <latch>
#include <random>
#include <string>

#include "store/rocks/database.h"
#include "tables/embedded/store.h"

namespace tidemill::tables::embedded {
namespace {

constexpr std::size_t kColumns = 10;
constexpr std::size_t kRowBytes = 400;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double caller_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Measured {
  double rows_per_second = 0;
  double cpu_us_per_row = 0;     // of the process: compactions, too
  double caller_us_per_row = 0;  // of the thread that calls
};

template <class Work>
Measured measure(std::size_t rows, Work work) {
  const double cpu = cpu_seconds();
  const double caller = caller_cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto count = static_cast<double>(rows);
  return {count / took.count(), (cpu_seconds() - cpu) / count * 1e6,
          (caller_cpu_seconds() - caller) / count * 1e6};
}

[[noreturn]] void fail(const Error& failure) {
  fmt::print(stderr, "{}\n", failure.message);
  std::exit(1);
}
template <class T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// Rows as the users pipeline writes them: a random id as text, and text in nine more columns.
UpsertBatch make_batch(std::mt19937_64& random, std::size_t rows, std::int64_t timestamp) {
  static const std::string kText = [] {
    std::string text;
    std::mt19937_64 letters(1);
    for (int i = 0; i < 65536; ++i) text += "abcdefghijklmnopqrstuvwxyz     "[letters() % 31];
    return text;
  }();
  UpsertBatch batch;
  batch.rows = rows;
  batch.columns.resize(kColumns);
  batch.write_timestamps.assign(rows, timestamp);
  for (std::size_t c = 0; c < kColumns; ++c) {
    auto& column = batch.columns[c];
    column.offsets.push_back(0);
    for (std::size_t row = 0; row < rows; ++row) {
      if (c == 0) {
        const auto id = fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", random() & 0xFFFFFFFF,
                                    random() & 0xFFFF, random() & 0xFFF, random() & 0xFFF,
                                    random() & 0xFFFFFFFFFFFF);
        column.data.insert(column.data.end(), id.begin(), id.end());
      } else {
        const std::size_t size = (kRowBytes - 36) / (kColumns - 1);
        const char* from = kText.data() + random() % (kText.size() - size);
        column.data.insert(column.data.end(), from, from + size);
      }
      column.offsets.push_back(static_cast<std::uint32_t>(column.data.size()));
    }
  }
  return batch;
}

// The same bytes as one value per row, put as they come: what a RocksDB user would write first.
Measured raw_puts(const std::string& path, const std::vector<UpsertBatch>& batches,
                  std::size_t rows) {
  store::rocks::DatabaseOptions options;
  options.path = path;
  options.families = {{.name = "default", .memtable_bytes = 64U << 20}};
  const auto database = must(store::rocks::Database::open(options));
  return measure(rows, [&] {
    Bytes value;
    for (const auto& source : batches) {
      store::rocks::Batch batch;
      for (std::size_t row = 0; row < source.rows; ++row) {
        value.clear();
        const auto view = [&](std::size_t c) {
          const auto& column = source.columns[c];
          return BytesView(column.data)
              .subspan(column.offsets[row], column.offsets[row + 1] - column.offsets[row]);
        };
        for (std::size_t c = 1; c < kColumns; ++c) {
          const auto bytes = view(c);
          value.insert(value.end(), bytes.begin(), bytes.end());
        }
        batch.put(database->family(0), view(0), value);
      }
      must(database->write(batch, store::rocks::Database::Sync::Yes));
    }
  });
}

std::shared_ptr<const Table> make_table(Store& store) {
  Keyspace keyspace;
  keyspace.name = "bench";
  must(store.create_keyspace(keyspace));
  Table draft;
  draft.keyspace = "bench";
  draft.name = "users";
  for (std::size_t c = 0; c < kColumns; ++c) {
    Column column;
    column.name = fmt::format("c{}", c);
    column.type = CqlType::of(TypeKind::Text);
    column.kind = c == 0 ? ColumnKind::PartitionKey : ColumnKind::Regular;
    draft.columns.push_back(column);
  }
  draft.options.scalars["default_time_to_live"] = "600";
  return must(store.create_table(draft));
}

Measured upserts(const std::string& path, const std::vector<UpsertBatch>& batches, std::size_t rows,
                 std::size_t bulk_rows_min) {
  SystemClock clock;
  SeededRandom random(1);
  StoreOptions options;
  options.path = path;
  options.bulk_rows_min = bulk_rows_min;
  const auto store = must(Store::open(options, clock, random));
  const auto table = make_table(*store);
  std::vector<ColumnId> columns;
  for (std::size_t c = 0; c < kColumns; ++c) {
    columns.push_back(table->find(fmt::format("c{}", c))->id);
  }
  return measure(rows, [&] {
    for (const auto& batch : batches) must(store->upsert(*table, columns, batch));
  });
}

// `in_flight` single-row mutations at a time, as prepared INSERTs of many connections make them.
Measured single_rows(const std::string& path, std::size_t rows, std::size_t in_flight) {
  SystemClock clock;
  SeededRandom random(1);
  StoreOptions options;
  options.path = path;
  const auto store = must(Store::open(options, clock, random));
  const auto table = make_table(*store);
  const Bytes value(40, 'x');
  return measure(rows, [&] {
    for (std::size_t done = 0; done < rows; done += in_flight) {
      std::latch all(static_cast<std::ptrdiff_t>(in_flight));
      for (std::size_t i = 0; i < in_flight; ++i) {
        Mutation mutation;
        mutation.table = table;
        const std::string key = fmt::format("user-{}", done + i);
        mutation.partition_key.assign(key.begin(), key.end());
        RowChange row;
        row.marker = true;
        row.timestamp = static_cast<std::int64_t>(done + i + 1);
        for (const auto& column : table->others()) {
          CellChange cell;
          cell.column = column.id;
          cell.value = value;
          row.cells.push_back(std::move(cell));
        }
        mutation.rows.push_back(std::move(row));
        std::vector<Mutation> mutations;
        mutations.push_back(std::move(mutation));
        store->apply(std::move(mutations), [&](Result<> result) {
          must(std::move(result));
          all.count_down();
        });
      }
      all.wait();
    }
  });
}

void run(std::size_t rows, const std::string& folder) {
  const auto fresh = [&](std::string_view name) {
    const std::string path = fmt::format("{}/{}", folder, name);
    std::filesystem::remove_all(path);
    return path;
  };
  for (const std::size_t batch_rows :
       {std::size_t{5000}, std::size_t{20000}, std::size_t{100000}}) {
    std::mt19937_64 random(7);
    std::vector<UpsertBatch> batches;
    for (std::size_t made = 0; made < rows; made += batch_rows) {
      batches.push_back(make_batch(random, batch_rows, static_cast<std::int64_t>(made + 1)));
    }
    const auto raw = raw_puts(fresh("raw"), batches, rows);
    const auto log = upserts(fresh("log"), batches, rows, SIZE_MAX);
    const auto bulk = upserts(fresh("bulk"), batches, rows, 1);
    const auto show = [&](std::string_view name, const Measured& m) {
      fmt::print("  {:<16} {:>8.0f} rows/s  {:>5.2f}x  caller {:.2f} us, process {:.2f} us cpu\n",
                 name, m.rows_per_second, m.rows_per_second / raw.rows_per_second,
                 m.caller_us_per_row, m.cpu_us_per_row);
    };
    fmt::print("batches of {} rows\n", batch_rows);
    show("raw puts", raw);
    show("through the log", log);
    show("upsert", bulk);
  }
  for (const std::size_t in_flight : {std::size_t{1}, std::size_t{64}, std::size_t{1000}}) {
    const std::size_t count = in_flight == 1 ? 2000 : 100 * in_flight;
    const auto single = single_rows(fresh("single"), count, in_flight);
    fmt::print("single rows, {} in flight: {:.0f} rows/s ({:.2f} us cpu)\n", in_flight,
               single.rows_per_second, single.cpu_us_per_row);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tidemill::tables::embedded

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::stoul(argv[1]) : 500000;
  const std::string folder =
      argc > 2 ? argv[2] : (std::filesystem::temp_directory_path() / "tidemill_upsert").string();
  tidemill::tables::embedded::run(rows, folder);
}

// SPDX-License-Identifier: Apache-2.0
// Puts the parts together: catalogue, commit queue, reader and bulk rows over one database.
#include "tables/embedded/store.h"

#include <fmt/format.h>

#include <array>
#include <atomic>

#include "base/shared_mutex.h"
#include "tables/embedded/bulk.h"
#include "tables/embedded/catalogue.h"
#include "tables/embedded/commit_queue.h"
#include "tables/embedded/encode.h"
#include "tables/embedded/index_entries.h"
#include "tables/embedded/reader.h"

namespace tidemill::tables::embedded {

namespace {

constexpr std::size_t kLockStripes = 256;
constexpr std::string_view kLocalPrefix = "l/";
constexpr std::size_t kIndexedPieceBytes = 1U << 20;

Bytes incarnation_start(std::uint32_t incarnation) {
  ByteWriter out;
  out.u32be(incarnation);
  return out.take();
}

Bytes local_key(const std::string& key) {
  ByteWriter out;
  out.text(kLocalPrefix);
  out.text(key);
  return out.take();
}

// Waits for one completion.
class Waiter {
 public:
  Completion<Result<>> completion() {
    return [this](Result<> result) {
      MutexLock lock(mutex_);
      result_ = std::move(result);
      done_ = true;
      // Under the lock: the waiter is gone as soon as it can see `done_`.
      changed_.notify_one();
    };
  }
  Result<> wait() {
    MutexLock lock(mutex_);
    while (!done_) changed_.wait(mutex_);
    return std::move(result_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  Result<> result_ TM_GUARDED_BY(mutex_);
  bool done_ TM_GUARDED_BY(mutex_) = false;
};

class RocksStore final : public Store {
 public:
  RocksStore(const StoreOptions& options, Clock& clock, Random& random)
      : options_(options),
        clock_(clock),
        random_(random),
        metrics_(options.metrics != nullptr ? *options.metrics : own_metrics_),
        rules_(clock, options.gc_grace_max.count()) {}
  ~RocksStore() override { close(); }

  Result<> open() {
    store::rocks::DatabaseOptions database;
    database.path = options_.path;
    database.block_cache_bytes = options_.block_cache_bytes;
    database.families = {{.name = "default",
                          .memtable_bytes = options_.memtable_bytes,
                          .rules = &rules_,
                          .compaction_period = options_.compaction_period},
                         {.name = "schema", .memtable_bytes = 1U << 20}};
    database_ = TRY(store::rocks::Database::open(database));
    headers_ = std::make_unique<HeaderFlags>(database_->family(kSchemaFamily));
    catalogue_ = std::make_unique<Catalogue>(*database_, rules_, random_);
    TRY(load_header_flags());
    TRY(catalogue_->load());
    CommitOptions commit;
    commit.sync_each = options_.durability == Durability::Batch;
    commit.sync_interval = options_.sync_interval;
    commit.pending_bytes_max = options_.pending_bytes_max;
    queue_ = std::make_unique<CommitQueue>(*database_, *headers_, metrics_, commit);
    return {};
  }

  void begin_close() override { closing_ = true; }
  void close() override {
    begin_close();
    queue_.reset();
    catalogue_.reset();
    headers_.reset();
    database_.reset();
  }

  // --- schema ---

  std::shared_ptr<const Schema> schema() const override { return catalogue_->schema(); }
  Result<> create_keyspace(const Keyspace& keyspace) override {
    return catalogue_->create_keyspace(keyspace);
  }
  Result<> alter_keyspace(const std::string& keyspace,
                          const std::map<std::string, std::string>& replication,
                          std::optional<bool> durable_writes) override {
    return catalogue_->alter_keyspace(keyspace, replication, durable_writes);
  }
  Result<> drop_keyspace(const std::string& keyspace) override {
    std::vector<std::uint32_t> dropped;
    TRY(catalogue_->drop_keyspace(keyspace, dropped));
    return discard(dropped);
  }
  Result<std::shared_ptr<const Table>> create_table(Table draft) override {
    return catalogue_->create_table(std::move(draft));
  }
  Result<std::shared_ptr<const Table>> alter_table(const std::string& keyspace,
                                                   const std::string& table,
                                                   const TableAlteration& alteration) override {
    return catalogue_->alter_table(keyspace, table, alteration, clock_.wall_us());
  }
  Result<> drop_table(const std::string& keyspace, const std::string& table) override {
    std::vector<std::uint32_t> dropped;
    TRY(catalogue_->drop_table(keyspace, table, dropped));
    return discard(dropped);
  }
  Result<> truncate(const std::string& keyspace, const std::string& table) override {
    // Writers take the rows' incarnation before the indexes', and the catalogue renews them the
    // other way round: no row goes on with its entry lost.
    std::vector<std::uint32_t> dropped;
    TRY(catalogue_->renew_table(keyspace, table, dropped));
    return discard(dropped);
  }
  Result<> create_index(const std::string& keyspace, const std::string& table,
                        const Index& index) override {
    const auto with_index = TRY(catalogue_->add_index(keyspace, table, index));
    // Who has not seen the index has submitted after this, who comes later makes entries.
    {
      const ExclusiveLock none_writing(writing_);
    }
    auto built = build_index(*with_index, index.name);
    if (built.ok()) return catalogue_->finish_index(keyspace, table, index.name);
    std::vector<std::uint32_t> dropped;
    if (catalogue_->drop_index(keyspace, table, index.name, dropped).ok()) TRY(discard(dropped));
    return built;
  }
  Result<> drop_index(const std::string& keyspace, const std::string& table,
                      const std::string& index) override {
    std::vector<std::uint32_t> dropped;
    TRY(catalogue_->drop_index(keyspace, table, index, dropped));
    return discard(dropped);
  }
  Result<> create_type(const UserType& type) override { return catalogue_->create_type(type); }
  Result<> alter_type(const UserType& type, const Schema& from) override {
    return catalogue_->alter_type(type, from);
  }
  Result<> drop_type(const std::string& keyspace, const std::string& type) override {
    return catalogue_->drop_type(keyspace, type);
  }
  std::uint64_t add_schema_listener(SchemaListener listener) override {
    return catalogue_->add_listener(std::move(listener));
  }
  void remove_schema_listener(std::uint64_t number) override {
    catalogue_->remove_listener(number);
  }

  // --- writes ---

  void apply(std::vector<Mutation> mutations, Completion<Result<>> done) override {
    // `done` may do anything: never under the lock.
    auto taken = encode_and_submit(mutations, done);
    if (!taken.ok()) {
      done(std::move(taken).error());
    } else if (!*taken) {
      done({});
    }
  }

  Result<> apply_and_wait(std::vector<Mutation> mutations) override {
    Waiter waiter;
    apply(std::move(mutations), waiter.completion());
    return waiter.wait();
  }

  Result<> upsert(const Table& table, std::span<const ColumnId> columns,
                  const UpsertBatch& batch) override {
    const std::uint32_t incarnation = table.live_incarnation();
    if (incarnation == 0) {
      return error(ErrorCode::NotFound, fmt::format("unconfigured table {}", table.name));
    }
    if (batch.rows == 0) return {};
    auto rows = TRY(BulkRows::create(table, incarnation, columns, batch, now_seconds()));
    if (!table.is_indexed() && batch.rows >= options_.bulk_rows_min && TRY(ingest(table, rows))) {
      return {};
    }
    // A piece at a time when there are entries: a failure leaves whole rows, and the same upsert
    // again completes it.
    EncodedWrites piece;
    TRY(rows.for_each([&](BytesView key, BytesView operand) -> Result<> {
      piece.add(key, operand);
      if (!table.is_indexed() || piece.bytes() < kIndexedPieceBytes) return {};
      return submit_piece(table, std::exchange(piece, {}));
    }));
    return piece.bytes() == 0 ? Result<>{} : submit_piece(table, std::move(piece));
  }

  Bytes list_path(bool front) override {
    const std::int64_t now = clock_.wall_us() << 4;
    std::int64_t last = last_list_path_.load();
    std::int64_t next = 0;
    do {
      next = std::max(last + 1, now);
    } while (!last_list_path_.compare_exchange_weak(last, next));
    Bytes path(8);
    store_be(path.data(), ordered_token(front ? -next : next));
    return path;
  }

  // --- reads ---

  Result<Page> read(const ReadRequest& request) const override {
    const std::int64_t now = request.now_seconds != 0 ? request.now_seconds : now_seconds();
    EncodedWrites stale;
    auto page = read_page(*database_, *headers_, request, now, stale);
    // Nobody waits: a dead entry that is lost is found again.
    if (stale.bytes() != 0) {
      Completion<Result<>> nobody = [](const Result<>&) {};
      (void)queue_->submit(stale, nobody);
    }
    return page;
  }

  Result<> read_modify_write(const Table& table, BytesView partition_key,
                             const Decide& decide) override {
    const auto stripe =
        (ordered_token(token_of(partition_key)) ^ table.live_incarnation()) % kLockStripes;
    MutexLock lock(stripes_[stripe]);
    auto mutations = TRY(decide());
    if (mutations.empty()) return {};
    return apply_and_wait(std::move(mutations));
  }

  // --- the server's own values ---

  Result<std::optional<Bytes>> get_local(const std::string& key) const override {
    const auto found = TRY(database_->get(kSchemaFamily, local_key(key)));
    if (!found) return std::optional<Bytes>{};
    return std::optional<Bytes>(Bytes(found.value().begin(), found.value().end()));
  }
  Result<> put_local(const std::string& key, BytesView value) override {
    store::rocks::Batch batch;
    batch.put(database_->family(kSchemaFamily), local_key(key), value);
    return database_->write(batch, store::rocks::Database::Sync::Yes);
  }
  Result<> remove_local(const std::string& key) override {
    store::rocks::Batch batch;
    batch.remove(database_->family(kSchemaFamily), local_key(key));
    return database_->write(batch, store::rocks::Database::Sync::Yes);
  }
  Result<std::vector<std::pair<std::string, Bytes>>> list_local(
      const std::string& prefix) const override {
    std::vector<std::pair<std::string, Bytes>> values;
    Bytes lower = local_key(prefix);
    Bytes upper = lower;
    upper.push_back(0xFF);
    const auto cursor = database_->cursor(kSchemaFamily, std::move(lower), std::move(upper));
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      const auto value = cursor->value();
      values.emplace_back(as_text(cursor->key()).substr(kLocalPrefix.size()),
                          Bytes(value.begin(), value.end()));
    }
    TRY(cursor->status());
    return values;
  }

  // --- upkeep ---

  Result<TableSize> size_of(const Table& table) const override {
    const std::uint32_t incarnation = table.live_incarnation();
    TableSize size;
    size.bytes = database_->bytes_between(kRowsFamily, incarnation_start(incarnation),
                                          incarnation_start(incarnation + 1));
    const std::uint64_t all =
        database_->bytes_between(kRowsFamily, incarnation_start(0), incarnation_start(0xFFFFFFFF));
    const std::uint64_t keys = database_->property(kRowsFamily, "rocksdb.estimate-num-keys");
    if (all != 0) {
      size.rows_estimate = static_cast<std::uint64_t>(
          static_cast<double>(keys) * static_cast<double>(size.bytes) / static_cast<double>(all));
    }
    return size;
  }
  Result<> flush() override { return database_->flush(); }
  Result<> compact(const Table& table) override {
    const auto compact = [&](std::uint32_t incarnation) {
      return database_->compact(kRowsFamily, incarnation_start(incarnation),
                                incarnation_start(incarnation + 1));
    };
    TRY(compact(table.live_incarnation()));
    if (const auto now = newest(table)) {
      for (const Index& index : now->indexes) TRY(compact(index.incarnation));
    }
    return {};
  }

 private:
  std::int64_t now_seconds() const { return clock_.wall_ms() / 1000; }

  Result<> submit_and_wait(EncodedWrites writes) {
    Waiter waiter;
    auto done = waiter.completion();
    TRY(queue_->submit(writes, done));
    return waiter.wait();
  }

  // Where others' writes fill the queue, it waits until these are through and tries again.
  Result<> submit_patiently(EncodedWrites writes) {
    Waiter waiter;
    auto done = waiter.completion();
    while (true) {
      auto taken = queue_->submit(writes, done);
      if (taken.ok()) return waiter.wait();
      if (taken.error().code != ErrorCode::Exhausted || closing_) return taken;
      TRY(submit_and_wait({}));
    }
  }

  // The table as it is now, with the indexes that writes must feed; nothing once it was dropped.
  std::shared_ptr<const Table> newest(const Table& table) const {
    auto found = catalogue_->schema()->find_table(table.keyspace, table.name);
    return found != nullptr && found->live == table.live ? found : nullptr;
  }

  Result<> add_entries(const Mutation& mutation, std::int64_t now, EncodedWrites& writes)
      TM_REQUIRES_SHARED(writing_) {
    const auto table = newest(*mutation.table);
    if (table == nullptr || table->indexes.empty()) return {};
    EncodedWrites own;
    TRY(encode_mutation(mutation, now, own));
    Result<> outcome;
    own.for_each([&](BytesView key, BytesView operand) {
      if (outcome.ok()) outcome = append_index_entries(*table, key, operand, writes);
    });
    return outcome;
  }

  // Whether `done` was taken: nothing to write does not need it.
  Result<bool> encode_and_submit(const std::vector<Mutation>& mutations,
                                 Completion<Result<>>& done) {
    EncodedWrites writes;
    const std::int64_t now = now_seconds();
    const SharedLock shared(writing_);
    for (const auto& mutation : mutations) {
      TRY(encode_mutation(mutation, now, writes));
      if (mutation.table->is_indexed()) TRY(add_entries(mutation, now, writes));
    }
    if (writes.bytes() == 0) return false;
    TRY(queue_->submit(writes, done));
    return true;
  }

  // Rows and their entries, if there are indexes now, together.
  Result<> submit_piece(const Table& table, EncodedWrites rows) {
    Waiter waiter;
    auto done = waiter.completion();
    {
      const SharedLock shared(writing_);
      const auto now = table.is_indexed() ? newest(table) : nullptr;
      if (now != nullptr && !now->indexes.empty()) {
        EncodedWrites with_entries;
        Result<> outcome;
        rows.for_each([&](BytesView key, BytesView operand) {
          with_entries.add(key, operand);
          if (outcome.ok()) outcome = append_index_entries(*now, key, operand, with_entries);
        });
        TRY(std::move(outcome));
        rows = std::move(with_entries);
      }
      TRY(queue_->submit(rows, done));
    }
    return waiter.wait();
  }

  Result<> build_index(const Table& table, const std::string& name) {
    // Everything submitted before the index was known is committed once this is.
    TRY(submit_and_wait({}));
    Table alone = table;
    std::erase_if(alone.indexes, [&](const Index& index) { return index.name != name; });
    const auto snapshot = database_->snapshot();
    const std::uint32_t incarnation = table.incarnation;
    const auto cursor =
        database_->cursor(kRowsFamily, incarnation_start(incarnation),
                          incarnation_start(incarnation + 1), snapshot.get(), false);
    EncodedWrites writes;
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      if (closing_) return error(ErrorCode::Unavailable, "table store is stopping");
      TRY(append_index_entries(alone, cursor->key(), cursor->value(), writes));
      if (writes.bytes() >= kIndexedPieceBytes) TRY(submit_patiently(std::exchange(writes, {})));
    }
    TRY(cursor->status());
    return writes.bytes() == 0 ? Result<>{} : submit_patiently(std::move(writes));
  }

  // False, with nothing done, when an index has come meanwhile.
  Result<bool> ingest(const Table& table, BulkRows& rows) {
    std::vector<std::unique_ptr<store::rocks::SortedFile>> files;
    files.push_back(TRY(database_->new_sorted_file(kRowsFamily)));
    auto& file = *files.back();
    TRY(rows.for_each(
        [&](BytesView key, BytesView operand) -> Result<> { return file.merge(key, operand); }));
    TRY(file.finish());
    const SharedLock shared(writing_);
    if (table.is_indexed()) return false;
    TRY(database_->ingest(kRowsFamily, files));
    metrics_.bulk_rows.add(rows.count());
    return true;
  }

  // Space of dropped rows: whole files at once, the rest when its files are next rewritten.
  Result<> discard(const std::vector<std::uint32_t>& incarnations) {
    for (const std::uint32_t incarnation : incarnations) {
      TRY(database_->drop_files(kRowsFamily, incarnation_start(incarnation),
                                incarnation_start(incarnation + 1)));
    }
    return {};
  }

  Result<> load_header_flags() {
    Bytes lower;
    ByteWriter(lower).text(HeaderFlags::kPrefix);
    const std::size_t prefix = lower.size();
    Bytes upper = lower;
    upper.insert(upper.end(), {0xFF, 0xFF, 0xFF, 0xFF, 0xFF});
    const auto cursor = database_->cursor(kSchemaFamily, std::move(lower), std::move(upper));
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      const BytesView key = cursor->key();
      headers_->load(TRY(ByteReader(key.subspan(prefix)).u32be()));
    }
    return cursor->status();
  }

  StoreOptions options_;
  Clock& clock_;
  Random& random_;
  Metrics own_metrics_;  // counts for nobody when none are given
  StoreMetrics metrics_;
  RowRules rules_;
  std::unique_ptr<store::rocks::Database> database_;  // uses the rules
  std::unique_ptr<HeaderFlags> headers_;
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<CommitQueue> queue_;  // uses the database and the flags
  std::array<Mutex, kLockStripes> stripes_;
  // Held by who encodes and submits; alone by who waits until all of them know a new index.
  SharedMutex writing_;
  std::atomic<std::int64_t> last_list_path_{0};
  std::atomic<bool> closing_ = false;
};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, Clock& clock,
                                           Random& random) {
  auto store = std::make_unique<RocksStore>(options, clock, random);
  TRY(store->open());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace tidemill::tables::embedded

// SPDX-License-Identifier: Apache-2.0
#include "store/rocks/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/experimental.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/table.h>

#include <array>
#include <cstdarg>
#include <filesystem>
#include <system_error>

#include "base/check.h"

namespace tidemill::store::rocks {

namespace {

// RocksDB's own LOG file goes through a writer that asserts it is never used after a failed write:
// a full disk ended the process from a background thread's log line. What fails comes back as a
// status anyway.
class NoLog final : public rocksdb::Logger {
 public:
  NoLog() : rocksdb::Logger(rocksdb::HEADER_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

rocksdb::ColumnFamilyOptions family_options(const FamilyOptions& options,
                                            const rocksdb::BlockBasedTableOptions& table) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.memtable_bytes;
  family.max_write_buffer_number = 3;
  // Level 0 is rewritten soon: compressing it costs more processor time than it saves.
  family.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  family.max_successive_merges = options.rules != nullptr ? options.successive_merges_max : 0;
  family.periodic_compaction_seconds =
      static_cast<std::uint64_t>(options.compaction_period.count());
  family.level_compaction_dynamic_level_bytes = true;
  family.target_file_size_base = 32U << 20;
  family.level0_file_num_compaction_trigger = 4;
  family.level0_slowdown_writes_trigger = 40;
  family.level0_stop_writes_trigger = 80;
  family.soft_pending_compaction_bytes_limit = 0;
  family.hard_pending_compaction_bytes_limit = 0;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

}  // namespace

Error to_error(const rocksdb::Status& status, std::string_view what) {
  const std::string text = fmt::format("table store: cannot {}: {}", what, status.ToString());
  if (status.IsNoSpace()) {
    return error(ErrorCode::Exhausted, text).with_hint("free some disk space; writes go on then");
  }
  if (status.IsCorruption()) return error(ErrorCode::Corrupt, text);
  if (status.IsIOError()) return error(ErrorCode::Io, text);
  if (status.IsShutdownInProgress()) return error(ErrorCode::Unavailable, text);
  return error(ErrorCode::Internal, text);
}

class Database::MergeByRules final : public rocksdb::MergeOperator {
 public:
  explicit MergeByRules(const Rules& rules) : rules_(rules) {}
  const char* Name() const override { return rules_.name(); }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    if (in.existing_value == nullptr && in.operand_list.size() == 1) {
      out->existing_operand = in.operand_list[0];
      return true;
    }
    // Merges of a few operands, the usual case, take no memory of their own.
    std::array<std::string_view, 16> few;
    std::vector<std::string_view> many;
    const std::size_t count = in.operand_list.size() + (in.existing_value != nullptr ? 1 : 0);
    std::string_view* all = few.data();
    if (count > few.size()) {
      many.resize(count);
      all = many.data();
    }
    std::size_t at = 0;
    if (in.existing_value != nullptr) all[at++] = view(*in.existing_value);
    for (const auto& operand : in.operand_list) all[at++] = view(operand);
    return rules_.merge({all, count}, out->new_value);
  }

  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands,
                         std::string* out, rocksdb::Logger*) const override {
    std::vector<std::string_view> all;
    all.reserve(operands.size());
    for (const auto& operand : operands) all.push_back(view(operand));
    return rules_.merge(all, *out);
  }

 private:
  const Rules& rules_;
};

class Database::CompactByRules final : public rocksdb::CompactionFilter {
 public:
  explicit CompactByRules(const Rules& rules)
      : name_(rules.name()), pass_(rules.begin_compaction()) {}
  const char* Name() const override { return name_; }

  // RocksDB calls a filter made by a factory from one thread, in key order.
  Decision FilterV2(int, const rocksdb::Slice& key, ValueType type, const rocksdb::Slice& value,
                    std::string* changed, std::string*) const override {
    switch (pass_->look(view(key), view(value), type == ValueType::kValue, *changed)) {
      case Verdict::Keep:
        return Decision::kKeep;
      case Verdict::Remove:
        return Decision::kRemove;
      case Verdict::Change:
        return Decision::kChangeValue;
    }
    return Decision::kKeep;
  }

 private:
  const char* name_;
  std::unique_ptr<CompactionPass> pass_;
};

class Database::CompactByRulesFactory final : public rocksdb::CompactionFilterFactory {
 public:
  explicit CompactByRulesFactory(const Rules& rules) : rules_(rules) {}
  const char* Name() const override { return rules_.name(); }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<CompactByRules>(rules_);
  }

 private:
  const Rules& rules_;
};

// --- Batch, Cursor ---

void Batch::put(rocksdb::ColumnFamilyHandle* family, BytesView key, BytesView value) {
  batch_.Put(family, to_slice(key), to_slice(value)).PermitUncheckedError();
}
void Batch::merge(rocksdb::ColumnFamilyHandle* family, BytesView key, BytesView value) {
  batch_.Merge(family, to_slice(key), to_slice(value)).PermitUncheckedError();
}
void Batch::remove(rocksdb::ColumnFamilyHandle* family, BytesView key) {
  batch_.Delete(family, to_slice(key)).PermitUncheckedError();
}

Cursor::Cursor(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, Bytes lower, Bytes upper,
               const rocksdb::Snapshot* snapshot, bool fill_cache)
    : lower_(std::move(lower)),
      upper_(std::move(upper)),
      lower_slice_(to_slice(lower_)),
      upper_slice_(to_slice(upper_)) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.fill_cache = fill_cache;
  options.iterate_lower_bound = &lower_slice_;
  if (!upper_.empty()) options.iterate_upper_bound = &upper_slice_;
  iterator_.reset(db.NewIterator(options, family));
}

Result<> Cursor::status() const {
  if (const auto status = iterator_->status(); !status.ok()) return to_error(status, "read rows");
  return {};
}

// --- SortedFile ---

struct SortedFile::State {
  State(const rocksdb::Options& options, rocksdb::ColumnFamilyHandle* family)
      : writer(rocksdb::EnvOptions(), options, family, false) {}
  rocksdb::SstFileWriter writer;
  std::string path;
};

SortedFile::SortedFile() = default;

SortedFile::~SortedFile() {
  if (state_ == nullptr) return;
  std::error_code ignored;
  std::filesystem::remove(state_->path, ignored);
}

Result<> SortedFile::merge(BytesView key, BytesView value) {
  const auto status = state_->writer.Merge(to_slice(key), to_slice(value));
  if (!status.ok()) return to_error(status, "add to a sorted file");
  return {};
}

Result<> SortedFile::finish() {
  if (const auto status = state_->writer.Finish(); !status.ok()) {
    return to_error(status, "finish a sorted file");
  }
  return {};
}

// --- Database ---

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  auto database = std::unique_ptr<Database>(new Database());
  database->path_ = options.path;

  std::error_code failed;
  std::filesystem::create_directories(options.path, failed);
  if (failed) {
    return error(ErrorCode::Io,
                 fmt::format("cannot create folder '{}': {}", options.path, failed.message()));
  }
  // Sorted files of a process that was killed before ingesting them: nobody was told of them.
  const auto pending = std::filesystem::path(options.path) / "pending";
  std::filesystem::remove_all(pending, failed);
  std::filesystem::create_directories(pending, failed);

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  table.block_size = 16U << 10;
  table.checksum = rocksdb::kXXH3;

  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.max_background_jobs = options.background_jobs;
  db.max_open_files = 256;
  db.max_total_wal_size = options.wal_bytes_max;
  db.bytes_per_sync = 1U << 20;
  db.info_log = std::make_shared<NoLog>();
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.enable_thread_tracking = false;

  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& family : options.families) {
    auto cf = family_options(family, table);
    if (family.rules != nullptr) {
      database->mergers_.push_back(std::make_unique<MergeByRules>(*family.rules));
      database->filters_.push_back(std::make_unique<CompactByRulesFactory>(*family.rules));
      // Not owned: a shared_ptr without a deleter.
      cf.merge_operator = {std::shared_ptr<void>{}, database->mergers_.back().get()};
      cf.compaction_filter_factory = {std::shared_ptr<void>{}, database->filters_.back().get()};
    }
    families.emplace_back(family.name, std::move(cf));
  }
  TM_CHECK(!families.empty() && families[0].name == rocksdb::kDefaultColumnFamilyName);
  database->file_options_ = rocksdb::Options(db, families[0].options);
  database->file_options_.compression_per_level = {};
  database->file_options_.compression = rocksdb::kNoCompression;

  // Compactions give way to whoever waits for an answer.
  db.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
  rocksdb::DB* raw = nullptr;
  const auto status = rocksdb::DB::Open(db, options.path, families, &database->handles_, &raw);
  if (!status.ok()) return to_error(status, fmt::format("open '{}'", options.path));
  database->db_.reset(raw);
  return database;
}

Database::~Database() {
  if (db_ == nullptr) return;
  for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
}

// A full disk puts RocksDB into a state where every write fails until Resume() is called.
Result<> Database::recover_space() {
  if (!stopped_by_disk_.load(std::memory_order_relaxed)) return {};
  if (const auto status = db_->Resume(); !status.ok()) {
    return to_error(status, "go on after a full disk");
  }
  stopped_by_disk_ = false;
  return {};
}

Result<> Database::write(Batch& batch, Sync sync) {
  TRY(recover_space());
  rocksdb::WriteOptions options;
  options.sync = sync == Sync::Yes;
  if (const auto status = db_->Write(options, &batch.batch_); !status.ok()) {
    stopped_by_disk_ = true;
    return to_error(status, "write");
  }
  return {};
}

Result<> Database::sync() {
  if (const auto status = db_->SyncWAL(); !status.ok()) return to_error(status, "sync its log");
  return {};
}

Result<Found> Database::get(FamilyIndex family, BytesView key,
                            const rocksdb::Snapshot* snapshot) const {
  Result<Found> found;
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const auto status = db_->Get(options, handles_[family], to_slice(key), &found->value_);
  if (status.IsNotFound()) return found;
  if (!status.ok()) return to_error(status, "read a row");
  found->found_ = true;
  return found;
}

std::unique_ptr<Cursor> Database::cursor(FamilyIndex family, Bytes lower, Bytes upper,
                                         const rocksdb::Snapshot* snapshot, bool fill_cache) const {
  return std::make_unique<Cursor>(*db_, handles_[family], std::move(lower), std::move(upper),
                                  snapshot, fill_cache);
}

std::shared_ptr<const rocksdb::Snapshot> Database::snapshot() const {
  return {db_->GetSnapshot(),
          [db = db_.get()](const rocksdb::Snapshot* taken) { db->ReleaseSnapshot(taken); }};
}

Result<std::unique_ptr<SortedFile>> Database::new_sorted_file(FamilyIndex family) {
  auto file = std::unique_ptr<SortedFile>(new SortedFile());
  file->state_ = std::make_unique<SortedFile::State>(file_options_, handles_[family]);
  file->state_->path = fmt::format("{}/pending/{:08}.sst", path_, next_file_++);
  if (const auto status = file->state_->writer.Open(file->state_->path); !status.ok()) {
    return to_error(status, "create a sorted file");
  }
  return file;
}

Result<> Database::ingest(FamilyIndex family, std::span<const std::unique_ptr<SortedFile>> files) {
  TRY(recover_space());
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file->state_->path);
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.snapshot_consistency = true;
  options.allow_global_seqno = true;
  options.write_global_seqno = false;
  const auto status = db_->IngestExternalFile(handles_[family], paths, options);
  if (!status.ok()) {
    stopped_by_disk_ = true;
    return to_error(status, "take over a sorted file");
  }
  // The files were linked into the database; their names below pending/ go with the SortedFiles.
  return {};
}

Result<> Database::flush() {
  rocksdb::FlushOptions options;
  if (const auto status = db_->Flush(options, handles_); !status.ok()) {
    return to_error(status, "flush");
  }
  return {};
}

Result<> Database::compact(FamilyIndex family, BytesView lower, BytesView upper) {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  const auto from = to_slice(lower);
  const auto to = to_slice(upper);
  if (const auto status = db_->CompactRange(options, handles_[family], &from, &to); !status.ok()) {
    return to_error(status, "compact");
  }
  return {};
}

Result<> Database::drop_files(FamilyIndex family, BytesView lower, BytesView upper) {
  const auto from = to_slice(lower);
  const auto to = to_slice(upper);
  const auto status =
      rocksdb::DeleteFilesInRange(db_.get(), handles_[family], &from, &to, /*include_end=*/false);
  if (!status.ok()) return to_error(status, "drop files");
  // Files that hold other things, too, lose the range when they are next compacted: soon.
  rocksdb::experimental::SuggestCompactRange(db_.get(), handles_[family], &from, &to)
      .PermitUncheckedError();
  return {};
}

std::uint64_t Database::bytes_between(FamilyIndex family, BytesView lower, BytesView upper) const {
  const rocksdb::Range range(to_slice(lower), to_slice(upper));
  std::uint64_t bytes = 0;
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  options.include_files = true;
  db_->GetApproximateSizes(options, handles_[family], &range, 1, &bytes).PermitUncheckedError();
  return bytes;
}

std::uint64_t Database::property(FamilyIndex family, const std::string& name) const {
  std::uint64_t value = 0;
  db_->GetIntProperty(handles_[family], name, &value);
  return value;
}

}  // namespace tidemill::store::rocks

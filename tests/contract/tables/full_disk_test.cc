// SPDX-License-Identifier: Apache-2.0
// A full disk: writes fail by name, nothing acknowledged is lost, and writes go on when space is
// back. Needs a small file system of its own, hence the right to mount one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "tables/embedded/store.h"
#include "wire/cql/value.h"

namespace tidemill::tables::embedded {
namespace {

class FullDiskTest : public testing::Test {
 protected:
  static constexpr std::size_t kValueBytes = 2000;

  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "tidemill_full_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    if (mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=40m") != 0) {
      GTEST_SKIP() << "mounting a small file system needs root";
    }
    mounted_ = true;
    std::ofstream(folder_ + "/ballast") << std::string(16U << 20, 'x');
    open();
    Keyspace keyspace;
    keyspace.name = "ks";
    ASSERT_TRUE(store_->create_keyspace(keyspace).ok());
    Table draft;
    draft.keyspace = "ks";
    draft.name = "t";
    draft.columns.resize(2);
    draft.columns[0].name = "id";
    draft.columns[0].kind = ColumnKind::PartitionKey;
    draft.columns[0].type = draft.columns[1].type = CqlType::of(TypeKind::Text);
    draft.columns[1].name = "v";
    ASSERT_TRUE(store_->create_table(std::move(draft)).ok());
  }
  void TearDown() override {
    store_.reset();
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  void open() {
    store_.reset();
    StoreOptions options;
    options.path = folder_ + "/db";
    options.memtable_bytes = 1U << 20;
    options.bulk_rows_min = 100;
    auto opened = Store::open(options, clock_, random_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = *std::move(opened);
  }
  std::shared_ptr<const Table> table() const { return store_->schema()->find_table("ks", "t"); }
  // Random bytes, so that compression does not help.
  std::string value() {
    std::string out(kValueBytes, 'x');
    for (auto& c : out) c = static_cast<char>('!' + random_.next() % 90);
    return out;
  }

  Result<> insert(std::size_t id) {
    Mutation mutation;
    mutation.table = table();
    mutation.partition_key = wire::cql::encode_text(std::to_string(id));
    RowChange row;
    row.marker = true;
    row.timestamp = 1;
    CellChange cell;
    cell.column = table()->find("v")->id;
    cell.value = wire::cql::encode_text(value());
    row.cells.push_back(std::move(cell));
    mutation.rows.push_back(std::move(row));
    std::vector<Mutation> mutations;
    mutations.push_back(std::move(mutation));
    return store_->apply_and_wait(std::move(mutations));
  }
  Result<> upsert(std::size_t from, std::size_t count) {
    const ColumnId columns[] = {table()->find("id")->id, table()->find("v")->id};
    UpsertBatch batch;
    batch.rows = count;
    batch.columns.resize(2);
    batch.write_timestamps.assign(count, 1);
    for (auto& column : batch.columns) column.offsets.push_back(0);
    for (std::size_t i = from; i < from + count; ++i) {
      const std::string values[] = {std::to_string(i), value()};
      for (std::size_t c = 0; c < 2; ++c) {
        auto& column = batch.columns[c];
        column.data.insert(column.data.end(), values[c].begin(), values[c].end());
        column.offsets.push_back(static_cast<std::uint32_t>(column.data.size()));
      }
    }
    return store_->upsert(*table(), columns, batch);
  }
  std::size_t count_rows() {
    ReadRequest request;
    request.table = table();
    std::size_t rows = 0;
    while (true) {
      const auto page = store_->read(request);
      EXPECT_TRUE(page.ok()) << page.error().message;
      if (!page.ok()) return rows;
      rows += page->rows();
      if (page->is_last()) return rows;
      request.resume = page->resume();
    }
  }
  // Whether the write works again before ten seconds have passed.
  template <class Write>
  bool works_again(Write write) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      if (write().ok()) return true;
    }
    return false;
  }

  std::string folder_;
  bool mounted_ = false;
  SystemClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Store> store_;
};

TEST_F(FullDiskTest, RowsThroughTheLogFailByNameAndGoOnWhenSpaceIsBack) {
  std::size_t written = 0;
  Result<> last;
  while ((last = insert(written)).ok()) ++written;
  EXPECT_EQ(last.error().code, ErrorCode::Exhausted) << last.error().message;
  ASSERT_GT(written, 1000U);
  EXPECT_GE(count_rows(), written);

  std::filesystem::remove(folder_ + "/ballast");
  EXPECT_TRUE(works_again([&] { return insert(written); }));
  EXPECT_GE(count_rows(), written + 1);
  open();
  EXPECT_GE(count_rows(), written + 1);
}

TEST_F(FullDiskTest, BulkRowsFailByNameAndGoOnWhenSpaceIsBack) {
  std::size_t written = 0;
  Result<> last;
  while ((last = upsert(written, 500)).ok()) written += 500;
  EXPECT_EQ(last.error().code, ErrorCode::Exhausted) << last.error().message;
  ASSERT_GT(written, 1000U);
  EXPECT_GE(count_rows(), written);

  std::filesystem::remove(folder_ + "/ballast");
  EXPECT_TRUE(works_again([&] { return upsert(written, 500); }));
  EXPECT_GE(count_rows(), written + 500);
  open();
  EXPECT_GE(count_rows(), written + 500);
}

}  // namespace
}  // namespace tidemill::tables::embedded

// SPDX-License-Identifier: Apache-2.0
#include "store/rocks/database.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace tidemill::store::rocks {
namespace {

using testing::ElementsAre;

// Values are concatenated; "x" is dropped by compaction.
class Concatenate final : public Rules {
 public:
  const char* name() const override { return "test.concatenate"; }
  bool merge(std::span<const std::string_view> operands, std::string& out) const override {
    out.clear();
    for (const auto operand : operands) {
      if (operand == "damaged") return false;
      out += operand;
    }
    return true;
  }
  std::unique_ptr<CompactionPass> begin_compaction() const override {
    class Pass final : public CompactionPass {
      Verdict look(std::string_view, std::string_view value, bool complete, std::string&) override {
        return complete && value == "x" ? Verdict::Remove : Verdict::Keep;
      }
    };
    return std::make_unique<Pass>();
  }
};

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "tidemill_rocks_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    reopen();
  }
  ~DatabaseTest() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    database_.reset();
    DatabaseOptions options;
    options.path = folder_;
    options.families = {{.name = "default", .rules = &rules_}, {.name = "other"}};
    auto opened = Database::open(options);
    if (!opened.ok()) throw std::runtime_error(opened.error().message);
    database_ = *std::move(opened);
  }
  void merge(std::string_view key, std::string_view value) {
    Batch batch;
    batch.merge(database_->family(0), as_bytes(key), as_bytes(value));
    ASSERT_TRUE(database_->write(batch, Database::Sync::Yes).ok());
  }
  void ingest(const std::vector<std::pair<std::string, std::string>>& entries) {
    auto file = database_->new_sorted_file(0);
    ASSERT_TRUE(file.ok());
    for (const auto& [key, value] : entries) {
      ASSERT_TRUE((*file)->merge(as_bytes(key), as_bytes(value)).ok());
    }
    ASSERT_TRUE((*file)->finish().ok());
    std::vector<std::unique_ptr<SortedFile>> files;
    files.push_back(*std::move(file));
    const auto ingested = database_->ingest(0, files);
    ASSERT_TRUE(ingested.ok()) << ingested.error().message;
  }
  std::string get(std::string_view key) {
    auto found = database_->get(0, as_bytes(key));
    if (!found.ok()) return "error";
    return *found ? std::string(as_text(found->value())) : "none";
  }
  std::vector<std::string> keys(std::string_view lower, std::string_view upper) {
    std::vector<std::string> out;
    const auto view = [](std::string_view text) {
      return Bytes(as_bytes(text).begin(), as_bytes(text).end());
    };
    const auto cursor = database_->cursor(0, view(lower), view(upper));
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      out.emplace_back(as_text(cursor->key()));
    }
    EXPECT_TRUE(cursor->status().ok());
    return out;
  }

  std::string folder_;
  Concatenate rules_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, MergesInOrderAcrossMemoryFilesAndIngestedFiles) {
  merge("k", "a");
  ASSERT_TRUE(database_->flush().ok());
  merge("k", "b");
  ingest({{"k", "c"}, {"l", "1"}});
  merge("k", "d");
  EXPECT_EQ(get("k"), "abcd");
  reopen();
  EXPECT_EQ(get("k"), "abcd");
  EXPECT_EQ(get("l"), "1");
  ASSERT_TRUE(database_->compact(0, as_bytes("a"), as_bytes("z")).ok());
  EXPECT_EQ(get("k"), "abcd");
}

TEST_F(DatabaseTest, CursorsStayWithinTheirBoundsAndSnapshot) {
  for (const char* key : {"a", "b", "c", "d"}) merge(key, "1");
  EXPECT_THAT(keys("b", "d"), ElementsAre("b", "c"));

  const auto snapshot = database_->snapshot();
  merge("a", "2");
  const auto found = database_->get(0, as_bytes("a"), snapshot.get());
  EXPECT_EQ(as_text(found->value()), "1");
  EXPECT_EQ(get("a"), "12");
}

TEST_F(DatabaseTest, ADamagedOperandIsAnErrorNotACrash) {
  merge("k", "a");
  merge("k", "damaged");
  EXPECT_EQ(get("k"), "error");
}

TEST_F(DatabaseTest, CompactionAsksTheRules) {
  merge("k", "x");
  merge("l", "y");
  ASSERT_TRUE(database_->flush().ok());
  // The first folds operands to complete values, the second sees these.
  ASSERT_TRUE(database_->compact(0, as_bytes("a"), as_bytes("z")).ok());
  ASSERT_TRUE(database_->compact(0, as_bytes("a"), as_bytes("z")).ok());
  EXPECT_THAT(keys("a", "z"), ElementsAre("l"));
}

TEST_F(DatabaseTest, FilesNeverIngestedAreGoneAfterReopening) {
  {
    auto file = database_->new_sorted_file(0);
    ASSERT_TRUE((*file)->merge(as_bytes("k"), as_bytes("v")).ok());
    ASSERT_TRUE((*file)->finish().ok());
  }
  const auto pending = std::filesystem::path(folder_) / "pending";
  EXPECT_TRUE(std::filesystem::is_empty(pending));
  ingest({{"k", "v"}});
  EXPECT_TRUE(std::filesystem::is_empty(pending));
}

TEST_F(DatabaseTest, OpeningTwiceNamesTheLock) {
  DatabaseOptions options;
  options.path = folder_;
  options.families = {{.name = "default", .rules = &rules_}, {.name = "other"}};
  const auto second = Database::open(options);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, testing::HasSubstr("LOCK"));
}

}  // namespace
}  // namespace tidemill::store::rocks

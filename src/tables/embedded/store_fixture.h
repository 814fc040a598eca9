// SPDX-License-Identifier: Apache-2.0
// For tests: a store in a folder of its own with verbs over one table
//   t (pk text, ck int, v text, n int, m map<int, text>, s text static), PRIMARY KEY (pk, ck)
// under a clock that is turned by hand.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "tables/embedded/store.h"
#include "wire/cql/value.h"

namespace tidemill::tables::embedded {

// A folder below the system's temporary one that goes with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "tidemill_rows_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Column column(std::string name, std::string_view type,
                     ColumnKind kind = ColumnKind::Regular) {
  Column out;
  out.name = std::move(name);
  out.type = *parse_type(type, {});
  out.kind = kind;
  return out;
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.path = folder_.path();
    reopen();
    Keyspace keyspace;
    keyspace.name = "ks";
    keyspace.replication = {{"class", "org.apache.cassandra.locator.SimpleStrategy"},
                            {"replication_factor", "1"}};
    must(store_->create_keyspace(keyspace));
    Table draft;
    draft.keyspace = "ks";
    draft.name = "t";
    draft.columns = {column("pk", "text", ColumnKind::PartitionKey),
                     column("ck", "int", ColumnKind::Clustering),
                     column("v", "text"),
                     column("n", "int"),
                     column("m", "map<int, text>"),
                     column("s", "text", ColumnKind::Static)};
    table_ = must(store_->create_table(draft));
  }

  // The value; a failure fails the test and throws it out.
  template <class T>
  static T must(Result<T> result) {
    if (!result.ok()) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  void reopen() {
    store_.reset();
    auto opened = Store::open(options_, clock_, random_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = *std::move(opened);
    if (auto table = store_->schema()->find_table("ks", "t")) table_ = table;
  }
  void turn_clock(std::chrono::seconds by) { clock_.advance(by); }

  ColumnId id(std::string_view name) const { return table_->find(name)->id; }
  static Bytes text(std::string_view value) { return wire::cql::encode_text(value); }
  static Bytes number(std::int32_t value) { return wire::cql::encode_be(value); }
  Bytes partition(std::string_view pk) const {
    const Bytes value = text(pk);
    const BytesView views[] = {value};
    return *encode_partition_key(*table_, views);
  }
  Bytes clustering(std::int32_t ck) const {
    const Bytes value = number(ck);
    const BytesView views[] = {value};
    return *encode_clustering(*table_, views);
  }
  ClusteringRange rows_between(std::int32_t from, std::int32_t to) const {  // [from, to)
    ClusteringRange range;
    range.start = clustering(from);
    range.end = clustering(to);
    return range;
  }

  RowChange row(std::int32_t ck, std::int64_t timestamp) const {
    RowChange change;
    change.clustering = clustering(ck);
    change.timestamp = timestamp;
    return change;
  }
  CellChange set(std::string_view name, Bytes value) const {
    CellChange change;
    change.column = id(name);
    change.value = std::move(value);
    return change;
  }
  CellChange change(CellChange::Kind kind, std::string_view name, Bytes path = {},
                    Bytes value = {}) const {
    CellChange out;
    out.kind = kind;
    out.column = id(name);
    out.path = std::move(path);
    out.value = std::move(value);
    return out;
  }
  Mutation mutation(std::string_view pk, std::vector<RowChange> rows = {}) const {
    Mutation out;
    out.table = table_;
    out.partition_key = partition(pk);
    out.rows = std::move(rows);
    return out;
  }
  void apply(Mutation one) {
    std::vector<Mutation> all;
    all.push_back(std::move(one));
    must(store_->apply_and_wait(std::move(all)));
  }
  // INSERT INTO t (pk, ck, v) ... USING TIMESTAMP AND TTL
  void insert(std::string_view pk, std::int32_t ck, std::string_view v, std::int64_t timestamp,
              std::int32_t ttl = 0) {
    RowChange change = row(ck, timestamp);
    change.marker = true;
    change.ttl_seconds = ttl;
    change.cells = {set("v", text(v))};
    apply(mutation(pk, {std::move(change)}));
  }

  ReadRequest all_of(std::vector<std::string_view> pks) const {
    ReadRequest request;
    request.table = table_;
    request.columns = {id("pk"), id("ck"), id("v")};
    for (const auto pk : pks) request.partitions.push_back(partition(pk));
    return request;
  }
  // Rows as "pk/ck/v" (what is asked for, in order), over all pages.
  std::vector<std::string> rows(ReadRequest request) {
    std::vector<std::string> out;
    while (true) {
      auto page = store_->read(request);
      EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().message);
      if (!page.ok()) return out;
      for (std::size_t i = 0; i < page->rows(); ++i) {
        std::string line;
        for (std::size_t c = 0; c < page->columns(); ++c) {
          if (c > 0) line += '/';
          line += show(request.columns[c], page->value(i, c));
        }
        out.push_back(line);
      }
      if (page->is_last()) return out;
      request.resume = page->resume();
    }
  }
  std::string show(ColumnId column, const std::optional<BytesView>& value) const {
    if (!value) return "-";
    const auto& type = table_->find(column)->type;
    if (type.is_text()) return std::string(as_text(*value));
    if (type.kind == TypeKind::Int) return std::to_string(wire::cql::decode_integer(*value));
    if (type.kind == TypeKind::Map) {
      std::string out;
      const auto elements = *wire::cql::decode_elements(*value, true);
      for (std::size_t i = 0; i + 1 < elements.size(); i += 2) {
        out += std::to_string(wire::cql::decode_integer(elements[i])) + ":" +
               std::string(as_text(elements[i + 1])) + ",";
      }
      return out;
    }
    return to_hex(*value);
  }

  TemporaryFolder folder_;
  StoreOptions options_;
  ManualClock clock_;
  SeededRandom random_{1};
  std::unique_ptr<Store> store_;
  std::shared_ptr<const Table> table_;
};

}  // namespace tidemill::tables::embedded

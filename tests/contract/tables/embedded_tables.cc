// SPDX-License-Identifier: Apache-2.0
// The implementations that the contract is run on.
#include <filesystem>

#include "tables/statements/tables_port.h"
#include "tables_contract.h"

namespace tidemill::tables {
namespace {

class EmbeddedFixture final : public TablesFixture {
 public:
  EmbeddedFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemill-tables-XXXXXX");
    folder_ = ::mkdtemp(pattern.data());
    open();
  }
  ~EmbeddedFixture() override {
    close();
    std::filesystem::remove_all(folder_);
  }
  Tables& tables() override { return *tables_; }
  bool restart() override {
    close();
    open();
    return true;
  }

 private:
  void close() {
    tables_.reset();
    executor_.reset();
    store_.reset();
  }
  void open() {
    embedded::StoreOptions options;
    options.path = folder_;
    options.bulk_rows_min = 3;
    auto store = embedded::Store::open(options, clock_, random_);
    if (!store.ok()) throw std::runtime_error(store.error().message);
    store_ = *std::move(store);
    auto node = statements::load_node(*store_, random_);
    if (!node.ok()) throw std::runtime_error(node.error().message);
    executor_ = std::make_unique<statements::Executor>(*store_, clock_, random_, *node);
    tables_ = statements::make_tables_port(*executor_);
  }

  std::string folder_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<embedded::Store> store_;
  std::unique_ptr<statements::Executor> executor_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace

std::vector<TablesKind> configured_tables() {
  return {{"Embedded", [] { return std::make_unique<EmbeddedFixture>(); }}};
}

}  // namespace tidemill::tables

// SPDX-License-Identifier: Apache-2.0
// Rows for SELECT, page by page: from the store, or made up for a system table.
#pragma once

#include <memory>
#include <vector>

#include "tables/embedded/store.h"
#include "tables/statements/system_tables.h"
#include "tables/statements/term.h"

namespace tidemill::tables::statements {

// Some rows and where to read on.
class RowChunk {
 public:
  explicit RowChunk(embedded::Page page) : page_(std::move(page)) {}
  RowChunk(std::vector<SystemRow> rows, Bytes resume)
      : is_system_(true), rows_(std::move(rows)), resume_(std::move(resume)) {}

  std::size_t size() const { return is_system_ ? rows_.size() : page_.rows(); }
  const Bytes& resume() const { return is_system_ ? resume_ : page_.resume(); }
  // Views into the chunk.
  void load(std::size_t row, bool with_times, bool with_elements, RowCells& into) const;

 private:
  bool is_system_ = false;
  embedded::Page page_;
  std::vector<SystemRow> rows_;
  Bytes resume_;
};

// Reads one chunk of at most request.page_rows rows, starting at request.resume.
Outcome<RowChunk> read_rows(const embedded::Store& store, const SystemTable* system,
                            const Schema& schema, const embedded::ReadRequest& request);

}  // namespace tidemill::tables::statements

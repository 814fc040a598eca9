// SPDX-License-Identifier: Apache-2.0
// Turns a row's bytes into a row of a page: which cells count, and where they go.
#pragma once

#include <cstdint>
#include <vector>

#include "tables/embedded/header.h"
#include "tables/embedded/read.h"

namespace tidemill::tables::embedded {

// The partition a row belongs to, as far as its rows need it.
struct PartitionContext {
  BytesView key;  // serialized
  HeaderParts header;
};

// Thread: one. Nothing is allocated per row once its buffers have grown.
class PageBuilder {
 public:
  // Errors: InvalidArgument for a column the table lacks or that is asked for twice. Dead cells and
  // rows are counted in `tally`, which outlives the builder.
  static Result<PageBuilder> create(const ReadRequest& request, std::int64_t now_seconds,
                                    ReadTally& tally);

  // Reads the partition's static row.
  Result<> begin_partition(const PartitionContext& partition);
  bool has_static() const { return static_live_; }
  // Adds the row unless nothing of it is alive; says whether it did.
  Result<bool> add_row(const PartitionContext& partition, BytesView clustering, BytesView value);
  // Adds a row with the partition key and the static columns.
  Result<> add_static_row(const PartitionContext& partition);

  bool is_full() const { return page_.rows_ >= page_rows_ || page_.memory_.size() >= page_bytes_; }
  std::size_t rows() const { return page_.rows_; }
  Page finish(Bytes resume) &&;

 private:
  enum class From : std::uint8_t { PartitionKey, Clustering, Static, Regular };
  struct Target {
    From from = From::Regular;
    std::size_t position = 0;  // of key columns
    const Column* column = nullptr;
    bool is_multicell = false;
  };
  // Cells of one multicell column on their way into a collection.
  struct Gathered {
    std::vector<CellView> cells;
  };

  explicit PageBuilder(ReadTally& tally) : tally_(&tally) {}
  void start_row();
  Result<> put_keys(const PartitionContext& partition, BytesView clustering, bool has_clustering);
  bool put_cells(const RowHead& head, RowReader& reader, const Deletion& deletion);
  bool put_cell(const CellView& cell);
  void copy_static();
  void finish_collections();
  void put_value(std::size_t slot, BytesView value);
  void put_times(std::size_t slot, const CellView& cell);
  void assemble(std::size_t slot, Gathered& gathered);

  ReadTally* tally_;
  Page page_;
  std::shared_ptr<const Table> table_;
  std::vector<Target> targets_;           // by slot
  std::vector<std::int32_t> slot_by_id_;  // of static and regular columns; -1: not asked for
  std::vector<Gathered> gathered_;        // by slot
  std::int64_t now_ = 0;
  std::size_t page_rows_ = 0;
  std::size_t page_bytes_ = 0;
  bool with_times_ = false;
  bool with_elements_ = false;
  bool wants_keys_ = false;
  std::size_t clustering_wanted_ = 0;  // decode so many clustering columns
  bool static_live_ = false;
  std::vector<CellView> statics_;  // live cells of the static row
  Bytes scratch_;
};

}  // namespace tidemill::tables::embedded

// SPDX-License-Identifier: Apache-2.0
// The stateless part of a query: decode, check, select. Compiled once per query, run slice by slice
// on the workers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duck/database.h"
#include "stream/query.h"
#include "stream/sink.h"
#include "stream/slice.h"
#include "wire/json/decoder.h"

namespace tidemill::stream {

// Hidden columns of `input`, behind the source's own.
constexpr const char* kRowColumn = "_row";  // BIGINT, the row's place in its slice

// What the workers share. Immutable once compiled.
class StagePlan {
 public:
  // Errors: InvalidArgument for SQL that does not fit the query's columns, Unsupported for what
  // select_sql must not be.
  static Result<std::shared_ptr<const StagePlan>> compile(const QuerySpec& spec);

  const QuerySpec& spec() const { return spec_; }

 private:
  friend class StageWorker;
  StagePlan(QuerySpec spec, duck::Database database)
      : spec_(std::move(spec)), database_(std::move(database)) {}
  Result<> plan_source();
  Result<> plan_checks(const duck::Connection& connection);
  Result<> plan_select(const duck::Connection& connection);
  Result<> plan_final(const duck::Connection& connection);

  QuerySpec spec_;
  duck::Database database_;
  std::vector<ColumnType> types_;  // of the source's columns
  std::vector<wire::json::Field> fields_;
  std::optional<std::size_t> event_column_;
  std::string check_sql_;                               // empty: no constraint
  std::vector<std::vector<bool>> mentions_;             // constraint x column
  std::string select_sql_;                              // empty: the projection alone
  std::optional<std::vector<std::size_t>> projection_;  // output columns are source columns
  std::string final_sql_;
  std::optional<std::vector<std::size_t>> final_projection_;
  std::vector<std::size_t> dedup_columns_;  // of the output
};

// One worker's connection, decoder and statements.
//
// Thread:   one at a time.
// Lifetime: the plan is shared; the sink and the limits passed must live until the call returns.
class StageWorker {
 public:
  static Result<std::unique_ptr<StageWorker>> make(std::shared_ptr<const StagePlan> plan);

  struct Limits {
    std::int64_t future_us = INT64_MAX;         // later event times are rejected
    const Sink* sink = nullptr;                 // refuses rows it cannot take
    std::vector<std::size_t> sink_key_columns;  // of the output; empty: no keys are made
  };
  // Decodes and checks every record; without a window, selects. slice.buffer came before.
  Result<> prepare(Slice& slice, const Limits& limits);
  // With a window: rows of windows that closed at `closed_us` become late, the others partial
  // aggregates.
  Result<> aggregate(Slice& slice, std::int64_t closed_us);
  // final_sql over closed or changed groups; places name the rows of `groups`.
  Result<std::vector<OutputRows>> finish(const Chunk& groups);

 private:
  explicit StageWorker(std::shared_ptr<const StagePlan> plan, duck::Connection connection)
      : plan_(std::move(plan)), connection_(std::move(connection)) {}
  void decode(Slice& slice);
  Result<> check(Slice& slice, std::vector<std::uint32_t> rows);
  void violate(Slice& slice, std::uint32_t row, std::size_t constraint);
  void accept(Slice& slice, const Limits& limits);
  // Runs the select on some rows; a row that makes DuckDB throw is rejected, the others go on.
  Result<> select(Slice& slice, std::span<const std::uint32_t> rows, std::size_t depth);
  Result<> take_output(Slice& slice, const Chunk& chunk);
  void refuse(Slice& slice, const Limits& limits) const;
  void make_keys(const Slice& slice, std::span<const std::size_t> columns, Slice::Keys& keys) const;
  Rejection& reject(Slice& slice, std::uint32_t row);

  std::shared_ptr<const StagePlan> plan_;
  duck::Connection connection_;
  std::unique_ptr<wire::json::Decoder> decoder_;
  std::optional<duck::Prepared> check_;
  std::optional<duck::Prepared> select_;
  std::optional<duck::Prepared> final_;
  std::vector<wire::json::BadValue> faults_;
  std::vector<std::uint32_t> rejected_at_;  // by row: index + 1 into slice.rejected; 0: none
};

}  // namespace tidemill::stream

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "stream/metadata_columns.h"
#include "stream/stage.h"
#include "stream/state/key.h"

namespace tidemill::stream {
namespace {

constexpr std::size_t kBisectDepthMax = 64;

std::int64_t row_place(const ColumnView& column, std::size_t at) {
  return column.value<std::int64_t>(at);
}

// Input without the row's place: DuckDB's table function makes it.
Chunk with_places(const Chunk& chunk, std::vector<std::uint32_t> rows) {
  auto columns = chunk.columns();
  columns.push_back({ColumnType::BigInt, nullptr, nullptr});
  return Chunk(chunk.rows(), std::move(columns), {}).select(std::move(rows));
}

}  // namespace

Result<std::unique_ptr<StageWorker>> StageWorker::make(std::shared_ptr<const StagePlan> plan) {
  auto connection = TRY(plan->database_.connect());
  auto worker = std::unique_ptr<StageWorker>(new StageWorker(plan, std::move(connection)));
  const wire::json::DecoderOptions options{.reject_unknown_fields =
                                               plan->spec_.source.reject_unknown_fields};
  worker->decoder_ = TRY(wire::json::make_decoder(plan->fields_, options));
  const auto prepare = [&](const std::string& sql) -> Result<std::optional<duck::Prepared>> {
    if (sql.empty()) return std::optional<duck::Prepared>();
    return std::optional<duck::Prepared>(TRY(worker->connection_.prepare(sql)));
  };
  worker->check_ = TRY(prepare(plan->check_sql_).context("while preparing the CHECK constraints"));
  worker->select_ = TRY(prepare(plan->select_sql_));
  worker->final_ = TRY(prepare(plan->final_sql_));
  return worker;
}

Rejection& StageWorker::reject(Slice& slice, std::uint32_t row) {
  auto& at = rejected_at_[row];
  if (at == 0) {
    slice.rejected.push_back({.row = row, .rules = {}, .reason = {}});
    at = static_cast<std::uint32_t>(slice.rejected.size());
  }
  return slice.rejected[at - 1];
}

Result<> StageWorker::prepare(Slice& slice, const Limits& limits) {
  rejected_at_.assign(slice.rows, 0);
  decode(slice);
  if (check_) {
    std::vector<std::uint32_t> rows;
    rows.reserve(slice.rows);
    for (std::uint32_t row = 0; row < slice.rows; ++row) {
      const auto at = rejected_at_[row];
      // What is no JSON has no columns to check; a broken column leaves the others.
      if (at == 0 || slice.rejected[at - 1].rules.front() != "json") rows.push_back(row);
    }
    TRY(check(slice, std::move(rows)));
  }
  accept(slice, limits);
  if (!plan_->spec_.window) {
    TRY(select(slice, slice.accepted, 0));
    refuse(slice, limits);
    std::size_t first = 0;
    for (auto& output : slice.outputs) {
      output.first_key = first;
      first += output.rows.rows();
    }
    make_keys(slice, plan_->dedup_columns_, slice.dedup_keys);
    make_keys(slice, limits.sink_key_columns, slice.sink_keys);
  }
  std::ranges::sort(slice.rejected, {}, &Rejection::row);
  return {};
}

void StageWorker::decode(Slice& slice) {
  ChunkBuffer& out = *slice.buffer;
  faults_.clear();
  slice.record_us.resize(slice.rows);
  std::size_t row = 0;
  for (auto& run : slice.runs) {
    run.row = row;
    const auto records = std::span(run.chunk->records).subspan(run.first, run.count);
    decoder_->decode(records, row, out, faults_);
    for (std::size_t i = 0; i < records.size(); ++i) {
      slice.record_us[row + i] = records[i].timestamp_ms * 1000;
    }
    row += run.count;
  }
  const auto& columns = plan_->spec_.source.columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].origin == ColumnOrigin::Json) continue;
    for (const std::uint32_t bad : fill_metadata(slice, columns[i].origin, i)) {
      Rejection& rejection = reject(slice, bad);
      rejection.rules.push_back("type_" + columns[i].column.name);
      rejection.reason = fmt::format("'{}' is no UTF-8 text", columns[i].column.name);
    }
  }
  slice.input = out.chunk(slice.rows);
  for (auto& fault : faults_) {
    Rejection& rejection = reject(slice, fault.row);
    if (rejection.reason.empty()) rejection.reason = std::move(fault.reason);
    switch (fault.fault) {
      case wire::json::Fault::Malformed:
        rejection.rules = {"json"};
        break;
      case wire::json::Fault::UnknownField:
        if (rejection.rules.empty() || rejection.rules.back() != "unknown_field") {
          rejection.rules.emplace_back("unknown_field");
        }
        break;
      case wire::json::Fault::WrongType:
        rejection.rules.push_back("type_" +
                                  columns[plan_->fields_[fault.field].column].column.name);
    }
  }
}

Result<> StageWorker::check(Slice& slice, std::vector<std::uint32_t> rows) {
  if (rows.empty()) return {};
  const Chunk chunk = with_places(slice.input, rows);
  connection_.set_input("input", {&chunk, 1});
  const auto& constraints = plan_->spec_.source.constraints;
  // Columns of the constraints, by row: whether it is violated.
  const auto take = [&](const Chunk& violations) -> Result<> {
    for (std::size_t c = 0; c < constraints.size(); ++c) {
      const auto* violated = static_cast<const char*>(violations.column(1 + c).values);
      const char* const end = violated + violations.rows();
      for (const char* at = violated; (at = static_cast<const char*>(std::memchr(
                                           at, 1, static_cast<std::size_t>(end - at)))) != nullptr;
           ++at) {
        const std::int64_t row =
            row_place(violations.column(0), static_cast<std::size_t>(at - violated));
        violate(slice, static_cast<std::uint32_t>(row), c);
      }
    }
    return {};
  };
  auto outcome = check_->run(take);
  connection_.set_input("input", {});
  if (outcome.ok() || outcome.error().code != ErrorCode::InvalidArgument) return outcome;
  // One row made an expression throw: halve until it is alone. What was taken before the throw is
  // nothing, since DuckDB gives rows only once it has them all.
  if (rows.size() == 1) {
    Rejection& rejection = reject(slice, rows[0]);
    rejection.rules.emplace_back("expression");
    if (rejection.reason.empty()) rejection.reason = outcome.error().message;
    return {};
  }
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
  TRY(check(slice, {rows.begin(), middle}));
  return check(slice, {middle, rows.end()});
}

void StageWorker::violate(Slice& slice, std::uint32_t row, std::size_t constraint) {
  const auto& columns = plan_->spec_.source.columns;
  // A column of the wrong type is NULL here; its own rule says so already.
  if (const auto at = rejected_at_[row]; at != 0) {
    const auto& rules = slice.rejected[at - 1].rules;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      if (plan_->mentions_[constraint][k] &&
          std::ranges::find(rules, "type_" + columns[k].column.name) != rules.end()) {
        return;
      }
    }
  }
  const auto& broken = plan_->spec_.source.constraints[constraint];
  Rejection& rejection = reject(slice, row);
  rejection.rules.push_back(broken.name);
  if (rejection.reason.empty()) {
    rejection.reason = fmt::format("CHECK ({}) is false", broken.check_sql);
  }
}

void StageWorker::accept(Slice& slice, const Limits& limits) {
  slice.accepted.clear();
  slice.accepted.reserve(slice.rows);
  slice.event_us = slice.record_us;
  const ColumnView* event =
      plan_->event_column_ ? &slice.input.column(*plan_->event_column_) : nullptr;
  for (auto& run : slice.runs) {
    for (std::size_t row = run.row; row < run.row + run.count; ++row) {
      if (rejected_at_[row] != 0) continue;
      const auto place = static_cast<std::uint32_t>(row);
      if (event != nullptr) {
        if (event->is_null(row)) {
          Rejection& rejection = reject(slice, place);
          rejection.rules.emplace_back("event_time");
          rejection.reason = "the event time is null";
          continue;
        }
        slice.event_us[row] = event->value<std::int64_t>(row);
        if (slice.event_us[row] > limits.future_us) {
          Rejection& rejection = reject(slice, place);
          rejection.rules.emplace_back("future");
          rejection.reason = "the event time is further in the future than max_future_skew";
          continue;
        }
      }
      const std::int64_t time = slice.event_us[row];
      run.event_min_us = std::min(run.event_min_us, time);
      run.event_max_us = std::max(run.event_max_us, time);
      slice.event_sum_us += static_cast<double>(time);
      slice.accepted.push_back(place);
    }
  }
}

Result<> StageWorker::select(Slice& slice, std::span<const std::uint32_t> rows, std::size_t depth) {
  if (rows.empty()) return {};
  if (!select_) {  // a projection of every row: nothing to compute
    std::vector<std::uint32_t> places(rows.begin(), rows.end());
    slice.outputs.push_back(
        {slice.input.project(*plan_->projection_).select(places), std::move(places)});
    return {};
  }
  const Chunk chunk = with_places(slice.input, {rows.begin(), rows.end()});
  connection_.set_input("input", {&chunk, 1});
  const bool window = plan_->spec_.window.has_value();
  const auto take = [&](Chunk result) -> Result<> {
    if (window) {
      slice.partial.push_back(std::move(result));
      return {};
    }
    return take_output(slice, result);
  };
  auto outcome = select_->run(take);
  connection_.set_input("input", {});
  if (outcome.ok() || outcome.error().code != ErrorCode::InvalidArgument ||
      depth > kBisectDepthMax) {
    return outcome;
  }
  if (rows.size() == 1) {
    Rejection& rejection = reject(slice, rows[0]);
    rejection.rules.emplace_back("expression");
    rejection.reason = outcome.error().message;
    return {};
  }
  TRY(select(slice, rows.first(rows.size() / 2), depth + 1));
  return select(slice, rows.subspan(rows.size() / 2), depth + 1);
}

Result<> StageWorker::take_output(Slice& slice, const Chunk& chunk) {
  const ColumnView& row = chunk.columns().back();
  std::vector<std::uint32_t> places(chunk.rows());
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    places[i] = static_cast<std::uint32_t>(row_place(row, i));
  }
  if (plan_->projection_) {
    slice.outputs.push_back(
        {slice.input.project(*plan_->projection_).select(places), std::move(places)});
    return {};
  }
  std::vector<std::size_t> columns(chunk.columns().size() - 1);
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
  slice.outputs.push_back({chunk.project(columns), std::move(places)});
  return {};
}

// Rows the sink can never take leave before they count as seen.
void StageWorker::refuse(Slice& slice, const Limits& limits) const {
  if (limits.sink == nullptr) return;
  std::vector<RefusedRow> refused;
  for (auto& output : slice.outputs) {
    refused.clear();
    limits.sink->check(output.rows, refused);
    if (refused.empty()) continue;
    std::vector<bool> gone(output.rows.rows());
    for (auto& row : refused) {
      if (gone[row.row]) continue;
      gone[row.row] = true;
      slice.rejected.push_back(
          {.row = output.places[row.row], .rules = {"sink"}, .reason = std::move(row.reason)});
    }
    std::vector<std::uint32_t> stay;
    std::vector<std::uint32_t> places;
    for (std::size_t i = 0; i < gone.size(); ++i) {
      if (gone[i]) continue;
      stay.push_back(static_cast<std::uint32_t>(output.rows.at(i)));
      places.push_back(output.places[i]);
    }
    output = {output.rows.select(std::move(stay)), std::move(places)};
  }
}

void StageWorker::make_keys(const Slice& slice, std::span<const std::size_t> columns,
                            Slice::Keys& keys) const {
  keys.bytes.clear();
  keys.ends.clear();
  keys.hashes.clear();
  if (columns.empty()) return;
  for (const auto& output : slice.outputs) {
    const Chunk key = output.rows.project(columns);
    for (std::size_t i = 0; i < key.rows(); ++i) {
      const std::size_t from = keys.bytes.size();
      append_key(key.columns(), key.at(i), keys.bytes);
      keys.ends.push_back(static_cast<std::uint32_t>(keys.bytes.size()));
      keys.hashes.push_back(hash_key(BytesView(keys.bytes).subspan(from)));
    }
  }
}

Result<> StageWorker::aggregate(Slice& slice, std::int64_t closed_us) {
  const auto& window = *plan_->spec_.window;
  const std::int64_t size = window.size.count();
  std::vector<std::uint32_t> rows;
  rows.reserve(slice.accepted.size());
  slice.late.clear();
  for (const std::uint32_t row : slice.accepted) {
    const std::int64_t time = slice.event_us[row];
    const std::int64_t start = time - (time % size + size) % size;
    if (start + size <= closed_us) {
      slice.late.push_back(row);
    } else {
      rows.push_back(row);
    }
  }
  rejected_at_.assign(slice.rows, 0);
  slice.partial.clear();
  TRY(select(slice, rows, 0));
  std::ranges::sort(slice.rejected, {}, &Rejection::row);
  return {};
}

Result<std::vector<OutputRows>> StageWorker::finish(const Chunk& groups) {
  std::vector<std::uint32_t> all(groups.rows());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  const Chunk chunk = with_places(groups, std::move(all));
  connection_.set_input("closed", {&chunk, 1});
  std::vector<OutputRows> outputs;
  const auto take = [&](const Chunk& result) -> Result<> {
    std::vector<std::uint32_t> places(result.rows());
    for (std::size_t i = 0; i < result.rows(); ++i) {
      places[i] = static_cast<std::uint32_t>(row_place(result.columns().back(), i));
    }
    if (plan_->final_projection_) {
      outputs.push_back(
          {groups.project(*plan_->final_projection_).select(places), std::move(places)});
      return {};
    }
    std::vector<std::size_t> columns(result.columns().size() - 1);
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
    outputs.push_back({result.project(columns), std::move(places)});
    return {};
  };
  auto outcome = final_->run(take);
  connection_.set_input("closed", {});
  TRY(std::move(outcome));
  return outputs;
}

}  // namespace tidemill::stream

// SPDX-License-Identifier: Apache-2.0
// Running SELECT: read a chunk, filter, project; aggregate or sort what cannot be streamed.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tables/statements/select.h"
#include "wire/cql/literal.h"

namespace tidemill::tables::statements {
namespace {

// Rows read at once when most of them may be filtered out or folded away.
constexpr std::uint32_t kScanRows = 2000;
// A page ends early once it has grown to this; a client asks for the next one.
constexpr std::size_t kPageBytesSoft = 32U << 20;

}  // namespace

struct SelectQuery::Run {
  const Parameters& parameters;
  embedded::ReadRequest request;
  std::vector<ActiveFilter> filters;
  std::int64_t rows_left = std::numeric_limits<std::int64_t>::max();
  std::int64_t per_partition = std::numeric_limits<std::int64_t>::max();
  bool limited = false;
  bool counts_partitions = false;  // PER PARTITION LIMIT beside filters: counted here
  std::uint32_t in_partition = 0;
  Bytes partition;
  RowCells cells;
  wire::cql::Rows rows;
  std::vector<std::string> warnings;
  embedded::ReadTally tally;
};

Outcome<std::int64_t> SelectQuery::limit_of(const TermPtr& term, const Parameters& parameters,
                                            std::string_view name) const {
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  if (!term) return kNone;
  const TermValue value = TRY(term->evaluate({parameters}));
  if (value.is_unset()) return kNone;
  if (value.is_null()) return invalid(fmt::format("Invalid null value of {}", name));
  const std::int64_t limit = wire::cql::decode_integer(value.bytes());
  if (limit <= 0) return invalid(fmt::format("{} must be strictly positive", name));
  return limit;
}

// False when nothing can match.
Outcome<bool> SelectQuery::make_request(const Parameters& parameters,
                                        embedded::ReadRequest& request) const {
  request.table = where_.table;
  for (const Column* column : slots_) request.columns.push_back(column->id);
  const auto tokens = TRY(where_.tokens(parameters));
  if (!tokens) return false;
  request.tokens = *tokens;
  if (!where_.partition.empty()) {
    request.partitions = TRY(where_.partition_keys(parameters));
    if (request.partitions.empty()) return false;
  }
  request.lookup = TRY(where_.lookup(parameters));
  auto ranges = TRY(where_.ranges(parameters));
  if (!ranges.everything && ranges.ranges.empty()) return false;
  request.ranges = std::move(ranges.ranges);
  request.reversed = reversed_;
  request.distinct = distinct_;
  request.static_only_rows = !where_.restricts_clustering;
  request.with_times = with_times_;
  request.with_elements = with_elements_;
  request.now_seconds = parameters.now_seconds();
  return true;
}

Outcome<> SelectQuery::append_row(Run& run, const Evaluation& at, Bytes& cells) const {
  if (!json_) {
    for (const TermPtr& term : selected_) {
      const TermValue value = TRY(term->evaluate(at));
      if (value.is_value()) {
        wire::cql::append_cell(cells, value.bytes());
      } else {
        wire::cql::append_null_cell(cells);
      }
    }
  } else {
    std::string json = "{";
    for (std::size_t i = 0; i < selected_.size(); ++i) {
      if (i > 0) json += ", ";
      const bool lower =
          std::ranges::none_of(names_[i], [](char c) { return c >= 'A' && c <= 'Z'; });
      json += wire::cql::json_quoted(lower ? names_[i] : "\"" + names_[i] + "\"") + ": ";
      const TermValue value = TRY(selected_[i]->evaluate(at));
      json +=
          value.is_value() ? wire::cql::to_json_text(selected_[i]->type(), value.bytes()) : "null";
    }
    wire::cql::append_cell(cells, as_bytes(json + "}"));
  }
  ++run.rows.row_count;
  return {};
}

// Of what has to be in memory at once.
Outcome<> SelectQuery::check_size(const Run& run, std::size_t bytes) const {
  if (bytes <= environment_.limits.coordinator_read_size_fail_threshold) return {};
  return too_much_memory(run.parameters, run.request, bytes);
}

Outcome<RowChunk> SelectQuery::next_chunk(Run& run) const {
  auto chunk = read_rows(environment_.store, system_, *schema_, run.request);
  if (run.tally.is_overwhelmed) return too_many_tombstones(run.parameters, run.request);
  return chunk;
}

namespace {

// The values of some slots as one comparable key.
Bytes key_of(const RowCells& row, const std::vector<std::size_t>& slots) {
  Bytes out;
  for (const std::size_t slot : slots) {
    if (row.values[slot]) {
      wire::cql::append_cell(out, *row.values[slot]);
    } else {
      wire::cql::append_null_cell(out);
    }
  }
  return out;
}

}  // namespace

Outcome<> SelectQuery::plain(Run& run) const {
  const bool paged = run.parameters.page_size > 0;
  const std::size_t page_bytes =
      std::min(kPageBytesSoft, environment_.limits.coordinator_read_size_fail_threshold);
  const bool filtered = !run.filters.empty();
  std::int64_t wanted = run.rows_left;
  if (paged) wanted = std::min<std::int64_t>(wanted, run.parameters.page_size);
  const Evaluation at{run.parameters, &run.cells};
  const bool scans = filtered || run.counts_partitions;
  while (run.rows.row_count < wanted) {
    const std::int64_t missing = wanted - run.rows.row_count;
    const std::int64_t chunk_rows = scans ? std::max<std::int64_t>(missing, kScanRows) : missing;
    run.request.page_rows = static_cast<std::uint32_t>(std::min<std::int64_t>(chunk_rows, 10'000));
    RowChunk chunk = TRY(next_chunk(run));
    std::size_t used = 0;
    bool full = false;
    for (; used < chunk.size() && !full; ++used) {
      chunk.load(used, with_times_, with_elements_, run.cells);
      if (filtered && !passes(run.filters, run.cells)) continue;
      if (run.counts_partitions) {
        Bytes partition = key_of(run.cells, group_slots_);
        if (partition != run.partition) {
          run.partition = std::move(partition);
          run.in_partition = 0;
        }
        if (run.in_partition >= run.per_partition) continue;
        ++run.in_partition;
      }
      TRY(append_row(run, at, run.rows.cells));
      if (!paged) TRY(check_size(run, run.rows.cells.size()));
      full = run.rows.row_count >= wanted || (paged && run.rows.cells.size() > page_bytes);
    }
    Bytes resume = chunk.resume();
    if (full && used < chunk.size() && paged) {
      // Stopped within the chunk: the store tells the place behind the last row used.
      run.request.page_rows = static_cast<std::uint32_t>(used);
      run.request.tally = nullptr;  // has counted these
      resume = TRY(read_rows(environment_.store, system_, *schema_, run.request)).resume();
    }
    run.request.resume = std::move(resume);
    if (run.request.resume.empty() || full) break;
  }
  run.rows_left -= run.limited ? run.rows.row_count : 0;
  if (!paged || run.request.resume.empty() || run.rows_left <= 0) return {};
  PagingState state;
  state.table = where_.table->id;
  state.rows_left = run.limited ? static_cast<std::int32_t>(run.rows_left) : -1;
  if (run.counts_partitions) {
    state.in_partition = run.in_partition;
    state.partition = run.partition;
  }
  state.store = std::move(run.request.resume);
  run.rows.paging_state = encode_paging_state(state);
  return {};
}

// ORDER BY over several partitions: everything in memory, sorted by clustering columns.
Outcome<> SelectQuery::sorted(Run& run) const {
  struct SortedRow {
    std::vector<Value> key;
    Bytes cells;
  };
  std::vector<SortedRow> rows;
  std::size_t bytes = 0;
  const Evaluation at{run.parameters, &run.cells};
  do {
    run.request.page_rows = kScanRows;
    RowChunk chunk = TRY(next_chunk(run));
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      chunk.load(i, with_times_, with_elements_, run.cells);
      if (!passes(run.filters, run.cells)) continue;
      SortedRow row;
      for (const std::size_t slot : sort_slots_) {
        const auto& value = run.cells.values[slot];
        row.key.push_back(value ? Value(Bytes(value->begin(), value->end())) : Value());
      }
      TRY(append_row(run, at, row.cells));
      bytes += sizeof row + row.cells.size() + row.key.size() * sizeof(Value);
      for (const Value& value : row.key) bytes += value ? value->size() : 0;
      TRY(check_size(run, bytes));
      rows.push_back(std::move(row));
    }
    run.request.resume = chunk.resume();
  } while (!run.request.resume.empty());
  const auto clustering = where_.table->clustering();
  std::ranges::sort(rows, [&](const SortedRow& a, const SortedRow& b) {
    for (std::size_t i = 0; i < clustering.size(); ++i) {
      if (!a.key[i] || !b.key[i]) continue;
      const int order = wire::cql::compare_values(clustering[i].type, *a.key[i], *b.key[i]);
      if (order != 0) return (order < 0) != (clustering[i].descending != reversed_);
    }
    return false;
  });
  run.rows.row_count = 0;
  for (const SortedRow& row : rows) {
    if (run.rows.row_count >= run.rows_left) break;
    run.rows.cells.insert(run.rows.cells.end(), row.cells.begin(), row.cells.end());
    ++run.rows.row_count;
  }
  return {};
}

namespace {

// What the plain columns beside an aggregate show when no row was read.
RowCells absent_row(std::size_t columns) {
  RowCells row;
  row.values.assign(columns, std::nullopt);
  row.timestamps.assign(columns, embedded::Page::kNoTime);
  row.expires_at.assign(columns, 0);
  row.elements.assign(columns, nullptr);
  return row;
}

}  // namespace

Outcome<> SelectQuery::aggregated(Run& run) const {
  std::vector<std::unique_ptr<Aggregate>> states;
  RowCells first;                   // plain columns show the group's first row
  std::vector<Bytes> first_memory;  // which must outlive its chunk
  std::vector<std::vector<embedded::Element>> first_elements;
  std::optional<Bytes> group;
  Bytes partition;
  std::int64_t groups_of_partition = 0;
  const auto start = [&] {
    states.clear();
    for (const AggregateCall& call : aggregates_) states.push_back(start_aggregate(call));
  };
  const auto keep_first = [&] {
    first = run.cells;
    first_memory.clear();
    first_memory.reserve(first.values.size());
    for (auto& value : first.values) {
      if (!value) continue;
      first_memory.emplace_back(value->begin(), value->end());
      value = first_memory.back();
    }
    first_elements.assign(first.elements.size(), {});
    for (std::size_t i = 0; i < first.elements.size(); ++i) {
      if (first.elements[i] == nullptr) continue;
      first_elements[i] = *first.elements[i];
      first.elements[i] = &first_elements[i];
    }
  };
  const auto finish_group = [&]() -> Outcome<> {
    std::vector<Value> results;
    for (const auto& state : states) results.push_back(TRY(state->result()));
    TRY(append_row(run, {run.parameters, &first, results}, run.rows.cells));
    return check_size(run, run.rows.cells.size());
  };
  start();
  bool done = false;
  do {
    run.request.page_rows = kScanRows;
    RowChunk chunk = TRY(next_chunk(run));
    for (std::size_t i = 0; i < chunk.size() && !done; ++i) {
      chunk.load(i, with_times_, with_elements_, run.cells);
      if (!passes(run.filters, run.cells)) continue;
      Bytes key = grouped_ ? key_of(run.cells, group_slots_) : Bytes();
      if (!group || *group != key) {
        if (group && groups_of_partition <= run.per_partition) {
          TRY(finish_group());
          if (run.rows.row_count >= run.rows_left) {
            done = true;
            group.reset();
            break;
          }
        }
        if (grouped_) {
          const std::vector<std::size_t> partition_slots(
              group_slots_.end() - static_cast<std::ptrdiff_t>(where_.table->partition_columns),
              group_slots_.end());
          Bytes of_group = key_of(run.cells, partition_slots);
          if (of_group != partition) groups_of_partition = 0;
          partition = std::move(of_group);
          ++groups_of_partition;
        }
        group = std::move(key);
        start();
        keep_first();
      }
      const Evaluation at{run.parameters, &run.cells};
      for (std::size_t a = 0; a < aggregates_.size(); ++a) {
        if (!aggregates_[a].argument) {
          TRY(states[a]->add(TermValue::null()));
          continue;
        }
        TRY(states[a]->add(TRY(aggregates_[a].argument->evaluate(at))));
      }
    }
    run.request.resume = chunk.resume();
    // Cassandra reads such a query in pages, too, each of which counts by itself.
    if (run.parameters.page_size > 0) run.tally.end_part();
  } while (!run.request.resume.empty() && !done);
  if (group && groups_of_partition <= run.per_partition) TRY(finish_group());
  if (!group && !grouped_ && !done) {
    first = absent_row(slots_.size());
    TRY(finish_group());
  }
  return {};
}

Outcome<StatementResult> SelectQuery::execute(const Parameters& parameters) const {
  using wire::cql::Consistency;
  if (parameters.consistency == Consistency::Any) {
    return invalid("ANY ConsistencyLevel is only supported for writes");
  }
  Run run{.parameters = parameters,
          .request = {},
          .filters = {},
          .partition = {},
          .cells = {},
          .rows = {},
          .warnings = {},
          .tally = {.tombstone_warn_threshold = environment_.limits.tombstone_warn_threshold,
                    .tombstone_failure_threshold = environment_.limits.tombstone_failure_threshold,
                    .partition_key = {},
                    .clustering = {},
                    .warned = {}}};
  run.request.tally = &run.tally;
  run.rows.metadata = metadata_;
  run.rows_left = TRY(limit_of(limit_, parameters, "LIMIT"));
  run.limited = run.rows_left != std::numeric_limits<std::int64_t>::max();
  run.per_partition = TRY(limit_of(per_partition_limit_, parameters, "PER PARTITION LIMIT"));
  run.filters = TRY(where_.active_filters(parameters));
  const bool in_memory = !aggregates_.empty() || grouped_;
  if (!aggregates_.empty() && !grouped_) {
    if (where_.partition.empty()) {
      run.warnings.emplace_back("Aggregation query used without partition key");
    } else if (where_.partition_has_in) {
      run.warnings.emplace_back(
          "Aggregation query used on multiple partition keys (IN restriction)");
    }
  }
  // Even if the IN names one partition only and LIMIT fits a page, as Cassandra has it.
  if (!sort_slots_.empty() && parameters.page_size > 0) {
    return invalid(
        "Cannot page queries with both ORDER BY and a IN restriction on the partition key; you "
        "must either remove the ORDER BY or the IN and sort client side, or disable paging for "
        "this query");
  }
  const bool possible = TRY(make_request(parameters, run.request));
  if (!possible) {
    if (!aggregates_.empty() && !grouped_) {
      // No partition has this impossible range of tokens.
      run.request.tokens = {1, 0};
      std::vector<Value> results;
      for (const AggregateCall& call : aggregates_)
        results.push_back(TRY(start_aggregate(call)->result()));
      run.cells = absent_row(slots_.size());
      TRY(append_row(run, {parameters, &run.cells, results}, run.rows.cells));
    }
    return finish(run);
  }
  if (per_partition_limit_ && !in_memory) {
    run.counts_partitions = !run.filters.empty();
    if (!run.counts_partitions)
      run.request.per_partition_limit = static_cast<std::uint32_t>(run.per_partition);
  }
  if (in_memory) {
    TRY(aggregated(run));
    return finish(run);
  }
  if (!sort_slots_.empty() && run.request.partitions.size() > 1) {
    TRY(sorted(run));
    return finish(run);
  }
  if (!parameters.paging_state.empty()) {
    PagingState state = TRY(decode_paging_state(parameters.paging_state, where_.table->id));
    if (run.limited && state.rows_left >= 0)
      run.rows_left = std::min<std::int64_t>(run.rows_left, state.rows_left);
    run.in_partition = state.in_partition;
    run.partition = std::move(state.partition);
    run.request.resume = std::move(state.store);
  }
  TRY(plain(run));
  return finish(run);
}

Outcome<StatementResult> SelectQuery::finish(Run& run) const {
  run.tally.end_part();
  run.request.tally = &run.tally;
  add_warnings(run.parameters, run.request, run.warnings);
  StatementResult result;
  result.kind = std::move(run.rows);
  result.warnings = std::move(run.warnings);
  return result;
}

}  // namespace tidemill::tables::statements

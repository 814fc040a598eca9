// SPDX-License-Identifier: Apache-2.0
// Some records of one epoch and what became of them: the unit of parallel work.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/chunk.h"
#include "model/record.h"

namespace tidemill::stream {

// Consecutive records of one partition.
struct RecordRun {
  const RecordChunk* chunk = nullptr;
  std::size_t first = 0;
  std::size_t count = 0;
  std::size_t row = 0;        // of the slice, where it begins
  std::size_t partition = 0;  // index into the query's partitions
  // Event times of its accepted rows.
  std::int64_t event_min_us = INT64_MAX;
  std::int64_t event_max_us = INT64_MIN;
};

// Why a record is not processed.
struct Rejection {
  std::uint32_t row = 0;
  std::vector<std::string> rules;  // in the order of declaration
  std::string reason;
};

// Rows on their way to the sink, and the row of the slice each comes from.
struct OutputRows {
  Chunk rows;
  std::vector<std::uint32_t> places;
  // Where their keys stand in Slice::Keys: row i has keys[i], or first_key + i when that is empty.
  std::size_t first_key = 0;
  std::vector<std::uint32_t> keys = {};
  std::size_t key_of(std::size_t row) const { return keys.empty() ? first_key + row : keys[row]; }
};

struct Slice {
  std::vector<RecordRun> runs;
  std::size_t rows = 0;

  std::shared_ptr<ChunkBuffer> buffer;
  Chunk input;                          // the source's columns, every row
  std::vector<std::int64_t> record_us;  // by row: the record's timestamp
  std::vector<std::int64_t> event_us;   // by row; the record's timestamp without a watermark
  std::vector<std::uint32_t> accepted;  // rows that break no rule
  std::vector<Rejection> rejected;      // by row
  std::vector<std::uint32_t> late;      // rows of closed windows
  std::vector<OutputRows> outputs;      // without a window
  std::vector<Chunk> partial;           // with one: a row per group
  double event_sum_us = 0;

  // Of the output rows, one after the other, where the query keeps state by key.
  struct Keys {
    Bytes bytes;
    std::vector<std::uint32_t> ends;
    std::vector<std::uint64_t> hashes;
    BytesView key(std::size_t index) const {
      const std::size_t from = index == 0 ? 0 : ends[index - 1];
      return BytesView(bytes).subspan(from, ends[index] - from);
    }
  };
  Keys dedup_keys;
  Keys sink_keys;

  const RecordRun& run_of(std::size_t row_index) const {
    std::size_t at = runs.size() - 1;
    while (runs[at].row > row_index) --at;
    return runs[at];
  }
  const RecordView& record(std::size_t row_index) const {
    const auto& run = run_of(row_index);
    return run.chunk->records[run.first + row_index - run.row];
  }
};

}  // namespace tidemill::stream

// SPDX-License-Identifier: Apache-2.0
#include "stream/batch_reader.h"

#include <algorithm>

namespace tidemill::stream {
namespace {

constexpr std::size_t kBuffersKept = 64;

std::chrono::microseconds passed(const Clock& clock, std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock.monotonic() - since);
}

// Cuts the chunks' records into slices of some thousand rows; small partitions share one.
void cut(Batch& batch, std::size_t slice_rows) {
  std::unique_ptr<Slice> slice;
  for (const auto& chunk : batch.chunks) {
    const auto partition = static_cast<std::size_t>(chunk.source.partition);
    for (std::size_t first = 0; first < chunk.records.size();) {
      if (!slice) slice = std::make_unique<Slice>();
      const std::size_t count = std::min(chunk.records.size() - first, slice_rows - slice->rows);
      slice->runs.push_back({.chunk = &chunk,
                             .first = first,
                             .count = count,
                             .row = slice->rows,
                             .partition = partition});
      slice->rows += count;
      first += count;
      if (slice->rows == slice_rows) batch.slices.push_back(std::move(slice));
    }
  }
  if (slice) batch.slices.push_back(std::move(slice));
}

}  // namespace

BatchReader::BatchReader(broker::Broker& broker, std::shared_ptr<const StagePlan> plan,
                         std::vector<std::unique_ptr<StageWorker>>& workers, WorkerPool& pool,
                         const Clock& clock, Options options)
    : broker_(broker),
      plan_(std::move(plan)),
      workers_(workers),
      pool_(pool),
      clock_(clock),
      options_(std::move(options)) {
  for (const auto& column : plan_->spec().source.columns) types_.push_back(column.column.type);
  thread_ = Thread("stream-read", [this](const std::stop_token&) { serve(); });
}

BatchReader::~BatchReader() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.stop();
}

Result<std::unique_ptr<Batch>> BatchReader::read(const std::vector<std::int64_t>& positions,
                                                 std::chrono::milliseconds wait) {
  auto batch = std::make_unique<Batch>();
  batch->next = positions;
  batch->latest.assign(positions.size(), -1);
  const auto begin = clock_.monotonic();
  std::vector<broker::FetchPosition> asked;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    asked.push_back({{options_.topic, static_cast<std::int32_t>(i)}, positions[i]});
  }
  broker::FetchLimits limits;
  limits.max_wait = wait;
  // A share each. The broker gives one batch at least, however large.
  limits.max_bytes = std::max<std::size_t>(
      options_.bytes_max / std::max<std::size_t>(positions.size(), 1), 4UL * 1024);
  batch->chunks = TRY(broker_.fetch(asked, limits));
  for (const auto& chunk : batch->chunks) {
    const auto partition = static_cast<std::size_t>(chunk.source.partition);
    batch->moved = batch->moved || chunk.next_offset != batch->next[partition];
    batch->next[partition] = chunk.next_offset;
    batch->latest[partition] = chunk.last_stable_offset;
    batch->full = batch->full || chunk.last_stable_offset > chunk.next_offset;
    batch->rows += chunk.records.size();
    batch->bytes += chunk.bytes;
  }
  batch->fetch_time = passed(clock_, begin);
  const auto prepare_begin = clock_.monotonic();
  TRY(prepare(*batch));
  batch->prepare_time = passed(clock_, prepare_begin);
  return batch;
}

std::shared_ptr<ChunkBuffer> BatchReader::buffer(std::size_t rows) {
  std::shared_ptr<ChunkBuffer> chosen;
  {
    const MutexLock lock(buffers_mutex_);
    if (!buffers_.empty()) {
      chosen = std::move(buffers_.back());
      buffers_.pop_back();
    }
  }
  if (!chosen) chosen = ChunkBuffer::make(types_);
  chosen->reset(rows);
  return chosen;
}

Result<> BatchReader::prepare(Batch& batch) {
  cut(batch, options_.slice_rows);
  auto limits = limits_;
  limits.future_us =
      clock_.wall_us() + std::chrono::microseconds(plan_->spec().source.max_future_skew).count();
  std::vector<Result<>> outcomes(batch.slices.size());
  pool_.run(batch.slices.size(), [&](std::size_t item, std::size_t worker) {
    Slice& slice = *batch.slices[item];
    slice.buffer = buffer(slice.rows);
    outcomes[item] = workers_[worker]->prepare(slice, limits);
  });
  for (auto& outcome : outcomes) TRY(std::move(outcome));
  return {};
}

void BatchReader::start(std::vector<std::int64_t> positions) {
  started_ = true;
  {
    const MutexLock lock(mutex_);
    asked_ = std::move(positions);
  }
  changed_.notify_all();
}

Result<std::unique_ptr<Batch>> BatchReader::take() {
  started_ = false;
  const MutexLock lock(mutex_);
  while (!answer_) changed_.wait(mutex_);
  auto answer = std::move(*answer_);
  answer_.reset();
  return answer;
}

void BatchReader::discard() {
  if (!started_) return;
  auto batch = take();
  if (batch.ok()) recycle(std::move(*batch));
}

void BatchReader::recycle(std::unique_ptr<Batch> batch) {
  for (auto& slice : batch->slices) {
    auto buffer = std::move(slice->buffer);
    slice.reset();  // drops the chunks that hold the buffer
    if (!buffer || buffer.use_count() != 1) continue;
    const MutexLock lock(buffers_mutex_);
    if (buffers_.size() < kBuffersKept) buffers_.push_back(std::move(buffer));
  }
}

void BatchReader::serve() {
  mutex_.lock();
  while (true) {
    while (!asked_ && !stopping_) changed_.wait(mutex_);
    if (stopping_) break;
    const auto positions = std::move(*asked_);
    asked_.reset();
    mutex_.unlock();
    auto batch = read(positions, std::chrono::milliseconds(0));
    mutex_.lock();
    answer_.emplace(std::move(batch));
    changed_.notify_all();
  }
  mutex_.unlock();
}

}  // namespace tidemill::stream

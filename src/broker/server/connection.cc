// SPDX-License-Identifier: Apache-2.0
#include "broker/server/connection.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <exception>
#include <utility>

#include "broker/api/api_table.h"
#include "broker/api/handlers.h"
#include "runtime/cancellation.h"
#include "runtime/log.h"
#include "wire/kafka/api_versions.h"

namespace tidemill::broker::server {

using wire::kafka::ApiKey;
using wire::kafka::Encoded;
using wire::kafka::KafkaError;

namespace {

constexpr std::size_t kBufferBytes = 64 << 10;
constexpr std::size_t kSizeBytes = 4;
constexpr std::size_t kGatherFramesMax = 32;
constexpr auto kDone = asio::as_tuple(asio::use_awaitable);
constexpr auto kNever = asio::steady_timer::time_point::max();

Error io_failure(const boost::system::error_code& failure) {
  return error(ErrorCode::Cancelled, failure.message());
}

void add_buffers(const Encoded& frame, std::vector<asio::const_buffer>& buffers) {
  std::size_t from = 0;
  for (const auto& splice : frame.splices) {
    buffers.emplace_back(frame.bytes.data() + from, splice.at - from);
    for (const BytesView piece : splice.records.pieces) {
      buffers.emplace_back(piece.data(), piece.size());
    }
    from = splice.at;
  }
  if (from < frame.bytes.size()) {
    buffers.emplace_back(frame.bytes.data() + from, frame.bytes.size() - from);
  }
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, api::RequestContext context,
                       const ConnectionLimits& limits, ByteBudget& budget, ServerMetrics& metrics)
    : socket_(std::move(socket)),
      context_(std::move(context)),
      limits_(limits),
      budget_(budget),
      metrics_(metrics),
      response_ready_(socket_.get_executor(), kNever),
      room_made_(socket_.get_executor(), kNever),
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBufferBytes)),
      last_request_(context_.services.clock.monotonic()) {
  responses_ = std::make_shared<api::ResponseQueue>([this] { response_ready_.cancel(); });
  metrics_.connections.add(1);
}

Connection::~Connection() {
  responses_->abandon();
  metrics_.connections.add(-1);
}

Task<> Connection::read_requests() {
  // Waits report a cancellation as their own failure.
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto self = shared_from_this();
  Result<> outcome;
  try {
    outcome = co_await read_loop();
  } catch (const std::exception& thrown) {
    outcome = error(ErrorCode::Internal, thrown.what());
  }
  if (large_bytes_ > 0) budget_.release(std::exchange(large_bytes_, 0));
  reading_ended_ = true;
  frame_began_.reset();
  if (!outcome.ok() && outcome.error().code != ErrorCode::Cancelled) {
    metrics_.refused_requests.add();
    log_info("broker.server", "connection of {} closed: {}", context_.client_host,
             outcome.error().message);
    close(outcome.error());
  }
  response_ready_.cancel();
  co_return Result<>{};
}

Task<> Connection::read_loop() {
  for (;;) {
    CO_TRY(co_await wait_for_room());
    const std::optional<BytesView> frame = CO_TRY(co_await next_frame());
    if (!frame) co_return Result<>{};
    const auto began = context_.services.clock.monotonic();
    last_request_ = began;
    metrics_.received_bytes.add(frame->size() + kSizeBytes);
    CO_TRY(co_await serve(*frame));
    metrics_.requests.add();
    const auto took = context_.services.clock.monotonic() - began;
    metrics_.handled.observe_us(static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    if (large_bytes_ > 0) {
      large_frame_.reset();
      budget_.release(std::exchange(large_bytes_, 0));
    }
  }
}

bool Connection::has_room() const {
  return responses_->size() < limits_.requests_in_flight_max &&
         responses_->bytes() < limits_.response_bytes_queued_max;
}

Task<> Connection::wait_for_room() {
  while (!has_room()) {
    if (!socket_.is_open() || co_await stop_requested()) break;
    co_await room_made_.async_wait(kDone);
  }
  if (!socket_.is_open() || co_await stop_requested()) {
    co_return error(ErrorCode::Cancelled, "connection is being closed");
  }
  co_return Result<>{};
}

Task<std::optional<BytesView>> Connection::next_frame() {
  if (end_ - begin_ < kSizeBytes) {
    frame_began_.reset();
    const Result<> more = co_await fill_buffer(kSizeBytes);
    // A client that hangs up between requests has nothing to be told.
    if (!more.ok() && begin_ == end_) co_return std::optional<BytesView>{};
    if (!more.ok()) co_return more.error();
  }
  const auto size = load_be<std::int32_t>(buffer_.get() + begin_);
  if (size < 0 || static_cast<std::size_t>(size) > limits_.request_bytes_max) {
    co_return error(ErrorCode::TooLarge, fmt::format("request frame of {} bytes, {} are allowed",
                                                     size, limits_.request_bytes_max));
  }
  const auto length = static_cast<std::size_t>(size);
  if (length + kSizeBytes > kBufferBytes) {
    co_return std::optional<BytesView>{CO_TRY(co_await read_large(length))};
  }
  if (end_ - begin_ < length + kSizeBytes) {
    frame_began_ = context_.services.clock.monotonic();
    CO_TRY(co_await fill_buffer(length + kSizeBytes));
    frame_began_.reset();
  }
  const BytesView frame(buffer_.get() + begin_ + kSizeBytes, length);
  begin_ += length + kSizeBytes;
  co_return std::optional<BytesView>{frame};
}

// Reads until `wanted` bytes, or more, are in the buffer.
Task<> Connection::fill_buffer(std::size_t wanted) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ + wanted > kBufferBytes) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  while (end_ - begin_ < wanted) {
    const auto [failure, count] = co_await socket_.async_read_some(
        asio::buffer(buffer_.get() + end_, kBufferBytes - end_), kDone);
    if (failure) co_return io_failure(failure);
    end_ += count;
  }
  co_return Result<>{};
}

Task<BytesView> Connection::read_large(std::size_t size) {
  if (!co_await budget_.acquire(size)) {
    co_return error(ErrorCode::Cancelled, "the server is stopping");
  }
  large_bytes_ = size;
  large_frame_ = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  const std::size_t here = std::min(end_ - begin_ - kSizeBytes, size);
  std::memcpy(large_frame_.get(), buffer_.get() + begin_ + kSizeBytes, here);
  begin_ += kSizeBytes + here;
  frame_began_ = context_.services.clock.monotonic();
  const auto [failure, count] = co_await asio::async_read(
      socket_, asio::buffer(large_frame_.get() + here, size - here), kDone);
  frame_began_.reset();
  if (failure) co_return io_failure(failure);
  co_return BytesView(large_frame_.get(), size);
}

Task<> Connection::serve(BytesView frame) {
  ByteReader in(frame);
  context_.header = CO_TRY(wire::kafka::decode_request_header(in));
  const wire::kafka::RequestHeader& header = context_.header;
  const api::ApiEntry* const entry = api::find_api(header.api_key);
  if (entry == nullptr) {
    co_return error(ErrorCode::Unsupported, fmt::format("api {} is not served", header.api_key));
  }
  const bool known =
      header.api_version >= entry->spec.lowest && header.api_version <= entry->spec.highest;
  if (!known && entry->spec.key == ApiKey::ApiVersions) {
    // Whatever the client speaks, it can read version 0 and learn what we speak (KIP-511).
    wire::kafka::ApiVersionsResponse answer = api::list_apis(0);
    answer.error_code = KafkaError::UnsupportedVersion;
    responses_->open()->answer(
        wire::kafka::encode_response_frame(header.correlation_id, 0, answer));
    co_return Result<>{};
  }
  if (!known) {
    co_return error(
        ErrorCode::Unsupported,
        fmt::format("{} version {} is not served, versions {} to {} are", entry->spec.name,
                    header.api_version, entry->spec.lowest, entry->spec.highest));
  }
  if (entry->spec.flexible(header.api_version)) CO_TRY(wire::kafka::skip_tags(in));
  co_return co_await entry->serve(context_, in.rest(), responses_->open());
}

Task<> Connection::write_responses() {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto self = shared_from_this();
  Result<> outcome;
  try {
    outcome = co_await write_loop();
  } catch (const std::exception& thrown) {
    outcome = error(ErrorCode::Internal, thrown.what());
  }
  write_began_.reset();
  writing_ended_ = true;
  close(outcome.ok() ? error(ErrorCode::Cancelled, "closed by the client") : outcome.error());
  co_return Result<>{};
}

Task<> Connection::write_loop() {
  std::vector<Encoded> frames;
  std::vector<asio::const_buffer> buffers;
  for (;;) {
    while (!responses_->front_filled()) {
      if (reading_ended_ && responses_->size() == 0) co_return Result<>{};
      if (!socket_.is_open() || co_await stop_requested()) {
        co_return error(ErrorCode::Cancelled, "connection is being closed");
      }
      co_await response_ready_.async_wait(kDone);
    }
    frames.clear();
    buffers.clear();
    Result<> stop;
    while (responses_->front_filled() && frames.size() < kGatherFramesMax && stop.ok()) {
      Result<std::optional<Encoded>> frame = responses_->take_front();
      if (!frame.ok()) {
        stop = frame.error();
      } else if (*frame) {
        frames.push_back(*std::move(*frame));
      }
    }
    for (const Encoded& frame : frames) add_buffers(frame, buffers);
    if (!buffers.empty()) {
      write_began_ = context_.services.clock.monotonic();
      const auto [failure, count] = co_await asio::async_write(socket_, buffers, kDone);
      write_began_.reset();
      if (failure) co_return io_failure(failure);
      metrics_.sent_bytes.add(count);
    }
    room_made_.cancel();
    CO_TRY(std::move(stop));
  }
}

void Connection::drain() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_receive, ignored);
}

void Connection::close(const Error& reason) {
  if (!socket_.is_open()) return;
  log_debug("broker.server", "connection of {} ends: {}", context_.client_host, reason.message);
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  response_ready_.cancel();
  room_made_.cancel();
}

void Connection::close_if_stalled(std::chrono::steady_clock::time_point now) {
  const auto stuck = [&](const auto& since) {
    return since && now - *since > limits_.stall_timeout;
  };
  const bool idle = responses_->size() == 0 && now - last_request_ > limits_.idle_timeout;
  if (!idle && !stuck(frame_began_) && !stuck(write_began_)) return;
  metrics_.stalled_connections.add();
  close(error(ErrorCode::Timeout, idle ? "idle for too long" : "it stopped moving"));
}

}  // namespace tidemill::broker::server

// SPDX-License-Identifier: Apache-2.0
#include "broker/server/connection.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstring>
#include <utility>

#include "broker/api/api_table.h"
#include "broker/api/handlers.h"
#include "runtime/cancellation.h"
#include "runtime/log.h"
#include "wire/kafka/api_versions.h"

namespace tidemill::broker::server {

using api::Login;
using wire::kafka::ApiKey;
using wire::kafka::Encoded;
using wire::kafka::KafkaError;

namespace {

constexpr std::size_t kBufferBytes = 64 << 10;
constexpr std::size_t kSizeBytes = 4;
constexpr std::size_t kGatherFramesMax = 32;
// sasl.server.max.receive.size: nobody needs more to say who it is.
constexpr std::size_t kLoginBytesMax = 512 << 10;

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

Connection::Connection(SessionStart start, api::RequestContext context,
                       const ConnectionLimits& limits, ByteBudget& budget, ServerMetrics& metrics)
    : Session(std::move(start)),
      context_(std::move(context)),
      limits_(limits),
      budget_(budget),
      metrics_(metrics),
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kBufferBytes)),
      arrived_(now()) {
  if (!context_.services.options.sasl_mechanisms.empty()) {
    context_.login.step = Login::Step::Wanted;
  }
  responses_ = std::make_shared<api::ResponseQueue>([this] { wake_writer(); });
}

Connection::~Connection() {
  responses_->abandon();
}

void Connection::reading_failed(const Error& reason) {
  if (reason.code == ErrorCode::Cancelled) return;
  metrics_.refused_requests.add();
  close(CloseReason::Refused, reason.message);
}

Task<> Connection::read_loop() {
  // Whatever ends the loop, the memory of a large request goes back.
  struct Returned {
    Connection& connection;
    ~Returned() { connection.return_memory(); }
  } const returned{*this};
  for (;;) {
    CO_TRY(co_await wait_for_room());
    const std::optional<Frame> frame = CO_TRY(co_await next_frame());
    if (!frame) co_return Result<>{};
    request_came();
    CO_TRY(co_await serve(*frame));
    return_memory();
    if (context_.login.step == Login::Step::Refused) {
      metrics_.failed_logins.add();
      co_return Result<>{};  // what was answered is the last the client hears
    }
    if (!context_.login.is_open()) establish();
  }
}

void Connection::return_memory() {
  if (large_bytes_ == 0) return;
  large_frame_.reset();
  budget_.release(std::exchange(large_bytes_, 0));
}

bool Connection::has_room() const {
  return responses_->size() < limits_.requests_in_flight_max &&
         responses_->bytes() < limits_.response_bytes_queued_max;
}

Task<std::optional<Connection::Frame>> Connection::next_frame() {
  if (end_ - begin_ < kSizeBytes) {
    const Result<> more = co_await fill_buffer(kSizeBytes);
    // A client that hangs up between requests has nothing to be told.
    if (!more.ok() && begin_ == end_) co_return std::optional<Frame>{};
    if (!more.ok()) co_return more.error();
  }
  const auto size = load_be<std::int32_t>(buffer_.get() + begin_);
  const std::size_t most = context_.login.is_open()
                               ? std::min(kLoginBytesMax, limits_.request_bytes_max)
                               : limits_.request_bytes_max;
  if (size < 0 || static_cast<std::size_t>(size) > most) {
    co_return error(ErrorCode::TooLarge,
                    fmt::format("request frame of {} bytes, {} are allowed", size, most));
  }
  const auto length = static_cast<std::size_t>(size);
  if (length + kSizeBytes > kBufferBytes) {
    co_return std::optional<Frame>{CO_TRY(co_await read_large(length))};
  }
  if (end_ - begin_ < length + kSizeBytes) {
    CO_TRY(co_await fill_buffer(length + kSizeBytes));
  }
  const Frame frame(buffer_.get() + begin_ + kSizeBytes, length);
  begin_ += length + kSizeBytes;
  co_return std::optional<Frame>{frame};
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
    // Between two requests a client may be silent, inside one it may not.
    if (end_ > begin_ && !receiving_.going_on()) receiving_.begin(now());
    const auto [failure, count] =
        co_await socket_.read_some(asio::buffer(buffer_.get() + end_, kBufferBytes - end_));
    if (failure) co_return io_failure(failure);
    arrived_ = now();
    end_ += count;
    receiving_.moved() += count;
  }
  receiving_.end();
  co_return Result<>{};
}

Task<Connection::Frame> Connection::read_large(std::size_t size) {
  if (!co_await budget_.acquire(size)) {
    co_return error(ErrorCode::Cancelled, "the server is stopping");
  }
  large_bytes_ = size;
  large_frame_ = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  const std::size_t here = std::min(end_ - begin_ - kSizeBytes, size);
  std::memcpy(large_frame_.get(), buffer_.get() + begin_ + kSizeBytes, here);
  begin_ += kSizeBytes + here;
  receiving_.begin(now());
  const auto [failure, count] = co_await socket_.read(
      asio::buffer(large_frame_.get() + here, size - here), receiving_.moved());
  receiving_.end();
  if (failure) co_return io_failure(failure);
  arrived_ = now();
  co_return Frame(large_frame_.get(), size);
}

Task<> Connection::serve(Frame frame) {
  if (context_.login.raw_tokens && context_.login.step == Login::Step::Tokens) {
    co_return co_await api::serve_raw_token(context_, frame, responses_->open());
  }
  ByteReader in(frame);
  context_.header = CO_TRY(wire::kafka::decode_request_header(in));
  const wire::kafka::RequestHeader& header = context_.header;
  const api::ApiEntry* const entry = api::find_api(header.api_key);
  if (entry == nullptr) {
    co_return error(ErrorCode::Unsupported, fmt::format("api {} is not served", header.api_key));
  }
  if (context_.login.is_open() && !api::allowed_before_login(entry->spec.key)) {
    co_return error(ErrorCode::Denied,
                    fmt::format("{} before the client has logged in", entry->spec.name));
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
  RequestMeter& meter = meter_of(*entry);
  const auto began = now();
  meter.requests.add();
  meter.received_bytes.add(frame.size() + kSizeBytes);
  observe(meter.queued, began - arrived_);
  const api::ResponseMeter measured{.sent_bytes = &meter.sent_bytes,
                                    .handled = &meter.handled,
                                    .clock = &context_.services.clock,
                                    .began = began};
  co_return co_await entry->serve(context_, frame.subspan(in.position()),
                                  responses_->open(measured));
}

RequestMeter& Connection::meter_of(const api::ApiEntry& entry) {
  const auto index = static_cast<std::size_t>(&entry - api::api_table().data());
  std::string_view name = entry.spec.name;
  constexpr std::string_view kSuffix = "Request";
  if (name.ends_with(kSuffix)) name.remove_suffix(kSuffix.size());
  return metrics_.by_api.of(index, name);
}

Task<> Connection::write_loop() {
  std::vector<Encoded> frames;
  std::vector<asio::const_buffer> buffers;
  for (;;) {
    while (!responses_->front_filled()) {
      if (reading_ended() && responses_->size() == 0) co_return Result<>{};
      CO_TRY(co_await wait_for_answers());
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
      const auto [failure, count] = co_await write(buffers);
      if (failure) co_return io_failure(failure);
    }
    wake_reader();
    CO_TRY(std::move(stop));
  }
}

}  // namespace tidemill::broker::server

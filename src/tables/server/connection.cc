// SPDX-License-Identifier: Apache-2.0
#include "tables/server/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <exception>
#include <utility>

#include "runtime/log.h"
#include "wire/cql/segment.h"

namespace tidemill::tables::server {

using wire::cql::Compression;
using wire::cql::CqlError;
using wire::cql::FrameHeader;
using wire::cql::kHeaderBytes;

namespace {

constexpr std::size_t kReadBytes = 64U << 10;
constexpr std::size_t kKeptBytes = 1U << 20;  // a buffer that grew beyond is given back
constexpr std::size_t kCompressedFrom = 512;
constexpr std::size_t kWriteBytes = 1U << 20;
// Nobody needs more to say who it is.
constexpr std::size_t kLoginBytesMax = 64U << 10;
// Guessing is slow.
constexpr std::chrono::milliseconds kFailedLoginDelay{100};
constexpr std::string_view kAuthenticator = "org.apache.cassandra.auth.PasswordAuthenticator";

}  // namespace

Connection::Connection(SessionStart start, ConnectionServices services)
    : Session(std::move(start)),
      services_(std::move(services)),
      arrived_(now()),
      login_delay_(executor()) {}

void Connection::reading_failed(const Error& reason) {
  log_debug(part_, "connection of {} ends: {}", peer_host_, reason.message);
}

Task<> Connection::read_loop() {
  while (!refused_) {
    CO_TRY(co_await wait_for_room());
    if (buffer_.size() < filled_ + kReadBytes)
      buffer_.resize(std::max(filled_ + kReadBytes, buffer_.size() * 2));
    // Between two requests a client may be silent, inside one it may not.
    const bool inside = filled_ > 0 || !envelopes_.empty();
    if (inside && !receiving_.going_on()) receiving_.begin(now());
    const auto [failure, count] = co_await socket_.read_some(
        asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_));
    if (failure) co_return Result<>{};
    arrived_ = now();
    filled_ += count;
    receiving_.moved() += count;
    Outcome<> taken;
    if (framed_) {
      taken = take_segments();
    } else {
      auto used = take_frames(BytesView(buffer_).first(filled_));
      if (used.ok()) {
        filled_ -= *used;
        if (*used > 0 && filled_ > 0) std::memmove(buffer_.data(), buffer_.data() + *used, filled_);
        // What follows STARTUP of v5 is segments already.
        if (framed_ && filled_ > 0) taken = take_segments();
      } else {
        taken = std::move(used).error();
      }
    }
    apply_writes();
    if (filled_ == 0 && buffer_.size() > kKeptBytes) {
      buffer_ = Bytes();
    }
    if (!taken.ok()) {
      // The frame cannot be trusted, nor what follows it.
      refuse({version_ == 0 ? wire::cql::kHighestVersion : version_, 0, 0, {}}, taken.error());
      refused_ = true;
    }
  }
  co_return Result<>{};
}

bool Connection::has_room() const {
  return unanswered_ < services_.options.requests_in_flight_max &&
         outgoing_bytes_ < services_.options.response_bytes_queued_max;
}

Outcome<> Connection::take_segments() {
  std::size_t used = 0;
  while (true) {
    auto segment = wire::cql::read_segment(BytesView(buffer_).first(filled_).subspan(used),
                                           compression_ == Compression::Lz4);
    if (!segment.ok()) return wire::cql::protocol_error(segment.error().message);
    if (!*segment) break;
    used += (*segment)->consumed;
    envelopes_.insert(envelopes_.end(), (*segment)->payload.begin(), (*segment)->payload.end());
    const std::size_t whole = TRY(take_frames(envelopes_));
    envelopes_.erase(envelopes_.begin(), envelopes_.begin() + static_cast<std::ptrdiff_t>(whole));
    if (refused_) break;
  }
  filled_ -= used;
  if (used > 0 && filled_ > 0) std::memmove(buffer_.data(), buffer_.data() + used, filled_);
  return {};
}

Outcome<std::size_t> Connection::take_frames(BytesView bytes) {
  std::size_t used = 0;
  const bool framed = framed_;
  while (!refused_ && bytes.size() - used >= 1) {
    const BytesView rest = bytes.subspan(used);
    const std::uint8_t version = rest[0] & 0x7F;
    if (version_ == 0 && version < wire::cql::kLowestVersion) {
      // v1 and v2 have a header of 8 bytes, and read no other.
      if (rest.size() < 8) break;
      answer(wire::cql::encode_old_refusal(std::max<std::uint8_t>(version, 1),
                                           static_cast<std::int8_t>(rest[2])));
      refused_ = true;
      return bytes.size();
    }
    if (rest.size() < kHeaderBytes) break;
    const FrameHeader header = wire::cql::read_header(rest.data());
    const bool too_long = header.length > frame_bytes_max();
    if (version_ == 0 || too_long) {
      auto known = check_header(header);
      if (!known.ok()) {
        // The body of a refused version is small: answer at once.
        const int answered = std::clamp(static_cast<int>(header.version), wire::cql::kLowestVersion,
                                        wire::cql::kHighestVersion);
        refuse({answered, header.stream, header.opcode, {}}, known.error());
        refused_ = true;
        return bytes.size();
      }
    }
    if (rest.size() < kHeaderBytes + header.length) break;
    TRY(serve_frame(header, rest.subspan(kHeaderBytes, header.length)));
    used += kHeaderBytes + header.length;
    if (framed_ != framed) break;
  }
  return used;
}

Outcome<> Connection::check_header(const FrameHeader& header) {
  TRY(wire::cql::check_version(header.version,
                               (header.flags & wire::cql::frame_flag::kUseBeta) != 0));
  if (header.length > frame_bytes_max()) {
    return wire::cql::protocol_error(
        fmt::format("Request is too big: length {} exceeds maximum allowed length {}.",
                    header.length, frame_bytes_max()));
  }
  return {};
}

Outcome<> Connection::serve_frame(const FrameHeader& header, BytesView body) {
  receiving_.end();
  request_came();
  if (services_.options.users == nullptr) establish();
  if (header.response) return wire::cql::protocol_error("Unexpected response frame from a client");
  if (version_ == 0) version_ = header.version;
  RequestHead head{version_, header.stream, header.opcode, {}};
  if (header.flags & wire::cql::frame_flag::kTracing) {
    head.trace = services_.executor.environment().time.next_timeuuid();
  }
  measure(head, body.size() + kHeaderBytes);
  if (header.version != version_) {
    return wire::cql::protocol_error(
        fmt::format("Invalid message version. Got {}/v{} but previous messages on this connection "
                    "had version {}/v{}",
                    header.version, header.version, version_, version_));
  }
  Bytes unpacked;
  if ((header.flags & wire::cql::frame_flag::kCompressed) && version_ < 5) {
    auto plain = wire::cql::decompress_body(compression_, body, services_.options.frame_bytes_max);
    if (!plain.ok()) return wire::cql::protocol_error(plain.error().message);
    unpacked = *std::move(plain);
    body = unpacked;
  }
  if (header.flags & wire::cql::frame_flag::kCustomPayload) {
    auto rest = wire::cql::skip_custom_payload(body);
    if (!rest.ok()) {
      refuse(head, rest.error());
      return {};
    }
    body = *rest;
  }
  serve(head, body);
  serving_ = {};  // what is refused before measure() is none of this request
  return {};
}

void Connection::measure(const RequestHead& head, std::size_t bytes) {
  // What is no opcode is counted as one kind.
  constexpr std::size_t kUnknown = 0x7F;
  const auto name = wire::cql::name_of(static_cast<Opcode>(head.opcode));
  RequestMeter& meter = services_.metrics.by_opcode->of(name.empty() ? kUnknown : head.opcode,
                                                        name.empty() ? "UNKNOWN" : name);
  meter.requests.add();
  meter.received_bytes.add(bytes);
  serving_ = {.meter = &meter, .began = now()};
}

void Connection::serve(const RequestHead& head, BytesView body) {
  const auto opcode = static_cast<Opcode>(head.opcode);
  const auto name = wire::cql::name_of(opcode);
  switch (opcode) {
    case Opcode::Options: {
      Frame frame;
      ByteWriter out(frame);
      const std::size_t at =
          wire::cql::begin_frame(out, head.version, head.stream, Opcode::Supported);
      wire::cql::encode_supported(out);
      wire::cql::finish_frame(out, at);
      answer(std::move(frame));
      return;
    }
    case Opcode::Startup:
      return serve_startup(head, body);
    case Opcode::Query:
    case Opcode::Execute:
    case Opcode::Batch:
    case Opcode::Prepare:
    case Opcode::Register:
      if (!started_) {
        return refuse(head, wire::cql::protocol_error(fmt::format(
                                "Unexpected message {}, expecting STARTUP or OPTIONS", name)));
      }
      if (opcode == Opcode::Register) return serve_register(head, body);
      return serve_statement(head, body);
    case Opcode::AuthResponse:
      return serve_login(head, body);
    default:
      return refuse(head,
                    wire::cql::protocol_error(
                        name.empty() ? fmt::format("Unknown opcode {}", head.opcode)
                                     : fmt::format("Unexpected message {} from a client", name)));
  }
}

void Connection::serve_startup(const RequestHead& head, BytesView body) {
  if (started_ || login_ != Login::NotBegun)
    return refuse(
        head, wire::cql::protocol_error("Unexpected message STARTUP, the connection has started"));
  const auto request = wire::cql::decode_startup(body);
  if (!request.ok()) return refuse(head, request.error());
  std::string version;
  std::string compression;
  for (const auto& [key, value] : request->options) {
    std::string name(key);
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (name == "CQL_VERSION") version = value;
    if (name == "COMPRESSION") compression = value;
  }
  std::ranges::transform(compression, compression.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (version.empty())
    return refuse(head, wire::cql::protocol_error("Missing value CQL_VERSION in STARTUP message"));
  // Cassandra takes any version from 3 on; the Rust driver sends 4.0.0.
  int major = 0;
  const auto parsed = std::from_chars(version.data(), version.data() + version.size(), major);
  if (parsed.ec != std::errc() || major < 3) {
    return refuse(
        head, wire::cql::protocol_error(fmt::format("CQL version {} is not supported by the binary "
                                                    "protocol (supported version are >= 3.0.0)",
                                                    version)));
  }
  if (compression == "snappy" && head.version < 5) {
    compression_ = Compression::Snappy;
  } else if (compression == "snappy") {
    return refuse(
        head, wire::cql::protocol_error("Compression type snappy is not supported in protocol v5"));
  } else if (compression == "lz4") {
    compression_ = Compression::Lz4;
  } else if (!compression.empty()) {
    return refuse(head, wire::cql::protocol_error(
                            fmt::format("Unknown compression algorithm: {}", compression)));
  }
  if (services_.options.users != nullptr) {
    login_ = Login::Wanted;
    Frame frame;
    ByteWriter out(frame);
    const std::size_t at =
        wire::cql::begin_frame(out, head.version, head.stream, Opcode::Authenticate);
    wire::cql::encode_authenticate(out, kAuthenticator);
    wire::cql::finish_frame(out, at);
    answer(std::move(frame));
  } else {
    started_ = true;
    answer_empty(head, Opcode::Ready);
  }
  if (head.version >= 5) framed_ = true;
}

std::size_t Connection::frame_bytes_max() const {
  const bool logged_in = started_ || services_.options.users == nullptr;
  return logged_in ? services_.options.frame_bytes_max
                   : std::min(kLoginBytesMax, services_.options.frame_bytes_max);
}

// SASL PLAIN, as PasswordAuthenticator has it: [authorization id] NUL name NUL password.
void Connection::serve_login(const RequestHead& head, BytesView body) {
  if (login_ != Login::Wanted) {
    return refuse(head, wire::cql::protocol_error(
                            "Unexpected message AUTH_RESPONSE: no authentication is going on"));
  }
  const auto request = wire::cql::decode_auth_response(body);
  if (!request.ok()) return refuse(head, request.error());
  const std::string token(request->token ? as_text(*request->token) : std::string_view());
  const auto password_at = token.rfind('\0');
  const auto name_at = password_at == std::string::npos || password_at == 0
                           ? std::string::npos
                           : token.rfind('\0', password_at - 1);
  if (name_at == std::string::npos) {
    return refuse(head, {wire::cql::CqlErrorCode::BadCredentials,
                         "Authentication ID must not be null, password must not be null"});
  }
  std::string name = token.substr(name_at + 1, password_at - name_at - 1);
  std::string password = token.substr(password_at + 1);
  login_ = Login::Checking;
  ++unanswered_;
  services_.in_flight.begin();
  asio::post(services_.blocking.pool(), [self = shared(), head, name = std::move(name),
                                         password = std::move(password), measured = serving_] {
    Result<> outcome = self->services_.options.users->check_password(name, password);
    asio::post(self->executor(), [self, head, name, outcome = std::move(outcome), measured] {
      self->finish_login(head, name, outcome, measured);
    });
  });
}

void Connection::finish_login(const RequestHead& head, std::string name, const Result<>& outcome,
                              const Measured& measured) {
  if (outcome.ok()) {
    performer_ = statements::Performer(std::move(name));
    login_ = Login::Done;
    started_ = true;
    establish();
    Frame frame;
    ByteWriter out(frame);
    const std::size_t at =
        wire::cql::begin_frame(out, head.version, head.stream, Opcode::AuthSuccess);
    wire::cql::encode_auth_success(out);
    wire::cql::finish_frame(out, at);
    finish_request({std::move(frame), measured});
    services_.in_flight.end();
    return;
  }
  services_.metrics.failed_logins.add();
  services_.metrics.errors.add();
  log_info(part_, "login of a client of {} refused: {}", peer_host_, outcome.error().message);
  login_delay_.expires_after(kFailedLoginDelay);
  login_delay_.async_wait([self = shared(), head, measured,
                           why = outcome.error().message](const boost::system::error_code&) {
    self->finish_request(
        {encode_error_frame(head, {wire::cql::CqlErrorCode::BadCredentials, why}), measured});
    // Another try is another connection.
    self->refused_ = true;
    self->drain();
    self->services_.in_flight.end();
  });
}

void Connection::serve_register(const RequestHead& head, BytesView body) {
  const auto request = wire::cql::decode_register(body);
  if (!request.ok()) return refuse(head, request.error());
  for (const std::string_view event : request->events) {
    if (event == "SCHEMA_CHANGE") {
      wants_events_ = true;
    } else if (event != "STATUS_CHANGE" && event != "TOPOLOGY_CHANGE") {
      return refuse(head,
                    wire::cql::protocol_error(fmt::format("Invalid value '{}' for Type", event)));
    }
  }
  answer_empty(head, Opcode::Ready);
}

void Connection::serve_statement(const RequestHead& head, BytesView body) {
  if (static_cast<Opcode>(head.opcode) == Opcode::Prepare) {
    auto frame = prepare(services_.executor, head, body, keyspace_);
    if (!frame.ok()) return refuse(head, frame.error());
    return answer(*std::move(frame));
  }
  auto kept = std::make_shared<const Bytes>(body.begin(), body.end());
  auto work = read_work(services_.executor, head, *kept, keyspace_);
  if (!work.ok()) return refuse(head, work.error());
  if (auto allowed = check_access(services_.executor, performer_, *work); !allowed.ok())
    return refuse(head, allowed.error());
  work->parameters.performer = &performer_;
  if (head.trace || !is_plain_write(*work)) {
    auto shared = std::make_shared<Work>(*std::move(work));
    shared->body = std::move(kept);
    return run_blocking_work(std::move(shared));
  }
  auto mutations = mutations_of(*work);
  if (!mutations.ok()) return refuse(head, mutations.error());
  statements::StatementResult result;
  result.warnings = std::move(work->warnings);
  Frame frame = encode_result_frame(head, result, {});
  if (mutations->empty()) return answer(std::move(frame));
  if (writes_.mutations.empty()) {
    writes_.mutations = *std::move(mutations);
  } else {
    writes_.mutations.insert(writes_.mutations.end(), std::make_move_iterator(mutations->begin()),
                             std::make_move_iterator(mutations->end()));
  }
  observe(serving_.meter->queued, serving_.began - arrived_);
  writes_.answers.push_back({std::move(frame), serving_});
  ++unanswered_;
}

// Hands this read's writes to the store. One failure (a full disk) is the failure of all of them.
void Connection::apply_writes() {
  if (writes_.answers.empty()) return;
  WriteGroup group = std::exchange(writes_, {});
  services_.in_flight.begin();
  auto done = [self = shared(), answers = std::move(group.answers)](Result<> outcome) mutable {
    asio::post(self->executor(), [self, answers = std::move(answers),
                                  outcome = std::move(outcome)]() mutable {
      for (Answer& each : answers) {
        if (!outcome.ok()) {
          const FrameHeader header = wire::cql::read_header(each.frame.data());
          self->services_.metrics.errors.add();
          each.frame = encode_error_frame({self->version_, header.stream, header.opcode, {}},
                                          wire::cql::to_cql_error(outcome.error()));
        }
        self->finish_request(std::move(each));
      }
      self->services_.in_flight.end();
    });
  };
  services_.executor.store().apply(std::move(group.mutations), std::move(done));
}

void Connection::run_blocking_work(std::shared_ptr<Work> work) {
  ++unanswered_;
  services_.in_flight.begin();
  asio::post(services_.blocking.pool(), [self = shared(), work = std::move(work),
                                         meter = serving_.meter, arrived = arrived_] {
    const Measured measured{.meter = meter, .began = self->now()};
    observe(meter->queued, measured.began - arrived);
    Frame frame;
    std::optional<std::string> keyspace;
    try {
      auto result = work->head.trace
                        ? run_traced(self->services_.executor, *work, self->services_.clock)
                        : run(self->services_.executor, *work);
      if (result.ok()) {
        if (const auto* use = std::get_if<statements::SetKeyspace>(&result->kind))
          keyspace = use->keyspace;
        work->rows.changed_metadata_id = work->changed_metadata_id;
        frame = encode_result_frame(work->head, *result, work->rows);
      } else {
        self->services_.metrics.errors.add();
        frame = encode_error_frame(work->head, result.error());
      }
    } catch (const std::exception& thrown) {
      log_error("tables.server", "a request failed: {}", thrown.what());
      frame = encode_error_frame(work->head, {wire::cql::CqlErrorCode::ServerError, thrown.what()});
    }
    asio::post(self->executor(), [self, measured, frame = std::move(frame),
                                  keyspace = std::move(keyspace)]() mutable {
      if (keyspace) self->keyspace_ = *std::move(keyspace);
      self->finish_request({std::move(frame), measured});
      self->services_.in_flight.end();
    });
  });
}

void Connection::refuse(const RequestHead& head, const CqlError& error) {
  services_.metrics.errors.add();
  send({encode_error_frame(head, error), std::exchange(serving_, {})});
}

void Connection::answer_empty(const RequestHead& head, Opcode opcode) {
  Frame frame;
  ByteWriter out(frame);
  wire::cql::finish_frame(out, wire::cql::begin_frame(out, head.version, head.stream, opcode));
  answer(std::move(frame));
}

void Connection::finish_request(Answer answer) {
  --unanswered_;
  send(std::move(answer));
}

void Connection::send(Answer answer) {
  Frame& frame = answer.frame;
  const bool worth = version_ < 5 && started_ && frame.size() > kCompressedFrom + kHeaderBytes;
  if (worth && compression_ != Compression::None) {
    const Bytes packed =
        wire::cql::compress_body(compression_, BytesView(frame).subspan(kHeaderBytes));
    frame.resize(kHeaderBytes);
    frame[1] |= wire::cql::frame_flag::kCompressed;
    frame.insert(frame.end(), packed.begin(), packed.end());
    store_be(frame.data() + 5, static_cast<std::uint32_t>(packed.size()));
  }
  if (answer.measured.meter != nullptr) {
    answer.measured.meter->sent_bytes.add(frame.size());
    observe(answer.measured.meter->handled, now() - answer.measured.began);
  }
  outgoing_bytes_ += frame.size();
  outgoing_.push_back(std::move(frame));
  if (outgoing_.size() == 1) wake_writer();
}

void Connection::send_event(const wire::cql::SchemaChange& change) {
  asio::post(executor(), [self = shared(), change] {
    if (!self->wants_events_ || self->writing_ended()) return;
    Frame frame;
    ByteWriter out(frame);
    const std::size_t at = wire::cql::begin_frame(out, self->version_, -1, Opcode::Event);
    wire::cql::encode_schema_change_event(out, change);
    wire::cql::finish_frame(out, at);
    self->send({std::move(frame), {}});
    if (self->outgoing_bytes_ > 2 * self->services_.options.response_bytes_queued_max) {
      // Reading pauses long before: these are events alone, which no request asks for.
      self->close(CloseReason::SlowReader, "it does not read the events it registered for");
    }
  });
}

// Some answers as one piece; of v5 in segments, once STARTUP has been answered.
Bytes Connection::take_outgoing() {
  Bytes out;
  Bytes together;
  const auto close_segment = [&] {
    if (together.empty()) return;
    wire::cql::append_segment(out, together, true, compression_ == Compression::Lz4);
    together.clear();
  };
  while (!outgoing_.empty() && out.size() + together.size() < kWriteBytes) {
    Frame frame = std::move(outgoing_.front());
    outgoing_.pop_front();
    outgoing_bytes_ -= frame.size();
    if (!frame_next_) {
      const bool ready = framed_ && frame.size() >= kHeaderBytes &&
                         (frame[4] == static_cast<std::uint8_t>(Opcode::Ready) ||
                          frame[4] == static_cast<std::uint8_t>(Opcode::Authenticate));
      if (ready) frame_next_ = true;
      if (out.empty()) {
        out = std::move(frame);
      } else {
        out.insert(out.end(), frame.begin(), frame.end());
      }
      continue;
    }
    if (together.size() + frame.size() > wire::cql::kMaxSegmentPayload) close_segment();
    if (frame.size() > wire::cql::kMaxSegmentPayload) {
      wire::cql::append_segment(out, frame, false, compression_ == Compression::Lz4);
    } else {
      together.insert(together.end(), frame.begin(), frame.end());
    }
  }
  close_segment();
  return out;
}

Task<> Connection::write_loop() {
  for (;;) {
    if (outgoing_.empty()) {
      if (reading_ended() && unanswered_ == 0) co_return Result<>{};
      CO_TRY(co_await wait_for_answers());
      continue;
    }
    const Bytes bytes = take_outgoing();
    const asio::const_buffer buffer = asio::buffer(bytes);
    const auto [failure, count] = co_await write({&buffer, 1});
    if (failure) co_return error(ErrorCode::Cancelled, failure.message());
    wake_reader();
  }
}

}  // namespace tidemill::tables::server

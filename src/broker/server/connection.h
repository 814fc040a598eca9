// SPDX-License-Identifier: Apache-2.0
// One client's connection: frames in, responses out in the order of the requests.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "broker/api/api_table.h"
#include "broker/api/request_context.h"
#include "broker/api/response_slot.h"
#include "broker/server/byte_budget.h"
#include "broker/server/metrics.h"
#include "runtime/session.h"

namespace tidemill::broker::server {

struct ConnectionLimits {
  std::size_t request_bytes_max = 100 << 20;
  // Requests read but not answered, and bytes of responses not sent: above, reading pauses.
  std::size_t requests_in_flight_max = 64;
  std::size_t response_bytes_queued_max = 64 << 20;
};

// Requests are served one after the other; Produce alone lets the next one begin before it is
// answered.
//
// Thread:   the socket's executor only.
class Connection final : public Session {
 public:
  // All but `start` and `context` outlive it.
  Connection(SessionStart start, api::RequestContext context, const ConnectionLimits& limits,
             ByteBudget& budget, ServerMetrics& metrics);
  ~Connection() override;

 private:
  Task<> read_loop() override;
  Task<> write_loop() override;
  void reading_failed(const Error& reason) override;
  bool owes_answers() const override { return responses_->size() > 0; }
  bool has_room() const override;

  using Frame = std::span<std::uint8_t>;
  // A frame's content: in the read buffer, or in memory of its own. Valid until the next one.
  Task<std::optional<Frame>> next_frame();
  Task<> fill_buffer(std::size_t wanted);
  Task<Frame> read_large(std::size_t size);
  Task<> serve(Frame frame);
  void return_memory();
  RequestMeter& meter_of(const api::ApiEntry& entry);

  api::RequestContext context_;
  const ConnectionLimits& limits_;
  ByteBudget& budget_;
  ServerMetrics& metrics_;
  std::shared_ptr<api::ResponseQueue> responses_;

  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t begin_ = 0;  // of what was read but not served
  std::size_t end_ = 0;
  std::chrono::steady_clock::time_point arrived_;  // the last bytes
  std::unique_ptr<std::uint8_t[]> large_frame_;
  std::size_t large_bytes_ = 0;  // taken from the budget
};

}  // namespace tidemill::broker::server

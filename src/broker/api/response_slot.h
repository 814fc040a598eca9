// SPDX-License-Identifier: Apache-2.0
// The responses that a connection owes, in the order of its requests.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/result.h"
#include "runtime/clock.h"
#include "runtime/request_meters.h"
#include "wire/kafka/message.h"

namespace tidemill::broker::api {

class ResponseQueue;

// Measures one request from the begin of its work until its answer is there.
struct ResponseMeter {
  // Null: not counted. Of the program's Metrics: an append may end after the server went.
  Counter* sent_bytes = nullptr;
  Histogram* handled = nullptr;
  Clock* clock = nullptr;
  std::chrono::steady_clock::time_point began = {};
};

// The place of one response in the queue. Filled once, perhaps long after later requests began.
//
// Thread: the connection's executor.
class ResponseSlot {
 public:
  explicit ResponseSlot(std::shared_ptr<ResponseQueue> queue, ResponseMeter meter = {})
      : queue_(std::move(queue)), meter_(meter) {}

  void answer(wire::kafka::Encoded frame);
  // Produce with acks=0: nothing is sent.
  void answer_nothing();
  // Closes the connection once the responses before it are written.
  void close(Error reason);

 private:
  friend class ResponseQueue;
  void fill();

  std::shared_ptr<ResponseQueue> queue_;
  const ResponseMeter meter_;
  bool filled_ = false;
  std::optional<wire::kafka::Encoded> frame_;
  std::optional<Error> reason_;
};

// Thread: the connection's executor.
class ResponseQueue : public std::enable_shared_from_this<ResponseQueue> {
 public:
  // Called whenever the front may be filled. Must not call back into the queue.
  explicit ResponseQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  std::shared_ptr<ResponseSlot> open(ResponseMeter meter = {}) {
    slots_.push_back(std::make_shared<ResponseSlot>(shared_from_this(), meter));
    return slots_.back();
  }
  std::size_t size() const { return slots_.size(); }
  // Of the responses that wait to be sent.
  std::size_t bytes() const { return bytes_; }
  bool front_filled() const { return !slots_.empty() && slots_.front()->filled_; }
  // The front's frame, none for an unanswered request, or why to close; removes it.
  Result<std::optional<wire::kafka::Encoded>> take_front() {
    const std::shared_ptr<ResponseSlot> slot = std::move(slots_.front());
    slots_.pop_front();
    if (slot->reason_) return *std::move(slot->reason_);
    if (slot->frame_) bytes_ -= slot->frame_->size();
    return std::move(slot->frame_);
  }
  // The connection is gone: nobody is woken any more.
  void abandon() {
    wake_ = nullptr;
    slots_.clear();
  }

 private:
  friend class ResponseSlot;
  std::function<void()> wake_;
  std::deque<std::shared_ptr<ResponseSlot>> slots_;
  std::size_t bytes_ = 0;
};

inline void ResponseSlot::fill() {
  filled_ = true;
  if (meter_.handled != nullptr) {
    if (frame_) meter_.sent_bytes->add(frame_->size());
    observe(*meter_.handled, meter_.clock->monotonic() - meter_.began);
  }
  if (queue_->wake_) queue_->wake_();
}
inline void ResponseSlot::answer(wire::kafka::Encoded frame) {
  queue_->bytes_ += frame.size();
  frame_ = std::move(frame);
  fill();
}
inline void ResponseSlot::answer_nothing() {
  fill();
}
inline void ResponseSlot::close(Error reason) {
  reason_ = std::move(reason);
  fill();
}

}  // namespace tidemill::broker::api

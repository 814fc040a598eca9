// SPDX-License-Identifier: Apache-2.0
// The live channels: one thread asks for the state of every subscribed channel once a second and
// hands what changed to its subscribers (docs/dev/api.md, "Live updates").
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/mutex.h"
#include "runtime/threads.h"
#include "web/services.h"

namespace tidemill::web {

// What is still to be sent to one WebSocket: at most one message a channel, the newest.
//
// Thread: any.
class Subscriber {
 public:
  // `wake` is called, from any thread, when there is something to take.
  explicit Subscriber(std::function<void()> wake) : wake_(std::move(wake)) {}
  void put(const std::string& channel, std::string message);
  std::map<std::string, std::string> take();

 private:
  std::function<void()> wake_;
  Mutex mutex_;
  std::map<std::string, std::string> pending_ TM_GUARDED_BY(mutex_);
};

// Thread:   any.
// Lifetime: services outlive it; stop() before the parts it asks.
class Live {
 public:
  static constexpr std::size_t kChannelsMax = 64;  // per subscriber

  explicit Live(Services& services);
  ~Live() { stop(); }

  // Handles one message of a client: subscribe and unsubscribe. InvalidArgument says what is wrong.
  Result<> message(const std::shared_ptr<Subscriber>& from, const std::string& text);
  void remove(const std::shared_ptr<Subscriber>& subscriber);
  void stop();

 private:
  struct Channel {
    std::set<std::shared_ptr<Subscriber>> subscribers;
    std::set<std::shared_ptr<Subscriber>> fresh;  // still owed the full state
    std::string last;
    std::uint64_t sequence = 0;
    std::map<std::int32_t, std::int64_t> tail;  // next offset a partition, for tail:TOPIC
  };
  void run(const std::stop_token& token);
  void refresh(const std::string& name);
  // The channel's data; an empty tail is null: nothing to push.
  Result<std::string> state_of(const std::string& name, Channel& channel);
  Result<std::string> tail_of(const std::string& topic, Channel& channel);

  Services& services_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ TM_GUARDED_BY(mutex_) = false;
  bool hurry_ TM_GUARDED_BY(mutex_) = false;  // somebody waits for a first state
  std::map<std::string, std::shared_ptr<Channel>> channels_ TM_GUARDED_BY(mutex_);
  Thread thread_;  // last: it uses the rest
};

}  // namespace tidemill::web

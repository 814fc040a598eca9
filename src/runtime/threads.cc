// SPDX-License-Identifier: Apache-2.0
#include "runtime/threads.h"

#include <pthread.h>
#include <signal.h>

namespace tidemill {
namespace {

// Signals belong to the main thread.
void enter_thread(const std::string& name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

Thread::Thread(std::string name, std::function<void(std::stop_token)> body)
    : thread_([name = std::move(name), body = std::move(body)](const std::stop_token& token) {
        enter_thread(name);
        body(token);
      }) {}

void pause_thread(std::chrono::milliseconds duration) {
  std::this_thread::sleep_for(duration);
}

IoThreads::IoThreads(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    contexts_.push_back(std::make_unique<asio::io_context>(1));
    guards_.emplace_back(contexts_.back()->get_executor());
    threads_.emplace_back([i, context = contexts_.back().get()] {
      enter_thread("io-" + std::to_string(i));
      context->run();
    });
  }
}

void IoThreads::stop() {
  for (auto& context : contexts_) context->stop();
  guards_.clear();
  threads_.clear();
}

}  // namespace tidemill

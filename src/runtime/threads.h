// SPDX-License-Identifier: Apache-2.0
// All threads of the program: I/O threads, the blocking pool, and named workers.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "runtime/completion.h"

namespace tidemill {

// A named worker that asks its token and ends.
//
// Lifetime: stop() (or the destructor) asks and joins.
class Thread {
 public:
  Thread() = default;
  Thread(std::string name, std::function<void(std::stop_token)> body);
  void stop() { thread_ = {}; }  // std::jthread's end: request and join
  void request_stop() { thread_.request_stop(); }

 private:
  std::jthread thread_;
};

// For a worker that has nothing to wait for but time. Never on an I/O thread, never in a test.
void pause_thread(std::chrono::milliseconds duration);

// N threads with one io_context each; a connection lives on one of them for its whole life.
//
// Lifetime: stop() joins; everything spawned must have ended before (TaskGroup::stop).
class IoThreads {
 public:
  explicit IoThreads(std::size_t count);
  ~IoThreads() { stop(); }
  std::size_t count() const { return contexts_.size(); }
  asio::io_context& at(std::size_t index) { return *contexts_[index]; }
  asio::io_context& next() { return at(turn_++ % contexts_.size()); }
  void stop();

 private:
  using Guard = asio::executor_work_guard<asio::io_context::executor_type>;
  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<Guard> guards_;
  std::atomic<std::size_t> turn_{0};
  std::vector<std::jthread> threads_;  // last: they use the contexts
};

// Where code may block: RocksDB, DuckDB, file reads.
class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads) : pool_(threads) {}
  asio::thread_pool& pool() { return pool_; }
  void stop() {
    pool_.stop();
    pool_.join();
  }

 private:
  asio::thread_pool pool_;
};

// Runs a blocking function on the pool and continues on the caller's executor. Give it a named
// lambda that owns its captures.
template <class Function>
asio::awaitable<std::invoke_result_t<Function&>> run_blocking(BlockingPool& pool,
                                                              Function function) {
  using Value = std::invoke_result_t<Function&>;
  auto start = [&pool, function = std::move(function)](Completion<Value> done) mutable {
    asio::post(pool.pool(), [function = std::move(function), done = std::move(done)]() mutable {
      done(function());
    });
  };
  return completion_of<Value>(std::move(start));
}

}  // namespace tidemill

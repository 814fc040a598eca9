// SPDX-License-Identifier: Apache-2.0
// What each kind of feeder implements: records, in an order it can continue in.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/clock.h"

namespace tidemill::connect {

// Records being gathered; reused from transaction to transaction.
class FeedBatch {
 public:
  struct Entry {
    std::size_t key_at = 0;
    std::size_t key_size = 0;
    std::size_t value_at = 0;
    std::size_t value_size = 0;
    bool has_key = false;
  };

  void clear() {
    text_.clear();
    entries_.clear();
  }
  void add(std::string_view value) {
    entries_.push_back({0, 0, text_.size(), value.size(), false});
    text_ += value;
  }
  void add(std::string_view key, std::string_view value) {
    entries_.push_back({text_.size(), key.size(), text_.size() + key.size(), value.size(), true});
    text_ += key;
    text_ += value;
  }
  // For writers that build a value in place: append to text(), then end_value(where it began).
  std::string& text() { return text_; }
  void end_value(std::size_t began) {
    entries_.push_back({0, 0, began, text_.size() - began, false});
  }
  // The key lies inside the value.
  void end_value(std::size_t began, std::size_t key_at, std::size_t key_size) {
    entries_.push_back({key_at, key_size, began, text_.size() - began, true});
  }

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return text_.size(); }
  const std::vector<Entry>& entries() const { return entries_; }
  std::string_view key(const Entry& entry) const {
    return std::string_view(text_).substr(entry.key_at, entry.key_size);
  }
  std::string_view value(const Entry& entry) const {
    return std::string_view(text_).substr(entry.value_at, entry.value_size);
  }

  // Where the reader continues after these records; kept with them in one transaction.
  std::string state;

 private:
  std::string text_;
  std::vector<Entry> entries_;
};

struct ReadLimits {
  std::size_t records = 16'384;
  std::size_t bytes = 8UL * 1024 * 1024;  // one record more than fits may come
};

enum class ReadOutcome {
  More,   // there may be more at once
  Idle,   // nothing now; ask again after `idle_for()`
  Ended,  // nothing more ever; what is in the batch is the last
};

// Thread:   one at a time; calls may block, and end soon once the token is asked to stop.
class FeedReader {
 public:
  virtual ~FeedReader() = default;
  // Continues after a state that an earlier reader gave; "" starts.
  virtual Result<> open(const std::string& state) = 0;
  // Adds up to the limits.
  virtual Result<ReadOutcome> read(const ReadLimits& limits, FeedBatch& batch,
                                   std::stop_token stop) = 0;
  virtual std::chrono::milliseconds idle_for() const { return std::chrono::milliseconds{1000}; }
};

struct ReaderContext {
  const Clock& clock;
  std::string base_folder;  // what relative paths start from
};

using FeedOptions = std::map<std::string, std::string>;

}  // namespace tidemill::connect

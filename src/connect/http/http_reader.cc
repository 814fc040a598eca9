// SPDX-License-Identifier: Apache-2.0
#include "connect/http/http_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "connect/feed_options.h"
#include "connect/http/client.h"
#include "connect/json_rows.h"
#include "runtime/log.h"
#include "runtime/random.h"

namespace tidemill::connect::http {
namespace {

using std::chrono::milliseconds;
using Json = nlohmann::json;

constexpr milliseconds kBackOffLongest{5 * 60 * 1000};
constexpr std::size_t kEtagBytesMax = 1024;

struct HttpOptions {
  Request request;
  std::string url;
  std::string map;
  std::string key;
  milliseconds every{1000};
  std::int64_t count = 0;
};

// State: {"etag", "polls"}.
class HttpReader final : public FeedReader {
 public:
  explicit HttpReader(HttpOptions options) : options_(std::move(options)) {}

  Result<> open(const std::string& state) override {
    const Json json = Json::parse(state, nullptr, false);
    if (json.is_object()) {
      etag_ = json.value("etag", "");
      polls_ = json.value("polls", std::int64_t{0});
    }
    database_.emplace(TRY(duck::Database::open({})));
    TRY(database_->declare_input("http_response", {{"status", ColumnType::Integer},
                                                   {"body_text", ColumnType::Varchar},
                                                   {"url", ColumnType::Varchar}}));
    connection_.emplace(TRY(database_->connect()));
    return {};
  }

  Result<ReadOutcome> read(const ReadLimits&, FeedBatch& batch, std::stop_token stop) override {
    if (options_.count != 0 && polls_ >= options_.count) return ReadOutcome::Ended;
    idle_for_ = options_.every;
    Request request = options_.request;
    if (!etag_.empty()) request.headers["If-None-Match"] = etag_;
    auto answer = get(request, std::move(stop));
    if (!answer.ok()) {
      if (answer.error().code != ErrorCode::Cancelled) back_off(answer.error().message, "");
      return ReadOutcome::Idle;
    }
    const bool same = answer->status == 304 || (!etag_.empty() && answer->etag == etag_);
    if (!same && (answer->status < 200 || answer->status >= 300)) {
      back_off(fmt::format("status {}", answer->status), answer->retry_after);
      return ReadOutcome::Idle;
    }
    failures_ = 0;
    ++polls_;
    if (!same) {
      TRY(add_records(*answer, batch));
      etag_ = answer->etag.size() <= kEtagBytesMax ? answer->etag : "";
    }
    Json state;
    state["etag"] = etag_;
    state["polls"] = polls_;
    batch.state = state.dump();
    return options_.count != 0 && polls_ >= options_.count ? ReadOutcome::Ended : ReadOutcome::Idle;
  }

  milliseconds idle_for() const override { return idle_for_; }

 private:
  Result<> add_records(const Response& answer, FeedBatch& batch) {
    if (options_.map.empty() && options_.key.empty()) {
      batch.add(answer.body);
      return {};
    }
    const auto types =
        std::to_array({ColumnType::Integer, ColumnType::Varchar, ColumnType::Varchar});
    const auto row = ChunkBuffer::make(types);
    row->reset(1);
    row->set(0, 0, static_cast<std::int32_t>(answer.status));
    row->set(1, 0, TextRef(answer.body));
    row->set(2, 0, TextRef(options_.url));
    const Chunk input = row->chunk(1);
    connection_->set_input("http_response", {&input, 1});
    const std::string map = options_.map.empty() ? "SELECT body FROM response" : options_.map;
    // The user's `response` has the body as JSON.
    const std::string select = fmt::format(
        "WITH response AS (SELECT status, body_text::JSON AS body, url FROM http_response) SELECT "
        "* "
        "FROM ({}\n)",
        map);
    const std::string records = TRY(record_select(*connection_, select, options_.key)
                                        .context("option 'map' of connector http"));
    const auto statement = TRY(connection_->prepare(records));
    ReadLimits all;
    all.records = std::numeric_limits<std::size_t>::max();
    all.bytes = std::numeric_limits<std::size_t>::max();
    const auto take = [&](const Chunk& chunk) -> Result<> {
      add_rows(chunk, 0, all, batch);
      return {};
    };
    return statement.run(take).context("while mapping an HTTP response");
  }

  // Doubles from poll to poll, up to five minutes, with a fifth of chance in it so that many
  // pollers of one server spread out.
  void back_off(std::string_view why, const std::string& retry_after) {
    const unsigned doublings = std::min(failures_++, 16U);
    const milliseconds base = std::max(options_.every, milliseconds{500});
    milliseconds pause = std::min(base * (std::int64_t{1} << doublings), kBackOffLongest);
    if (!retry_after.empty() && retry_after.size() < 7 &&
        retry_after.find_first_not_of("0123456789") == std::string::npos) {
      pause = std::max(pause, milliseconds{1000} * std::stol(retry_after));
    }
    pause += pause * static_cast<std::int64_t>(random_.next() % 200) / 1000;
    idle_for_ = pause;
    log_warning("connect", "GET {}: {}; asking again in {} ms", options_.url, why, pause.count());
  }

  HttpOptions options_;
  std::optional<duck::Database> database_;
  std::optional<duck::Connection> connection_;
  SystemRandom random_;
  std::string etag_;
  std::int64_t polls_ = 0;
  unsigned failures_ = 0;
  milliseconds idle_for_{1000};
};

}  // namespace

Result<std::unique_ptr<FeedReader>> make_reader(const FeedOptions& given, const ReaderContext&) {
  OptionTaker options("http", given);
  HttpOptions http;
  http.url = TRY(options.required("url"));
  http.request.url = TRY(parse_url(http.url));
  http.every = TRY(options.duration("every", http.every));
  http.map = options.text("map").value_or("");
  http.key = options.text("key").value_or("");
  http.request.timeout = TRY(options.duration("timeout", http.request.timeout));
  constexpr std::int64_t kMost = 1024L * 1024 * 1024;
  http.request.bytes_max =
      static_cast<std::size_t>(TRY(options.whole("bytes_max", 16L * 1024 * 1024, 1, kMost)));
  http.request.ca_file = options.text("ca_file").value_or("");
  http.request.headers = options.with_prefix("header.");
  http.count = TRY(options.whole("count", 0, 0, std::numeric_limits<std::int64_t>::max()));
  TRY(options.finish());
  for (const auto& [name, value] : http.request.headers) {
    if (value.find_first_of("\r\n") != std::string::npos) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("option 'header.{}' has a line break", name));
    }
  }
  return std::unique_ptr<FeedReader>(std::make_unique<HttpReader>(std::move(http)));
}

}  // namespace tidemill::connect::http

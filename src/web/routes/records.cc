// SPDX-License-Identifier: Apache-2.0
// Browsing and producing records.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "web/render.h"
#include "web/routes/routes.h"

namespace tidemill::web::routes {
namespace {

// How much one request may look through for records that contain a text.
constexpr std::size_t kScannedRecordsMax = 200'000;
// A search from the end begins with so many offsets, then twice as many, up to the longest.
constexpr std::int64_t kFirstStretch = 2'000;
constexpr std::int64_t kLongestStretch = 32'000;
// A stretch costs at least as much as so many records: compaction may have left none in it.
constexpr std::size_t kLeastStretchCost = 1'000;

Result<std::int64_t> offset_after(std::string_view from, std::string_view prefix) {
  const auto value = whole_number(from.substr(prefix.size()));
  if (!value || *value < 0) {
    return error(
        ErrorCode::InvalidArgument,
        fmt::format("from is '{}', it must be latest, earliest, an offset or time:<ms>", from));
  }
  return *value;
}

struct Start {
  std::int64_t offset = 0;
  std::int64_t end = 0;  // records at and above it are not wanted
};

Result<Start> start_of(broker::Broker& broker, const TopicPartition& source,
                       const broker::PartitionInfo& info, const std::string& from,
                       std::int64_t limit, broker::Isolation isolation) {
  const std::int64_t end =
      isolation == broker::Isolation::ReadCommitted ? info.last_stable_offset : info.high_watermark;
  if (from == "latest") {
    return Start{.offset = std::max(info.log_start_offset, end - limit), .end = end};
  }
  if (from == "earliest") return Start{.offset = info.log_start_offset, .end = end};
  if (from.starts_with("time:")) {
    const auto at = TRY(offset_after(from, "time:"));
    return Start{.offset = TRY(broker.find_offset(source, broker::OffsetSpec::Timestamp, at)),
                 .end = end};
  }
  const auto offset = TRY(offset_after(from, ""));
  return Start{.offset = std::clamp(offset, info.log_start_offset, end), .end = end};
}

bool contains(BytesView hay, std::string_view needle) {
  return needle.empty() || as_text(hay).find(needle) != std::string_view::npos;
}

// A record that was found, with its bytes: rendered only when it is among those answered.
class FoundRecord {
 public:
  FoundRecord(const RecordView& record, std::int32_t partition) : partition_(partition) {
    bytes_.reserve(record.key.size() + record.value.size() + record.headers.size());
    for (const BytesView part : {record.key, record.value, record.headers}) {
      bytes_.insert(bytes_.end(), part.begin(), part.end());
    }
    offset_ = record.offset;
    timestamp_ms_ = record.timestamp_ms;
    if (record.has_key()) key_bytes_ = record.key.size();
    if (record.has_value()) value_bytes_ = record.value.size();
  }

  std::int32_t partition() const { return partition_; }
  std::int64_t offset() const { return offset_; }
  auto order() const { return std::tuple(timestamp_ms_, partition_, offset_); }
  Json render() const {
    // An empty text is not a missing one.
    static constexpr std::uint8_t kEmpty = 0;
    const std::uint8_t* at = bytes_.empty() ? &kEmpty : bytes_.data();
    RecordView record;
    record.offset = offset_;
    record.timestamp_ms = timestamp_ms_;
    if (key_bytes_) record.key = BytesView(at, *key_bytes_);
    at += key_bytes_.value_or(0);
    if (value_bytes_) record.value = BytesView(at, *value_bytes_);
    record.headers = BytesView(bytes_).subspan(key_bytes_.value_or(0) + value_bytes_.value_or(0));
    return render_record(record, partition_);
  }

 private:
  std::int32_t partition_ = 0;
  std::int64_t offset_ = 0;
  std::int64_t timestamp_ms_ = 0;
  std::optional<std::size_t> key_bytes_;  // none: there is no key
  std::optional<std::size_t> value_bytes_;
  Bytes bytes_;  // key, value, headers
};
using FoundRecords = std::deque<FoundRecord>;

// Looks through one partition for records that contain a text.
struct Search {
  broker::Broker& broker;
  TopicPartition source;
  broker::Isolation isolation;
  std::string_view needle;
  std::size_t limit;   // of records found
  std::size_t budget;  // of records looked at
  std::size_t scanned = 0;

  // From `offset` up to `end`; gives where to go on: behind the last record found when there are
  // `limit` of them.
  Result<std::int64_t> forward(std::int64_t offset, std::int64_t end, FoundRecords& found) {
    std::size_t taken = 0;
    return walk(
        offset, end, [&] { return taken < limit; },
        [&](const RecordView& record) {
          found.emplace_back(record, source.partition);
          ++taken;
        });
  }

  // The newest `limit` of them, stretch by stretch from the end towards `begin`.
  Result<> backward(std::int64_t begin, std::int64_t end, FoundRecords& found) {
    std::size_t spent = 0;
    FoundRecords newest;
    for (std::int64_t stretch = kFirstStretch; end > begin && newest.size() < limit;
         stretch = std::min(stretch * 2, kLongestStretch)) {
      if (spent >= budget) break;
      const std::int64_t from =
          std::max(begin, end - std::min(stretch, static_cast<std::int64_t>(budget - spent)));
      const std::size_t scanned_before = scanned;
      const std::size_t wanted = limit - newest.size();
      FoundRecords part;
      TRY(walk(
          from, end, [] { return true; },
          [&](const RecordView& record) {
            part.emplace_back(record, source.partition);
            if (part.size() > wanted) part.pop_front();
          }));
      newest.insert(newest.begin(), std::make_move_iterator(part.begin()),
                    std::make_move_iterator(part.end()));
      spent += std::max(scanned - scanned_before, kLeastStretchCost);
      end = from;
    }
    found.insert(found.end(), std::make_move_iterator(newest.begin()),
                 std::make_move_iterator(newest.end()));
    return {};
  }

 private:
  template <class Wanted, class Take>
  Result<std::int64_t> walk(std::int64_t offset, std::int64_t end, Wanted more_wanted, Take take) {
    while (offset < end && more_wanted() && scanned < budget) {
      const broker::FetchPosition position{.source = source, .offset = offset};
      const auto chunks =
          TRY(broker.fetch({&position, 1}, {.max_bytes = 1 << 20,
                                            .max_wait = std::chrono::milliseconds{0},
                                            .isolation = isolation}));
      if (chunks.empty()) break;
      std::int64_t reached = chunks[0].next_offset;
      for (const auto& record : chunks[0].records) {
        if (record.offset < offset) continue;
        if (!more_wanted() || record.offset >= end) {
          reached = record.offset;
          break;
        }
        ++scanned;
        if (contains(record.value, needle) || contains(record.key, needle)) take(record);
      }
      offset = std::max(reached, offset + 1);
    }
    return offset;
  }
};

Result<std::optional<std::string>> bytes_member(const Json& record, const char* name) {
  const auto found = record.find(name);
  if (found != record.end() && found->is_object()) {
    const auto decoded = TRY(from_base64(TRY(text_member(*found, "base64"))));
    return std::optional<std::string>{std::string(as_text(decoded))};
  }
  return optional_text_member(record, name);
}

// A record of a produce request, with its bytes.
struct Prepared {
  std::int32_t partition = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  Bytes headers;
  std::int64_t timestamp_ms = -1;

  NewRecord view() const {
    NewRecord record;
    record.timestamp_ms = timestamp_ms;
    record.headers = headers;
    if (key) record.key = as_bytes(*key);
    if (value) record.value = as_bytes(*value);
    return record;
  }
};

Result<Prepared> prepare(const Json& record, std::int64_t partitions, std::size_t turn) {
  if (!record.is_object()) {
    return error(ErrorCode::InvalidArgument, "a member of 'records' is not an object");
  }
  Prepared out;
  out.key = TRY(bytes_member(record, "key"));
  out.value = TRY(bytes_member(record, "value"));
  out.timestamp_ms = TRY(number_member(record, "timestamp_ms", -1, 0, INT64_MAX));
  std::int64_t partition = TRY(number_member(record, "partition", -1, 0, partitions - 1));
  if (partition < 0) {
    // Records with equal keys go to one partition; without a key they take turns.
    partition = static_cast<std::int64_t>((out.key ? std::hash<std::string>{}(*out.key) : turn) %
                                          static_cast<std::size_t>(partitions));
  }
  out.partition = static_cast<std::int32_t>(partition);
  const auto headers = record.find("headers");
  if (headers == record.end()) return out;
  if (!headers->is_array()) {
    return error(ErrorCode::InvalidArgument, "member 'headers' must be a list");
  }
  std::vector<std::pair<std::string, std::optional<std::string>>> texts;
  for (const auto& h : *headers) {
    if (!h.is_object()) {
      return error(ErrorCode::InvalidArgument, "a member of 'headers' is not an object");
    }
    texts.emplace_back(TRY(text_member(h, "key")), TRY(bytes_member(h, "value")));
  }
  std::vector<HeaderView> views;
  for (const auto& [name, text] : texts) {
    auto& view = views.emplace_back(HeaderView{.key = name, .value = std::nullopt});
    if (text) view.value = as_bytes(*text);
  }
  encode_headers(views, out.headers);
  return out;
}

}  // namespace

Result<Response> get_records(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const std::string& topic = request.parameter("topic");
  const auto info = TRY(broker->describe_topic(topic));
  const auto limit = TRY(request.number("limit", 100, 1, 1000));
  const auto only = TRY(request.number("partition", -1, 0, INT32_MAX));
  const std::string from = request.text("from", "latest");
  const std::string needle = request.text("contains");
  const std::string isolation_text = request.text("isolation", "read_committed");
  if (isolation_text != "read_committed" && isolation_text != "read_uncommitted") {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("isolation is '{}', it must be read_committed or read_uncommitted",
                             isolation_text));
  }
  const auto isolation = isolation_text == "read_committed" ? broker::Isolation::ReadCommitted
                                                            : broker::Isolation::ReadUncommitted;
  FoundRecords found;
  Json next = Json::object();
  std::size_t scanned = 0;
  bool end_reached = true;
  const bool backward = from == "latest" && !needle.empty();
  const std::size_t searched = only >= 0 ? 1 : std::max<std::size_t>(info.partitions.size(), 1);
  for (const auto& p : info.partitions) {
    if (only >= 0 && p.partition != only) continue;
    const TopicPartition source{.topic = topic, .partition = p.partition};
    const auto [offset, end] = TRY(start_of(*broker, source, p, from, limit, isolation));
    Search search{.broker = *broker,
                  .source = source,
                  .isolation = isolation,
                  .needle = needle,
                  .limit = static_cast<std::size_t>(limit),
                  .budget = kScannedRecordsMax - std::min(scanned, kScannedRecordsMax)};
    std::int64_t reached = end;
    if (backward) {
      search.budget = std::max<std::size_t>(kScannedRecordsMax / searched, 1);
      TRY(search.backward(p.log_start_offset, end, found));
    } else {
      reached = TRY(search.forward(offset, end, found));
    }
    scanned += search.scanned;
    next[std::to_string(p.partition)] = reached;
    end_reached = end_reached && reached >= end;
    // Of several partitions the newest or the oldest records, as was asked.
    std::ranges::sort(found, {}, &FoundRecord::order);
    while (found.size() > static_cast<std::size_t>(limit)) {
      if (from == "latest") {
        // `next` says that it was read: it is not offered again.
        found.pop_front();
        continue;
      }
      // Its partition must be read again from the first record cut.
      next[std::to_string(found.back().partition())] = found.back().offset();
      end_reached = false;
      found.pop_back();
    }
  }
  if (only >= static_cast<std::int64_t>(info.partitions.size())) {
    return error(ErrorCode::NotFound, fmt::format("topic '{}' has {} partitions, no partition {}",
                                                  topic, info.partitions.size(), only));
  }
  Json records = Json::array();
  for (const FoundRecord& record : found) records.push_back(record.render());
  return json_response({{"records", std::move(records)},
                        {"next", std::move(next)},
                        {"scanned", scanned},
                        {"end_reached", end_reached}});
}

Result<Response> produce_records(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const std::string& topic = request.parameter("topic");
  const auto info = TRY(broker->describe_topic(topic));
  const Json body = TRY(request.json());
  const auto list = body.find("records");
  if (list == body.end() || !list->is_array() || list->empty()) {
    return error(ErrorCode::InvalidArgument, "member 'records' must be a list with a record");
  }
  const auto partitions = static_cast<std::int64_t>(info.partitions.size());
  std::vector<Prepared> prepared(list->size());
  std::map<std::int32_t, std::vector<std::size_t>> by_partition;
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    prepared[i] = TRY(prepare((*list)[i], partitions, i));
    by_partition[prepared[i].partition].push_back(i);
  }
  std::vector<Json> produced(prepared.size());
  for (const auto& [partition, indexes] : by_partition) {
    std::vector<NewRecord> records;
    for (const std::size_t i : indexes) records.push_back(prepared[i].view());
    const auto at = TRY(broker->produce({.topic = topic, .partition = partition}, records));
    for (std::size_t n = 0; n < indexes.size(); ++n) {
      const std::int64_t stamp = prepared[indexes[n]].timestamp_ms;
      produced[indexes[n]] = {{"partition", partition},
                              {"offset", at.base_offset + static_cast<std::int64_t>(n)},
                              {"timestamp_ms", stamp < 0 ? at.timestamp_ms : stamp}};
    }
  }
  return json_response({{"records", produced}});
}

}  // namespace tidemill::web::routes

// SPDX-License-Identifier: Apache-2.0
// Rejected records: listing and putting them back. stream/dead_letter.h has the record's layout.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "web/render.h"
#include "web/routes/routes.h"

namespace tidemill::web::routes {
namespace {

struct DeadLetterHeaders {
  std::string source, topic, rules, reason;
  std::int64_t partition = -1, offset = -1, timestamp_ms = -1;
};

DeadLetterHeaders headers_of(const RecordView& record) {
  DeadLetterHeaders out;
  const auto decoded = decode_headers(record.headers);
  if (!decoded.ok()) return out;
  for (const auto& h : decoded.value()) {
    if (!h.value) continue;
    const std::string_view value = as_text(*h.value);
    if (h.key == "source") out.source = value;
    if (h.key == "topic") out.topic = value;
    if (h.key == "rules") out.rules = value;
    if (h.key == "reason") out.reason = value;
    if (h.key == "partition") out.partition = whole_number(value).value_or(-1);
    if (h.key == "offset") out.offset = whole_number(value).value_or(-1);
    if (h.key == "timestamp") out.timestamp_ms = whole_number(value).value_or(-1);
  }
  return out;
}

std::vector<std::string> split_rules(const std::string& rules) {
  std::vector<std::string> out;
  for (std::string_view rest = rules; !rest.empty();) {
    const auto rule = rest.substr(0, rest.find(','));
    out.emplace_back(rule);
    rest.remove_prefix(std::min(rule.size() + 1, rest.size()));
  }
  return out;
}

// Every query that reads a source rejects its bad records, so a letter of the same record may stand
// there once per query. The first one stands for all.
class Origins {
 public:
  bool is_new(const DeadLetterHeaders& headers) {
    // A letter without coordinates is not ours to compare.
    if (headers.offset < 0) return true;
    return seen_[headers.topic][headers.partition].insert(headers.offset).second;
  }

 private:
  std::map<std::string, std::map<std::int64_t, std::unordered_set<std::int64_t>>> seen_;
};

// Calls visit(partition, record, headers) for every dead letter of the topic, newest chunk last.
template <class Visit>
Result<> each_dead_letter(broker::Broker& broker, const std::string& topic, Visit visit) {
  const auto info = broker.describe_topic(topic);
  if (!info.ok()) {
    // No record was rejected yet.
    if (info.error().code == ErrorCode::NotFound) return {};
    return info.error();
  }
  for (const auto& p : info->partitions) {
    std::int64_t offset = p.log_start_offset;
    while (offset < p.last_stable_offset) {
      const broker::FetchPosition position{.source = {.topic = topic, .partition = p.partition},
                                           .offset = offset};
      const auto chunks = TRY(broker.fetch({&position, 1}, {}));
      if (chunks.empty()) break;
      for (const auto& record : chunks[0].records) {
        TRY(visit(p.partition, record, headers_of(record)));
      }
      offset = std::max(chunks[0].next_offset, offset + 1);
    }
  }
  return {};
}

bool has_rule(const std::string& rules, const std::string& wanted) {
  if (wanted.empty()) return true;
  const auto all = split_rules(rules);
  return std::ranges::find(all, wanted) != all.end();
}

}  // namespace

Result<Response> list_dead_letters(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  sql::Catalog* catalog = TRY(need_catalog(services));
  const auto limit = static_cast<std::size_t>(TRY(request.number("limit", 100, 1, 1000)));
  const std::string rule = request.text("rule");
  const std::string source = request.text("source");
  std::set<std::string> topics;
  if (const std::string topic = request.text("topic"); !topic.empty()) {
    topics.insert(topic);
  } else if (!source.empty()) {
    topics.insert(TRY(catalog->source(source)).spec.dead_letter_topic);
  } else {
    for (const auto& s : catalog->sources()) topics.insert(s.spec.dead_letter_topic);
  }
  topics.erase("");
  std::vector<std::pair<std::int64_t, Json>> found;
  Origins origins;
  for (const auto& topic : topics) {
    TRY(each_dead_letter(
        *broker, topic,
        [&](std::int32_t partition, const RecordView& record,
            const DeadLetterHeaders& headers) -> Result<> {
          if (!has_rule(headers.rules, rule)) return {};
          if (!source.empty() && headers.source != source) return {};
          if (!origins.is_new(headers)) return {};
          found.emplace_back(
              record.timestamp_ms,
              Json{{"topic", topic},
                   {"partition", partition},
                   {"offset", record.offset},
                   {"timestamp_ms", record.timestamp_ms},
                   {"source", headers.source},
                   {"rules", split_rules(headers.rules)},
                   {"reason", headers.reason},
                   {"raw", bytes_json(as_text(record.value))},
                   {"key", record.has_key() ? bytes_json(as_text(record.key)) : Json(nullptr)},
                   {"origin",
                    {{"topic", headers.topic},
                     {"partition", headers.partition},
                     {"offset", headers.offset},
                     {"timestamp_ms", headers.timestamp_ms}}}});
          // Only the newest are answered: keep memory at twice the limit.
          if (found.size() >= 2 * limit) {
            std::ranges::sort(found, std::ranges::greater{}, &std::pair<std::int64_t, Json>::first);
            found.resize(limit);
          }
          return {};
        }));
  }
  std::ranges::sort(found, std::ranges::greater{}, &std::pair<std::int64_t, Json>::first);
  Json out = Json::array();
  for (std::size_t i = 0; i < std::min(limit, found.size()); ++i) {
    out.push_back(std::move(found[i].second));
  }
  return json_response(out);
}

Result<Response> replay_dead_letters(Services& services, const Request& request) {
  broker::Broker* broker = TRY(need_broker(services));
  const Json body = TRY(request.json());
  const auto source = TRY(TRY(need_catalog(services))->source(TRY(text_member(body, "source"))));
  const std::string rule = TRY(optional_text_member(body, "rule")).value_or("");
  const auto partition = TRY(number_member(body, "partition", -1, 0, INT32_MAX));
  const auto offset = TRY(number_member(body, "offset", -1, 0, INT64_MAX));
  std::int64_t replayed = 0;
  std::int64_t skipped = 0;
  Origins origins;
  TRY(each_dead_letter(
      *broker, source.spec.dead_letter_topic,
      [&](std::int32_t at, const RecordView& record, const DeadLetterHeaders& headers) -> Result<> {
        const bool wanted = has_rule(headers.rules, rule) && headers.source == source.spec.name &&
                            (partition < 0 || at == partition) &&
                            (offset < 0 || record.offset == offset);
        if (!wanted || !origins.is_new(headers)) {
          ++skipped;
          return {};
        }
        const NewRecord again{
            .key = record.has_key() ? std::optional<BytesView>(record.key) : std::nullopt,
            .value = record.has_value() ? std::optional<BytesView>(record.value) : std::nullopt};
        const auto target = static_cast<std::int32_t>(std::max<std::int64_t>(0, headers.partition));
        TRY(broker->produce({.topic = headers.topic, .partition = target}, {&again, 1}));
        ++replayed;
        return {};
      }));
  return json_response({{"replayed", replayed}, {"skipped", skipped}});
}

}  // namespace tidemill::web::routes

// SPDX-License-Identifier: Apache-2.0
#include "web/live.h"

#include <fmt/format.h>

#include <algorithm>

#include "web/render.h"

namespace tidemill::web {
namespace {

constexpr std::chrono::seconds kPace{1};
constexpr std::size_t kTailRecordsMax = 200;
constexpr std::size_t kChannelNameMax = 512;  // a topic's name has 249 at most

// "topic:orders" with prefix "topic:" gives "orders".
bool named(std::string_view channel, std::string_view prefix, std::string& name) {
  if (!channel.starts_with(prefix)) return false;
  name = channel.substr(prefix.size());
  return !name.empty();
}

std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::string> text_of(Result<Json> value) {
  return text_of(TRY(std::move(value)));
}

}  // namespace

void Subscriber::put(const std::string& channel, std::string message) {
  {
    const MutexLock lock(mutex_);
    pending_[channel] = std::move(message);
  }
  wake_();
}

std::map<std::string, std::string> Subscriber::take() {
  const MutexLock lock(mutex_);
  return std::exchange(pending_, {});
}

Live::Live(Services& services)
    : services_(services), thread_("live", [this](const std::stop_token& token) { run(token); }) {}

void Live::stop() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.stop();
}

Result<> Live::message(const std::shared_ptr<Subscriber>& from, const std::string& text) {
  const Json request = Json::parse(text, nullptr, false);
  if (!request.is_object()) {
    return error(ErrorCode::InvalidArgument, "a live message must be a JSON object");
  }
  const auto names = [&](const char* member) -> Result<std::vector<std::string>> {
    std::vector<std::string> out;
    const auto list = request.find(member);
    if (list == request.end()) return out;
    if (!list->is_array()) {
      return error(ErrorCode::InvalidArgument, fmt::format("'{}' must be a list", member));
    }
    for (const auto& name : *list) {
      if (!name.is_string()) {
        return error(ErrorCode::InvalidArgument, fmt::format("'{}' must hold texts", member));
      }
      out.push_back(name.get<std::string>());
      if (out.back().size() > kChannelNameMax) {
        return error(ErrorCode::TooLarge,
                     fmt::format("a channel's name of {} bytes, the limit is {}", out.back().size(),
                                 kChannelNameMax));
      }
    }
    return out;
  };
  const auto added = TRY(names("subscribe"));
  const auto removed = TRY(names("unsubscribe"));
  const MutexLock lock(mutex_);
  for (const auto& name : removed) {
    const auto channel = channels_.find(name);
    if (channel == channels_.end()) continue;
    channel->second->subscribers.erase(from);
    channel->second->fresh.erase(from);
  }
  const auto held = static_cast<std::size_t>(std::ranges::count_if(
      channels_, [&](const auto& c) { return c.second->subscribers.contains(from); }));
  if (held + added.size() > kChannelsMax) {
    return error(ErrorCode::TooLarge, fmt::format("{} channels in one connection, the limit is {}",
                                                  held + added.size(), kChannelsMax));
  }
  for (const auto& name : added) {
    auto& channel = channels_[name];
    if (!channel) channel = std::make_shared<Channel>();
    channel->subscribers.insert(from);
    channel->fresh.insert(from);
    hurry_ = true;
  }
  changed_.notify_all();
  return {};
}

void Live::remove(const std::shared_ptr<Subscriber>& subscriber) {
  const MutexLock lock(mutex_);
  for (auto& [name, channel] : channels_) {
    channel->subscribers.erase(subscriber);
    channel->fresh.erase(subscriber);
  }
}

void Live::run(const std::stop_token& token) {
  while (!token.stop_requested()) {
    std::vector<std::string> names;
    {
      const MutexLock lock(mutex_);
      if (stopping_) return;
      std::erase_if(channels_, [](const auto& c) { return c.second->subscribers.empty(); });
      for (const auto& [name, channel] : channels_) names.push_back(name);
    }
    for (const auto& name : names) refresh(name);
    const MutexLock lock(mutex_);
    if (!stopping_ && !std::exchange(hurry_, false)) changed_.wait_for(mutex_, kPace);
  }
}

void Live::refresh(const std::string& name) {
  std::shared_ptr<Channel> channel;
  {
    const MutexLock lock(mutex_);
    const auto found = channels_.find(name);
    if (found == channels_.end()) return;
    channel = found->second;
  }
  // Only this thread touches last, sequence and tail; the subscriber sets need the lock.
  auto state = state_of(name, *channel);
  const Json quoted_name = name;
  std::string data;
  if (state.ok()) {
    if (state->empty()) return;
    data = fmt::format("\"data\":{}", state.value());
  } else {
    data = fmt::format("\"error\":{}", text_of(Json{{"code", tidemill::name_of(state.error().code)},
                                                    {"message", state.error().message}}));
  }
  const MutexLock lock(mutex_);
  const bool changed = data != channel->last;
  if (changed) {
    channel->last = data;
    ++channel->sequence;
  }
  const auto message = fmt::format("{{\"channel\":{},\"sequence\":{},{}}}", text_of(quoted_name),
                                   channel->sequence, data);
  for (const auto& subscriber : changed ? channel->subscribers : channel->fresh) {
    subscriber->put(name, message);
  }
  channel->fresh.clear();
}

Result<std::string> Live::state_of(const std::string& name, Channel& channel) {
  std::string what;
  if (name == "overview") return text_of(overview_state(services_));
  if (name == "topics") return text_of(topics_state(services_));
  if (name == "groups") return text_of(groups_state(services_));
  if (name == "queries") return text_of(queries_state(services_));
  if (name == "tables") return text_of(tables_state(services_));
  if (named(name, "topic:", what)) return text_of(topic_state(services_, what));
  if (named(name, "query:", what)) return text_of(query_state(services_, what));
  if (named(name, "tail:", what)) return tail_of(what, channel);
  if (named(name, "table:", what)) {
    const auto dot = what.find('.');
    if (dot == std::string::npos) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("channel '{}' is not of the form table:KEYSPACE.NAME", name));
    }
    return text_of(newest_rows(services_, what.substr(0, dot), what.substr(dot + 1), 100));
  }
  return error(ErrorCode::NotFound, fmt::format("no channel '{}'", name));
}

Result<std::string> Live::tail_of(const std::string& topic, Channel& channel) {
  broker::Broker* broker = TRY(need_broker(services_));
  const auto info = TRY(broker->describe_topic(topic));
  std::vector<std::pair<std::int64_t, Json>> found;
  for (const auto& p : info.partitions) {
    const auto [at, first_time] = channel.tail.try_emplace(p.partition, p.last_stable_offset);
    // A reader that fell far behind skips to the newest.
    at->second = std::max({at->second, p.log_start_offset,
                           p.last_stable_offset - static_cast<std::int64_t>(kTailRecordsMax)});
    while (at->second < p.last_stable_offset) {
      const broker::FetchPosition position{.source = {.topic = topic, .partition = p.partition},
                                           .offset = at->second};
      const auto chunks = TRY(broker->fetch({&position, 1}, {.max_bytes = 256 * 1024}));
      if (chunks.empty()) break;
      for (const auto& record : chunks[0].records) {
        if (record.offset >= at->second) {
          found.emplace_back(record.timestamp_ms, render_record(record, p.partition));
        }
      }
      at->second = std::max(chunks[0].next_offset, at->second + 1);
    }
  }
  if (found.empty() && channel.sequence > 0) return std::string();
  std::ranges::sort(found, {}, &std::pair<std::int64_t, Json>::first);
  Json records = Json::array();
  for (std::size_t i = found.size() - std::min(found.size(), kTailRecordsMax); i < found.size();
       ++i) {
    records.push_back(std::move(found[i].second));
  }
  return text_of(Json{{"records", std::move(records)}});
}

}  // namespace tidemill::web

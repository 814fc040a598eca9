// SPDX-License-Identifier: Apache-2.0
#include "connect/kafka/sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "connect/kafka/row_json.h"
#include "connect/partitioner.h"
#include "connect/sink_options.h"
#include "stream/sink.h"

namespace tidemill::connect::kafka {
namespace {

class KafkaSink final : public stream::Sink {
 public:
  KafkaSink(std::string topic, std::size_t partitions, const stream::QuerySpec& spec,
            std::vector<std::size_t> key)
      : topic_(std::move(topic)),
        key_(std::move(key)),
        key_writer_(spec.output, key_),
        row_writer_(spec.output, all(spec.output.size())),
        by_partition_(partitions) {}

  stream::Delivery delivery() const override { return stream::Delivery::Transactional; }
  std::string description() const override { return "kafka[" + topic_ + "]"; }
  Result<> flush() override { return {}; }

  Result<> write(const Chunk& rows, std::span<const stream::RowOrigin> origins,
                 broker::TransactionalWriter& transaction) override {
    text_.clear();
    spots_.clear();
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const std::size_t at = rows.at(i);
      const std::size_t key_from = text_.size();
      if (key_.size() == 1) {
        append_plain(rows.column(key_[0]), at, text_);
      } else if (!key_.empty()) {
        key_writer_.append(rows, at, text_);
      }
      const std::size_t value_from = text_.size();
      row_writer_.append(rows, at, text_);
      spots_.push_back({key_from, value_from, text_.size()});
    }
    for (auto& records : by_partition_) records.clear();
    const BytesView text(text_);
    for (std::size_t i = 0; i < spots_.size(); ++i) {
      const Spot& spot = spots_[i];
      NewRecord record;
      record.value = text.subspan(spot.value, spot.end - spot.value);
      record.timestamp_ms = origins[i].event_time_us / 1000;
      std::size_t partition = 0;
      if (key_.empty()) {
        partition = turn_++ % by_partition_.size();
      } else {
        record.key = text.subspan(spot.key, spot.value - spot.key);
        partition =
            static_cast<std::size_t>(partition_of(as_text(*record.key), by_partition_.size()));
      }
      by_partition_[partition].push_back(record);
    }
    for (std::size_t i = 0; i < by_partition_.size(); ++i) {
      if (by_partition_[i].empty()) continue;
      TRY(transaction.write({topic_, static_cast<std::int32_t>(i)}, by_partition_[i])
              .context("while writing to topic '" + topic_ + "'"));
    }
    return {};
  }

 private:
  struct Spot {
    std::size_t key;
    std::size_t value;
    std::size_t end;
  };
  static std::vector<std::size_t> all(std::size_t count) {
    std::vector<std::size_t> places(count);
    for (std::size_t i = 0; i < count; ++i) places[i] = i;
    return places;
  }

  std::string topic_;
  std::vector<std::size_t> key_;
  RowWriter key_writer_;
  RowWriter row_writer_;
  Bytes text_;
  std::vector<Spot> spots_;
  std::vector<std::vector<NewRecord>> by_partition_;
  std::size_t turn_ = 0;
};

Result<std::unique_ptr<stream::Sink>> make(broker::Broker& broker, const stream::QuerySpec& spec) {
  SinkOptions options(spec.sink.options);
  const auto topic = TRY(options.require("topic"));
  const auto key = options.take("key");
  const auto partitions = TRY(options.number("partitions", 1, 10'000));
  TRY(options.choice("delivery", {"exactly_once"}));
  // Upsert has a key, which sql/ saw to; the records are the same.
  const bool upsert = TRY(options.choice("format", {"plain", "upsert"})) == "upsert";
  TRY(options.finish("kafka"));
  std::vector<std::string> names = spec.key;
  if (key) {
    names.clear();
    std::string name;
    for (const char c : *key + ",") {
      if (c == ' ') continue;
      if (c != ',') {
        name += c;
      } else if (!name.empty()) {
        names.push_back(std::move(name));
        name.clear();
      }
    }
  }
  std::vector<std::size_t> places;
  for (const auto& name : names) {
    const auto found = std::ranges::find(spec.output, name, &Column::name);
    if (found == spec.output.end()) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("key column '{}' is not in the output of '{}'", name, spec.name));
    }
    places.push_back(static_cast<std::size_t>(found - spec.output.begin()));
  }
  if (topic == spec.source.topic) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("query '{}' would read what it writes to '{}'", spec.name, topic));
  }
  broker::NewTopic wanted;
  wanted.name = topic;
  wanted.partitions = partitions ? static_cast<std::int32_t>(*partitions) : -1;
  // Records carry event times: retention by time would take old rows away that nothing replaced.
  if (upsert) wanted.configs["cleanup.policy"] = "compact";
  auto created = broker.create_topic(wanted);
  if (!created.ok() && created.error().code != ErrorCode::AlreadyExists) {
    return std::move(created).error();
  }
  const auto described = TRY(broker.describe_topic(topic));
  return std::unique_ptr<stream::Sink>(std::make_unique<KafkaSink>(
      topic, std::max<std::size_t>(described.partitions.size(), 1), spec, std::move(places)));
}

}  // namespace

stream::SinkMaker make_sink(broker::Broker& broker) {
  return [&broker](const stream::QuerySpec& spec) { return make(broker, spec); };
}

}  // namespace tidemill::connect::kafka

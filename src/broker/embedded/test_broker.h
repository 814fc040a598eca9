// SPDX-License-Identifier: Apache-2.0
// An embedded broker on a faulty disk with a clock turned by hand, and verbs for tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "broker/embedded/blocking.h"
#include "broker/embedded/embedded_broker.h"
#include "broker/embedded/kafka_fault.h"
#include "runtime/faulty_disk.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

class EmbeddedTest : public testing::Test {
 protected:
  EmbeddedTest() { open(); }

  void open() {
    auto opened = try_open();
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }
  Result<> try_open() {
    EmbeddedOptions options = options_;
    options.folder = "data";
    broker_ = TRY(EmbeddedBroker::open(std::move(options), {clock_, disk_, random_, metrics_}));
    return {};
  }
  void restart() {
    ASSERT_TRUE(broker_->close().ok());
    broker_.reset();
    open();
  }
  // Power cut at this moment, then a start.
  void crash(std::uint64_t seed = 1) {
    cut_power(seed);
    open();
  }
  void cut_power(std::uint64_t seed = 1) {
    SeededRandom random(seed);
    FaultyDisk left = disk_.after_power_cut(random);
    broker_.reset();  // its last words go to the old disk
    disk_ = std::move(left);
  }

  void make_topic(const std::string& name, std::int32_t partitions = 1,
                  std::map<std::string, std::string> configs = {}) {
    const auto made = broker_->create_topic({name, partitions, std::move(configs)});
    ASSERT_TRUE(made.ok()) << made.error().message;
  }
  std::shared_ptr<Partition> partition(const std::string& topic, std::int32_t index = 0) {
    return broker_->find_partition(topic, index);
  }

  static NewRecord record(std::string_view value, std::int64_t timestamp_ms = -1) {
    NewRecord made;
    made.value = as_bytes(value);
    made.timestamp_ms = timestamp_ms;
    return made;
  }
  Bytes batch(const std::vector<std::string>& values,
              wire::kafka::BatchBuilder::Producer producer = {}) {
    wire::kafka::BatchBuilder builder(clock_.wall_ms(), producer);
    for (const std::string& value : values) builder.add(record(value));
    return *builder.finish();
  }
  Result<Appended> append(const std::string& topic, Bytes bytes, AckWhen when = AckWhen::Durable) {
    return await_completion<Result<Appended>>([&](Completion<Result<Appended>> done) {
      partition(topic)->append(bytes, when, Origin::Client, std::move(done));
    });
  }
  Result<> produce(const std::string& topic, std::string_view value, std::int32_t index = 0) {
    const NewRecord one = record(value);
    TRY(broker_->produce({topic, index}, std::span(&one, 1)));
    return {};
  }
  Result<> write(TransactionalWriter& writer, const std::string& topic, std::string_view value,
                 std::int32_t index = 0) {
    const NewRecord one = record(value);
    return writer.write({topic, index}, std::span(&one, 1));
  }
  std::vector<std::string> read_all(const std::string& topic, std::int32_t index = 0,
                                    Isolation isolation = Isolation::ReadCommitted) {
    std::vector<std::string> values;
    FetchPosition position{{topic, index}, partition(topic, index)->offsets().log_start_offset};
    while (true) {
      const auto chunks =
          broker_->fetch(std::span(&position, 1), {.max_bytes = 100, .isolation = isolation});
      EXPECT_TRUE(chunks.ok()) << chunks.error().message;
      if (!chunks.ok() || chunks->empty()) return values;
      for (const RecordView& one : chunks->front().records) {
        values.emplace_back(as_text(one.value));
      }
      position.offset = chunks->front().next_offset;
    }
  }
  ProducerIdentity init(const std::string& id, std::int64_t timeout_ms = 60'000) {
    const auto producer = try_init(id, timeout_ms);
    EXPECT_TRUE(producer.ok()) << producer.error().message;
    return producer.ok() ? *producer : ProducerIdentity{};
  }
  Result<ProducerIdentity> try_init(std::optional<std::string> id,
                                    std::int64_t timeout_ms = 60'000) {
    return await_completion<Result<ProducerIdentity>>(
        [&](Completion<Result<ProducerIdentity>> done) {
          broker_->transactions().init_producer_id(
              std::move(id), std::chrono::milliseconds{timeout_ms}, {}, std::move(done));
        });
  }
  Result<ProducerIdentity> end(const std::string& id, ProducerIdentity producer, bool commit,
                               TransactionVersion version = TransactionVersion::V1) {
    return await_completion<Result<ProducerIdentity>>(
        [&](Completion<Result<ProducerIdentity>> done) {
          broker_->transactions().end({id, producer, commit, version}, std::move(done));
        });
  }
  Result<> verify(const std::string& id, ProducerIdentity producer, const std::string& topic,
                  TransactionVersion version = TransactionVersion::V2) {
    return await_completion<Result<>>([&](Completion<Result<>> done) {
      broker_->transactions().verify(id, producer, {topic, 0}, version, std::move(done));
    });
  }

  ManualClock clock_;
  FaultyDisk disk_;
  SeededRandom random_{7};
  Metrics metrics_;
  EmbeddedOptions options_;
  std::unique_ptr<EmbeddedBroker> broker_;
};

}  // namespace tidemill::broker::embedded

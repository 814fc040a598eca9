// SPDX-License-Identifier: Apache-2.0
// The port's contract, written against broker/broker.h alone. Each implementation brings a factory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "broker/broker.h"

namespace tidemill::broker {

// A running broker and what it needs.
class BrokerFixture {
 public:
  virtual ~BrokerFixture() = default;
  virtual Broker& broker() = 0;
  // Stops it and starts it on the same data; false where that cannot be done.
  virtual bool restart() = 0;
};

struct BrokerKind {
  std::string name;
  std::function<std::unique_ptr<BrokerFixture>()> make;
};
inline void PrintTo(const BrokerKind& kind, std::ostream* out) {
  *out << kind.name;
}

// The implementations to be judged: embedded always, others where configured.
std::vector<BrokerKind> configured_brokers();

class BrokerContract : public testing::TestWithParam<BrokerKind> {
 protected:
  BrokerContract() : fixture_(GetParam().make()) {}

  Broker& broker() { return fixture_->broker(); }
  bool restart() { return fixture_->restart(); }

  // A topic name no other test uses.
  std::string fresh_topic(std::int32_t partitions = 1,
                          std::map<std::string, std::string> configs = {});
  std::string fresh_name(std::string_view what);

  std::int64_t produce(const std::string& topic, std::vector<std::string> values,
                       std::int32_t partition = 0, std::int64_t timestamp_ms = -1);
  Result<> write(TransactionalWriter& writer, const std::string& topic,
                 std::vector<std::string> values, std::int32_t partition = 0);
  // All values from the offset to the end.
  std::vector<std::string> read_all(const std::string& topic, std::int32_t partition = 0,
                                    std::int64_t offset = 0,
                                    Isolation isolation = Isolation::ReadCommitted);

 private:
  std::unique_ptr<BrokerFixture> fixture_;
};

}  // namespace tidemill::broker

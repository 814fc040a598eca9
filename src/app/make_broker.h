// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "app/part.h"
#include "broker/broker.h"

namespace tidemill::app {

// The log and, where it is ours, its Kafka server.
class BrokerPart {
 public:
  virtual ~BrokerPart() = default;
  virtual broker::Broker& broker() = 0;
  virtual std::uint16_t port() const = 0;  // 0: no server of ours
  virtual void stop() = 0;
};

Result<std::unique_ptr<BrokerPart>> make_broker(const PartContext& context);

}  // namespace tidemill::app

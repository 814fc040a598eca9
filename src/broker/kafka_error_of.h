// SPDX-License-Identifier: Apache-2.0
// Which Kafka error a failure of ours is: the border of the broker to its clients.
#pragma once

#include "base/error.h"
#include "wire/kafka/kafka_error.h"

namespace tidemill::broker {

wire::kafka::KafkaError kafka_error_of(const Error& failure);

}  // namespace tidemill::broker

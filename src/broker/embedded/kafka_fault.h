// SPDX-License-Identifier: Apache-2.0
// Errors that carry Kafka's own code, for the server on top.
#pragma once

#include <string>

#include "base/error.h"
#include "wire/kafka/kafka_error.h"

namespace tidemill::broker::embedded {

using wire::kafka::KafkaError;

inline Error fault(ErrorCode code, KafkaError kafka, std::string message) {
  Error made = error(code, std::move(message));
  made.detail = static_cast<int>(kafka);
  return made;
}

// The Kafka code an error of this folder carries; None where its ErrorCode says it all.
inline KafkaError kafka_error_of(const Error& from) {
  return static_cast<KafkaError>(from.detail);
}

}  // namespace tidemill::broker::embedded

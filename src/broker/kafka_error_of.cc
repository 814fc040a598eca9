// SPDX-License-Identifier: Apache-2.0
#include "broker/kafka_error_of.h"

namespace tidemill::broker {

using wire::kafka::KafkaError;

KafkaError kafka_error_of(const Error& failure) {
  // The log says which of Kafka's codes it means where ours is too coarse.
  if (failure.detail != 0) return static_cast<KafkaError>(failure.detail);
  switch (failure.code) {
    case ErrorCode::InvalidArgument:
      return KafkaError::InvalidRequest;
    case ErrorCode::NotFound:
      return KafkaError::UnknownTopicOrPartition;
    case ErrorCode::AlreadyExists:
      return KafkaError::TopicAlreadyExists;
    case ErrorCode::Denied:
      return KafkaError::ClusterAuthorizationFailed;
    case ErrorCode::Conflict:
      return KafkaError::InvalidTxnState;
    case ErrorCode::Corrupt:
      return KafkaError::CorruptMessage;
    case ErrorCode::TooLarge:
      return KafkaError::MessageTooLarge;
    case ErrorCode::Exhausted:  // a full disk: clients retry, and succeed when space returns
      return KafkaError::KafkaStorageError;
    case ErrorCode::Timeout:
      return KafkaError::RequestTimedOut;
    case ErrorCode::Cancelled:
      return KafkaError::RequestTimedOut;
    case ErrorCode::Unavailable:
      return KafkaError::CoordinatorNotAvailable;
    case ErrorCode::NotLeader:
      return KafkaError::NotLeaderOrFollower;
    case ErrorCode::Unsupported:
      return KafkaError::UnsupportedForMessageFormat;
    case ErrorCode::Io:
      return KafkaError::KafkaStorageError;
    case ErrorCode::Internal:
      return KafkaError::UnknownServerError;
  }
  return KafkaError::UnknownServerError;
}

}  // namespace tidemill::broker

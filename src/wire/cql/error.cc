// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/error.h"

namespace tidemill::wire::cql {

CqlErrorCode code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::InvalidArgument:
    case ErrorCode::NotFound:
    case ErrorCode::Conflict:
    case ErrorCode::TooLarge:
    case ErrorCode::Unsupported:
      return CqlErrorCode::Invalid;
    case ErrorCode::AlreadyExists:
      return CqlErrorCode::AlreadyExists;
    case ErrorCode::Denied:
      return CqlErrorCode::Unauthorized;
    case ErrorCode::Exhausted:
      return CqlErrorCode::Overloaded;
    case ErrorCode::Timeout:
    case ErrorCode::Cancelled:
    case ErrorCode::Unavailable:
    case ErrorCode::NotLeader:
    case ErrorCode::Io:
    case ErrorCode::Corrupt:
    case ErrorCode::Internal:
      return CqlErrorCode::ServerError;
  }
  return CqlErrorCode::ServerError;
}

CqlError to_cql_error(Error failure) {
  return {code_of(failure.code), std::move(failure.message)};
}

Error to_error(CqlError failure) {
  const auto code = [&] {
    switch (failure.code) {
      case CqlErrorCode::Syntax:
      case CqlErrorCode::Invalid:
      case CqlErrorCode::Config:
        return ErrorCode::InvalidArgument;
      case CqlErrorCode::BadCredentials:
      case CqlErrorCode::Unauthorized:
        return ErrorCode::Denied;
      case CqlErrorCode::AlreadyExists:
        return ErrorCode::AlreadyExists;
      case CqlErrorCode::Unprepared:
        return ErrorCode::NotFound;
      case CqlErrorCode::Overloaded:
        return ErrorCode::Exhausted;
      case CqlErrorCode::ReadFailure:
        return failure.reason == FailureReason::Unknown ? ErrorCode::Internal
                                                        : ErrorCode::Exhausted;
      case CqlErrorCode::Unavailable:
      case CqlErrorCode::Bootstrapping:
        return ErrorCode::Unavailable;
      case CqlErrorCode::WriteTimeout:
      case CqlErrorCode::ReadTimeout:
        return ErrorCode::Timeout;
      case CqlErrorCode::ProtocolError:
        return ErrorCode::Corrupt;
      case CqlErrorCode::ServerError:
      case CqlErrorCode::TruncateError:
      case CqlErrorCode::FunctionFailure:
      case CqlErrorCode::WriteFailure:
        return ErrorCode::Internal;
    }
    return ErrorCode::Internal;
  }();
  return tidemill::error(code, std::move(failure.message));
}

}  // namespace tidemill::wire::cql

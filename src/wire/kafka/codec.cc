// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/codec.h"

namespace tidemill::wire::kafka {

std::size_t FieldReader::bounded(std::int64_t length, bool nullable) {
  if (failed()) return 0;
  if (length < 0) {
    if (length != -1) fail(fmt::format("length {} is negative", length));
    if (length == -1 && !nullable) fail("null is not allowed here");
    return 0;
  }
  return static_cast<std::size_t>(length);
}

void FieldReader::fail(std::string reason) {
  if (!failed()) failure_ = error(ErrorCode::Corrupt, std::move(reason));
}

void FieldReader::prepend(std::string_view name) {
  if (!path_.empty() && path_.front() != '[') path_.insert(0, ".");
  path_.insert(0, name);
}

void FieldReader::index(std::size_t i) {
  if (!path_.empty()) path_.insert(0, ".");
  path_.insert(0, fmt::format("[{}]", i));
}

Error FieldReader::failure(const MessageSpec& spec) && {
  return error(ErrorCode::Corrupt,
               fmt::format("{} v{}: {}{}{}", spec.name, version_, path_.empty() ? "" : "field ",
                           path_.empty() ? "" : path_ + ": ", failure_->message));
}

}  // namespace tidemill::wire::kafka

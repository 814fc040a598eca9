// SPDX-License-Identifier: Apache-2.0
// Connector 'generator': made-up records, the same for the same options.
#pragma once

#include <memory>

#include "connect/feed_reader.h"

namespace tidemill::connect::generator {

// kind = 'random_user' (default), seed, count (0: endless), invalid_share, duplicate_share,
// key = 'id' (default: none).
Result<std::unique_ptr<FeedReader>> make_reader(const FeedOptions& options);

}  // namespace tidemill::connect::generator

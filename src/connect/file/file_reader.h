// SPDX-License-Identifier: Apache-2.0
// Connector 'file': the rows of a file as records, in its order.
#pragma once

#include <memory>

#include "connect/feed_reader.h"

namespace tidemill::connect::file {

// path, format = 'json' (lines) | 'csv' | 'parquet' (default: by the name), map = 'SELECT ... FROM
// file', key = a field, count (0: all).
//
// JSON lines without map and key travel byte for byte, whatever they hold. Else DuckDB reads the
// file, and each row becomes a JSON object.
Result<std::unique_ptr<FeedReader>> make_reader(const FeedOptions& options,
                                                const ReaderContext& context);

}  // namespace tidemill::connect::file

// SPDX-License-Identifier: Apache-2.0
// Connector 'http': polls a JSON API and turns each response into records by SQL.
#pragma once

#include <memory>

#include "connect/feed_reader.h"

namespace tidemill::connect::http {

// url, every ('1 second'), map = 'SELECT ... FROM response', key = a field, timeout, bytes_max,
// header.NAME, ca_file, count (polls; 0: endless).
//
// `response` has one row: status INTEGER, body JSON, url TEXT. Without a map the body is the
// record. An answer 304, or the same ETag as before, gives no records.
Result<std::unique_ptr<FeedReader>> make_reader(const FeedOptions& options,
                                                const ReaderContext& context);

}  // namespace tidemill::connect::http

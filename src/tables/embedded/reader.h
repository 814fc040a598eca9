// SPDX-License-Identifier: Apache-2.0
// Reads one page of rows.
#pragma once

#include "store/rocks/database.h"
#include "tables/embedded/encode.h"
#include "tables/embedded/header_flags.h"
#include "tables/embedded/read.h"

namespace tidemill::tables::embedded {

// Thread: any; blocks on the disk. `stale`: writes that mark dead entries which were met.
Result<Page> read_page(const store::rocks::Database& database, const HeaderFlags& headers,
                       const ReadRequest& request, std::int64_t now_seconds, EncodedWrites& stale);

}  // namespace tidemill::tables::embedded

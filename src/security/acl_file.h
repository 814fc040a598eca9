// SPDX-License-Identifier: Apache-2.0
// The text of the file of ACLs: docs/dev/formats/acls.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "security/acl_index.h"

namespace tidemill::security {

constexpr std::uint64_t kAclFileBytesMax = 64 << 20;

std::string render_acls(const Acls& acls);
// Unsupported for a later version, Corrupt for what cannot be understood.
Result<Acls> parse_acls(std::string_view text);

}  // namespace tidemill::security

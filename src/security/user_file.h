// SPDX-License-Identifier: Apache-2.0
// The text of the file of users: docs/dev/formats/users.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "security/roles.h"

namespace tidemill::security {

constexpr std::uint64_t kUserFileBytesMax = 64 << 20;

std::string render_users(const Users& users);
// Unsupported for a later version, Corrupt for what cannot be understood.
Result<Users> parse_users(std::string_view text);

}  // namespace tidemill::security

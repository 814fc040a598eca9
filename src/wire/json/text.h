// SPDX-License-Identifier: Apache-2.0
// Small JSON texts: escapes, numbers and nested values, checked byte by byte. What is on the hot
// path and large goes through simdjson's index (decoder.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace tidemill::wire::json {

// Whether the text is a number as RFC 8259 writes it.
bool is_number(std::string_view text);

// Resolves the escapes of a string's inside. `out` has room for text.size() bytes. Gives the bytes
// written; nothing for a bad escape or half a surrogate pair.
std::optional<std::size_t> unescape(std::string_view text, char* out);

// Writes a value without spaces and with only the escapes JSON needs, as others would print it.
// `out` has room for text.size() bytes, which is always enough. Nothing for a text that is not one
// JSON value or nests deeper than `depth_max`. The UTF-8 must have been checked.
std::optional<std::size_t> compact(std::string_view text, char* out, std::size_t depth_max);

// Appends the text as a JSON string with its quotes.
void append_string(Bytes& out, std::string_view text);

}  // namespace tidemill::wire::json

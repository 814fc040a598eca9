// SPDX-License-Identifier: Apache-2.0
// Any text: statements or an error with a sentence. What parses, parses again after normalizing.
#include <cstdlib>

#include "sql/parse/parser.h"

namespace sql = tidemill::sql;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const auto statements = sql::parse_statements(text);
  if (!statements.ok()) {
    if (statements.error().message.empty()) std::abort();
    return 0;
  }
  for (const auto& statement : *statements) {
    if (!sql::parse_statements(sql::normalized(statement.text)).ok()) std::abort();
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Any text is a statement or a syntax error, never a crash.
#include "base/bytes.h"
#include "tables/statements/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)tidemill::tables::statements::parse_statement(tidemill::as_text({data, size})).ok();
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// The clauses several statements share.
#pragma once

#include "sql/parse/token_reader.h"

namespace tidemill::sql {

// (key = value, a.b = 'text', ...) after WITH or ENCODE JSON.
Result<ParsedOptions> parse_options(TokenReader& in);
// FORMAT PLAIN ENCODE JSON [(...)], the word FORMAT being taken.
Result<ParsedFormat> parse_format(TokenReader& in, Position at);
// [INTERVAL] '10 seconds' | INTERVAL '10' SECOND | INTERVAL 10 SECOND | 10s
Result<std::chrono::microseconds> parse_length(TokenReader& in);
// What follows EMIT.
Result<ParsedEmit> parse_emit(TokenReader& in, Position at);
// What follows OUTPUT MODE.
Result<ParsedEmit> parse_output_mode(TokenReader& in, Position at);
// What follows TRIGGER.
Result<ParsedTrigger> parse_trigger(TokenReader& in);
// DROP | DEAD LETTER, after ON LATE: whether late rows go to the dead letter.
Result<bool> parse_on_late(TokenReader& in);

Result<CreateSource> parse_create_source(TokenReader& in);
Result<CreateQuery> parse_create_query(TokenReader& in, bool is_view);

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
// Finds where the SELECT inside a statement ends, and turns Flink's spelling of window functions
// into the one DuckDB's parser takes.
#pragma once

#include "sql/parse/token_reader.h"

namespace tidemill::sql {

// Whether a clause of ours starts here, which DuckDB would not understand: WITHIN, WITH (, EMIT,
// ON LATE, OUTPUT MODE, TRIGGER, FORMAT.
bool at_streaming_clause(const TokenReader& in);

// Takes the tokens of a SELECT. Flink's words are blanked, so that places in the text stay right.
Result<SqlText> take_select(TokenReader& in);

}  // namespace tidemill::sql

// SPDX-License-Identifier: Apache-2.0
// One request to its answer, apart from sockets: decode, compile or find, bind, run, encode.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tables/statements/executor.h"
#include "wire/cql/frame.h"
#include "wire/cql/response.h"

namespace tidemill::tables::server {

using wire::cql::Opcode;
using wire::cql::Outcome;

// What the answer depends on besides the request.
struct RequestHead {
  int version = 4;
  std::int16_t stream = 0;
  std::uint8_t opcode = 0;
  std::optional<Uuid> trace = {};  // the client asked for one
};

// An encoded answer: one frame, not compressed.
using Frame = Bytes;

Frame encode_error_frame(const RequestHead& head, const wire::cql::CqlError& error);
Frame encode_result_frame(const RequestHead& head, const statements::StatementResult& result,
                          wire::cql::RowsEncoding rows);

// A request whose statement is known and bound; `body` is what its views point into.
struct Work {
  RequestHead head;
  std::shared_ptr<const Bytes> body;
  statements::StatementPtr statement;  // of QUERY and EXECUTE
  statements::Parameters parameters;
  std::vector<statements::BatchMember> members;  // of BATCH
  statements::BatchStatement::Kind batch_kind = statements::BatchStatement::Kind::Logged;
  bool is_batch = false;
  wire::cql::RowsEncoding rows;
  Bytes changed_metadata_id;
  std::vector<std::string> warnings;
  std::string text;  // the statement's, when it is traced
};

// Decodes QUERY, EXECUTE or BATCH. `body` must live as long as the work.
Outcome<Work> read_work(statements::Executor& executor, const RequestHead& head, BytesView body,
                        const std::string& keyspace);
// Unauthorized when the performer may not do all of it. Nothing is looked at where everybody may.
Outcome<> check_access(const statements::Executor& executor, statements::Performer& performer,
                       const Work& work);
// Plain writes give their mutations and need no thread of their own.
bool is_plain_write(const Work& work);
Outcome<std::vector<embedded::Mutation>> mutations_of(Work& work);
// Blocks.
Outcome<statements::StatementResult> run(const statements::Executor& executor, Work& work);
// The same, kept in the log of traces.
Outcome<statements::StatementResult> run_traced(const statements::Executor& executor, Work& work,
                                                Clock& clock);
// Blocks: PREPARE.
Outcome<Frame> prepare(statements::Executor& executor, const RequestHead& head, BytesView body,
                       const std::string& keyspace);

}  // namespace tidemill::tables::server

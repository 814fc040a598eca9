// SPDX-License-Identifier: Apache-2.0
#include "tables/server/request_handler.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::tables::server {

using statements::BatchStatement;
using statements::StatementResult;
using wire::cql::begin_frame;
using wire::cql::Consistency;
using wire::cql::CqlError;
using wire::cql::finish_frame;

namespace {

constexpr std::size_t kTracedTextMax = 4096;  // a trace keeps so much of its statement

// One node satisfies every level but those that name more replicas.
Outcome<> check_consistency(Consistency level) {
  if (level != Consistency::Two && level != Consistency::Three) return {};
  CqlError failure{wire::cql::CqlErrorCode::Unavailable,
                   fmt::format("Cannot achieve consistency level {}", name_of(level))};
  failure.consistency = static_cast<std::uint16_t>(level);
  failure.required = level == Consistency::Two ? 2 : 3;
  failure.alive = 1;
  return failure;
}

std::string keyspace_for(const wire::cql::QueryOptions& options, const std::string& in_use) {
  return options.keyspace ? std::string(*options.keyspace) : in_use;
}

Outcome<Work> read_query(statements::Executor& executor, Work work, BytesView body,
                         const std::string& keyspace) {
  const auto request = TRY(wire::cql::decode_query(body, work.head.version));
  if (work.head.trace) work.text = request.query.substr(0, kTracedTextMax);
  work.statement = TRY(executor.compile(request.query, keyspace_for(request.options, keyspace)));
  work.parameters = TRY(executor.bind(*work.statement, request.options));
  work.rows.skip_metadata = request.options.skip_metadata;
  return work;
}

Outcome<Work> read_execute(statements::Executor& executor, Work work, BytesView body) {
  const auto request = TRY(wire::cql::decode_execute(body, work.head.version));
  const auto prepared = TRY(executor.find(request.id, work.head.version < 5));
  if (work.head.trace) work.text = prepared->cql.substr(0, kTracedTextMax);
  work.statement = prepared->statement;
  work.parameters = TRY(executor.bind(*work.statement, request.options));
  work.rows.skip_metadata = request.options.skip_metadata;
  const bool same = std::ranges::equal(request.result_metadata_id, prepared->result_metadata_id);
  if (work.head.version >= 5 && !same && work.statement->result()) {
    work.changed_metadata_id = prepared->result_metadata_id;
  }
  return work;
}

Outcome<Work> read_batch(statements::Executor& executor, Work work, BytesView body,
                         const std::string& keyspace) {
  const auto request = TRY(wire::cql::decode_batch(body, work.head.version));
  work.is_batch = true;
  work.batch_kind = static_cast<BatchStatement::Kind>(request.kind);
  work.parameters.consistency = request.options.consistency;
  for (const auto& one : request.statements) {
    statements::StatementPtr statement;
    if (one.prepared) {
      statement = TRY(executor.find(one.id, false))->statement;
    } else {
      statement = TRY(executor.compile(one.query, keyspace_for(request.options, keyspace)));
    }
    auto parameters = TRY(executor.bind(*statement, request.options, one.values));
    work.members.push_back({std::move(statement), std::move(parameters)});
  }
  TRY(statements::check_batch(work.members, work.batch_kind, false));
  // One timestamp for all, so that a deletion beats an insertion of the same batch.
  const std::int64_t timestamp = request.options.timestamp
                                     ? *request.options.timestamp
                                     : executor.environment().time.next_timestamp();
  for (auto& member : work.members) member.parameters.timestamp = timestamp;
  return work;
}

}  // namespace

Frame encode_error_frame(const RequestHead& head, const CqlError& error) {
  Frame frame;
  ByteWriter out(frame);
  const std::size_t at = begin_frame(out, head.version, head.stream, Opcode::Error);
  wire::cql::encode_error(out, error, head.version);
  finish_frame(out, at);
  return frame;
}

Frame encode_result_frame(const RequestHead& head, const StatementResult& result,
                          wire::cql::RowsEncoding rows) {
  Frame frame;
  ByteWriter out(frame);
  const bool warns = head.version >= 4 && !result.warnings.empty();
  std::uint8_t flags = warns ? wire::cql::frame_flag::kWarning : std::uint8_t{0};
  if (head.trace) flags |= wire::cql::frame_flag::kTracing;
  const auto* with_rows = std::get_if<wire::cql::Rows>(&result.kind);
  if (with_rows != nullptr) frame.reserve(with_rows->cells.size() + 1024);
  const std::size_t at = begin_frame(out, head.version, head.stream, Opcode::Result, flags);
  if (head.trace) out.bytes(head.trace->bytes);
  if (warns) wire::cql::encode_warnings(out, result.warnings);
  if (with_rows != nullptr) {
    wire::cql::encode_rows(out, *with_rows, rows, head.version);
  } else if (const auto* use = std::get_if<statements::SetKeyspace>(&result.kind)) {
    wire::cql::encode_set_keyspace(out, use->keyspace);
  } else if (const auto* change = std::get_if<wire::cql::SchemaChange>(&result.kind)) {
    wire::cql::encode_schema_change(out, *change);
  } else {
    wire::cql::encode_void(out);
  }
  finish_frame(out, at);
  return frame;
}

Outcome<Work> read_work(statements::Executor& executor, const RequestHead& head, BytesView body,
                        const std::string& keyspace) {
  Work work;
  work.head = head;
  switch (static_cast<Opcode>(head.opcode)) {
    case Opcode::Query:
      work = TRY(read_query(executor, std::move(work), body, keyspace));
      break;
    case Opcode::Execute:
      work = TRY(read_execute(executor, std::move(work), body));
      break;
    default:
      work = TRY(read_batch(executor, std::move(work), body, keyspace));
      break;
  }
  const auto table = work.statement ? work.statement->table() : nullptr;
  const bool of_system = table && statements::is_system_keyspace(table->keyspace);
  if (!of_system) TRY(check_consistency(work.parameters.consistency));
  return work;
}

Outcome<> check_access(const statements::Executor& executor, statements::Performer& performer,
                       const Work& work) {
  const statements::AccessControl& control = executor.access();
  if (!control.authorizes) return {};
  if (!work.is_batch) return performer.check(*control.users, work.statement->access());
  for (const auto& member : work.members)
    TRY(performer.check(*control.users, member.statement->access()));
  return {};
}

bool is_plain_write(const Work& work) {
  if (work.is_batch) return statements::is_plain_batch(work.members);
  return work.statement->is_plain_write();
}

Outcome<std::vector<embedded::Mutation>> mutations_of(Work& work) {
  const Consistency level = work.parameters.consistency;
  if (level == Consistency::Serial || level == Consistency::LocalSerial) {
    return wire::cql::invalid("You must use conditional updates for serializable writes");
  }
  std::vector<embedded::Mutation> mutations;
  if (!work.is_batch) {
    TRY(work.statement->append_mutations(work.parameters, mutations));
    if (const auto kind = work.statement->batch_kind()) {
      work.warnings = TRY(statements::judge_batch(mutations, *kind));
    }
    return mutations;
  }
  TRY(statements::append_batch(work.members, mutations));
  work.warnings = TRY(statements::judge_batch(mutations, work.batch_kind));
  return mutations;
}

Outcome<StatementResult> run(const statements::Executor& executor, Work& work) {
  if (work.is_batch)
    return statements::execute_batch(executor.environment(), work.members, work.batch_kind);
  return executor.execute(*work.statement, work.parameters);
}

Outcome<StatementResult> run_traced(const statements::Executor& executor, Work& work,
                                    Clock& clock) {
  auto& time = executor.environment().time;
  statements::TraceSession session;
  session.id = *work.head.trace;
  session.command = "QUERY";
  session.request = work.is_batch ? "Execute batch of CQL3 queries"
                    : static_cast<Opcode>(work.head.opcode) == Opcode::Execute
                        ? "Execute CQL3 prepared query"
                        : "Execute CQL3 query";
  session.parameters = {{"consistency_level", std::string(name_of(work.parameters.consistency))},
                        {"page_size", std::to_string(work.parameters.page_size)},
                        {"query", work.text}};
  session.started_ms = clock.wall_ms();
  const auto began = clock.monotonic();
  const auto elapsed = [&] {
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(clock.monotonic() - began).count();
    return std::max<std::int64_t>(took, 1);
  };
  session.events.push_back({time.next_timeuuid(), "Parsed and bound " + work.text, elapsed()});
  auto result = run(executor, work);
  session.events.push_back(
      {time.next_timeuuid(), result.ok() ? "Executed" : result.error().message, elapsed()});
  session.duration_us = elapsed();
  executor.environment().system.traces.add(std::move(session));
  return result;
}

Outcome<Frame> prepare(statements::Executor& executor, const RequestHead& head, BytesView body,
                       const std::string& keyspace) {
  const auto request = TRY(wire::cql::decode_prepare(body, head.version));
  const auto prepared = TRY(executor.prepare(
      request.query, request.keyspace ? std::string(*request.keyspace) : keyspace));
  wire::cql::Prepared answer;
  answer.id = prepared->id;
  answer.result_metadata_id = prepared->result_metadata_id;
  answer.markers = prepared->statement->markers();
  answer.partition_key = prepared->statement->partition_key_markers();
  answer.result = prepared->statement->result();
  Frame frame;
  ByteWriter out(frame);
  const std::size_t at = begin_frame(out, head.version, head.stream, Opcode::Result);
  wire::cql::encode_prepared(out, answer, head.version);
  finish_frame(out, at);
  return frame;
}

}  // namespace tidemill::tables::server

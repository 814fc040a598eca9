// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tables/statements/compare_and_set.h"

namespace tidemill::tables::statements {

using embedded::Mutation;

namespace {

constexpr std::size_t kWarnBytes = 5 * 1024;
constexpr std::size_t kFailBytes = 50 * 1024;
constexpr std::size_t kWarnPartitions = 10;

const Modification* modification_of(const BatchMember& member) {
  return dynamic_cast<const Modification*>(member.statement.get());
}

std::size_t size_of(const Mutation& mutation) {
  std::size_t size = mutation.partition_key.size();
  for (const auto& row : mutation.rows) {
    size += row.clustering.size() + 16;
    for (const auto& cell : row.cells) size += cell.path.size() + cell.value.size() + 8;
  }
  return size;
}

}  // namespace

Outcome<> check_batch(std::span<const BatchMember> members, BatchStatement::Kind kind,
                      bool has_timestamp) {
  if (has_timestamp && kind == BatchStatement::Kind::Counter)
    return invalid("Cannot provide custom timestamp for counter BATCH");
  std::size_t counters = 0;
  for (const BatchMember& member : members) {
    const Modification* modification = modification_of(member);
    if (modification == nullptr) {
      return invalid(
          "Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.");
    }
    if (has_timestamp && modification->has_timestamp()) {
      return invalid("Timestamp must be set either on BATCH or individual statements");
    }
    if (modification->is_counter()) ++counters;
    if (modification->is_counter() && has_timestamp)
      return invalid("Cannot provide custom timestamp for a BATCH containing counters");
    if (modification->is_counter() && kind == BatchStatement::Kind::Logged)
      return invalid("Cannot include a counter statement in a logged batch");
    if (!modification->is_counter() && kind == BatchStatement::Kind::Counter)
      return invalid("Cannot include non-counter statement in a counter batch");
    if (has_timestamp && modification->has_conditions()) {
      return invalid("Cannot provide custom timestamp for conditional BATCH");
    }
  }
  if (counters > 0 && counters < members.size())
    return invalid("Counter and non-counter mutations cannot exist in the same batch");
  return {};
}

bool is_plain_batch(std::span<const BatchMember> members) {
  return std::ranges::all_of(
      members, [](const BatchMember& member) { return member.statement->is_plain_write(); });
}

Outcome<> append_batch(std::span<const BatchMember> members, std::vector<Mutation>& out) {
  for (const BatchMember& member : members)
    TRY(member.statement->append_mutations(member.parameters, out));
  return {};
}

Outcome<std::vector<std::string>> judge_batch(std::span<const Mutation> mutations,
                                              BatchStatement::Kind kind) {
  std::vector<std::string> warnings;
  std::size_t size = 0;
  std::set<std::pair<std::string, Bytes>> partitions;
  std::set<std::string> tables;
  for (const Mutation& mutation : mutations) {
    size += size_of(mutation);
    const std::string table = mutation.table->keyspace + "." + mutation.table->name;
    partitions.emplace(table, mutation.partition_key);
    tables.insert(table);
  }
  // One partition is one write however large: only what spans several is judged.
  if (partitions.size() > 1 && size > kFailBytes) {
    return invalid("Batch too large");
  }
  if (partitions.size() > 1 && size > kWarnBytes) {
    warnings.push_back(
        fmt::format("Batch for [{}] is of size {}, exceeding specified threshold of {} by {}.",
                    fmt::join(tables, ", "), size, kWarnBytes, size - kWarnBytes));
  }
  if (kind == BatchStatement::Kind::Unlogged && partitions.size() > kWarnPartitions) {
    warnings.push_back(
        fmt::format("Unlogged batch covering {} partitions detected against table{} [{}]. You "
                    "should use a logged batch for "
                    "atomicity, or asynchronous writes for performance.",
                    partitions.size(), tables.size() == 1 ? "" : "s", fmt::join(tables, ", ")));
  }
  return warnings;
}

namespace {

// All conditions hold: everything is applied. Else the rows looked at come back.
Outcome<StatementResult> conditional(const Environment& environment,
                                     std::span<const BatchMember> members) {
  std::optional<Bytes> partition;
  std::shared_ptr<const Table> table;
  for (const BatchMember& member : members) {
    const Modification* modification = modification_of(member);
    Bytes own = TRY(modification->single_partition(member.parameters));
    if (table && table->id != modification->table()->id) {
      return invalid("Batch with conditions cannot span multiple tables");
    }
    if (partition && *partition != own)
      return invalid("Batch with conditions cannot span multiple partitions");
    partition = std::move(own);
    table = modification->table();
  }
  CompareAndSet set(environment, table, *partition, CompareAndSet::Shows::Batch);
  for (const BatchMember& member : members)
    TRY(set.add(*modification_of(member), member.parameters));
  return compare_and_set(environment, *table, *partition, set,
                         [&](auto& mutations) { return append_batch(members, mutations); });
}

}  // namespace

Outcome<StatementResult> execute_batch(const Environment& environment,
                                       std::span<const BatchMember> members,
                                       BatchStatement::Kind kind) {
  const bool conditions = std::ranges::any_of(
      members, [](const BatchMember& member) { return modification_of(member)->has_conditions(); });
  if (conditions) return conditional(environment, members);
  std::vector<Mutation> mutations;
  TRY(append_batch(members, mutations));
  StatementResult result;
  result.warnings = TRY(judge_batch(mutations, kind));
  if (!mutations.empty()) TRY(environment.store.apply_and_wait(std::move(mutations)));
  return result;
}

namespace {

// BEGIN BATCH ... APPLY BATCH: the members share the statement's markers.
class TextBatch final : public Statement {
 public:
  static Outcome<StatementPtr> prepare(const BatchStatement& syntax, const Preparation& with) {
    auto batch = std::shared_ptr<TextBatch>(new TextBatch(with.environment, syntax.kind));
    if (syntax.with.ttl) return invalid("Global TTL on the BATCH statement is not supported.");
    for (const auto& member : syntax.members) {
      StatementPtr statement = TRY(std::visit(
          [&](const auto& one) -> Outcome<StatementPtr> {
            return prepare_syntax(StatementSyntax(one), with);
          },
          member));
      batch->access_.insert(batch->access_.end(), statement->access().begin(),
                            statement->access().end());
      batch->members_.push_back(std::move(statement));
    }
    std::vector<BatchMember> members;
    for (const StatementPtr& statement : batch->members_) members.push_back({statement, {}});
    TRY(check_batch(members, syntax.kind, syntax.with.timestamp.has_value()));
    Compilation in(with.environment.store.schema(), with.keyspace, nullptr, with.markers);
    if (syntax.with.timestamp) {
      batch->timestamp_ =
          TRY(in.term(*syntax.with.timestamp, in.receiver("[timestamp]", Type::of(Kind::Bigint))));
    }
    TRY(batch->join_markers(in, with));
    batch->marker_names = with.markers;
    return StatementPtr(std::move(batch));
  }

  Outcome<StatementResult> execute(const Parameters& parameters) const override {
    return execute_batch(environment_, TRY(bind(parameters)), kind_);
  }
  bool is_plain_write() const override {
    return std::ranges::all_of(members_,
                               [](const StatementPtr& member) { return member->is_plain_write(); });
  }
  Outcome<> append_mutations(const Parameters& parameters,
                             std::vector<Mutation>& out) const override {
    return append_batch(TRY(bind(parameters)), out);
  }
  std::optional<BatchStatement::Kind> batch_kind() const override { return kind_; }
  std::shared_ptr<const Table> table() const override {
    return members_.empty() ? nullptr : members_[0]->table();
  }

 private:
  TextBatch(Environment environment, BatchStatement::Kind kind)
      : environment_(environment), kind_(kind) {}

  Outcome<std::vector<BatchMember>> bind(const Parameters& parameters) const {
    Parameters shared = parameters;
    if (timestamp_) {
      const TermValue value = TRY(timestamp_->evaluate({parameters}));
      if (value.is_value()) shared.timestamp = wire::cql::decode_integer(value.bytes());
    }
    const bool conditions = std::ranges::any_of(members_, [](const StatementPtr& member) {
      return dynamic_cast<const Modification&>(*member).has_conditions();
    });
    if (!shared.timestamp || conditions) shared.timestamp = shared.time->next_timestamp();
    std::vector<BatchMember> out;
    for (const StatementPtr& member : members_) out.push_back({member, shared});
    return out;
  }

  // Each member was compiled with all markers and knows those of its own part.
  Outcome<> join_markers(const Compilation& own, const Preparation& with) {
    if (with.markers.empty()) return {};
    auto timestamp = own.known_markers();
    wire::cql::Metadata metadata;
    metadata.columns.resize(with.markers.size());
    std::vector<bool> known(with.markers.size(), false);
    const auto take = [&](const std::vector<std::optional<ColumnSpec>>& specs) {
      for (std::size_t i = 0; i < specs.size(); ++i) {
        if (!specs[i]) continue;
        metadata.columns[i] = *specs[i];
        if (!with.markers[i].empty()) metadata.columns[i].name = with.markers[i];
        known[i] = true;
      }
    };
    take(timestamp);
    for (const StatementPtr& member : members_) take(member->known_markers);
    if (std::ranges::find(known, false) != known.end())
      return invalid("Cannot infer the type of a bind marker");
    markers_ = std::make_shared<const wire::cql::Metadata>(std::move(metadata));
    return {};
  }

  Environment environment_;
  BatchStatement::Kind kind_;
  std::vector<StatementPtr> members_;
  TermPtr timestamp_;
};

}  // namespace

Outcome<StatementPtr> prepare_batch(const BatchStatement& syntax, const Preparation& with) {
  return TextBatch::prepare(syntax, with);
}

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
#include "stream/letter_keeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "stream/state/key.h"

namespace tidemill::stream {
namespace {

using Positions = std::vector<EpochRecord::Position>;

// A row that kept the source's rules and was refused further on.
bool is_refused_by_query(const Slice& slice, std::uint32_t row) {
  return std::ranges::binary_search(slice.accepted, row);
}

Result<> write_all(const DeadLetters& letters, broker::TransactionalWriter& writer) {
  for (const auto& [partition, records] : letters.records()) {
    TRY(writer.write({letters.target(), partition}, records));
  }
  return {};
}

}  // namespace

LetterKeeper::LetterKeeper(const QuerySpec& spec, broker::Broker& broker)
    : spec_(spec),
      broker_(broker),
      group_("tidemill.letters." + spec.source.name),
      writes_letters_(spec.source.on_error == OnError::DeadLetter &&
                      !spec.source.dead_letter_topic.empty()),
      wanted_(spec.keeps_letters) {}

// The rules and the two topics: letters of other rules, or in another topic, are other letters.
Result<std::string> LetterKeeper::identity() const {
  const auto& source = spec_.source;
  const auto from = TRY(broker_.describe_topic(source.topic));
  const auto to = TRY(broker_.describe_topic(source.dead_letter_topic));
  std::string text = to_string(from.id) + to_string(to.id);
  for (const auto& column : source.columns) {
    text += fmt::format("{}\n{}\n{}\n{}\n{}\n", column.column.name,
                        tidemill::name_of(column.column.type), static_cast<int>(column.origin),
                        column.json_field, column.coerce);
  }
  for (const auto& rule : source.constraints) text += rule.name + "\n" + rule.check_sql + "\n";
  if (source.watermark) text += source.watermark->column;
  text += fmt::format("\n{}\n{}", source.reject_unknown_fields, source.max_future_skew.count());
  return fmt::format("{:016x}", hash_key(as_bytes(text)));
}

Result<> LetterKeeper::load(const Positions& positions) {
  keeping_ = wanted_;
  next_.clear();
  written_.clear();
  if (!keeping_ || !writes_letters_) return {};
  identity_ = TRY(identity());
  next_.assign(positions.size(), -1);
  in_group_ = true;
  for (const auto& offset : TRY(broker_.committed_offsets(group_))) {
    const auto partition = static_cast<std::size_t>(offset.source.partition);
    if (offset.metadata == identity_ && offset.source.topic == spec_.source.topic &&
        partition < next_.size()) {
      next_[partition] = offset.offset;
    }
  }
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::int64_t own = positions[i].next_offset;
    if (next_[i] < 0) {
      next_[i] = own;
      in_group_ = false;
    }
    if (next_[i] >= own) continue;
    // What retention has removed meanwhile cannot be kept any more.
    const auto first = TRY(broker_.find_offset({spec_.source.topic, positions[i].partition},
                                               broker::OffsetSpec::Earliest));
    next_[i] = std::clamp(first, next_[i], own);
  }
  (void)missing(positions);
  return {};
}

std::vector<std::int64_t> LetterKeeper::missing(const Positions& positions) {
  std::vector<std::int64_t> from;
  bool any = false;
  for (std::size_t i = 0; i < next_.size(); ++i) {
    from.push_back(std::min(next_[i], positions[i].next_offset));
    any = any || from[i] < positions[i].next_offset;
  }
  behind_ = any;
  return any ? from : std::vector<std::int64_t>();
}

DeadLetters LetterKeeper::new_letters() const {
  return {spec_.name, spec_.source.name, spec_.source.dead_letter_topic, partitions_};
}

bool LetterKeeper::is_judged(const Slice& slice, std::uint32_t row) const {
  const auto partition = static_cast<std::size_t>(slice.run_of(row).chunk->source.partition);
  return partition < next_.size() && slice.record(row).offset < next_[partition];
}

Result<> LetterKeeper::move_group(broker::TransactionalWriter& writer) {
  moved_ = true;
  std::vector<broker::CommittedOffset> offsets;
  for (std::size_t i = 0; i < written_.size(); ++i) {
    if (in_group_ && i < next_.size() && written_[i] == next_[i]) continue;
    offsets.push_back({{spec_.source.topic, static_cast<std::int32_t>(i)}, written_[i], identity_});
  }
  return offsets.empty() ? Result<>() : writer.commit_offsets(group_, offsets);
}

Result<> LetterKeeper::write(const Batch& batch, const EpochRecord& record,
                             broker::TransactionalWriter& writer) {
  DeadLetters letters = new_letters();
  const bool late = spec_.window && spec_.window->on_late == OnLate::DeadLetter &&
                    !spec_.source.dead_letter_topic.empty();
  for (const auto& slice : batch.slices) {
    for (const auto& rejection : slice->rejected) {
      if (!writes_letters_) break;
      if (is_refused_by_query(*slice, rejection.row) ||
          (keeping_ && !behind_ && !is_judged(*slice, rejection.row))) {
        letters.add(*slice, rejection.row, join_rules(rejection.rules), rejection.reason);
      }
    }
    if (!late) continue;
    for (const std::uint32_t row : slice->late) {
      letters.add(*slice, row, "late", "the window of the event time is closed");
    }
  }
  TRY(write_all(letters, writer));
  written_ = next_;
  moved_ = false;
  if (!keeping_ || behind_ || !writes_letters_) return {};
  written_.resize(record.positions.size(), -1);
  for (std::size_t i = 0; i < written_.size(); ++i) {
    written_[i] = std::max(written_[i], record.positions[i].next_offset);
  }
  return move_group(writer);
}

Result<> LetterKeeper::write_missing(const Batch& batch, const Positions& positions,
                                     broker::TransactionalWriter& writer) {
  DeadLetters letters = new_letters();
  for (const auto& slice : batch.slices) {
    for (const auto& rejection : slice->rejected) {
      const auto partition =
          static_cast<std::size_t>(slice->run_of(rejection.row).chunk->source.partition);
      if (is_refused_by_query(*slice, rejection.row) || is_judged(*slice, rejection.row) ||
          slice->record(rejection.row).offset >= positions[partition].next_offset) {
        continue;
      }
      letters.add(*slice, rejection.row, join_rules(rejection.rules), rejection.reason);
    }
  }
  TRY(write_all(letters, writer));
  written_ = next_;
  moved_ = false;
  for (std::size_t i = 0; i < written_.size(); ++i) {
    written_[i] = std::max(written_[i], std::min(batch.next[i], positions[i].next_offset));
  }
  return move_group(writer);
}

}  // namespace tidemill::stream

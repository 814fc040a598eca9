// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/rules.h"

#include <algorithm>

#include "tables/embedded/header.h"
#include "tables/embedded/index_entries.h"
#include "tables/embedded/keys.h"

namespace tidemill::tables::embedded {

namespace {

std::uint8_t version_of(std::string_view value) {
  return value.empty() ? 0 : static_cast<std::uint8_t>(value.front());
}

bool merge_rows(std::span<const std::string_view> operands, std::string& out) {
  thread_local RowParts row;
  row.clear();
  for (const auto operand : operands) {
    if (!add_row(as_bytes(operand), row)) return false;
  }
  settle(row);
  encode_row(row, out);
  return true;
}

bool merge_headers(std::span<const std::string_view> operands, std::string& out) {
  thread_local HeaderParts header;
  header.clear();
  for (const auto operand : operands) {
    if (!add_header(as_bytes(operand), header)) return false;
  }
  settle(header);
  encode_header(header, out);
  return true;
}

using store::rocks::Verdict;

// Deletions of partitions and ranges stay: rows they hide may lie in files that this compaction
// does not see.
Verdict age_header(BytesView value, std::int64_t now, std::int64_t purge_before,
                   std::string& changed) {
  thread_local HeaderParts header;
  header.clear();
  if (!add_header(value, header)) return Verdict::Keep;
  const Aged aged = age_row(header.static_row, now, purge_before);
  if (!aged.changed) return Verdict::Keep;
  if (aged.is_empty && header.deletion.is_none() && header.ranges.empty()) return Verdict::Remove;
  changed.clear();
  encode_header(header, changed);
  return Verdict::Change;
}

}  // namespace

bool RowRules::merge(std::span<const std::string_view> operands, std::string& out) const {
  out.clear();
  const std::uint8_t version = version_of(operands.front());
  if (version == kRowVersion) return merge_rows(operands, out);
  if (version == kHeaderVersion) return merge_headers(operands, out);
  if (version == kEntryVersion) return merge_entries(operands, out);
  return false;
}

void RowRules::learn(Live live) {
  MutexLock lock(mutex_);
  live_ = std::move(live);
  knows_ = true;
}

bool RowRules::find(std::uint32_t incarnation, std::int64_t& gc_grace) const {
  MutexLock lock(mutex_);
  gc_grace = gc_grace_max_;
  if (!knows_) return true;
  const auto at = live_.find(incarnation);
  if (at == live_.end()) return false;
  gc_grace = std::min<std::int64_t>(gc_grace_max_, at->second);
  return true;
}

// Remembers the header of the partition it walks through, to drop what that hides.
class RowRules::Pass final : public store::rocks::CompactionPass {
 public:
  explicit Pass(const RowRules& rules) : rules_(rules) {}

  Verdict look(std::string_view key, std::string_view value, bool complete,
               std::string& changed) override {
    if (version_of(value) == kEntryVersion) return look_at_entry(key, value, complete);
    const auto parsed = parse_store_key(as_bytes(key));
    if (!parsed.ok()) return Verdict::Keep;
    if (parsed->incarnation != incarnation_) {
      if (!rules_.find(parsed->incarnation, gc_grace_)) return Verdict::Remove;
      incarnation_ = parsed->incarnation;
    }
    const std::int64_t now = rules_.clock_.wall_ms() / 1000;
    const std::int64_t purge_before = now - gc_grace_;
    if (version_of(value) == kHeaderVersion) {
      remember(parsed->partition, as_bytes(value));
      return complete ? age_header(as_bytes(value), now, purge_before, changed) : Verdict::Keep;
    }
    if (version_of(value) != kRowVersion) return Verdict::Keep;
    const bool hidden = as_text(parsed->partition) == partition_ &&
                        !header_.deletion_at(parsed->clustering).is_none();
    const bool ages = complete && needs_ageing(as_bytes(value), now, purge_before);
    if (!hidden && !ages) return Verdict::Keep;
    row_.clear();
    if (!add_row(as_bytes(value), row_)) return Verdict::Keep;  // a reader will say so
    Aged aged;
    if (hidden) aged = hide(header_.deletion_at(parsed->clustering));
    // An operand may lie above older ones: only complete values may lose what hides others.
    if (complete && !aged.is_empty) {
      const bool changed_before = aged.changed;
      aged = age_row(row_, now, purge_before);
      aged.changed = aged.changed || changed_before;
    }
    if (aged.is_empty) return Verdict::Remove;
    if (!aged.changed) return Verdict::Keep;
    changed.clear();
    encode_row(row_, changed);
    return Verdict::Change;
  }

 private:
  Verdict look_at_entry(std::string_view key, std::string_view value, bool complete) {
    const auto incarnation = ByteReader(as_bytes(key)).u32be();
    if (!incarnation.ok()) return Verdict::Keep;
    std::int64_t ignored = 0;
    if (!rules_.find(*incarnation, ignored)) return Verdict::Remove;
    const auto entry = read_entry(as_bytes(value));
    if (!entry.ok() || !complete) return Verdict::Keep;
    const std::int64_t now = rules_.clock_.wall_ms() / 1000;
    const bool expired = entry->expires != 0 && static_cast<std::int64_t>(entry->expires) <= now;
    return entry->is_dead || expired ? Verdict::Remove : Verdict::Keep;
  }

  // Any operand of a header holds: its deletions stay in the database whatever becomes of it.
  void remember(BytesView partition, BytesView value) {
    if (as_text(partition) != partition_) {
      partition_.assign(as_text(partition));
      values_.clear();
    }
    values_.emplace_back(as_text(value));
    header_.clear();
    for (const auto& each : values_) add_header(as_bytes(each), header_);
    settle(header_);
  }

  // Drops what the deletion covers from row_; safe for operands, too, as the header stays.
  Aged hide(const Deletion& deletion) {
    Aged aged;
    const std::size_t before = row_.cells.size();
    std::erase_if(row_.cells, [&](const CellView& cell) {
      return !cell.counts() && deletion.covers(cell.timestamp);
    });
    aged.changed = row_.cells.size() != before;
    if (!row_.head.marker.is_none() && deletion.covers(row_.head.marker.timestamp)) {
      row_.head.marker = {};
      aged.changed = true;
    }
    if (!row_.head.deletion.is_none() && deletion.covers(row_.head.deletion.timestamp)) {
      row_.head.deletion = {};
      aged.changed = true;
    }
    aged.is_empty =
        row_.cells.empty() && row_.head.marker.is_none() && row_.head.deletion.is_none();
    return aged;
  }

  const RowRules& rules_;
  std::uint32_t incarnation_ = 0;  // the last one seen alive; none has number 0
  std::int64_t gc_grace_ = 0;
  std::string partition_;
  std::vector<std::string> values_;  // what header_ points into
  HeaderParts header_;
  RowParts row_;
};

std::unique_ptr<store::rocks::CompactionPass> RowRules::begin_compaction() const {
  return std::make_unique<Pass>(*this);
}

}  // namespace tidemill::tables::embedded

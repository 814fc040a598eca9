// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/rules.h"

#include <algorithm>

#include "tables/embedded/header.h"

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

using Verdict = store::rocks::Rules::Verdict;

Verdict age(BytesView value, std::int64_t now, std::int64_t purge_before, std::string& changed) {
  if (!needs_ageing(value, now, purge_before)) return Verdict::Keep;
  thread_local RowParts row;
  row.clear();
  if (!add_row(value, row)) return Verdict::Keep;  // a reader will say so
  const Aged aged = age_row(row, now, purge_before);
  if (aged.is_empty) return Verdict::Remove;
  if (!aged.changed) return Verdict::Keep;
  changed.clear();
  encode_row(row, changed);
  return Verdict::Change;
}

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

Verdict RowRules::compact(std::string_view key, std::string_view value, bool complete,
                          std::string& changed) const {
  if (key.size() < 4) return Verdict::Keep;
  std::int64_t gc_grace = 0;
  const auto incarnation = load_be<std::uint32_t>(as_bytes(key).data());
  if (!find(incarnation, gc_grace)) return Verdict::Remove;
  // An operand may lie above older ones: only complete values may lose anything.
  if (!complete) return Verdict::Keep;
  const std::int64_t now = clock_.wall_ms() / 1000;
  const std::uint8_t version = version_of(value);
  if (version == kRowVersion) return age(as_bytes(value), now, now - gc_grace, changed);
  if (version == kHeaderVersion) return age_header(as_bytes(value), now, now - gc_grace, changed);
  return Verdict::Keep;
}

}  // namespace tidemill::tables::embedded

// SPDX-License-Identifier: Apache-2.0
#include "stream/dead_letter.h"

#include <fmt/format.h>

namespace tidemill::stream {
namespace {

constexpr std::size_t kReasonBytesMax = 4096;

}  // namespace

std::string join_rules(const std::vector<std::string>& rules) {
  std::string joined;
  for (const auto& rule : rules) {
    if (!joined.empty()) joined += ',';
    joined += rule;
  }
  return joined;
}

void DeadLetters::add(const Slice& slice, std::uint32_t row, const std::string& rules,
                      const std::string& reason) {
  const RecordRun& run = slice.run_of(row);
  const RecordView& record = slice.record(row);
  const std::string partition = fmt::format("{}", run.chunk->source.partition);
  const std::string offset = fmt::format("{}", record.offset);
  const std::string timestamp = fmt::format("{}", record.timestamp_ms);
  scratch_.clear();
  const std::vector<HeaderView> headers = {
      {"source", as_bytes(source_)},
      {"topic", as_bytes(run.chunk->source.topic)},
      {"partition", as_bytes(partition)},
      {"offset", as_bytes(offset)},
      {"timestamp", as_bytes(timestamp)},
      {"rules", as_bytes(rules)},
      {"reason", as_bytes(std::string_view(reason).substr(0, kReasonBytesMax))},
      {"query", as_bytes(query_)},
  };
  encode_headers(headers, scratch_);
  NewRecord letter;
  if (record.has_key()) letter.key = record.key;
  if (record.has_value()) letter.value = record.value;
  letter.timestamp_ms = record.timestamp_ms;
  letter.headers = as_bytes(memory_.copy(as_text(scratch_)));
  records_[run.chunk->source.partition % partitions_].push_back(letter);
}

}  // namespace tidemill::stream

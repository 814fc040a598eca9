// SPDX-License-Identifier: Apache-2.0
// Mutations as merge operands for the database.
#pragma once

#include <cstdint>
#include <vector>

#include "tables/embedded/mutation.h"

namespace tidemill::tables::embedded {

// Keys and operands in one buffer: (key size:u32 operand size:u32 key operand)*, native order; it
// never leaves memory.
class EncodedWrites {
 public:
  void add(BytesView key, BytesView operand);
  // Partitions of these incarnations now have headers.
  void note_header(std::uint32_t incarnation) { headers_.push_back(incarnation); }

  std::size_t bytes() const { return entries_.size(); }
  const std::vector<std::uint32_t>& headers() const { return headers_; }
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t at = 0; at < entries_.size();) {
      std::uint32_t sizes[2];
      std::memcpy(sizes, entries_.data() + at, sizeof sizes);
      const BytesView entry = BytesView(entries_).subspan(at + sizeof sizes, sizes[0] + sizes[1]);
      visit(entry.first(sizes[0]), entry.subspan(sizes[0]));
      at += sizeof sizes + entry.size();
    }
  }

 private:
  Bytes entries_;
  std::vector<std::uint32_t> headers_;
};

// Appends a mutation. Errors: InvalidArgument for a time to live out of range, a column the table
// does not have, or a timestamp that is the lowest number (it means "never" here and in Cassandra).
Result<> encode_mutation(const Mutation& mutation, std::int64_t now_seconds, EncodedWrites& out);

constexpr std::int32_t kTtlSecondsMax = 630720000;  // 20 years, Cassandra's limit

}  // namespace tidemill::tables::embedded

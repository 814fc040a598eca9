// SPDX-License-Identifier: Apache-2.0
// Which bad records a query writes to the dead-letter topic. A record that breaks a rule of the
// source is judged alike by every query over it: one of them, the keeper, writes it. A record that
// only this query's own expressions or sink refuse is written by this query, keeper or not.
//
// How far the source's records have been judged is the committed offset of the group
// `tidemill.letters.SOURCE`, moved in the transaction that holds the letters. So another query
// takes over exactly where the last one stopped, whichever of the two has read further.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "stream/batch_reader.h"
#include "stream/dead_letter.h"
#include "stream/query.h"
#include "stream/state/changelog.h"

namespace tidemill::stream {

// Thread:   the query's, one at a time; want() any.
// Lifetime: spec and broker outlive it.
class LetterKeeper {
 public:
  LetterKeeper(const QuerySpec& spec, broker::Broker& broker);

  // Asks the query to become the keeper, or to be none any more; load() follows it.
  void want(bool keep) { wanted_ = keep; }
  bool is_due() const { return wanted_ != keeping_; }
  void set_partitions(std::int32_t partitions) { partitions_ = partitions; }

  // Takes up where the last keeper stopped. Once the positions are known, before the first epoch,
  // after a failed one, and when is_due().
  Result<> load(const std::vector<EpochRecord::Position>& positions);
  // Positions to judge again from, where this query has read on without keeping anything; empty:
  // nothing is missing. Until then epochs keep nothing either.
  std::vector<std::int64_t> missing(const std::vector<EpochRecord::Position>& positions);

  // Writes the letters of an epoch and moves the group, in the open transaction.
  Result<> write(const Batch& batch, const EpochRecord& record,
                 broker::TransactionalWriter& writer);
  // The same for records that the query has processed before: only what breaks the source's rules,
  // and only below the query's positions.
  Result<> write_missing(const Batch& batch, const std::vector<EpochRecord::Position>& positions,
                         broker::TransactionalWriter& writer);
  // After the transaction.
  void committed() {
    next_ = std::move(written_);
    in_group_ = in_group_ || moved_;
  }

 private:
  Result<std::string> identity() const;
  bool is_judged(const Slice& slice, std::uint32_t row) const;
  DeadLetters new_letters() const;
  Result<> move_group(broker::TransactionalWriter& writer);

  const QuerySpec& spec_;
  broker::Broker& broker_;
  const std::string group_;
  const bool writes_letters_;
  std::int32_t partitions_ = 1;  // of the dead-letter topic
  std::atomic<bool> wanted_;
  bool keeping_ = false;
  bool behind_ = false;                // something is missing
  bool in_group_ = false;              // the group has every partition
  bool moved_ = false;                 // by the open transaction
  std::string identity_;               // of the topics and the rules; others judge anew
  std::vector<std::int64_t> next_;     // by partition: judged below
  std::vector<std::int64_t> written_;  // the same once the open transaction commits
};

}  // namespace tidemill::stream

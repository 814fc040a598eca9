// SPDX-License-Identifier: Apache-2.0
// TransactionalWriter inside the process: data goes to the page cache, and to disk once per commit.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "broker/embedded/log_broker.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::embedded {

// Makes record batches of at most `batch_bytes_max` and hands each to `append`. TooLarge for a
// record that alone exceeds it.
Result<> build_batches(std::span<const NewRecord> records, std::int64_t batch_bytes_max,
                       const std::function<wire::kafka::BatchBuilder()>& begin_batch,
                       const std::function<Result<>(Bytes, std::int32_t)>& append);

class LogWriter final : public TransactionalWriter {
 public:
  LogWriter(LogBroker& broker, std::string id, ProducerIdentity producer)
      : broker_(broker), id_(std::move(id)), producer_(producer) {}
  ~LogWriter() override;

  Result<> begin() override;
  Result<> write(const TopicPartition& target, std::span<const NewRecord> records) override;
  Result<> commit_offsets(const std::string& group,
                          std::span<const CommittedOffset> offsets) override;
  Result<> commit() override;
  Result<> abort() override;

 private:
  struct Target {
    std::shared_ptr<LogPartition> partition;
    std::int32_t next_sequence = 0;
    bool added = false;  // to the open transaction
  };
  Result<> check_open() const;
  Result<> end(bool commit);

  LogBroker& broker_;
  const std::string id_;
  ProducerIdentity producer_;
  bool open_ = false;
  bool touched_ = false;  // the coordinator knows of the open transaction
  std::map<TopicPartition, Target> targets_;
};

}  // namespace tidemill::broker::embedded

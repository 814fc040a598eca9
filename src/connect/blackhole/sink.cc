// SPDX-License-Identifier: Apache-2.0
#include "connect/blackhole/sink.h"

#include "connect/sink_options.h"
#include "stream/sink.h"

namespace tidemill::connect::blackhole {
namespace {

class BlackholeSink final : public stream::Sink {
 public:
  stream::Delivery delivery() const override { return stream::Delivery::Transactional; }
  Result<> write(const Chunk&, std::span<const stream::RowOrigin>,
                 broker::TransactionalWriter&) override {
    return {};
  }
  Result<> flush() override { return {}; }
  std::string description() const override { return "blackhole"; }
};

}  // namespace

stream::SinkMaker make_sink() {
  return [](const stream::QuerySpec& spec) -> Result<std::unique_ptr<stream::Sink>> {
    TRY(SinkOptions(spec.sink.options).finish("blackhole"));
    return std::unique_ptr<stream::Sink>(std::make_unique<BlackholeSink>());
  };
}

}  // namespace tidemill::connect::blackhole

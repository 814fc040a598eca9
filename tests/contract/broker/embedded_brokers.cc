// SPDX-License-Identifier: Apache-2.0
// The implementations that the contract is run on.
#include <filesystem>

#include "broker/embedded/embedded_broker.h"
#include "broker_contract.h"

namespace tidemill::broker {
namespace {

class EmbeddedFixture final : public BrokerFixture {
 public:
  EmbeddedFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemill-broker-XXXXXX");
    folder_ = ::mkdtemp(pattern.data());
    open();
  }
  ~EmbeddedFixture() override {
    broker_.reset();
    std::filesystem::remove_all(folder_);
  }
  Broker& broker() override { return *broker_; }
  bool restart() override {
    broker_.reset();
    open();
    return true;
  }

 private:
  void open() {
    embedded::EmbeddedOptions options;
    options.folder = folder_;
    options.compaction_interval = std::chrono::milliseconds{10};
    auto opened =
        embedded::EmbeddedBroker::open(std::move(options), {clock_, disk_, random_, metrics_});
    if (!opened.ok()) throw std::runtime_error(opened.error().message);
    broker_ = *std::move(opened);
  }

  SystemClock clock_;
  RealDisk disk_;
  SystemRandom random_;
  Metrics metrics_;
  std::string folder_;
  std::unique_ptr<embedded::EmbeddedBroker> broker_;
};

}  // namespace

std::vector<BrokerKind> configured_brokers() {
  return {{"Embedded", [] { return std::make_unique<EmbeddedFixture>(); }}};
}

}  // namespace tidemill::broker

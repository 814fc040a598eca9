// SPDX-License-Identifier: Apache-2.0
// A whole broker in a folder of its own and a client that speaks raw frames, for tests.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "broker/server/kafka_server.h"
#include "wire/kafka/header.h"
#include "wire/kafka/record_batch.h"

namespace tidemill::broker::server {

// One blocking connection.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    // A broker that never answers fails the test instead of hanging it.
    timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  void send_bytes(BytesView bytes) {
    asio::write(socket_, asio::buffer(bytes.data(), bytes.size()));
  }

  template <class Request>
  std::int32_t send(const Request& request, std::int16_t version) {
    const wire::kafka::RequestHeader header{
        .api_key = static_cast<std::int16_t>(Request::kSpec.key),
        .api_version = version,
        .correlation_id = ++correlation_id_,
        .client_id = "test"};
    send_bytes(wire::kafka::encode_request_frame(header, request).flatten());
    return correlation_id_;
  }

  // The content of the next frame; nothing once the broker has closed the connection.
  std::optional<Bytes> receive_frame() {
    std::uint8_t size[4];
    boost::system::error_code failure;
    asio::read(socket_, asio::buffer(size), failure);
    if (failure) return std::nullopt;
    Bytes frame(static_cast<std::size_t>(load_be<std::int32_t>(size)));
    asio::read(socket_, asio::buffer(frame), failure);
    if (failure) return std::nullopt;
    return frame;
  }

  // The answer to the request with that correlation id, which must be the next one. Records in it
  // are views that live until the next call.
  template <class Response>
  Response receive(std::int32_t correlation_id, std::int16_t version) {
    auto frame = receive_frame();
    EXPECT_TRUE(frame.has_value()) << "the broker closed the connection";
    if (!frame) return {};
    last_frame_ = *std::move(frame);
    auto response = wire::kafka::decode_response<Response>(last_frame_, correlation_id, version);
    EXPECT_TRUE(response.ok()) << response.error().message;
    return response.ok() ? *std::move(response) : Response{};
  }

  template <class Response, class Request>
  Response call(const Request& request, std::int16_t version) {
    return receive<Response>(send(request, version), version);
  }

  bool closed_by_broker() {
    std::uint8_t byte;
    boost::system::error_code failure;
    asio::read(socket_, asio::buffer(&byte, 1), failure);
    return failure == asio::error::eof || failure == asio::error::connection_reset;
  }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  std::int32_t correlation_id_ = 0;
  Bytes last_frame_;
};

class BrokerTest : public testing::Test {
 protected:
  BrokerTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("tidemill-broker-" + to_string(random_uuid(random_)));
    std::filesystem::create_directories(folder_);
    open();
  }
  ~BrokerTest() override {
    close();
    std::filesystem::remove_all(folder_);
  }

  void open() {
    embedded::EmbeddedOptions options;
    options.folder = folder_;
    options.default_partitions = 1;
    auto broker = embedded::EmbeddedBroker::open(
        std::move(options),
        {.clock = clock_, .disk = disk_, .random = random_, .metrics = metrics_});
    if (!broker.ok()) throw std::runtime_error(broker.error().message);
    broker_ = *std::move(broker);
    groups_ = std::make_unique<groups::GroupCoordinator>(broker_->offset_store(), clock_, random_,
                                                         groups::GroupOptions{});
    if (!groups_->load().ok()) throw std::runtime_error("groups do not load");
    broker_->set_group_directory(groups_.get());
    serve({});
  }
  // Starts the server, anew where one runs.
  void serve(ServerOptions options) {
    if (server_) server_->stop();
    options.port = 0;
    auto server = KafkaServer::start(options,
                                     {.broker = *broker_,
                                      .groups = *groups_,
                                      .blocking = blocking_,
                                      .clock = clock_,
                                      .options = api_,
                                      .users = users_.get(),
                                      .authorizer = authorizer_.get()},
                                     {.io = io_, .metrics = metrics_});
    if (!server.ok()) throw std::runtime_error(server.error().message);
    server_ = *std::move(server);
  }
  void close() {
    if (server_) server_->stop();
    server_.reset();
    if (broker_) (void)broker_->close().ok();
    broker_.reset();
    groups_.reset();
  }
  void restart() {
    close();
    open();
  }

  std::unique_ptr<TestClient> connect() { return std::make_unique<TestClient>(server_->port()); }

  void create_topic(const std::string& name, std::int32_t partitions = 1,
                    std::map<std::string, std::string> configs = {}) {
    NewTopic topic;
    topic.name = name;
    topic.partitions = partitions;
    topic.configs = std::move(configs);
    const auto created = broker_->create_topic(topic);
    ASSERT_TRUE(created.ok()) << created.error().message;
  }

  Bytes batch_of(std::initializer_list<std::string_view> values,
                 wire::kafka::BatchBuilder::Producer producer = {}) {
    wire::kafka::BatchBuilder builder(clock_.wall_ms(), producer);
    for (const std::string_view value : values) {
      builder.add({.key = std::nullopt, .value = as_bytes(value), .timestamp_ms = -1});
    }
    return *builder.finish();
  }

  std::filesystem::path folder_;
  SystemClock clock_;
  SystemRandom random_;
  Metrics metrics_;
  RealDisk disk_;
  IoThreads io_{2};
  BlockingPool blocking_{2};
  api::ApiOptions api_;
  std::unique_ptr<security::UserStore> users_;
  std::unique_ptr<security::AclStore> acls_;
  std::unique_ptr<security::Authorizer> authorizer_;
  std::unique_ptr<embedded::EmbeddedBroker> broker_;
  std::unique_ptr<groups::GroupCoordinator> groups_;
  std::unique_ptr<KafkaServer> server_;
};

}  // namespace tidemill::broker::server

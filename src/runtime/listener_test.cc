// SPDX-License-Identifier: Apache-2.0
// The listener over real sockets, with a clock turned by hand and sessions that echo lines.
#include "runtime/listener.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <deque>

namespace tidemill {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::chrono::seconds kPatience{20};

// Answers each line with itself; "flood" with 64 MiB; after "hold" another answer is owed for ever.
class EchoSession final : public Session {
 public:
  explicit EchoSession(SessionStart start) : Session(std::move(start)) {}

 private:
  Task<> read_loop() override {
    std::string text;
    for (;;) {
      CO_TRY(co_await wait_for_room());
      char piece[1024];
      if (!text.empty() && !receiving_.going_on()) receiving_.begin(now());
      const auto [failure, count] = co_await socket_.read_some(asio::buffer(piece));
      if (failure) co_return Result<>{};
      receiving_.moved() += count;
      text.append(piece, count);
      for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        receiving_.end();
        request_came();
        establish();
        answer(text.substr(0, end));
        text.erase(0, end + 1);
      }
    }
  }
  void answer(const std::string& line) {
    held_ = held_ || line == "hold";
    if (line == "fail") {
      throw std::runtime_error("a handler threw");
    } else {
      answers_.push_back(line == "flood" ? std::string(64 << 20, 'x') : line + "\n");
      wake_writer();
    }
  }
  Task<> write_loop() override {
    for (;;) {
      while (answers_.empty()) {
        if (reading_ended() && !held_) co_return Result<>{};
        CO_TRY(co_await wait_for_answers());
      }
      // As the CQL server does: what is being sent is owed no more.
      const std::string text = std::move(answers_.front());
      answers_.pop_front();
      const asio::const_buffer buffer = asio::buffer(text);
      const auto [failure, count] = co_await write({&buffer, 1});
      if (failure) co_return error(ErrorCode::Cancelled, failure.message());
      wake_reader();
    }
  }
  void reading_failed(const Error& reason) override { close(CloseReason::Refused, reason.message); }
  bool owes_answers() const override { return held_ || !answers_.empty(); }
  bool has_room() const override { return answers_.empty(); }

  std::deque<std::string> answers_;
  bool held_ = false;
};

class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
    limit_waits();
  }
  // Has a descriptor, and connects later.
  Client() : socket_(io_, asio::ip::tcp::v4()) { limit_waits(); }
  void connect(std::uint16_t port) { socket_.connect({asio::ip::make_address("127.0.0.1"), port}); }

  // What a closed connection takes is not asked.
  void send(std::string_view text) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(text), ignored);
  }
  std::string receive(std::size_t count) {
    std::string text;
    char piece[4096];
    while (text.size() < count) {
      const ssize_t got =
          ::recv(socket_.native_handle(), piece, std::min(sizeof piece, count - text.size()), 0);
      if (got <= 0) break;
      text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
  }
  std::string ask(const std::string& line) {
    send(line + "\n");
    return receive(line.size() + 1);
  }
  // Does not wait. What comes instead of the end fails the test.
  bool has_ended() {
    char byte;
    const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_DONTWAIT);
    EXPECT_LE(got, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }
  bool closed_by_server() {
    char byte;
    const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

 private:
  // A server that never answers fails the test instead of hanging it.
  void limit_waits() {
    const timeval limit{.tv_sec = kPatience.count(), .tv_usec = 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
};

class ListenerTest : public testing::Test {
 protected:
  ~ListenerTest() override {
    if (listener_) listener_->stop();
    io_.stop();
  }
  void listen(ListenerOptions options = {}) {
    options.name = "echo";
    options.part = "test";
    options.port_option = "test.port";
    options.sweep_interval = milliseconds(2);
    auto make = [](SessionStart start) { return std::make_shared<EchoSession>(std::move(start)); };
    listener_ = *Listener::open(std::move(options), {io_, clock_, metrics_}, make);
    listener_->start();
  }
  Client connect() { return Client(listener_->port()); }
  std::uint64_t closed(CloseReason reason) { return count().closed(reason).value(); }
  ListenerMetrics count() { return {metrics_, "echo"}; }
  // Time goes on until the server closes the client: when it noted its last act is not known.
  void advance_until_closed(Client& client) {
    EXPECT_TRUE(becomes_true([&] {
      clock_.advance(seconds(1));
      return client.has_ended();
    }));
  }
  template <class Condition>
  bool becomes_true(Condition condition) {
    const auto ends_at = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > ends_at) return false;
      pause_thread(milliseconds(1));
    }
    return true;
  }

  ManualClock clock_;
  Metrics metrics_;
  IoThreads io_{2};
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, ServesManyConnectionsAtOnce) {
  listen();
  std::deque<Client> clients;
  for (int i = 0; i < 50; ++i) clients.emplace_back(listener_->port());
  for (auto& client : clients) EXPECT_EQ(client.ask("hello"), "hello\n");
  EXPECT_EQ(count().connections.value(), 50);
  EXPECT_EQ(count().accepted.value(), 50U);
  clients.clear();
  EXPECT_TRUE(becomes_true([&] { return count().connections.value() == 0; }));
  EXPECT_EQ(closed(CloseReason::Ended), 50U);
}

TEST_F(ListenerTest, NamesTheAddressThatIsTaken) {
  listen();
  ListenerOptions options{.name = "second", .part = "test", .port_option = "test.port"};
  options.port = listener_->port();
  const auto second = Listener::open(std::move(options), {io_, clock_, metrics_}, nullptr);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, testing::HasSubstr("cannot listen on 127.0.0.1:"));
  EXPECT_THAT(second.error().hint, testing::HasSubstr("set test.port"));
}

TEST_F(ListenerTest, RefusesConnectionsAboveTheirNumberUntilOneEnds) {
  listen({.connections_max = 2});
  auto first = std::make_unique<Client>(listener_->port());
  Client second = connect();
  EXPECT_EQ(first->ask("a"), "a\n");
  EXPECT_EQ(second.ask("b"), "b\n");
  EXPECT_TRUE(connect().closed_by_server());
  EXPECT_EQ(count().refused_total.value(), 1U);
  first.reset();
  EXPECT_TRUE(becomes_true([&] { return count().connections.value() == 1; }));
  EXPECT_EQ(connect().ask("c"), "c\n");
}

TEST_F(ListenerTest, RefusesConnectionsAboveTheirNumberOfOneAddress) {
  listen({.connections_per_address_max = 1});
  Client first = connect();
  EXPECT_EQ(first.ask("a"), "a\n");
  EXPECT_TRUE(connect().closed_by_server());
  EXPECT_EQ(count().refused_per_address.value(), 1U);
  EXPECT_EQ(count().refused_total.value(), 0U);
  EXPECT_EQ(first.ask("still here"), "still here\n");
}

TEST_F(ListenerTest, ClosesWhoSendsNoFirstRequestInTime) {
  listen({.limits = {.idle_timeout = milliseconds(0)}});
  Client silent = connect();
  Client talker = connect();
  EXPECT_EQ(talker.ask("a"), "a\n");
  ASSERT_TRUE(becomes_true([&] { return count().connections.value() == 2; }));
  clock_.advance(seconds(29));
  EXPECT_EQ(talker.ask("b"), "b\n");
  clock_.advance(seconds(2));
  EXPECT_TRUE(silent.closed_by_server());
  EXPECT_EQ(closed(CloseReason::Silent), 1U);
  EXPECT_EQ(talker.ask("c"), "c\n");
}

TEST_F(ListenerTest, ClosesWhoIsIdleButNotWhoWaitsForAnAnswer) {
  listen({.limits = {.idle_timeout = seconds(600)}, .stop_grace = milliseconds(20)});
  Client idle = connect();
  Client waiting = connect();
  EXPECT_EQ(idle.ask("a"), "a\n");
  EXPECT_EQ(waiting.ask("hold"), "hold\n");
  clock_.advance(seconds(599));
  EXPECT_EQ(idle.ask("busy again"), "busy again\n");
  clock_.advance(seconds(2));
  EXPECT_EQ(idle.ask("and again"), "and again\n");
  advance_until_closed(idle);
  EXPECT_EQ(closed(CloseReason::Idle), 1U);
  EXPECT_TRUE(becomes_true([&] { return count().connections.value() == 1; }));
}

TEST_F(ListenerTest, DoesNotCallIdleWhoIsReadingALargeAnswer) {
  listen({.limits = {.idle_timeout = seconds(10), .stall_timeout = std::chrono::hours(1)}});
  // One on each I/O thread: their ends show that both were swept.
  Client idle_first = connect();
  Client idle_second = connect();
  EXPECT_EQ(idle_first.ask("a"), "a\n");
  EXPECT_EQ(idle_second.ask("a"), "a\n");
  Client reading = connect();
  reading.send("flood\n");
  EXPECT_EQ(reading.receive(1000), std::string(1000, 'x'));
  advance_until_closed(idle_first);
  advance_until_closed(idle_second);
  EXPECT_EQ(reading.receive((64 << 20) - 1000).size(), (64U << 20) - 1000);
  EXPECT_EQ(reading.ask("still here"), "still here\n");
  EXPECT_EQ(closed(CloseReason::Idle), 2U);
}

TEST_F(ListenerTest, KeepsIdleConnectionsForEverWithoutATimeout) {
  listen({.limits = {.idle_timeout = milliseconds(0)}});
  Client idle = connect();
  EXPECT_EQ(idle.ask("a"), "a\n");
  clock_.advance(std::chrono::hours(1000));
  Client other = connect();
  EXPECT_EQ(other.ask("swept meanwhile"), "swept meanwhile\n");
  EXPECT_EQ(idle.ask("b"), "b\n");
}

TEST_F(ListenerTest, ClosesARequestThatComesByteByByte) {
  listen();
  Client loris = connect();
  EXPECT_EQ(loris.ask("a"), "a\n");
  // However often it moves.
  EXPECT_TRUE(becomes_true([&] {
    loris.send("x");
    clock_.advance(seconds(10));
    return closed(CloseReason::Stalled) == 1;
  }));
  EXPECT_TRUE(loris.closed_by_server());
}

TEST_F(ListenerTest, ClosesWhoDoesNotReadItsAnswers) {
  listen();
  Client slow = connect();
  slow.send("flood\n");
  // Some of it has come: the rest waits for the client.
  EXPECT_EQ(slow.receive(1000), std::string(1000, 'x'));
  // A second for each 16 KiB that the sockets' own buffers took.
  clock_.advance(std::chrono::hours(2));
  EXPECT_TRUE(becomes_true([&] { return closed(CloseReason::SlowReader) == 1; }));
  EXPECT_TRUE(becomes_true([&] { return count().connections.value() == 0; }));
}

TEST_F(ListenerTest, LetsALargeAnswerTakeItsTime) {
  Transfer transfer;
  transfer.begin(clock_.monotonic());
  clock_.advance(seconds(100));
  EXPECT_TRUE(transfer.is_overdue(clock_.monotonic(), seconds(60)));
  transfer.moved() = 41 * 16 * 1024;
  EXPECT_FALSE(transfer.is_overdue(clock_.monotonic(), seconds(60)));
  transfer.end();
  EXPECT_FALSE(transfer.is_overdue(clock_.monotonic() + std::chrono::hours(1), seconds(60)));
}

TEST_F(ListenerTest, ClosesOnlyTheSessionThatThrows) {
  listen();
  Client bad = connect();
  Client good = connect();
  bad.send("fail\n");
  EXPECT_TRUE(bad.closed_by_server());
  EXPECT_EQ(closed(CloseReason::Refused), 1U);
  EXPECT_EQ(good.ask("a"), "a\n");
}

TEST_F(ListenerTest, AnswersWhatWasReadBeforeItStops) {
  listen();
  Client client = connect();
  EXPECT_EQ(client.ask("a"), "a\n");
  client.send("last words\n");
  EXPECT_EQ(client.receive(11), "last words\n");
  listener_->stop();
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(count().connections.value(), 0);
}

TEST_F(ListenerTest, StopsAfterItsGraceWhateverASessionOwes) {
  listen({.stop_grace = milliseconds(20)});
  Client client = connect();
  EXPECT_EQ(client.ask("hold"), "hold\n");
  listener_->stop();
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(count().connections.value(), 0);
}

TEST_F(ListenerTest, LetsClientsInAgainOnceFilesCanBeOpened) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "UBSan asks whether memory is readable through a pipe, and finds no descriptor";
#endif
  listen();
  Client late;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // The lowest free descriptor is the first one that is too many.
  const int free = ::dup(0);
  ::close(free);
  const rlimit none{.rlim_cur = static_cast<rlim_t>(free), .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  late.connect(listener_->port());
  late.send("patient\n");
  const bool failed = becomes_true([&] { return count().accept_failures.value() > 0; });
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(failed);
  EXPECT_EQ(late.receive(8), "patient\n");
}

}  // namespace
}  // namespace tidemill

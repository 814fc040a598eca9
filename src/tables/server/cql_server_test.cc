// SPDX-License-Identifier: Apache-2.0
// The server over real sockets, spoken to byte by byte. Real drivers: tests/e2e/cql.
#include "tables/server/cql_server.h"

#include <gmock/gmock.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "runtime/request_meters.h"
#include "security/user_store.h"
#include "tables/embedded/store_fixture.h"
#include "wire/cql/compression.h"
#include "wire/cql/request.h"
#include "wire/cql/response.h"
#include "wire/cql/segment.h"

namespace tidemill::tables::server {
namespace {

using wire::cql::FrameHeader;
using wire::cql::kHeaderBytes;
using wire::cql::Opcode;

struct Answer {
  FrameHeader header;
  Bytes body;
  std::int32_t kind() const { return *wire::cql::result_kind(body); }
  wire::cql::CqlError error() const { return wire::cql::decode_error(body); }
};

// A blocking client of one protocol version.
class Client {
 public:
  Client(std::uint16_t port, int version) : version_(version), socket_(io_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }

  void send_raw(BytesView bytes) { asio::write(socket_, asio::buffer(bytes.data(), bytes.size())); }

  void send(Opcode opcode, BytesView body, std::int16_t stream = 1, std::uint8_t flags = 0) {
    Bytes frame;
    ByteWriter out(frame);
    const std::size_t at = wire::cql::begin_frame(out, version_, stream, opcode, flags, false);
    out.bytes(body);
    wire::cql::finish_frame(out, at);
    if (!segments_) return send_raw(frame);
    Bytes wrapped;
    wire::cql::append_segment(wrapped, frame, true, false);
    send_raw(wrapped);
  }

  Answer receive() {
    Answer answer;
    answer.header = wire::cql::read_header(take(kHeaderBytes).data());
    answer.body = take(answer.header.length);
    return answer;
  }

  Answer ask(Opcode opcode, BytesView body) {
    send(opcode, body);
    return receive();
  }

  void start(std::vector<std::pair<std::string, std::string>> options = {
                 {"CQL_VERSION", "3.0.0"}}) {
    ByteWriter out;
    wire::cql::encode_startup(out, options);
    ASSERT_EQ(ask(Opcode::Startup, out.buffer()).header.opcode,
              static_cast<std::uint8_t>(Opcode::Ready));
    segments_ = version_ >= 5;
  }

  // STARTUP where clients log in, and a password.
  Answer log_in(std::string_view name, std::string_view password) {
    begin_login();
    ByteWriter token;
    token.u8(0);
    token.text(name);
    token.u8(0);
    token.text(password);
    ByteWriter body;
    body.i32be(static_cast<std::int32_t>(token.size()));
    body.bytes(token.buffer());
    return ask(Opcode::AuthResponse, body.buffer());
  }
  void begin_login() {
    ByteWriter out;
    const std::vector<std::pair<std::string, std::string>> options{{"CQL_VERSION", "3.0.0"}};
    wire::cql::encode_startup(out, options);
    const Answer answer = ask(Opcode::Startup, out.buffer());
    ASSERT_EQ(answer.header.opcode, static_cast<std::uint8_t>(Opcode::Authenticate));
    EXPECT_THAT(std::string(as_text(answer.body)), testing::HasSubstr("PasswordAuthenticator"));
    segments_ = version_ >= 5;
  }

  Bytes query_body(std::string_view cql, const wire::cql::QueryOptions& options = {}) const {
    ByteWriter out;
    wire::cql::encode_query(out, cql, options, version_);
    return out.take();
  }
  Answer query(std::string_view cql) { return ask(Opcode::Query, query_body(cql)); }

  // Whether the server has hung up.
  bool is_closed() {
    std::uint8_t byte = 0;
    boost::system::error_code failure;
    asio::read(socket_, asio::buffer(&byte, 1), failure);
    return failure == asio::error::eof || failure == asio::error::connection_reset;
  }

 private:
  Bytes exactly(std::size_t count) {
    Bytes out(count);
    asio::read(socket_, asio::buffer(out));
    return out;
  }
  Bytes take(std::size_t count) {
    if (!segments_) return exactly(count);
    while (unwrapped_.size() < count) {
      Bytes segment = exactly(6);
      const std::size_t length = (segment[0] | segment[1] << 8 | segment[2] << 16) & 0x1FFFF;
      const Bytes rest = exactly(length + 4);
      segment.insert(segment.end(), rest.begin(), rest.end());
      const auto whole = wire::cql::read_segment(segment, false);
      EXPECT_TRUE(whole.ok() && *whole);
      unwrapped_.insert(unwrapped_.end(), (*whole)->payload.begin(), (*whole)->payload.end());
    }
    Bytes out(unwrapped_.begin(), unwrapped_.begin() + static_cast<std::ptrdiff_t>(count));
    unwrapped_.erase(unwrapped_.begin(), unwrapped_.begin() + static_cast<std::ptrdiff_t>(count));
    return out;
  }

  int version_;
  bool segments_ = false;
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  Bytes unwrapped_;
};

class CqlServerTest : public testing::Test {
 protected:
  void SetUp() override {
    embedded::StoreOptions options;
    options.path = folder_.path();
    store_ = *embedded::Store::open(options, clock_, random_);
    executor_ = std::make_unique<statements::Executor>(*store_, clock_, random_,
                                                       *statements::load_node(*store_, random_));
    ServerOptions server_options;
    server_options.port = 0;
    server_ = *CqlServer::start(server_options, *executor_, {io_, blocking_, metrics_, clock_});
    Client client(server_->port(), 4);
    client.start();
    EXPECT_EQ(client
                  .query("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', "
                         "'replication_factor': 1}")
                  .kind(),
              5);
    EXPECT_EQ(client.query("CREATE TABLE ks.t (k int PRIMARY KEY, v text)").kind(), 5);
  }
  void TearDown() override {
    server_->stop();
    server_.reset();
    store_->close();
    blocking_.stop();
    io_.stop();
  }
  // The server anew, with users.
  void require_login(bool authorizes = false) {
    server_->stop();
    users_ = *security::UserStore::open(disk_, random_, folder_.path() + "/users.json");
    ASSERT_TRUE(users_->set_password("alice", "secret").ok());
    executor_ = std::make_unique<statements::Executor>(
        *store_, clock_, random_, *statements::load_node(*store_, random_),
        statements::AccessControl{
            .users = users_.get(), .authenticates = true, .authorizes = authorizes});
    ServerOptions options;
    options.port = 0;
    options.users = users_.get();
    server_ = *CqlServer::start(options, *executor_, {io_, blocking_, metrics_, clock_});
  }
  embedded::TemporaryFolder folder_;
  SystemClock clock_;
  RealDisk disk_;
  SystemRandom random_;
  Metrics metrics_;
  IoThreads io_{2};
  BlockingPool blocking_{2};
  std::unique_ptr<embedded::Store> store_;
  std::unique_ptr<statements::Executor> executor_;
  std::unique_ptr<security::UserStore> users_;
  std::unique_ptr<CqlServer> server_;
};

TEST_F(CqlServerTest, LetsInWhoKnowsThePassword) {
  require_login();
  for (const int version : {3, 4, 5}) {
    Client alice(server_->port(), version);
    EXPECT_EQ(alice.log_in("alice", "secret").header.opcode,
              static_cast<std::uint8_t>(Opcode::AuthSuccess));
    EXPECT_EQ(alice.query("SELECT key FROM system.local").kind(), 2);
  }
}

TEST_F(CqlServerTest, ChecksPermissionsAtEachExecution) {
  require_login(true);
  const auto grant = [&](security::PermissionSet permissions) {
    return users_->change([&](security::Users& users) -> Result<> {
      users.at("alice").permissions["data/ks/t"] = permissions;
      return {};
    });
  };
  for (const int version : {3, 4, 5}) {
    ASSERT_TRUE(grant({}).ok());
    Client alice(server_->port(), version);
    alice.log_in("alice", "secret");
    ByteWriter prepare;
    wire::cql::encode_prepare(prepare, "INSERT INTO ks.t (k, v) VALUES (1, 'x')", {}, version);
    const Answer prepared = alice.ask(Opcode::Prepare, prepare.buffer());
    ASSERT_EQ(prepared.kind(), 4);
    const auto id = *wire::cql::decode_prepared(prepared.body, version);
    ByteWriter execute;
    wire::cql::encode_execute(
        execute, {.id = id.id, .result_metadata_id = id.result_metadata_id, .options = {}},
        version);
    ByteWriter batch;
    wire::cql::encode_batch(batch, {.statements = {{.prepared = true, .id = id.id}}}, version);
    for (const auto& [opcode, body] : {std::pair(Opcode::Execute, BytesView(execute.buffer())),
                                       std::pair(Opcode::Batch, BytesView(batch.buffer()))}) {
      const auto refused = alice.ask(opcode, body);
      ASSERT_EQ(refused.header.opcode, static_cast<std::uint8_t>(Opcode::Error));
      EXPECT_EQ(refused.error().code, wire::cql::CqlErrorCode::Unauthorized);
      EXPECT_EQ(refused.error().message,
                "User alice has no MODIFY permission on <table ks.t> or any of its parents");
      ASSERT_TRUE(grant({security::Permission::Modify}).ok());
      EXPECT_EQ(alice.ask(opcode, body).kind(), 1);
      ASSERT_TRUE(grant({}).ok());
    }
    EXPECT_EQ(alice.query("SELECT k FROM ks.t").error().code,
              wire::cql::CqlErrorCode::Unauthorized);
  }
}

TEST_F(CqlServerTest, KeepsOutARoleThatMayNotLogIn) {
  require_login();
  ASSERT_TRUE(users_
                  ->change([](security::Users& users) -> Result<> {
                    users.at("alice").can_login = false;
                    return {};
                  })
                  .ok());
  Client alice(server_->port(), 4);
  EXPECT_EQ(alice.log_in("alice", "secret").error().message, "alice is not permitted to log in");
}

TEST_F(CqlServerTest, RefusesAWrongPasswordAndHangsUp) {
  require_login();
  for (const int version : {4, 5}) {
    for (const auto& [name, password] : {std::pair("alice", "wrong"), std::pair("bob", "secret")}) {
      Client client(server_->port(), version);
      const auto failure = client.log_in(name, password).error();
      EXPECT_EQ(failure.code, wire::cql::CqlErrorCode::BadCredentials);
      EXPECT_EQ(failure.message,
                "Provided username " + std::string(name) + " and/or password are incorrect");
      EXPECT_TRUE(client.is_closed());
    }
  }
  EXPECT_THAT(metrics_.text(), testing::HasSubstr("tidemill_tables_failed_logins_total 4\n"));
}

TEST_F(CqlServerTest, ServesNobodyBeforeItsLogin) {
  require_login();
  Client early(server_->port(), 4);
  early.begin_login();
  EXPECT_THAT(early.query("SELECT key FROM system.local").error().message,
              testing::HasSubstr("Unexpected message QUERY"));
  const Bytes large{4, 0, 0, 1, 7, 0, 2, 0, 0};  // 128 KiB
  early.send_raw(large);
  EXPECT_THAT(early.receive().error().message, testing::HasSubstr("Request is too big"));
  EXPECT_TRUE(early.is_closed());
}

TEST_F(CqlServerTest, RefusesOtherVersionsInOneItHas) {
  Client newer(server_->port(), 66);
  const Answer answer = newer.ask(Opcode::Options, {});
  EXPECT_EQ(answer.header.version, 5);
  EXPECT_EQ(answer.header.stream, 1);
  EXPECT_EQ(answer.error().code, wire::cql::CqlErrorCode::ProtocolError);
  EXPECT_THAT(answer.error().message,
              testing::HasSubstr("Invalid or unsupported protocol version (66)"));
  EXPECT_TRUE(newer.is_closed());
}

TEST_F(CqlServerTest, WantsStartupFirst) {
  Client early(server_->port(), 4);
  EXPECT_THAT(early.query("SELECT key FROM system.local").error().message,
              testing::HasSubstr("Unexpected message QUERY, expecting STARTUP or OPTIONS"));
}

TEST_F(CqlServerTest, TakesAnyCqlVersionFromThreeOn) {
  for (const char* version : {"3.0.0", "3.4.7", "4.0.0"}) {
    Client client(server_->port(), 4);
    client.start({{"CQL_VERSION", version}});
  }
  for (const char* version : {"2.0.0", "three", ""}) {
    Client client(server_->port(), 4);
    ByteWriter out;
    wire::cql::encode_startup(
        out, std::vector<std::pair<std::string, std::string>>{{"CQL_VERSION", version}});
    EXPECT_EQ(client.ask(Opcode::Startup, out.buffer()).error().code,
              wire::cql::CqlErrorCode::ProtocolError)
        << version;
  }
}

TEST_F(CqlServerTest, TracesARequestThatAsksForIt) {
  Client client(server_->port(), 4);
  client.start();
  for (const std::string cql : {"INSERT INTO ks.t (k, v) VALUES (1, 'x')", "SELECT * FROM ks.t"}) {
    client.send(Opcode::Query, client.query_body(cql), 1, wire::cql::frame_flag::kTracing);
    const Answer answer = client.receive();
    ASSERT_EQ(answer.header.flags, wire::cql::frame_flag::kTracing);
    const std::string id = to_hex(BytesView(answer.body).first(16));
    const std::string uuid = id.substr(0, 8) + "-" + id.substr(8, 4) + "-" + id.substr(12, 4) +
                             "-" + id.substr(16, 4) + "-" + id.substr(20);
    const Answer traced = client.query(
        "SELECT duration, parameters FROM system_traces.sessions WHERE session_id = " + uuid);
    const auto sessions = wire::cql::decode_rows(traced.body);
    ASSERT_TRUE(sessions.ok());
    EXPECT_EQ(sessions->row_count, 1) << cql;
    EXPECT_THAT(std::string(as_text(sessions->cells)), testing::HasSubstr(cql));
    const auto events = wire::cql::decode_rows(
        client.query("SELECT activity FROM system_traces.events WHERE session_id = " + uuid).body);
    EXPECT_EQ(events->row_count, 2);
  }
  EXPECT_EQ(client.query("SELECT * FROM ks.t").header.flags, 0);
}

TEST_F(CqlServerTest, WarnsOfUnloggedBatchesOverManyPartitions) {
  Client client(server_->port(), 4);
  client.start();
  std::string batch = "BEGIN UNLOGGED BATCH ";
  for (int k = 0; k < 12; ++k)
    batch += "INSERT INTO ks.t (k, v) VALUES (" + std::to_string(k) + ", 'x'); ";
  const Answer answer = client.query(batch + "APPLY BATCH");
  EXPECT_EQ(answer.header.flags, wire::cql::frame_flag::kWarning);
  EXPECT_THAT(std::string(as_text(answer.body)),
              testing::HasSubstr("Unlogged batch covering 12 partitions detected"));
}

TEST_F(CqlServerTest, AnswersPipelinedRequestsEachOnItsStream) {
  for (const int version : {3, 4, 5}) {
    Client many(server_->port(), version);
    many.start();
    for (std::int16_t stream = 0; stream < 200; ++stream) {
      const std::string cql =
          stream % 2 == 0 ? "INSERT INTO ks.t (k, v) VALUES (" + std::to_string(stream) + ", 'x')"
                          : std::string("SELECT key FROM system.local");
      many.send(Opcode::Query, many.query_body(cql), stream);
    }
    std::vector<std::int32_t> kinds(200, 0);
    for (int i = 0; i < 200; ++i) {
      const Answer answer = many.receive();
      kinds[static_cast<std::size_t>(answer.header.stream)] = answer.kind();
    }
    for (std::size_t i = 0; i < kinds.size(); ++i) EXPECT_EQ(kinds[i], i % 2 == 0 ? 1 : 2) << i;
  }
}

TEST_F(CqlServerTest, ExecutesWhatItPrepared) {
  Client one(server_->port(), 4);
  one.start();
  ByteWriter body;
  wire::cql::encode_prepare(body, "INSERT INTO ks.t (k, v) VALUES (?, ?)", std::nullopt, 4);
  const auto prepared = wire::cql::decode_prepared(one.ask(Opcode::Prepare, body.buffer()).body, 4);
  ASSERT_TRUE(prepared.ok());
  EXPECT_THAT(prepared->partition_key, testing::ElementsAre(0));
  wire::cql::ExecuteRequest request;
  request.id = prepared->id;
  const Bytes key{0, 0, 0, 9};
  request.options.values = {wire::cql::BoundValue::of(key),
                            wire::cql::BoundValue::of(as_bytes("nine"))};
  ByteWriter execute;
  wire::cql::encode_execute(execute, request, 4);
  EXPECT_EQ(one.ask(Opcode::Execute, execute.buffer()).kind(), 1);
  const Answer answer = one.query("SELECT v FROM ks.t WHERE k = 9");
  EXPECT_EQ(wire::cql::decode_rows(answer.body)->row_count, 1);
}

TEST_F(CqlServerTest, CountsRequestsBytesAndTimeByOpcode) {
  RequestMeters meters(metrics_, "tables", "opcode");
  RequestMeter& queries = meters.of(7, "QUERY");
  const std::uint64_t before = queries.requests.value();
  Client one(server_->port(), 4);
  one.start();
  one.query("INSERT INTO ks.t (k, v) VALUES (1, 'x')");  // applied with others
  one.query("SELECT v FROM ks.t WHERE k = 1");           // on the blocking pool
  one.query("SELECT nothing FROM ks.t");                 // refused at once
  EXPECT_EQ(queries.requests.value() - before, 3U);
  EXPECT_EQ(queries.handled.count(), queries.requests.value());
  EXPECT_EQ(queries.queued.count(), queries.requests.value() - 1);
  EXPECT_GT(queries.received_bytes.value(), 100U);
  EXPECT_GT(queries.sent_bytes.value(), 100U);
}

TEST_F(CqlServerTest, DoesNotMeasureARequestAgainForAFrameThatIsRefused) {
  RequestMeters meters(metrics_, "tables", "opcode");
  RequestMeter& queries = meters.of(7, "QUERY");
  Client one(server_->port(), 4);
  one.start();
  one.query("INSERT INTO ks.t (k, v) VALUES (1, 'x')");
  const Bytes too_large{4, 0, 0, 1, 7, 0x7F, 0, 0, 0};
  one.send_raw(too_large);
  EXPECT_THAT(one.receive().error().message, testing::HasSubstr("Request is too big"));
  EXPECT_TRUE(one.is_closed());
  EXPECT_EQ(queries.handled.count(), queries.requests.value());
}

TEST_F(CqlServerTest, TellsRegisteredConnectionsOfSchemaChanges) {
  Client watcher(server_->port(), 4);
  watcher.start();
  ByteWriter body;
  const std::vector<std::string_view> events{"SCHEMA_CHANGE"};
  wire::cql::encode_register(body, events);
  EXPECT_EQ(watcher.ask(Opcode::Register, body.buffer()).header.opcode,
            static_cast<std::uint8_t>(Opcode::Ready));
  Client other(server_->port(), 4);
  other.start();
  other.query("DROP TABLE ks.t");
  const Answer event = watcher.receive();
  EXPECT_EQ(event.header.stream, -1);
  EXPECT_EQ(event.header.opcode, static_cast<std::uint8_t>(Opcode::Event));
  EXPECT_THAT(std::string(as_text(event.body)), testing::HasSubstr("DROPPED"));
}

TEST_F(CqlServerTest, HangsUpOnADamagedSegmentAndServesOthers) {
  Client five(server_->port(), 5);
  five.start();
  Bytes wrapped;
  const Bytes query = five.query_body("INSERT INTO ks.t (k) VALUES (66)");
  wire::cql::append_segment(wrapped, query, true, false);
  wrapped[4] ^= 0xFF;
  five.send_raw(wrapped);
  EXPECT_EQ(five.receive().header.opcode, static_cast<std::uint8_t>(Opcode::Error));
  EXPECT_TRUE(five.is_closed());
  Client next(server_->port(), 4);
  next.start();
  EXPECT_EQ(wire::cql::decode_rows(next.query("SELECT k FROM ks.t WHERE k = 66").body)->row_count,
            0);
}

TEST_F(CqlServerTest, RefusesAFrameThatClaimsTooMuch) {
  Client huge(server_->port(), 4);
  const Bytes header{4, 0, 0, 1, 7, 0x7F, 0xFF, 0xFF, 0xFF};
  huge.send_raw(header);
  EXPECT_THAT(huge.receive().error().message, testing::HasSubstr("Request is too big"));
  EXPECT_TRUE(huge.is_closed());
}

TEST_F(CqlServerTest, CompressesLargeAnswersWhenAsked) {
  Client packed(server_->port(), 4);
  packed.start({{"CQL_VERSION", "3.0.0"}, {"COMPRESSION", "lz4"}});
  const Answer answer = packed.query("SELECT * FROM system_schema.columns");
  EXPECT_EQ(answer.header.flags & wire::cql::frame_flag::kCompressed, 1);
  const auto body = wire::cql::decompress_body(wire::cql::Compression::Lz4, answer.body, 64U << 20);
  ASSERT_TRUE(body.ok());
  EXPECT_GT(wire::cql::decode_rows(*body)->row_count, 100);
}

}  // namespace
}  // namespace tidemill::tables::server

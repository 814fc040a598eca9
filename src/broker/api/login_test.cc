// SPDX-License-Identifier: Apache-2.0
// Logging in over a connection: every step, and every wrong one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/api/api_table.h"
#include "broker/server/test_broker.h"
#include "wire/kafka/alter_user_scram_credentials.h"
#include "wire/kafka/api_versions.h"
#include "wire/kafka/describe_user_scram_credentials.h"
#include "wire/kafka/metadata.h"
#include "wire/kafka/sasl_authenticate.h"
#include "wire/kafka/sasl_handshake.h"

namespace tidemill::broker::api {
namespace {

using namespace wire::kafka;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

Bytes token(std::string_view text) {
  const BytesView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

class LoginTest : public server::BrokerTest {
 protected:
  LoginTest() {
    auto users = security::UserStore::open(disk_, random_, folder_ / "users.json");
    users_ = *std::move(users);
    EXPECT_TRUE(users_->set_password("alice", "secret").ok());
    api_.sasl_mechanisms = {"PLAIN", "SCRAM-SHA-256"};
    serve({});
  }

  SaslHandshakeResponse shake(server::TestClient& client, const std::string& mechanism,
                              std::int16_t version = 1) {
    return client.call<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = mechanism},
                                              version);
  }
  SaslAuthenticateResponse authenticate(server::TestClient& client, std::string_view text,
                                        std::int16_t version = 2) {
    return client.call<SaslAuthenticateResponse>(SaslAuthenticateRequest{.auth_bytes = token(text)},
                                                 version);
  }
  bool is_served(server::TestClient& client) {
    return client.call<MetadataResponse>(MetadataRequest{}, 9).brokers.size() == 1;
  }
  std::string plain(const std::string& name, const std::string& password) {
    return std::string(1, '\0') + name + std::string(1, '\0') + password;
  }
};

TEST_F(LoginTest, ServesNothingButVersionsBefore) {
  const auto client = connect();
  EXPECT_EQ(client->call<ApiVersionsResponse>(ApiVersionsRequest{}, 0).error_code,
            KafkaError::None);
  client->send(MetadataRequest{}, 9);
  EXPECT_TRUE(client->closed_by_broker());
  const auto large = connect();
  large->send_bytes(Bytes{0, 16, 0, 0});  // 1 MiB, of which nobody may send half now
  EXPECT_TRUE(large->closed_by_broker());
}

TEST_F(LoginTest, LetsAPlainPasswordIn) {
  for (std::int16_t version = 0; version <= 2; ++version) {
    const auto client = connect();
    EXPECT_EQ(shake(*client, "PLAIN").error_code, KafkaError::None);
    const auto answer = authenticate(*client, plain("alice", "secret"), version);
    EXPECT_EQ(answer.error_code, KafkaError::None);
    EXPECT_TRUE(is_served(*client));
    EXPECT_EQ(shake(*client, "PLAIN").error_code, KafkaError::IllegalSaslState);
    EXPECT_EQ(authenticate(*client, "").error_code, KafkaError::IllegalSaslState);
    EXPECT_TRUE(is_served(*client));
  }
}

TEST_F(LoginTest, TellsWhatIsWrongAndClosesThen) {
  for (const std::string& text : std::vector<std::string>{
           plain("alice", "Secret"), plain("nobody", "secret"), std::string("alice"), std::string(),
           "bob" + plain("alice", "secret"), plain("alice", "secret") + '\0'}) {
    const auto client = connect();
    shake(*client, "PLAIN");
    const auto answer = authenticate(*client, text);
    EXPECT_EQ(answer.error_code, KafkaError::SaslAuthenticationFailed);
    EXPECT_TRUE(answer.error_message.has_value());
    EXPECT_TRUE(client->closed_by_broker());
  }
  EXPECT_THAT(metrics_.text(), HasSubstr("tidemill_broker_failed_logins_total 6\n"));
}

TEST_F(LoginTest, NamesItsMechanismsToWhoWantsAnother) {
  const auto client = connect();
  const auto answer = shake(*client, "GSSAPI");
  EXPECT_EQ(answer.error_code, KafkaError::UnsupportedSaslMechanism);
  EXPECT_THAT(answer.mechanisms, ElementsAre("PLAIN", "SCRAM-SHA-256"));
  EXPECT_TRUE(client->closed_by_broker());
  const auto without = connect();
  EXPECT_EQ(authenticate(*without, plain("alice", "secret")).error_code,
            KafkaError::IllegalSaslState);
  EXPECT_TRUE(without->closed_by_broker());
}

TEST_F(LoginTest, TakesTokensWithoutARequestAfterAnOldHandshake) {
  const auto framed = [](const std::string& text) {
    Bytes bytes(4);
    store_be(bytes.data(), static_cast<std::uint32_t>(text.size()));
    bytes.insert(bytes.end(), text.begin(), text.end());
    return bytes;
  };
  const auto client = connect();
  EXPECT_EQ(shake(*client, "PLAIN", 0).error_code, KafkaError::None);
  client->send_bytes(framed(plain("alice", "secret")));
  EXPECT_EQ(client->receive_frame(), Bytes());
  EXPECT_TRUE(is_served(*client));
  const auto wrong = connect();
  shake(*wrong, "PLAIN", 0);
  wrong->send_bytes(framed(plain("alice", "x")));
  EXPECT_TRUE(wrong->closed_by_broker());
}

TEST_F(LoginTest, AnswersAScramExchangeWithASaltEvenForStrangers) {
  for (const std::string name : {"alice", "nobody"}) {
    const auto client = connect();
    EXPECT_EQ(shake(*client, "SCRAM-SHA-256").error_code, KafkaError::None);
    const auto first = authenticate(*client, "n,,n=" + name + ",r=abc");
    EXPECT_EQ(first.error_code, KafkaError::None);
    EXPECT_THAT(std::string(as_text(first.auth_bytes)), testing::StartsWith("r=abc"));
    const auto last = authenticate(*client, "c=biws,r=abc,p=AAAA");
    EXPECT_EQ(last.error_code, KafkaError::SaslAuthenticationFailed);
    EXPECT_TRUE(client->closed_by_broker());
  }
}

TEST_F(LoginTest, HasNothingToDoWhereNobodyLogsIn) {
  api_.sasl_mechanisms.clear();
  serve({});
  const auto client = connect();
  EXPECT_EQ(shake(*client, "PLAIN").error_code, KafkaError::IllegalSaslState);
  EXPECT_TRUE(is_served(*client));
}

TEST_F(LoginTest, ChangesUsersOverTheWire) {
  api_.sasl_mechanisms.clear();
  serve({});
  const auto client = connect();
  const auto alter = [&](const AlterUserScramCredentialsRequest& request) {
    return client->call<AlterUserScramCredentialsResponse>(request, 0).results;
  };
  using Upsertion = AlterUserScramCredentialsRequest::Upsertion;
  const Upsertion good{.name = "bob",
                       .mechanism = 2,
                       .iterations = 4096,
                       .salt = Bytes(8, 1),
                       .salted_password = Bytes(64, 2)};
  const auto upsert = [&](auto change) {
    Upsertion upsertion = good;
    change(upsertion);
    return alter({.upsertions = {upsertion}}).at(0).error_code;
  };
  EXPECT_EQ(upsert([](Upsertion&) {}), KafkaError::None);
  EXPECT_EQ(upsert([](Upsertion& u) { u.iterations = 4095; }), KafkaError::UnacceptableCredential);
  EXPECT_EQ(upsert([](Upsertion& u) { u.iterations = 16385; }), KafkaError::UnacceptableCredential);
  EXPECT_EQ(upsert([](Upsertion& u) { u.name = ""; }), KafkaError::UnacceptableCredential);
  EXPECT_EQ(upsert([](Upsertion& u) { u.salt = {}; }), KafkaError::UnacceptableCredential);
  EXPECT_EQ(upsert([](Upsertion& u) { u.salted_password.pop_back(); }),
            KafkaError::UnacceptableCredential);
  EXPECT_EQ(upsert([](Upsertion& u) { u.mechanism = 3; }), KafkaError::UnsupportedSaslMechanism);
  EXPECT_EQ(alter({.upsertions = {good, good}}).at(0).error_code, KafkaError::DuplicateResource);

  const auto described =
      client->call<DescribeUserScramCredentialsResponse>(DescribeUserScramCredentialsRequest{}, 0);
  ASSERT_THAT(described.results, SizeIs(2));
  EXPECT_EQ(described.results[0].user, "alice");
  EXPECT_THAT(described.results[0].credential_infos, SizeIs(2));
  EXPECT_EQ(described.results[1].user, "bob");
  ASSERT_THAT(described.results[1].credential_infos, SizeIs(1));
  EXPECT_EQ(described.results[1].credential_infos[0].iterations, 4096);

  EXPECT_EQ(alter({.deletions = {{.name = "bob", .mechanism = 1}}}).at(0).error_code,
            KafkaError::ResourceNotFound);
  EXPECT_EQ(alter({.deletions = {{.name = "bob", .mechanism = 2}}}).at(0).error_code,
            KafkaError::None);
  DescribeUserScramCredentialsRequest bob;
  bob.users.emplace().push_back({.name = "bob"});
  EXPECT_EQ(client->call<DescribeUserScramCredentialsResponse>(bob, 0).results.at(0).error_code,
            KafkaError::ResourceNotFound);
  bob.users->push_back({.name = "bob"});
  EXPECT_EQ(client->call<DescribeUserScramCredentialsResponse>(bob, 0).results.at(0).error_code,
            KafkaError::DuplicateResource);
}

}  // namespace
}  // namespace tidemill::broker::api

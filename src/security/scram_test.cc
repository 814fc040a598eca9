// SPDX-License-Identifier: Apache-2.0
#include "security/scram.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace tidemill::security {
namespace {

constexpr auto kSha256 = ScramMechanism::Sha256;
constexpr auto kSha512 = ScramMechanism::Sha512;

// The client's half, by the RFC, with its own calls to OpenSSL.
class ScramClient {
 public:
  ScramClient(ScramMechanism mechanism, std::string user, std::string password)
      : digest_(mechanism == kSha256 ? EVP_sha256() : EVP_sha512()),
        password_(std::move(password)),
        first_bare_("n=" + user + ",r=clientnonce") {}

  std::string first() const { return "n,," + first_bare_; }
  std::string last(const std::string& server_first, const std::string& binding = "biws",
                   const std::string& before_nonce = "") {
    const auto salt_at = server_first.find(",s=");
    const auto count_at = server_first.find(",i=");
    const std::string nonce = server_first.substr(2, salt_at - 2);
    const Bytes salt = *from_base64(server_first.substr(salt_at + 3, count_at - salt_at - 3));
    const int iterations = std::stoi(server_first.substr(count_at + 3));
    Bytes salted(static_cast<std::size_t>(EVP_MD_get_size(digest_)));
    PKCS5_PBKDF2_HMAC(password_.data(), static_cast<int>(password_.size()), salt.data(),
                      static_cast<int>(salt.size()), iterations, digest_,
                      static_cast<int>(salted.size()), salted.data());
    const Bytes key = sign(salted, "Client Key");
    Bytes stored(key.size());
    EVP_Digest(key.data(), key.size(), stored.data(), nullptr, digest_, nullptr);
    const std::string without_proof = "c=" + binding + ",r=" + before_nonce + nonce;
    const std::string text = first_bare_ + "," + server_first + "," + without_proof;
    Bytes proof = sign(stored, text);
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] ^= key[i];
    expected_ = "v=" + to_base64(sign(sign(salted, "Server Key"), text));
    return without_proof + ",p=" + to_base64(proof);
  }
  // What a server that knows the credential answers.
  const std::string& expected() const { return expected_; }

 private:
  Bytes sign(const Bytes& key, std::string_view text) const {
    Bytes out(static_cast<std::size_t>(EVP_MD_get_size(digest_)));
    HMAC(digest_, key.data(), static_cast<int>(key.size()), as_bytes(text).data(), text.size(),
         out.data(), nullptr);
    return out;
  }
  const EVP_MD* digest_;
  std::string password_;
  std::string first_bare_;
  std::string expected_;
};

class ScramTest : public testing::Test {
 protected:
  ScramExchange exchange(ScramMechanism mechanism) {
    auto find = [this, mechanism](const std::string& user) -> std::optional<ScramCredential> {
      if (user != "al,i=ce") return std::nullopt;
      return make_credential(mechanism, "secret", random_bytes(random_, 16), kScramIterationsLeast);
    };
    return {mechanism, find, Bytes(32, 7), random_};
  }
  SeededRandom random_{1};
};

TEST_F(ScramTest, KeepsTheKeysOfRfc7677) {
  const auto credential =
      make_credential(kSha256, "pencil", *from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  EXPECT_EQ(to_base64(credential.stored_key), "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
  EXPECT_EQ(to_base64(credential.server_key), "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  EXPECT_TRUE(is_password(kSha256, credential, "pencil"));
  EXPECT_FALSE(is_password(kSha256, credential, "Pencil"));
  EXPECT_FALSE(is_password(kSha256, credential, ""));
}

TEST_F(ScramTest, LetsInWhoKnowsThePassword) {
  for (const ScramMechanism mechanism : kScramMechanisms) {
    auto server = exchange(mechanism);
    ScramClient client(mechanism, "al=2Ci=3Dce", "secret");
    const auto first = server.answer(client.first());
    ASSERT_TRUE(first.ok());
    EXPECT_FALSE(server.done());
    const auto last = server.answer(client.last(*first));
    ASSERT_TRUE(last.ok());
    EXPECT_EQ(*last, client.expected());
    EXPECT_TRUE(server.done());
    EXPECT_EQ(server.user(), "al,i=ce");
    EXPECT_FALSE(server.answer("once more").ok());
  }
}

TEST_F(ScramTest, TakesTheNonceAsOldLibrdkafkaRepeatsIt) {
  auto server = exchange(kSha256);
  ScramClient client(kSha256, "al=2Ci=3Dce", "secret");
  const std::string first = *server.answer(client.first());
  EXPECT_TRUE(server.answer(client.last(first, "biws", "clientnonce")).ok());
  EXPECT_TRUE(server.done());
}

TEST_F(ScramTest, TellsAWrongPasswordAndAnUnknownUserInTheSameWords) {
  const auto refusal = [&](const std::string& user, const std::string& password) {
    auto server = exchange(kSha512);
    ScramClient client(kSha512, user, password);
    const auto first = server.answer(client.first());
    EXPECT_TRUE(first.ok()) << "who exists must not be seen here";
    const auto last = server.answer(client.last(*first));
    EXPECT_FALSE(last.ok());
    EXPECT_FALSE(server.done());
    return last.ok() ? "" : last.error().message;
  };
  EXPECT_EQ(refusal("al=2Ci=3Dce", "wrong"), refusal("nobody", "secret"));
}

TEST_F(ScramTest, ShowsAStrangerTheSameSaltEachTime) {
  const auto salt = [&](ScramMechanism mechanism, const std::string& user) {
    const std::string first = *exchange(mechanism).answer("n,,n=" + user + ",r=x");
    const auto at = first.find(",s=");
    return first.substr(at, first.find(",i=") - at);
  };
  EXPECT_EQ(salt(kSha256, "nobody"), salt(kSha256, "nobody"));
  EXPECT_NE(salt(kSha256, "nobody"), salt(kSha256, "no one"));
  EXPECT_NE(salt(kSha256, "nobody"), salt(kSha512, "nobody"));
}

TEST_F(ScramTest, RefusesWhatItCannotRead) {
  for (const std::string message :
       {"", "n", "n,", "n,,", "n,,n=", "n,,r=x", "n,,n=a", "n,,n=a,r=", "n,,n=a=,r=x",
        "n,,n=a=2,r=x", "n,,n=,r=x", "p=tls-unique,,n=a,r=x", "n,a=other,n=a,r=x",
        "n,,m=ext,n=a,r=x", "n,,n=a,r=x,tokenauth=true"}) {
    EXPECT_FALSE(exchange(kSha256).answer(message).ok()) << message;
  }
  EXPECT_FALSE(exchange(kSha256).answer("n,,n=" + std::string(9000, 'a') + ",r=x").ok());
}

TEST_F(ScramTest, RefusesALastMessageOfAnotherExchange) {
  const auto refused = [&](auto change) {
    auto server = exchange(kSha256);
    ScramClient client(kSha256, "al=2Ci=3Dce", "secret");
    const std::string first = *server.answer(client.first());
    return !server.answer(change(client, first)).ok() && !server.done();
  };
  EXPECT_TRUE(refused([](ScramClient& client, std::string first) {
    return client.last(first.insert(3, "x"));  // another nonce
  }));
  EXPECT_TRUE(refused([](ScramClient& client, const std::string& first) {
    return client.last(first, "eSws");  // "y,,": not the header that was sent
  }));
  EXPECT_TRUE(refused(
      [](ScramClient& client, const std::string& first) { return client.last(first) + "AAAA"; }));
  EXPECT_TRUE(refused([](ScramClient&, const std::string&) { return std::string("c=biws"); }));
  EXPECT_TRUE(refused([](ScramClient&, const std::string&) { return std::string(",p="); }));
}

}  // namespace
}  // namespace tidemill::security

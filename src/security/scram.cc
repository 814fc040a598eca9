// SPDX-License-Identifier: Apache-2.0
// The messages, as in RFC 5802 section 7:
//   client-first := gs2-header client-first-bare
//   gs2-header   := ("n" | "y") "," ["a=" name] ","
//   client-first-bare := "n=" name "," "r=" nonce ["," extensions]
//   server-first := "r=" nonce ",s=" base64(salt) ",i=" iterations
//   client-final := "c=" base64(gs2-header) ",r=" nonce ["," extensions] ",p=" base64(proof)
//   server-final := "v=" base64(signature)
#include "security/scram.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace tidemill::security {
namespace {

constexpr std::size_t kMessageBytesMax = 8192;
constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kSaltBytes = 24;

const EVP_MD* digest_of(ScramMechanism mechanism) {
  return mechanism == ScramMechanism::Sha256 ? EVP_sha256() : EVP_sha512();
}

Bytes hmac(ScramMechanism mechanism, BytesView key, std::string_view text) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned int size = 0;
  TM_CHECK(HMAC(digest_of(mechanism), key.data(), static_cast<int>(key.size()),
                as_bytes(text).data(), text.size(), out.data(), &size) != nullptr,
           "OpenSSL cannot compute an HMAC");
  out.resize(size);
  return out;
}

Bytes hash(ScramMechanism mechanism, BytesView bytes) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned int size = 0;
  TM_CHECK(
      EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, digest_of(mechanism), nullptr) == 1,
      "OpenSSL cannot compute a hash");
  out.resize(size);
  return out;
}

Bytes salted(ScramMechanism mechanism, std::string_view password, BytesView salt, int iterations) {
  Bytes out(static_cast<std::size_t>(EVP_MD_get_size(digest_of(mechanism))));
  TM_CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                             static_cast<int>(salt.size()), iterations, digest_of(mechanism),
                             static_cast<int>(out.size()), out.data()) == 1,
           "OpenSSL cannot compute PBKDF2");
  return out;
}

bool same(BytesView a, BytesView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Error denied() {
  return error(ErrorCode::Denied,
               "Authentication failed during authentication due to invalid "
               "credentials with SASL mechanism");
}

// Takes "k=value," off the front; the value, or nothing when another attribute stands there.
std::optional<std::string_view> take(std::string_view& text, char key) {
  if (text.size() < 2 || text[0] != key || text[1] != '=') return std::nullopt;
  const auto end = std::min(text.find(','), text.size());
  const std::string_view value = text.substr(2, end - 2);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

// '=' and ',' travel as "=3D" and "=2C".
std::optional<std::string> plain_name(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i, 3) == "=2C") {
      out += ',';
      i += 2;
    } else if (text.substr(i, 3) == "=3D") {
      out += '=';
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace

std::string_view name_of(ScramMechanism mechanism) {
  switch (mechanism) {
    case ScramMechanism::Sha256:
      return "SCRAM-SHA-256";
    case ScramMechanism::Sha512:
      return "SCRAM-SHA-512";
  }
  return "";
}

std::optional<ScramMechanism> scram_mechanism_of(std::string_view name) {
  for (const ScramMechanism mechanism : kScramMechanisms) {
    if (name_of(mechanism) == name) return mechanism;
  }
  return std::nullopt;
}

Bytes random_bytes(Random& random, std::size_t count) {
  Bytes out;
  while (out.size() < count) {
    std::uint8_t eight[8];
    store_be(eight, random.next());
    out.insert(out.end(), eight, eight + std::min<std::size_t>(8, count - out.size()));
  }
  return out;
}

ScramCredential credential_of_salted(ScramMechanism mechanism, BytesView salted_password,
                                     Bytes salt, int iterations) {
  return {.iterations = iterations,
          .salt = std::move(salt),
          .stored_key = hash(mechanism, hmac(mechanism, salted_password, "Client Key")),
          .server_key = hmac(mechanism, salted_password, "Server Key")};
}

ScramCredential make_credential(ScramMechanism mechanism, std::string_view password, Bytes salt,
                                int iterations) {
  const Bytes key = salted(mechanism, password, salt, iterations);
  return credential_of_salted(mechanism, key, std::move(salt), iterations);
}

bool is_password(ScramMechanism mechanism, const ScramCredential& credential,
                 std::string_view password) {
  const Bytes key = salted(mechanism, password, credential.salt, credential.iterations);
  return same(hmac(mechanism, key, "Server Key"), credential.server_key);
}

Result<std::string> ScramExchange::answer(std::string_view message) {
  const Step step = step_;
  step_ = Step::Failed;
  if (message.size() > kMessageBytesMax) return denied();
  if (step == Step::First) return answer_first(message);
  if (step == Step::Final) return answer_final(message);
  return denied();
}

Result<std::string> ScramExchange::answer_first(std::string_view message) {
  std::string_view rest = message;
  // "p=..." asks for channel binding, which is not offered.
  if (!rest.starts_with("n,") && !rest.starts_with("y,")) return denied();
  rest.remove_prefix(2);
  std::string_view authorized;
  if (const auto named = take(rest, 'a')) {
    authorized = *named;
  } else if (rest.starts_with(',')) {
    rest.remove_prefix(1);
  } else {
    return denied();
  }
  gs2_header_ = message.substr(0, message.size() - rest.size());
  first_bare_ = rest;
  const auto name = take(rest, 'n');
  const auto nonce = take(rest, 'r');
  if (!name || !nonce || nonce->empty()) return denied();
  // To act for somebody else is not offered; nor are delegation tokens ("tokenauth=true").
  if (!authorized.empty() && authorized != *name) return denied();
  if (rest.find("tokenauth=true") != std::string_view::npos) return denied();
  const auto user = plain_name(*name);
  if (!user || user->empty()) return denied();
  user_ = *user;
  auto credential = find_(user_);
  known_ = credential.has_value();
  // Who does not exist is asked for a proof like everybody else, each time with the same salt.
  if (known_) {
    credential_ = *std::move(credential);
  } else {
    credential_.iterations = kScramIterationsDefault;
    credential_.salt =
        hmac(mechanism_, strangers_key_, fmt::format("{} {}", name_of(mechanism_), user_));
    credential_.salt.resize(kSaltBytes);
  }
  client_nonce_ = *nonce;
  nonce_ = client_nonce_ + to_base64(random_bytes(random_, kNonceBytes));
  server_first_ =
      fmt::format("r={},s={},i={}", nonce_, to_base64(credential_.salt), credential_.iterations);
  step_ = Step::Final;
  return server_first_;
}

Result<std::string> ScramExchange::answer_final(std::string_view message) {
  const auto proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos) return denied();
  const std::string_view without_proof = message.substr(0, proof_at);
  std::string_view rest = without_proof;
  const auto binding = take(rest, 'c');
  const auto nonce = take(rest, 'r');
  // librdkafka before 2.6.1 sends its own nonce once more in front of both. As safe: what counts is
  // that ours is in what it signs.
  const bool ours = nonce == nonce_ || nonce == client_nonce_ + nonce_;
  if (binding != to_base64(as_bytes(gs2_header_)) || !ours) return denied();
  const auto proof = from_base64(message.substr(proof_at + 3));
  const std::string signed_text =
      fmt::format("{},{},{}", first_bare_, server_first_, without_proof);
  const Bytes signature = hmac(mechanism_, credential_.stored_key, signed_text);
  if (!known_ || !proof.ok() || proof->size() != signature.size()) return denied();
  Bytes client_key(signature.size());
  for (std::size_t i = 0; i < signature.size(); ++i) client_key[i] = signature[i] ^ (*proof)[i];
  if (!same(hash(mechanism_, client_key), credential_.stored_key)) return denied();
  step_ = Step::Done;
  return "v=" + to_base64(hmac(mechanism_, credential_.server_key, signed_text));
}

}  // namespace tidemill::security

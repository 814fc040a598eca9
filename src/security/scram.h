// SPDX-License-Identifier: Apache-2.0
// SCRAM (RFC 5802, RFC 7677) as Kafka uses it: without channel binding, names and passwords as the
// bytes that came.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/random.h"

namespace tidemill::security {

// The numbers are Kafka's.
enum class ScramMechanism : std::int8_t { Sha256 = 1, Sha512 = 2 };
constexpr ScramMechanism kScramMechanisms[] = {ScramMechanism::Sha256, ScramMechanism::Sha512};
std::string_view name_of(ScramMechanism mechanism);  // "SCRAM-SHA-256"
std::optional<ScramMechanism> scram_mechanism_of(std::string_view name);

constexpr int kScramIterationsLeast = 4096;
constexpr int kScramIterationsMost = 16384;  // Kafka's bounds
constexpr int kScramIterationsDefault = 8192;

// What is kept of a password. Neither the password nor the client's proof follows from it.
struct ScramCredential {
  int iterations = 0;
  Bytes salt;
  Bytes stored_key;
  Bytes server_key;

  bool operator==(const ScramCredential&) const = default;
};

// Takes milliseconds: PBKDF2.
ScramCredential make_credential(ScramMechanism mechanism, std::string_view password, Bytes salt,
                                int iterations);
// From a password that was salted elsewhere, as Kafka's admin clients send it.
ScramCredential credential_of_salted(ScramMechanism mechanism, BytesView salted_password,
                                     Bytes salt, int iterations);
// Takes milliseconds: PBKDF2. Takes the same time whatever is wrong.
bool is_password(ScramMechanism mechanism, const ScramCredential& credential,
                 std::string_view password);

Bytes random_bytes(Random& random, std::size_t count);

// The server's half of one exchange: two messages in, two out.
//
// Thread: one at a time.
class ScramExchange {
 public:
  using Find = std::function<std::optional<ScramCredential>(const std::string& user)>;
  // `strangers_key`: a secret that stays the same, from which the salt of an unknown user follows.
  ScramExchange(ScramMechanism mechanism, Find find, Bytes strangers_key, Random& random)
      : mechanism_(mechanism),
        find_(std::move(find)),
        strangers_key_(std::move(strangers_key)),
        random_(random) {}

  // The answer to the client's next message. Denied with one sentence for every reason, so that
  // users cannot be guessed; nothing more may be asked after a failure.
  Result<std::string> answer(std::string_view message);
  // Both messages were right: user() has shown that it knows the password.
  bool done() const { return step_ == Step::Done; }
  const std::string& user() const { return user_; }

 private:
  enum class Step { First, Final, Done, Failed };
  Result<std::string> answer_first(std::string_view message);
  Result<std::string> answer_final(std::string_view message);

  const ScramMechanism mechanism_;
  const Find find_;
  const Bytes strangers_key_;
  Random& random_;
  Step step_ = Step::First;
  bool known_ = false;
  std::string user_;
  std::string gs2_header_;
  std::string first_bare_;
  std::string server_first_;
  std::string client_nonce_;
  std::string nonce_;  // both sides'
  ScramCredential credential_;
};

}  // namespace tidemill::security

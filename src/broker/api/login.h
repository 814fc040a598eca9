// SPDX-License-Identifier: Apache-2.0
// How far the client of a connection has come with logging in (SASL).
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "runtime/task.h"
#include "security/scram.h"
#include "wire/kafka/message.h"

namespace tidemill::broker::api {

class ResponseSlot;
struct RequestContext;

struct Login {
  // Refused: what was answered is the last the client hears.
  enum class Step { NotNeeded, Wanted, Tokens, Done, Refused };
  Step step = Step::NotNeeded;
  bool raw_tokens = false;  // SaslHandshake version 0: tokens come without a request around them
  std::string mechanism = {};
  std::unique_ptr<security::ScramExchange> scram = nullptr;
  std::string user = {};

  // Nothing but logging in is allowed.
  bool is_open() const { return step != Step::NotNeeded && step != Step::Done; }
};

// Whether an API may be asked before the client has logged in.
bool allowed_before_login(wire::kafka::ApiKey key);

// The answer to one token of the mechanism that was chosen. Denied after a while when it is wrong,
// which is the end: the step is Refused then.
Task<Bytes> answer_token(RequestContext& context, Bytes token);

// Answers a token that came as a frame of its own. A wrong one closes the connection, as Kafka
// does.
Task<> serve_raw_token(RequestContext& context, BytesView token,
                       std::shared_ptr<ResponseSlot> slot);

}  // namespace tidemill::broker::api

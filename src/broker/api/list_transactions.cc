// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/list_transactions.h"

#include <algorithm>
#include <array>
#include <regex>

#include "broker/api/handlers.h"

namespace tidemill::broker::api {

using embedded::TransactionState;
using wire::kafka::KafkaError;
using wire::kafka::ListTransactionsRequest;
using wire::kafka::ListTransactionsResponse;

namespace {

constexpr std::array kStates{TransactionState::Empty,          TransactionState::Ongoing,
                             TransactionState::PrepareCommit,  TransactionState::PrepareAbort,
                             TransactionState::CompleteCommit, TransactionState::CompleteAbort,
                             TransactionState::Dead,           TransactionState::PrepareEpochFence};
constexpr std::size_t kPatternBytesMax = 1000;

bool is_state(const std::string& text) {
  return std::ranges::any_of(kStates, [&](auto state) { return embedded::name_of(state) == text; });
}

template <class T>
bool passes(const std::vector<T>& filter, const T& value) {
  return filter.empty() || std::ranges::find(filter, value) != filter.end();
}

}  // namespace

Task<ListTransactionsResponse> list_transactions(RequestContext& context,
                                                 ListTransactionsRequest request) {
  ListTransactionsResponse response;
  std::vector<std::string> states;
  for (auto& state : request.state_filters) {
    (is_state(state) ? states : response.unknown_state_filters).push_back(state);
  }
  // Only unknown states: nothing can match.
  if (states.empty() && !request.state_filters.empty()) co_return response;
  std::optional<std::regex> pattern;
  if (request.transactional_id_pattern && !request.transactional_id_pattern->empty()) {
    try {
      if (request.transactional_id_pattern->size() > kPatternBytesMax) {
        throw std::regex_error(std::regex_constants::error_complexity);
      }
      pattern.emplace(*request.transactional_id_pattern, std::regex::ECMAScript);
    } catch (const std::regex_error&) {
      response.error_code = KafkaError::InvalidRegularExpression;
      co_return response;
    }
  }
  const std::int64_t now = context.services.clock.wall_ms();
  const security::Rights rights = context.rights();
  for (const auto& transaction : context.broker().transactions().list()) {
    if (!rights.transactional_id(security::AclOperation::Describe, transaction.transactional_id)) {
      continue;
    }
    const std::string state(embedded::name_of(transaction.state));
    if (!passes(states, state)) continue;
    if (!passes(request.producer_id_filters, transaction.producer.id)) continue;
    if (request.duration_filter >= 0 &&
        (transaction.start_ms < 0 || now - transaction.start_ms <= request.duration_filter)) {
      continue;
    }
    if (pattern && !std::regex_match(transaction.transactional_id, *pattern)) continue;
    response.transaction_states.push_back({.transactional_id = transaction.transactional_id,
                                           .producer_id = transaction.producer.id,
                                           .transaction_state = state});
  }
  co_return response;
}

}  // namespace tidemill::broker::api

// SPDX-License-Identifier: Apache-2.0
#include "web/router.h"

#include <fmt/format.h>

#include <exception>

#include "web/console.h"

namespace tidemill::web {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "/a/{x}" against "/a/b": sets x. The segments are decoded one by one, so that a name may hold
// '/'.
bool matches(std::string_view pattern, std::string_view raw_path, Request& request) {
  std::map<std::string, std::string> parameters;
  while (!pattern.empty() && !raw_path.empty()) {
    pattern.remove_prefix(1);  // '/'
    raw_path.remove_prefix(1);
    const auto wanted = pattern.substr(0, pattern.find('/'));
    const auto got = raw_path.substr(0, raw_path.find('/'));
    pattern.remove_prefix(wanted.size());
    raw_path.remove_prefix(got.size());
    if (wanted.starts_with('{')) {
      if (got.empty()) return false;
      parameters[std::string(wanted.substr(1, wanted.size() - 2))] = percent_decoded(got, false);
    } else if (wanted != got) {
      return false;
    }
  }
  if (!pattern.empty() || !raw_path.empty()) return false;
  request.parameters = std::move(parameters);
  return true;
}

Response answer(Services& services, Request& request) {
  bool other_method = false;
  for (const auto& candidate : route_table()) {
    if (!matches(candidate.pattern, request.path, request)) continue;
    if (candidate.method != request.method) {
      other_method = true;
      continue;
    }
    auto response = candidate.handler(services, request);
    return response.ok() ? *std::move(response) : error_response(response.error());
  }
  if (other_method) {
    auto response = error_response(
        error(ErrorCode::InvalidArgument,
              fmt::format("{} is not allowed on '{}'", request.method, request.path)));
    response.status = 405;
    return response;
  }
  if (request.path.starts_with("/api/")) {
    return error_response(
        error(ErrorCode::NotFound, fmt::format("no resource '{}'", request.path)));
  }
  return console_file(request);
}

}  // namespace

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

void parse_target(std::string_view target, Request& request) {
  const auto question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  std::string_view rest = target.substr(std::min(question + 1, target.size()));
  while (!rest.empty()) {
    const auto part = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const auto equals = std::min(part.find('='), part.size());
    request.query[percent_decoded(part.substr(0, equals), true)] =
        percent_decoded(part.substr(std::min(equals + 1, part.size())), true);
  }
}

Response route(Services& services, Request request) {
  try {
    return answer(services, request);
  } catch (const std::exception& e) {
    return error_response(error(ErrorCode::Internal, fmt::format("{} {} failed: {}", request.method,
                                                                 request.path, e.what())));
  }
}

}  // namespace tidemill::web

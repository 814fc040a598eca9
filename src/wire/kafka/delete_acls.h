// SPDX-License-Identifier: Apache-2.0
// DeleteAcls (key 31): removes all ACLs that match a filter (KIP-140, KIP-290).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/kafka_error.h"
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

struct DeleteAclsRequest {
  static constexpr MessageSpec kSpec{ApiKey::DeleteAcls, "DeleteAclsRequest", 1, 3, 2};
  struct Filter {
    std::int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter = {};  // null: any
    std::int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter = {};
    std::optional<std::string> host_filter = {};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("resource_type_filter", self.resource_type_filter);
      visit.field("resource_name_filter", self.resource_name_filter);
      visit.field("pattern_type_filter", self.pattern_type_filter);
      visit.field("principal_filter", self.principal_filter);
      visit.field("host_filter", self.host_filter);
      visit.field("operation", self.operation);
      visit.field("permission_type", self.permission_type);
    }
    bool operator==(const Filter&) const = default;
  };

  std::vector<Filter> filters = {};

  static void fields(auto& self, auto& visit) { visit.field("filters", self.filters); }
  bool operator==(const DeleteAclsRequest&) const = default;
};

struct DeleteAclsResponse {
  static constexpr MessageSpec kSpec{ApiKey::DeleteAcls, "DeleteAclsResponse", 1, 3, 2};
  struct MatchingAcl {
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};
    std::int8_t resource_type = 0;
    std::string resource_name = {};
    std::int8_t pattern_type = 3;
    std::string principal = {};
    std::string host = {};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
      visit.field("resource_type", self.resource_type);
      visit.field("resource_name", self.resource_name);
      visit.field("pattern_type", self.pattern_type);
      visit.field("principal", self.principal);
      visit.field("host", self.host);
      visit.field("operation", self.operation);
      visit.field("permission_type", self.permission_type);
    }
    bool operator==(const MatchingAcl&) const = default;
  };
  struct FilterResult {
    KafkaError error_code = KafkaError::None;
    std::optional<std::string> error_message = {};
    std::vector<MatchingAcl> matching_acls = {};

    static void fields(auto& self, auto& visit) {
      visit.field("error_code", self.error_code);
      visit.field("error_message", self.error_message);
      visit.field("matching_acls", self.matching_acls);
    }
    bool operator==(const FilterResult&) const = default;
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<FilterResult> filter_results = {};  // in the order of the filters

  static void fields(auto& self, auto& visit) {
    visit.field("throttle_time_ms", self.throttle_time_ms);
    visit.field("filter_results", self.filter_results);
  }
  bool operator==(const DeleteAclsResponse&) const = default;
};

}  // namespace tidemill::wire::kafka

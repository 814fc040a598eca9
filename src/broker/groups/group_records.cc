// SPDX-License-Identifier: Apache-2.0
#include "broker/groups/group_records.h"

#include "wire/kafka/codec.h"

namespace tidemill::broker::groups {
namespace {

using wire::kafka::since;

constexpr std::int16_t kKeyVersion = 2;
constexpr std::int16_t kValueVersion = 3;
constexpr std::int16_t kValueVersionMax = 4;
constexpr std::int16_t kValueFlexibleFrom = 4;

struct StoredMember {
  std::string member_id = {};
  std::optional<std::string> instance_id = {};
  std::string client_id = {};
  std::string client_host = {};
  std::int32_t rebalance_timeout_ms = 0;
  std::int32_t session_timeout_ms = 0;
  Bytes subscription = {};
  Bytes assignment = {};

  static void fields(auto& self, auto& visit) {
    visit.field("member_id", self.member_id);
    visit.field("instance_id", self.instance_id, since(3));
    visit.field("client_id", self.client_id);
    visit.field("client_host", self.client_host);
    visit.field("rebalance_timeout_ms", self.rebalance_timeout_ms, since(1));
    visit.field("session_timeout_ms", self.session_timeout_ms);
    visit.field("subscription", self.subscription);
    visit.field("assignment", self.assignment);
  }
};

struct StoredGroup {
  std::string protocol_type = {};
  std::int32_t generation = 0;
  std::optional<std::string> protocol = {};
  std::optional<std::string> leader = {};
  std::int64_t state_timestamp_ms = -1;
  std::vector<StoredMember> members = {};

  static void fields(auto& self, auto& visit) {
    visit.field("protocol_type", self.protocol_type);
    visit.field("generation", self.generation);
    visit.field("protocol", self.protocol);
    visit.field("leader", self.leader);
    visit.field("state_timestamp_ms", self.state_timestamp_ms, since(2));
    visit.field("members", self.members);
  }
};

constexpr wire::kafka::MessageSpec kValueSpec{wire::kafka::ApiKey::JoinGroup, "GroupMetadataValue",
                                              0, kValueVersionMax, kValueFlexibleFrom};

Bytes encode_key(const std::string& group) {
  ByteWriter key;
  key.i16be(kKeyVersion);
  key.i16be(static_cast<std::int16_t>(group.size()));
  key.text(group);
  return key.take();
}

Member member_from(const StoredMember& stored, const std::string& protocol) {
  Member member;
  member.id = stored.member_id;
  member.instance_id = stored.instance_id;
  member.client_id = stored.client_id;
  member.client_host = stored.client_host;
  member.session_timeout = milliseconds(stored.session_timeout_ms);
  member.rebalance_timeout = milliseconds(stored.rebalance_timeout_ms);
  member.protocols.push_back({.name = protocol, .metadata = stored.subscription});
  member.assignment = stored.assignment;
  return member;
}

}  // namespace

embedded::GroupRecord encode_group(const Group& group, std::int64_t now_ms) {
  StoredGroup stored{.protocol_type = group.protocol_type,
                     .generation = group.generation,
                     .protocol = group.protocol,
                     .leader = group.leader,
                     .state_timestamp_ms = now_ms};
  for (const auto& [id, member] : group.members) {
    const BytesView subscription = member.metadata_for(group.protocol.value_or(""));
    stored.members.push_back(
        {.member_id = id,
         .instance_id = member.instance_id,
         .client_id = member.client_id,
         .client_host = member.client_host,
         .rebalance_timeout_ms = static_cast<std::int32_t>(member.rebalance_timeout.count()),
         .session_timeout_ms = static_cast<std::int32_t>(member.session_timeout.count()),
         .subscription = Bytes(subscription.begin(), subscription.end()),
         .assignment = member.assignment});
  }
  wire::kafka::Encoded value;
  ByteWriter(value.bytes).i16be(kValueVersion);
  wire::kafka::EncodingSink sink{value};
  wire::kafka::FieldWriter<wire::kafka::EncodingSink>(sink, kValueVersion, false)
      .write(stored, false);
  return {.key = encode_key(group.id), .value = std::move(value.bytes)};
}

embedded::GroupRecord encode_group_tombstone(const std::string& group) {
  return {.key = encode_key(group), .value = std::nullopt};
}

Result<std::optional<Group>> decode_group(const embedded::GroupRecord& record) {
  ByteReader key(record.key);
  if (TRY(key.i16be()) != kKeyVersion || !record.value) return std::optional<Group>{};
  const auto id_size = static_cast<std::size_t>(TRY(key.u16be()));
  Group group;
  group.id = std::string(TRY(key.text(id_size)));

  ByteReader value(*record.value);
  const std::int16_t version = TRY(value.i16be());
  if (version < 0 || version > kValueVersionMax) {
    return error(ErrorCode::Unsupported,
                 fmt::format("metadata of group '{}' has version {}", group.id, version));
  }
  StoredGroup stored;
  wire::kafka::FieldReader reader(value.rest(), version, version >= kValueFlexibleFrom);
  reader.read_struct(stored);
  if (reader.failed()) {
    return std::move(reader).failure(kValueSpec).context(fmt::format("group '{}'", group.id));
  }
  group.protocol_type = stored.protocol_type;
  group.generation = stored.generation;
  group.protocol = stored.protocol;
  group.state_since_ms = stored.state_timestamp_ms;
  for (const StoredMember& member : stored.members) {
    group.add(member_from(member, stored.protocol.value_or("")));
  }
  group.leader = stored.leader;
  group.state = group.members.empty() ? GroupState::Empty : GroupState::Stable;
  return std::optional<Group>{std::move(group)};
}

}  // namespace tidemill::broker::groups

// SPDX-License-Identifier: Apache-2.0
// What a CQL role may do, and on what: Cassandra's permissions and resources, under its names.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemill::security {

// In the order in which Cassandra lists them.
enum class Permission : std::uint8_t {
  Create,
  Alter,
  Drop,
  Select,
  Modify,
  Authorize,
  Describe,
  Execute,
  Unmask,
  SelectMasked,
};
std::string_view name_of(Permission permission);  // "SELECT"
// In any case of letters.
std::optional<Permission> permission_of(std::string_view name);

class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  constexpr PermissionSet(std::initializer_list<Permission> permissions) {
    for (const Permission permission : permissions) bits_ |= bit(permission);
  }
  static constexpr PermissionSet all() {
    PermissionSet out;
    out.bits_ = bit(Permission::SelectMasked) * 2 - 1;
    return out;
  }
  constexpr bool contains(Permission permission) const { return (bits_ & bit(permission)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  std::vector<Permission> list() const;

  constexpr PermissionSet operator|(PermissionSet other) const { return of(bits_ | other.bits_); }
  constexpr PermissionSet operator&(PermissionSet other) const { return of(bits_ & other.bits_); }
  constexpr PermissionSet operator-(PermissionSet other) const { return of(bits_ & ~other.bits_); }
  bool operator==(const PermissionSet&) const = default;

 private:
  static constexpr unsigned bit(Permission permission) {
    return 1U << static_cast<unsigned>(permission);
  }
  static constexpr PermissionSet of(unsigned bits) {
    PermissionSet out;
    out.bits_ = bits;
    return out;
  }
  unsigned bits_ = 0;
};

// One thing or a kind of things. Permissions on a parent hold for what is below it.
class Resource {
 public:
  static Resource all_keyspaces();
  static Resource keyspace(std::string_view keyspace);
  static Resource all_tables(std::string_view keyspace);
  static Resource table(std::string_view keyspace, std::string_view table);
  static Resource all_roles();
  static Resource role(std::string_view role);
  static Resource all_functions();
  static Resource all_functions_in(std::string_view keyspace);
  static Resource all_mbeans();
  // The one with that name(); nothing when there is none.
  static std::optional<Resource> of_name(std::string_view name);

  // As system_auth has it: "data/ks/t".
  const std::string& name() const { return chain_.front(); }
  // Its own name and those of its parents, the nearest first.
  const std::vector<std::string>& chain() const { return chain_; }
  // As people read it: "<table ks.t>".
  std::string shown() const;
  // What can be granted on it.
  PermissionSet applicable() const;

  bool is_data() const;
  bool is_role() const;  // one role
  // Of data and functions; empty on those of all keyspaces.
  const std::string& keyspace() const { return keyspace_; }
  // The table's or the role's.
  const std::string& own_name() const { return own_name_; }
  bool is_table() const { return kind_ == Kind::Table; }

  bool operator==(const Resource& other) const { return name() == other.name(); }

 private:
  enum class Kind : std::uint8_t {
    AllKeyspaces,
    Keyspace,
    AllTables,
    Table,
    AllRoles,
    Role,
    AllFunctions,
    FunctionsIn,
    AllMBeans,
  };
  Resource(Kind kind, std::string_view keyspace, std::string_view own_name);

  Kind kind_;
  std::string keyspace_;
  std::string own_name_;
  std::vector<std::string> chain_;
};

}  // namespace tidemill::security

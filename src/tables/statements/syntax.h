// SPDX-License-Identifier: Apache-2.0
// What a statement says, before anybody asked whether its tables exist: the parser's result. One
// struct per statement; terms and selectors are the same Expression.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "security/permission.h"

namespace tidemill::tables::statements {

// keyspace.name; the keyspace is empty when the one in use is meant.
struct QualifiedName {
  std::string keyspace = {};
  std::string name = {};
};

// A type as written; user types are known by name only.
struct RawType {
  QualifiedName name = {};
  bool quoted = false;
  std::vector<RawType> arguments = {};
  std::uint32_t dimension = 0;
};

struct Expression {
  enum class Kind : std::uint8_t {
    Null,
    String,
    Integer,
    Float,
    Boolean,
    Hex,
    Uuid,
    Duration,
    Marker,     // index in `marker`, name in `text`
    List,       // [a, b]
    Set,        // {a, b}; also {}
    Map,        // {k: v}: keys and values in turn
    Udt,        // {field: v}: field names in `names`
    Tuple,      // (a, b)
    Call,       // function in `name`
    CountRows,  // count(*), count(1)
    TypeHint,   // (type) argument
    Cast,       // cast(argument as type)
    Binary,     // operator in `text`
    Negate,
    Column,   // `text`
    Field,    // argument.text
    Element,  // argument[argument]
    Slice,    // argument[argument..argument]; a missing bound is Null
  };
  Kind kind = Kind::Null;
  std::string text = {};
  QualifiedName name = {};
  std::vector<std::string> names = {};
  std::vector<Expression> arguments = {};
  RawType type = {};
  std::int32_t marker = -1;
  std::string source = {};  // as written, for messages
};

enum class Operator : std::uint8_t {
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  In,
  NotIn,
  Contains,
  ContainsKey,
  Like,
  IsNotNull,
};
bool is_slice(Operator op);               // <, <=, >, >=
std::string_view symbol_of(Operator op);  // as CQL writes it

// One restriction of WHERE.
struct Relation {
  enum class Form : std::uint8_t { Column, Tuple, Token, Element };
  Form form = Form::Column;
  std::vector<std::string> columns = {};  // one but for Tuple and Token
  std::optional<Expression> element = {};
  Operator op = Operator::Equal;
  std::optional<Expression> value = {};  // IN (a, b): a Tuple with one argument per value
  bool value_is_list = false;            // IN with a written list, not IN ?
  std::string source = {};
};

// IF column [element | field] op value
struct Condition {
  std::string column = {};
  std::optional<Expression> element = {};
  std::optional<std::string> field = {};
  Operator op = Operator::Equal;
  std::optional<Expression> value = {};
  bool value_is_list = false;
};

struct Conditions {
  bool if_exists = false;
  bool if_not_exists = false;
  std::vector<Condition> columns = {};
  bool any() const { return if_exists || if_not_exists || !columns.empty(); }
};

struct Using {
  std::optional<Expression> timestamp = {};
  std::optional<Expression> ttl = {};
};

struct Selected {
  Expression expression = {};
  std::optional<std::string> alias = {};
};

struct Ordering {
  std::string column = {};
  bool descending = false;
  bool ann = false;
};

struct SelectStatement {
  QualifiedName table = {};
  bool json = false;
  bool distinct = false;
  bool everything = false;  // *
  std::vector<Selected> selected = {};
  std::vector<Relation> where = {};
  std::vector<Expression> group_by = {};
  std::vector<Ordering> order_by = {};
  std::optional<Expression> per_partition_limit = {};
  std::optional<Expression> limit = {};
  bool allow_filtering = false;
};

struct InsertStatement {
  QualifiedName table = {};
  std::vector<std::string> columns = {};
  std::vector<Expression> values = {};
  std::optional<Expression> json = {};
  bool json_default_unset = false;
  Conditions conditions = {};
  Using with = {};
};

struct Assignment {
  enum class Kind : std::uint8_t { Set, Append, Remove, Prepend, SetElement, SetField };
  Kind kind = Kind::Set;
  std::string column = {};
  std::optional<Expression> element = {};
  std::optional<std::string> field = {};
  Expression value = {};
  std::string source = {};
};

struct UpdateStatement {
  QualifiedName table = {};
  Using with = {};
  std::vector<Assignment> assignments = {};
  std::vector<Relation> where = {};
  Conditions conditions = {};
};

struct Deletion {
  std::string column = {};
  std::optional<Expression> element = {};
  std::optional<std::string> field = {};
};

struct DeleteStatement {
  QualifiedName table = {};
  std::vector<Deletion> deletions = {};  // empty: rows
  Using with = {};
  std::vector<Relation> where = {};
  Conditions conditions = {};
};

struct BatchStatement {
  enum class Kind : std::uint8_t { Logged, Unlogged, Counter };
  using Member = std::variant<InsertStatement, UpdateStatement, DeleteStatement>;
  Kind kind = Kind::Logged;
  Using with = {};
  std::vector<Member> members = {};
};

// WITH name = value: texts and maps.
struct Property {
  std::string name = {};
  std::variant<std::string, std::map<std::string, std::string>> value = {};
};

struct CreateKeyspaceStatement {
  std::string keyspace = {};
  bool if_not_exists = false;
  std::vector<Property> properties = {};
};
struct AlterKeyspaceStatement {
  std::string keyspace = {};
  bool if_exists = false;
  std::vector<Property> properties = {};
};
struct DropKeyspaceStatement {
  std::string keyspace = {};
  bool if_exists = false;
};
struct UseStatement {
  std::string keyspace = {};
};

struct ColumnDefinition {
  std::string name = {};
  RawType type = {};
  bool is_static = false;
  bool primary_key = false;
  bool masked = false;
};
struct CreateTableStatement {
  QualifiedName table = {};
  bool if_not_exists = false;
  std::vector<ColumnDefinition> columns = {};
  std::vector<std::string> partition_key = {};
  std::vector<std::string> clustering = {};
  std::size_t primary_keys = 0;  // how many were declared
  std::vector<Ordering> order = {};
  bool compact_storage = false;
  std::vector<Property> properties = {};
};
struct AlterTableStatement {
  QualifiedName table = {};
  bool if_exists = false;
  std::vector<ColumnDefinition> add = {};
  bool add_if_not_exists = false;
  std::vector<std::string> drop = {};
  bool drop_if_exists = false;
  std::vector<std::pair<std::string, std::string>> rename = {};
  bool alters_type = false;
  std::vector<Property> properties = {};
};
struct DropTableStatement {
  QualifiedName table = {};
  bool if_exists = false;
};
struct TruncateStatement {
  QualifiedName table = {};
};

struct CreateIndexStatement {
  enum class Modifier : std::uint8_t { None, Values, Keys, Entries, Full };
  QualifiedName table = {};
  std::string name = {};  // empty: one is made
  std::string column = {};
  Modifier modifier = Modifier::None;
  bool custom = false;
  bool if_not_exists = false;
  std::string class_name = {};  // USING
  std::map<std::string, std::string> options = {};
};
struct DropIndexStatement {
  QualifiedName index = {};
  bool if_exists = false;
};

struct CreateTypeStatement {
  QualifiedName type = {};
  bool if_not_exists = false;
  std::vector<std::pair<std::string, RawType>> fields = {};
};
struct AlterTypeStatement {
  QualifiedName type = {};
  bool if_exists = false;
  std::optional<std::pair<std::string, RawType>> add = {};
  std::vector<std::pair<std::string, std::string>> rename = {};
  bool field_condition = false;  // ADD IF NOT EXISTS, RENAME IF EXISTS
  bool alters_field = false;     // ALTER field TYPE, which Cassandra only refuses
};
struct DropTypeStatement {
  QualifiedName type = {};
  bool if_exists = false;
};

struct DescribeStatement {
  enum class What : std::uint8_t {
    Keyspaces,
    Keyspace,
    Tables,
    Table,
    Types,
    Type,
    Functions,
    Function,
    Aggregates,
    Aggregate,
    Index,
    View,
    Cluster,
    Schema,
    FullSchema,
    Name,
  };
  What what = What::Keyspaces;
  QualifiedName name = {};
  bool only = false;
  bool internals = false;
};

// WITH of CREATE and ALTER ROLE.
struct RoleOptions {
  std::optional<std::string> password = {};
  bool hashed_password = false;
  std::optional<bool> login = {};
  std::optional<bool> superuser = {};
  bool options = false;
  std::optional<std::vector<std::string>> datacenters = {};  // empty: ALL
  std::optional<std::vector<std::string>> cidr_groups = {};  // empty: ALL
  bool empty() const {
    return !password && !hashed_password && !login && !superuser && !options && !datacenters &&
           !cidr_groups;
  }
};
// Also CREATE, ALTER and DROP USER.
struct CreateRoleStatement {
  std::string role = {};
  RoleOptions options = {};
  bool if_not_exists = false;
};
struct AlterRoleStatement {
  std::string role = {};
  RoleOptions options = {};
  bool if_exists = false;
};
struct DropRoleStatement {
  std::string role = {};
  bool if_exists = false;
};
// GRANT role TO member, REVOKE role FROM member
struct GrantRoleStatement {
  std::string role = {};
  std::string member = {};
  bool revokes = false;
};
struct ListRolesStatement {
  std::optional<std::string> of = {};
  bool recursive = true;
  bool users = false;  // LIST USERS
};

// What permissions are about; a table may be meant in the keyspace in use.
struct NamedResource {
  enum class What : std::uint8_t {
    AllKeyspaces,
    Keyspace,
    AllTables,
    Table,
    AllRoles,
    Role,
    AllFunctions,
    AllFunctionsIn,
    AllMBeans,
  };
  What what = What::AllKeyspaces;
  QualifiedName name = {};
};
// As a resource, with the keyspace of a table filled in.
security::Resource resource_of(const NamedResource& named, std::string_view keyspace_in_use);

// GRANT permissions ON resource TO role, REVOKE permissions ON resource FROM role
struct GrantPermissionsStatement {
  security::PermissionSet permissions = {};
  NamedResource resource = {};
  std::string role = {};
  bool revokes = false;
};
struct ListPermissionsStatement {
  security::PermissionSet permissions = {};
  std::optional<NamedResource> resource = {};
  std::optional<std::string> of = {};
  bool recursive = true;
};

// Known to CQL, not built: answered with a text that names it.
struct UnsupportedStatement {
  std::string what = {};
};

using StatementSyntax =
    std::variant<SelectStatement, InsertStatement, UpdateStatement, DeleteStatement, BatchStatement,
                 CreateKeyspaceStatement, AlterKeyspaceStatement, DropKeyspaceStatement,
                 UseStatement, CreateTableStatement, AlterTableStatement, DropTableStatement,
                 TruncateStatement, CreateTypeStatement, AlterTypeStatement, DropTypeStatement,
                 CreateIndexStatement, DropIndexStatement, DescribeStatement, CreateRoleStatement,
                 AlterRoleStatement, DropRoleStatement, GrantRoleStatement, ListRolesStatement,
                 GrantPermissionsStatement, ListPermissionsStatement, UnsupportedStatement>;

// A whole statement and its markers, in the order of their appearance; names are empty for `?`.
struct ParsedStatement {
  StatementSyntax syntax;
  std::vector<std::string> markers;
};

}  // namespace tidemill::tables::statements

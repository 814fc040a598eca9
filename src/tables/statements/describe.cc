// SPDX-License-Identifier: Apache-2.0
// DESCRIBE | DESC ...: rows of names, or of CREATE statements (Cassandra's DescribeStatement).
#include "tables/statements/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "tables/statements/indexes.h"
#include "tables/statements/options.h"
#include "tables/statements/statement.h"
#include "tables/statements/system_tables.h"

namespace tidemill::tables::statements {

using wire::cql::quoted_name;

namespace {

std::string quoted_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string map_literal(const OptionMap& map) {
  std::string out = "{";
  for (const auto& [key, value] : map) {
    if (out.size() > 1) out += ", ";
    out += quoted_text(key) + ": " + quoted_text(value);
  }
  return out + "}";
}

// Options in the order Cassandra 5.0 prints them; those in quotes are texts.
struct EchoedOption {
  std::string_view name;
  enum class Form : std::uint8_t { Plain, Quoted, Map } form;
};
constexpr EchoedOption kEchoed[] = {
    {"additional_write_policy", EchoedOption::Form::Quoted},
    {"allow_auto_snapshot", EchoedOption::Form::Plain},
    {"bloom_filter_fp_chance", EchoedOption::Form::Plain},
    {"caching", EchoedOption::Form::Map},
    {"cdc", EchoedOption::Form::Plain},
    {"comment", EchoedOption::Form::Quoted},
    {"compaction", EchoedOption::Form::Map},
    {"compression", EchoedOption::Form::Map},
    {"memtable", EchoedOption::Form::Quoted},
    {"crc_check_chance", EchoedOption::Form::Plain},
    {"default_time_to_live", EchoedOption::Form::Plain},
    {"extensions", EchoedOption::Form::Map},
    {"gc_grace_seconds", EchoedOption::Form::Plain},
    {"incremental_backups", EchoedOption::Form::Plain},
    {"max_index_interval", EchoedOption::Form::Plain},
    {"memtable_flush_period_in_ms", EchoedOption::Form::Plain},
    {"min_index_interval", EchoedOption::Form::Plain},
    {"read_repair", EchoedOption::Form::Quoted},
    {"speculative_retry", EchoedOption::Form::Quoted},
};

std::string key_clause(const Table& table) {
  std::vector<std::string> partition;
  for (const Column& column : table.partition_key()) partition.push_back(quoted_name(column.name));
  std::string key =
      partition.size() > 1 ? fmt::format("({})", fmt::join(partition, ", ")) : partition[0];
  for (const Column& column : table.clustering()) key += ", " + quoted_name(column.name);
  return key;
}

}  // namespace

std::string create_statement(const Keyspace& keyspace) {
  std::string replication = "{";
  const auto strategy = keyspace.replication.find("class");
  if (strategy != keyspace.replication.end()) {
    replication +=
        "'class': " + quoted_text(strategy->second.substr(strategy->second.rfind('.') + 1));
  }
  for (const auto& [key, value] : keyspace.replication) {
    if (key != "class")
      replication += fmt::format(", {}: {}", quoted_text(key), quoted_text(value));
  }
  return fmt::format("CREATE KEYSPACE {} WITH replication = {}}}  AND durable_writes = {};",
                     quoted_name(keyspace.name), replication, keyspace.durable_writes);
}

std::string create_statement(const Table& table, bool internals) {
  std::string out =
      fmt::format("CREATE TABLE {}.{} (\n", quoted_name(table.keyspace), quoted_name(table.name));
  const bool single = table.partition_columns == 1 && table.clustering_columns == 0;
  std::vector<std::string> lines;
  for (const Column& column : table.columns) {
    lines.push_back(
        fmt::format("    {} {}{}{}", quoted_name(column.name), to_string(column.type),
                    column.kind == ColumnKind::Static ? " static" : "",
                    single && column.kind == ColumnKind::PartitionKey ? " PRIMARY KEY" : ""));
  }
  if (!single) lines.push_back(fmt::format("    PRIMARY KEY ({})", key_clause(table)));
  out += fmt::format("{}\n) WITH ", fmt::join(lines, ",\n"));
  if (internals) out += fmt::format("ID = {}\n    AND ", to_string(table.id));
  if (table.clustering_columns > 0) {
    std::vector<std::string> order;
    for (const Column& column : table.clustering()) {
      order.push_back(quoted_name(column.name) + (column.descending ? " DESC" : " ASC"));
    }
    out += fmt::format("CLUSTERING ORDER BY ({})\n    AND ", fmt::join(order, ", "));
  }
  std::vector<std::string> options;
  for (const EchoedOption& option : kEchoed) {
    const std::string name(option.name);
    std::string value;
    switch (option.form) {
      case EchoedOption::Form::Plain:
        value = option_text(table.options, name);
        break;
      case EchoedOption::Form::Quoted:
        value = quoted_text(option_text(table.options, name));
        break;
      case EchoedOption::Form::Map:
        value = map_literal(option_map(table.options, name));
        break;
    }
    options.push_back(fmt::format("{} = {}", name, value));
  }
  return out + fmt::format("{};", fmt::join(options, "\n    AND "));
}

std::string create_statement(const UserType& type) {
  std::vector<std::string> fields;
  const auto& parts = *type.type.parts;
  for (std::size_t i = 0; i < parts.elements.size(); ++i) {
    fields.push_back(
        fmt::format("    {} {}", quoted_name(parts.field_names[i]), to_string(parts.elements[i])));
  }
  return fmt::format("CREATE TYPE {}.{} (\n{}\n);", quoted_name(parts.keyspace),
                     quoted_name(parts.name), fmt::join(fields, ",\n"));
}

namespace {

std::string create_index_statement(const Table& table, const Index& index) {
  const Column* column = table.find(index.column);
  const std::string target = column == nullptr ? "" : target_text(*column, index.target);
  std::string out = fmt::format("CREATE {}INDEX {} ON {}.{} ({})",
                                index.kind == "CUSTOM" ? "CUSTOM " : "", quoted_name(index.name),
                                quoted_name(table.keyspace), quoted_name(table.name), target);
  auto options = index.options;
  if (const auto at = options.find("class_name"); at != options.end()) {
    out += fmt::format(" USING {}", quoted_text(at->second));
    options.erase(at);
  }
  options.erase("target");
  if (!options.empty()) out += " WITH OPTIONS = " + map_literal(options);
  return out + ";";
}

using What = DescribeStatement::What;

struct Described {
  std::string keyspace;
  std::string type;
  std::string name;
  std::string create;
};

// Types in an order in which each comes after those it uses.
void append_types(const Keyspace& keyspace, std::vector<Described>& out) {
  std::vector<std::string> done;
  const auto visit = [&](const auto& self, const UserType& type) -> void {
    const std::string& name = type.type.parts->name;
    if (std::ranges::find(done, name) != done.end()) return;
    done.push_back(name);
    const auto uses = [&](const auto& again, const Type& part) -> void {
      if (!part.parts) return;
      if (part.kind == Kind::Udt && part.parts->name != name) {
        const auto at = keyspace.types.find(part.parts->name);
        if (at != keyspace.types.end()) self(self, *at->second);
      }
      for (const Type& element : part.parts->elements) again(again, element);
    };
    for (const Type& field : type.type.parts->elements) uses(uses, field);
    out.push_back({keyspace.name, "type", name, create_statement(type)});
  };
  for (const auto& [name, type] : keyspace.types) visit(visit, *type);
}

class Describe final : public Statement {
 public:
  Describe(DescribeStatement syntax, Preparation with)
      : syntax_(std::move(syntax)), with_(std::move(with)) {}

  Outcome<StatementResult> execute(const Parameters& parameters) const override {
    const auto schema = with_.environment.store.schema();
    if (syntax_.what == What::Cluster) return cluster();
    std::vector<Described> rows;
    TRY(collect(*schema, rows));
    return answer(rows, parameters);
  }

 private:
  std::shared_ptr<const Keyspace> find(const Schema& schema, const std::string& keyspace) const {
    if (auto own = schema.find_keyspace(keyspace)) return own;
    const auto& system = with_.environment.system.keyspaces();
    const auto at = system.find(keyspace);
    return at == system.end() ? nullptr : at->second;
  }

  // All keyspaces by name, system ones too.
  std::map<std::string, std::shared_ptr<const Keyspace>> all(const Schema& schema) const {
    auto out = with_.environment.system.keyspaces();
    for (const auto& [name, keyspace] : schema.keyspaces) out[name] = keyspace;
    return out;
  }

  void append_table(const Table& table, std::vector<Described>& out) const {
    out.push_back(
        {table.keyspace, "table", table.name, create_statement(table, syntax_.internals)});
    for (const Index& index : table.indexes) append_index(table, index, out);
  }
  static void append_index(const Table& table, const Index& index, std::vector<Described>& out) {
    if (!index.is_built) return;
    out.push_back({table.keyspace, "index", index.name, create_index_statement(table, index)});
  }
  void append_keyspace(const Keyspace& keyspace, bool only, std::vector<Described>& out) const {
    out.push_back({keyspace.name, "keyspace", keyspace.name, create_statement(keyspace)});
    if (only) return;
    append_types(keyspace, out);
    for (const auto& [name, table] : keyspace.tables) append_table(*table, out);
  }

  Outcome<std::shared_ptr<const Keyspace>> used_keyspace(const Schema& schema) const {
    const std::string name = syntax_.name.keyspace.empty() ? with_.keyspace : syntax_.name.keyspace;
    if (name.empty()) return invalid("No keyspace specified and no current keyspace");
    auto keyspace = find(schema, name);
    if (!keyspace) return invalid(fmt::format("'{}' not found in keyspaces", name));
    return keyspace;
  }

  CqlError missing(std::string_view what, const Keyspace& keyspace) const {
    return invalid(
        fmt::format("{} '{}' not found in keyspace '{}'", what, syntax_.name.name, keyspace.name));
  }

  Outcome<> collect(const Schema& schema, std::vector<Described>& out) const {
    switch (syntax_.what) {
      case What::Keyspaces:
        for (const auto& [name, keyspace] : all(schema))
          out.push_back({name, "keyspace", name, {}});
        return {};
      case What::Tables:
      case What::Types:
        return names(schema, out);
      case What::Functions:
      case What::Aggregates:
        return {};
      case What::Keyspace: {
        const std::string name = syntax_.name.name.empty() ? with_.keyspace : syntax_.name.name;
        if (name.empty()) return invalid("No keyspace specified and no current keyspace");
        const auto keyspace = find(schema, name);
        if (!keyspace) return invalid(fmt::format("'{}' not found in keyspaces", name));
        append_keyspace(*keyspace, syntax_.only, out);
        return {};
      }
      case What::Schema:
        for (const auto& [name, keyspace] : schema.keyspaces)
          append_keyspace(*keyspace, false, out);
        return {};
      case What::FullSchema:
        for (const auto& [name, keyspace] : all(schema)) append_keyspace(*keyspace, false, out);
        return {};
      case What::Table: {
        const auto keyspace = TRY(used_keyspace(schema));
        const auto at = keyspace->tables.find(syntax_.name.name);
        if (at == keyspace->tables.end()) return missing("Table", *keyspace);
        append_table(*at->second, out);
        return {};
      }
      case What::Type: {
        const auto keyspace = TRY(used_keyspace(schema));
        const auto at = keyspace->types.find(syntax_.name.name);
        if (at == keyspace->types.end()) return missing("User defined type", *keyspace);
        out.push_back({keyspace->name, "type", at->first, create_statement(*at->second)});
        return {};
      }
      case What::Function:
        return missing("User defined function", *TRY(used_keyspace(schema)));
      case What::Aggregate:
        return missing("User defined aggregate", *TRY(used_keyspace(schema)));
      case What::Index: {
        const auto keyspace = TRY(used_keyspace(schema));
        const FoundIndex found = find_index(*keyspace, syntax_.name.name);
        if (found.index == nullptr) return missing("Table for existing index", *keyspace);
        append_index(*found.table, *found.index, out);
        return {};
      }
      case What::View:
        return missing("Materialized view", *TRY(used_keyspace(schema)));
      case What::Name:
        return by_name(schema, out);
      case What::Cluster:
        return {};
    }
    return {};
  }

  Outcome<> names(const Schema& schema, std::vector<Described>& out) const {
    const bool tables = syntax_.what == What::Tables;
    const auto append = [&](const Keyspace& keyspace) {
      if (tables) {
        for (const auto& [name, table] : keyspace.tables)
          out.push_back({keyspace.name, "table", name, {}});
      } else {
        for (const auto& [name, type] : keyspace.types)
          out.push_back({keyspace.name, "type", name, {}});
      }
    };
    if (with_.keyspace.empty()) {
      for (const auto& [name, keyspace] : all(schema)) append(*keyspace);
      return {};
    }
    if (const auto keyspace = find(schema, with_.keyspace)) append(*keyspace);
    return {};
  }

  // A keyspace, else a table or type of the keyspace in use.
  Outcome<> by_name(const Schema& schema, std::vector<Described>& out) const {
    const std::string& name = syntax_.name.name;
    if (syntax_.name.keyspace.empty()) {
      if (const auto keyspace = find(schema, name)) {
        append_keyspace(*keyspace, false, out);
        return {};
      }
      if (with_.keyspace.empty()) return invalid(fmt::format("'{}' not found in keyspaces", name));
    }
    const auto keyspace = TRY(used_keyspace(schema));
    const auto table = keyspace->tables.find(name);
    if (table != keyspace->tables.end()) {
      append_table(*table->second, out);
      return {};
    }
    const auto type = keyspace->types.find(name);
    if (type != keyspace->types.end()) {
      out.push_back({keyspace->name, "type", name, create_statement(*type->second)});
      return {};
    }
    if (const FoundIndex found = find_index(*keyspace, name); found.index != nullptr) {
      append_index(*found.table, *found.index, out);
      return {};
    }
    return invalid(fmt::format("'{}' not found in keyspace '{}'", name, keyspace->name));
  }

  bool lists() const {
    return syntax_.what == What::Keyspaces || syntax_.what == What::Tables ||
           syntax_.what == What::Types || syntax_.what == What::Functions ||
           syntax_.what == What::Aggregates;
  }

  static wire::cql::Rows rows_with(std::span<const std::pair<std::string_view, Type>> columns) {
    wire::cql::Metadata metadata;
    for (const auto& [name, type] : columns) {
      metadata.columns.push_back({"system", "describe", std::string(name), type});
    }
    wire::cql::Rows rows;
    rows.metadata = std::make_shared<const wire::cql::Metadata>(std::move(metadata));
    return rows;
  }

  Outcome<StatementResult> answer(const std::vector<Described>& described,
                                  const Parameters& parameters) const {
    const Type text = Type::of(Kind::Text);
    std::vector<std::pair<std::string_view, Type>> columns{
        {"keyspace_name", text}, {"type", text}, {"name", text}};
    if (!lists()) columns.emplace_back("create_statement", text);
    wire::cql::Rows rows = rows_with(columns);
    std::size_t from = 0;
    if (!parameters.paging_state.empty()) {
      if (parameters.paging_state.size() != 4)
        return wire::cql::protocol_error("Invalid value for the paging state");
      from = load_be<std::uint32_t>(parameters.paging_state.data());
    }
    from = std::min(from, described.size());
    std::size_t to = described.size();
    if (parameters.page_size > 0)
      to = std::min(to, from + static_cast<std::size_t>(parameters.page_size));
    for (std::size_t i = from; i < to; ++i) {
      const Described& one = described[i];
      wire::cql::append_cell(rows.cells, as_bytes(quoted_name(one.keyspace)));
      wire::cql::append_cell(rows.cells, as_bytes(one.type));
      wire::cql::append_cell(rows.cells, as_bytes(quoted_name(one.name)));
      if (!lists()) wire::cql::append_cell(rows.cells, as_bytes(one.create));
      ++rows.row_count;
    }
    if (to < described.size())
      rows.paging_state = wire::cql::encode_be(static_cast<std::uint32_t>(to));
    StatementResult result;
    result.kind = std::move(rows);
    return result;
  }

  Outcome<StatementResult> cluster() const {
    const Type text = Type::of(Kind::Text);
    const NodeDescription& node = with_.environment.system.node;
    std::vector<std::pair<std::string_view, Type>> columns{
        {"cluster", text}, {"partitioner", text}, {"snitch", text}};
    const bool ranges = !with_.keyspace.empty() && !is_system_keyspace(with_.keyspace);
    if (ranges) columns.emplace_back("range_ownership", Type::map(text, Type::list(text).freeze()));
    wire::cql::Rows rows = rows_with(columns);
    wire::cql::append_cell(rows.cells, as_bytes(node.cluster_name));
    wire::cql::append_cell(rows.cells, as_bytes("Murmur3Partitioner"));
    wire::cql::append_cell(rows.cells, as_bytes("SimpleSnitch"));
    if (ranges) {
      const std::vector<Bytes> owners{
          wire::cql::encode_text(fmt::format("{}:{}", node.address, node.port))};
      const std::vector<Bytes> entry{
          wire::cql::encode_text("0"),
          wire::cql::encode_elements(std::span<const Bytes>(owners), false)};
      wire::cql::append_cell(rows.cells,
                             wire::cql::encode_elements(std::span<const Bytes>(entry), true));
    }
    rows.row_count = 1;
    StatementResult result;
    result.kind = std::move(rows);
    return result;
  }

  DescribeStatement syntax_;
  Preparation with_;
};

}  // namespace

Outcome<StatementPtr> prepare_describe(const DescribeStatement& syntax, const Preparation& with) {
  return StatementPtr(std::make_shared<const Describe>(syntax, with));
}

}  // namespace tidemill::tables::statements

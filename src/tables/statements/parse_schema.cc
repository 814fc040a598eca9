// SPDX-License-Identifier: Apache-2.0
// CREATE, ALTER, DROP and DESCRIBE.
#include <array>

#include "tables/statements/grammar.h"

namespace tidemill::tables::statements {

Outcome<std::string> Grammar::property_text() {
  const std::size_t first = at_;
  take_symbol("-");
  const Token& token = peek();
  switch (token.kind) {
    case Token::Kind::String:
      if (at_ != first) return unexpected();
      return tokens_[at_++].text;
    case Token::Kind::Integer:
    case Token::Kind::Float:
    case Token::Kind::Identifier:
    case Token::Kind::Uuid:
    case Token::Kind::Hex:
    case Token::Kind::Duration:
      ++at_;
      return source_from(first);
    default:
      return unexpected();
  }
}

Outcome<Property> Grammar::property() {
  Property out;
  out.name = TRY(name());
  TRY(expect_symbol("="));
  if (!take_symbol("{")) {
    out.value = TRY(property_text());
    return out;
  }
  std::map<std::string, std::string> map;
  if (!take_symbol("}")) {
    do {
      std::string key = TRY(property_text());
      TRY(expect_symbol(":"));
      map[std::move(key)] = TRY(property_text());
    } while (take_symbol(","));
    TRY(expect_symbol("}"));
  }
  out.value = std::move(map);
  return out;
}

Outcome<std::vector<Property>> Grammar::properties() {
  std::vector<Property> out;
  do {
    out.push_back(TRY(property()));
  } while (take_word("and"));
  return out;
}

Outcome<StatementSyntax> Grammar::create() {
  TRY(expect_word("create"));
  if (take_word("keyspace")) {
    CreateKeyspaceStatement out;
    out.if_not_exists = TRY(if_not_exists());
    out.keyspace = TRY(name());
    if (take_word("with")) out.properties = TRY(properties());
    return StatementSyntax(std::move(out));
  }
  if (is_word("table") || is_word("columnfamily")) return StatementSyntax(TRY(create_table()));
  if (take_word("type")) {
    CreateTypeStatement out;
    out.if_not_exists = TRY(if_not_exists());
    out.type = TRY(qualified_name());
    TRY(expect_symbol("("));
    do {
      std::string field = TRY(name());
      out.fields.emplace_back(std::move(field), TRY(type()));
    } while (take_symbol(","));
    TRY(expect_symbol(")"));
    return StatementSyntax(std::move(out));
  }
  if (is_word("index") || is_word("custom")) return StatementSyntax(TRY(create_index()));
  if (is_word("materialized")) return unsupported("CREATE MATERIALIZED VIEW");
  if (is_word("trigger")) return unsupported("CREATE TRIGGER");
  if (take_word("role")) return create_role(Named::Role);
  if (take_word("user")) return create_role(Named::User);
  if (is_word("function") || is_word("or")) return unsupported("CREATE FUNCTION");
  if (is_word("aggregate")) return unsupported("CREATE AGGREGATE");
  return unexpected();
}

Outcome<ColumnDefinition> Grammar::column_definition() {
  ColumnDefinition out;
  out.name = TRY(name());
  out.type = TRY(type());
  out.is_static = take_word("static");
  if (is_word("masked")) {
    out.masked = true;
    return unexpected();
  }
  return out;
}

Outcome<> Grammar::primary_key(CreateTableStatement& table) {
  ++table.primary_keys;
  const bool first_declaration = table.primary_keys == 1;
  std::vector<std::string> partition;
  std::vector<std::string> clustering;
  TRY(expect_symbol("("));
  if (is_symbol("(")) {
    partition = TRY(names_in_parentheses());
  } else {
    partition.push_back(TRY(name()));
  }
  while (take_symbol(",")) clustering.push_back(TRY(name()));
  TRY(expect_symbol(")"));
  if (first_declaration) {
    table.partition_key = std::move(partition);
    table.clustering = std::move(clustering);
  }
  return {};
}

Outcome<CreateTableStatement> Grammar::create_table() {
  CreateTableStatement out;
  ++at_;
  out.if_not_exists = TRY(if_not_exists());
  out.table = TRY(qualified_name());
  TRY(expect_symbol("("));
  do {
    if (is_word("primary") && is_word("key", 1)) {
      at_ += 2;
      TRY(primary_key(out));
      continue;
    }
    ColumnDefinition column = TRY(column_definition());
    if (take_words("primary", "key")) {
      column.primary_key = true;
      ++out.primary_keys;
      if (out.primary_keys == 1) out.partition_key.push_back(column.name);
    }
    out.columns.push_back(std::move(column));
  } while (take_symbol(","));
  TRY(expect_symbol(")"));
  TRY(table_properties(out));
  return out;
}

Outcome<> Grammar::table_properties(CreateTableStatement& table) {
  if (!take_word("with")) return {};
  do {
    if (take_words("clustering", "order")) {
      TRY(expect_word("by"));
      TRY(expect_symbol("("));
      auto order = TRY(orderings());
      table.order.insert(table.order.end(), order.begin(), order.end());
      TRY(expect_symbol(")"));
    } else if (take_words("compact", "storage")) {
      table.compact_storage = true;
    } else {
      table.properties.push_back(TRY(property()));
    }
  } while (take_word("and"));
  return {};
}

Outcome<AlterTableStatement> Grammar::alter_table() {
  AlterTableStatement out;
  out.if_exists = TRY(if_exists());
  out.table = TRY(qualified_name());
  if (take_word("add")) {
    out.add_if_not_exists = TRY(if_not_exists());
    const bool parentheses = take_symbol("(");
    do {
      out.add.push_back(TRY(column_definition()));
    } while (take_symbol(","));
    if (parentheses) TRY(expect_symbol(")"));
  } else if (take_word("drop")) {
    if (take_words("compact", "storage")) return out;
    out.drop_if_exists = TRY(if_exists());
    const bool parentheses = take_symbol("(");
    do {
      out.drop.push_back(TRY(name()));
    } while (take_symbol(","));
    if (parentheses) TRY(expect_symbol(")"));
    TRY(using_clause(false));
  } else if (take_word("rename")) {
    out.add_if_not_exists = TRY(if_exists());
    do {
      std::string from = TRY(name());
      TRY(expect_word("to"));
      out.rename.emplace_back(std::move(from), TRY(name()));
    } while (take_word("and"));
  } else if (take_word("alter")) {
    out.add_if_not_exists = TRY(if_exists());
    TRY(name());
    if (take_word("type")) {
      out.alters_type = true;
      TRY(type());
    } else {
      return unexpected();
    }
  } else {
    TRY(expect_word("with"));
    out.properties = TRY(properties());
  }
  return out;
}

Outcome<StatementSyntax> Grammar::alter() {
  TRY(expect_word("alter"));
  if (take_word("keyspace")) {
    AlterKeyspaceStatement out;
    out.if_exists = TRY(if_exists());
    out.keyspace = TRY(name());
    TRY(expect_word("with"));
    out.properties = TRY(properties());
    return StatementSyntax(std::move(out));
  }
  if (take_word("table") || take_word("columnfamily")) return StatementSyntax(TRY(alter_table()));
  if (take_word("type")) return StatementSyntax(TRY(alter_type()));
  if (is_word("materialized")) return unsupported("ALTER MATERIALIZED VIEW");
  if (take_word("role")) return alter_role(Named::Role);
  if (take_word("user")) return alter_role(Named::User);
  return unexpected();
}

Outcome<CreateIndexStatement> Grammar::create_index() {
  using Modifier = CreateIndexStatement::Modifier;
  static constexpr std::array kModifiers{
      std::pair{"values", Modifier::Values}, std::pair{"keys", Modifier::Keys},
      std::pair{"entries", Modifier::Entries}, std::pair{"full", Modifier::Full}};
  CreateIndexStatement out;
  out.custom = take_word("custom");
  TRY(expect_word("index"));
  out.if_not_exists = TRY(if_not_exists());
  if (!is_word("on")) out.name = TRY(qualified_name()).name;
  TRY(expect_word("on"));
  out.table = TRY(qualified_name());
  TRY(expect_symbol("("));
  for (const auto& [word, modifier] : kModifiers) {
    if (!is_word(word) || !is_symbol("(", 1)) continue;
    out.modifier = modifier;
    at_ += 2;
    break;
  }
  out.column = TRY(name());
  if (out.modifier != Modifier::None) TRY(expect_symbol(")"));
  TRY(expect_symbol(")"));
  if (take_word("using")) {
    if (peek().kind != Token::Kind::String) return unexpected();
    out.class_name = tokens_[at_++].text;
  }
  if (take_word("with")) {
    if (!is_word("options")) return unexpected();
    Property options = TRY(property());
    auto* map = std::get_if<std::map<std::string, std::string>>(&options.value);
    if (map == nullptr) return unexpected();
    out.options = std::move(*map);
  }
  return out;
}

Outcome<AlterTypeStatement> Grammar::alter_type() {
  AlterTypeStatement out;
  out.if_exists = TRY(if_exists());
  out.type = TRY(qualified_name());
  if (take_word("add")) {
    out.field_condition = TRY(if_not_exists());
    std::string field = TRY(name());
    out.add.emplace(std::move(field), TRY(type()));
    return out;
  }
  if (take_word("alter")) {
    TRY(name());
    TRY(expect_word("type"));
    TRY(type());
    out.alters_field = true;
    return out;
  }
  TRY(expect_word("rename"));
  out.field_condition = TRY(if_exists());
  do {
    std::string from = TRY(name());
    TRY(expect_word("to"));
    out.rename.emplace_back(std::move(from), TRY(name()));
  } while (take_word("and"));
  return out;
}

Outcome<StatementSyntax> Grammar::drop() {
  TRY(expect_word("drop"));
  if (take_word("keyspace")) {
    DropKeyspaceStatement out;
    out.if_exists = TRY(if_exists());
    out.keyspace = TRY(name());
    return StatementSyntax(std::move(out));
  }
  if (take_word("table") || take_word("columnfamily")) {
    DropTableStatement out;
    out.if_exists = TRY(if_exists());
    out.table = TRY(qualified_name());
    return StatementSyntax(std::move(out));
  }
  if (take_word("type")) {
    DropTypeStatement out;
    out.if_exists = TRY(if_exists());
    out.type = TRY(qualified_name());
    return StatementSyntax(std::move(out));
  }
  if (take_word("index")) {
    DropIndexStatement out;
    out.if_exists = TRY(if_exists());
    out.index = TRY(qualified_name());
    return StatementSyntax(std::move(out));
  }
  if (is_word("materialized")) return unsupported("DROP MATERIALIZED VIEW");
  if (is_word("trigger")) return unsupported("DROP TRIGGER");
  if (take_word("role")) return drop_role(Named::Role);
  if (take_word("user")) return drop_role(Named::User);
  if (is_word("function")) return unsupported("DROP FUNCTION");
  if (is_word("aggregate")) return unsupported("DROP AGGREGATE");
  return unexpected();
}

Outcome<DescribeStatement> Grammar::describe() {
  using What = DescribeStatement::What;
  struct Form {
    std::string_view word;
    What what;
    bool named;
  };
  static constexpr std::array kForms{
      Form{"keyspaces", What::Keyspaces, false},
      Form{"tables", What::Tables, false},
      Form{"types", What::Types, false},
      Form{"functions", What::Functions, false},
      Form{"aggregates", What::Aggregates, false},
      Form{"cluster", What::Cluster, false},
      Form{"schema", What::Schema, false},
      Form{"table", What::Table, true},
      Form{"columnfamily", What::Table, true},
      Form{"type", What::Type, true},
      Form{"function", What::Function, true},
      Form{"aggregate", What::Aggregate, true},
      Form{"index", What::Index, true},
  };
  DescribeStatement out;
  ++at_;
  const bool more = peek(1).kind != Token::Kind::End && !is_symbol(";", 1);
  const auto internals = [&] {
    if (take_words("with", "internals")) out.internals = true;
  };
  if (take_words("full", "schema")) {
    out.what = What::FullSchema;
    internals();
    return out;
  }
  if (is_word("only") && is_word("keyspace", 1)) {
    out.only = true;
    ++at_;
  }
  if (take_word("keyspace")) {
    out.what = What::Keyspace;
    if (at_name()) out.name.name = TRY(name());
    internals();
    return out;
  }
  if (is_word("materialized") && is_word("view", 1)) {
    at_ += 2;
    out.what = What::View;
    out.name = TRY(qualified_name());
    internals();
    return out;
  }
  for (const Form& form : kForms) {
    if (!is_word(form.word) || (form.named && !more)) continue;
    ++at_;
    out.what = form.what;
    if (form.named) out.name = TRY(qualified_name());
    internals();
    return out;
  }
  out.what = What::Name;
  out.name = TRY(qualified_name());
  internals();
  return out;
}

}  // namespace tidemill::tables::statements

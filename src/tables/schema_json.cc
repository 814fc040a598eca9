// SPDX-License-Identifier: Apache-2.0
// Catalogue records as JSON (docs/dev/formats/rows.md): "v" is the record's version, types are
// written as CQL writes them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tables/schema.h"

namespace tidemill::tables {

namespace {

using Json = nlohmann::json;

constexpr int kRecordVersion = 1;

std::string_view kind_name(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::PartitionKey:
      return "partition_key";
    case ColumnKind::Clustering:
      return "clustering";
    case ColumnKind::Static:
      return "static";
    case ColumnKind::Regular:
      return "regular";
  }
  return "regular";
}

Result<ColumnKind> kind_of(const std::string& name) {
  for (const auto kind : {ColumnKind::PartitionKey, ColumnKind::Clustering, ColumnKind::Static,
                          ColumnKind::Regular}) {
    if (kind_name(kind) == name) return kind;
  }
  return error(ErrorCode::Corrupt, fmt::format("column kind '{}' is unknown", name));
}

// Runs a decoder; what the JSON library throws becomes Corrupt.
template <class T, class Decode>
Result<T> guarded(std::string_view what, std::string_view text, Decode decode) {
  try {
    const Json json = Json::parse(text);
    if (const int version = json.at("v").get<int>(); version != kRecordVersion) {
      return error(ErrorCode::Unsupported,
                   fmt::format("{} record has version {}, this program reads {}", what, version,
                               kRecordVersion));
    }
    return decode(json);
  } catch (const Json::exception& failure) {
    return error(ErrorCode::Corrupt, fmt::format("{} record: {}", what, failure.what()));
  }
}

Result<Column> decode_column(const Json& json, const FindUserType& types) {
  Column column;
  column.id = json.at("id").get<ColumnId>();
  column.name = json.at("name").get<std::string>();
  column.kind = TRY(kind_of(json.at("kind").get<std::string>()));
  column.type = TRY(parse_type(json.at("type").get<std::string>(), types));
  column.descending = json.value("descending", false);
  return column;
}

}  // namespace

std::string encode_keyspace(const Keyspace& keyspace) {
  return Json{{"v", kRecordVersion},
              {"name", keyspace.name},
              {"replication", keyspace.replication},
              {"durable_writes", keyspace.durable_writes}}
      .dump();
}

std::string encode_table(const Table& table) {
  Json columns = Json::array();
  for (const auto& column : table.columns) {
    Json json{{"id", column.id},
              {"name", column.name},
              {"kind", kind_name(column.kind)},
              {"type", to_string(column.type)}};
    if (column.descending) json["descending"] = true;
    columns.push_back(std::move(json));
  }
  Json dropped = Json::array();
  for (const auto& column : table.dropped) {
    dropped.push_back({{"name", column.name},
                       {"kind", kind_name(column.kind)},
                       {"type", to_string(column.type)},
                       {"dropped_us", column.dropped_us}});
  }
  Json indexes = Json::array();
  for (const auto& index : table.indexes) {
    indexes.push_back({{"name", index.name},
                       {"kind", index.kind},
                       {"options", index.options},
                       {"column", index.column},
                       {"target", static_cast<int>(index.target)},
                       {"incarnation", index.incarnation},
                       {"built", index.is_built}});
  }
  return Json{{"v", kRecordVersion},
              {"keyspace", table.keyspace},
              {"name", table.name},
              {"id", to_string(table.id)},
              {"incarnation", table.incarnation},
              {"version", table.version},
              {"next_column_id", table.next_column_id},
              {"columns", std::move(columns)},
              {"dropped", std::move(dropped)},
              {"indexes", std::move(indexes)},
              {"options", table.options.scalars},
              {"map_options", table.options.maps}}
      .dump();
}

std::string encode_user_type(const UserType& type) {
  Json fields = Json::array();
  for (std::size_t i = 0; i < type.type.parts->elements.size(); ++i) {
    fields.push_back({{"name", type.type.parts->field_names[i]},
                      {"type", to_string(type.type.parts->elements[i])}});
  }
  return Json{{"v", kRecordVersion},
              {"keyspace", type.type.parts->keyspace},
              {"name", type.type.parts->name},
              {"fields", std::move(fields)}}
      .dump();
}

Result<Keyspace> decode_keyspace(std::string_view text) {
  return guarded<Keyspace>("keyspace", text, [](const Json& json) -> Result<Keyspace> {
    Keyspace keyspace;
    keyspace.name = json.at("name").get<std::string>();
    keyspace.replication = json.at("replication").get<std::map<std::string, std::string>>();
    keyspace.durable_writes = json.at("durable_writes").get<bool>();
    return keyspace;
  });
}

Result<Table> decode_table(std::string_view text, const FindUserType& types) {
  return guarded<Table>("table", text, [&](const Json& json) -> Result<Table> {
    Table table;
    table.keyspace = json.at("keyspace").get<std::string>();
    table.name = json.at("name").get<std::string>();
    table.id = TRY(parse_uuid(json.at("id").get<std::string>()));
    table.incarnation = json.at("incarnation").get<std::uint32_t>();
    table.version = json.at("version").get<std::uint32_t>();
    table.next_column_id = json.at("next_column_id").get<ColumnId>();
    for (const auto& column : json.at("columns")) {
      table.columns.push_back(TRY(decode_column(column, types)));
    }
    for (const auto& column : json.at("dropped")) {
      DroppedColumn dropped;
      dropped.name = column.at("name").get<std::string>();
      dropped.kind = TRY(kind_of(column.at("kind").get<std::string>()));
      dropped.dropped_us = column.at("dropped_us").get<std::int64_t>();
      // Its user type may be gone since.
      auto type = parse_type(column.at("type").get<std::string>(), types);
      if (type.ok()) dropped.type = *std::move(type);
      table.dropped.push_back(std::move(dropped));
    }
    for (const auto& index : json.at("indexes")) {
      const int target = index.at("target").get<int>();
      if (target < 0 || target > static_cast<int>(Index::Target::Entries)) {
        return error(ErrorCode::Corrupt, fmt::format("index target {} is unknown", target));
      }
      table.indexes.push_back(
          {index.at("name").get<std::string>(), index.at("kind").get<std::string>(),
           index.at("options").get<std::map<std::string, std::string>>(),
           index.at("column").get<ColumnId>(), static_cast<Index::Target>(target),
           index.at("incarnation").get<std::uint32_t>(), index.at("built").get<bool>()});
    }
    table.options.scalars = json.at("options").get<std::map<std::string, std::string>>();
    table.options.maps =
        json.at("map_options").get<std::map<std::string, std::map<std::string, std::string>>>();
    return finish_table(std::move(table));
  });
}

Result<UserType> decode_user_type(std::string_view text, const FindUserType& types) {
  return guarded<UserType>("type", text, [&](const Json& json) -> Result<UserType> {
    std::vector<std::string> names;
    std::vector<CqlType> fields;
    for (const auto& field : json.at("fields")) {
      names.push_back(field.at("name").get<std::string>());
      fields.push_back(TRY(parse_type(field.at("type").get<std::string>(), types)));
    }
    return UserType{CqlType::udt(json.at("keyspace").get<std::string>(),
                                 json.at("name").get<std::string>(), std::move(names),
                                 std::move(fields))};
  });
}

}  // namespace tidemill::tables

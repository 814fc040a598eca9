// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidemill::tables::embedded {

namespace {

std::string keyspace_record(const std::string& name) {
  return "k/" + name;
}
std::string table_record(const Table& table) {
  return fmt::format("t/{}/{}", table.keyspace, table.name);
}
std::string type_record(const UserType& type) {
  return fmt::format("y/{}/{}", type.type.parts->keyspace, type.type.parts->name);
}
constexpr std::string_view kVersionRecord = "m/version";
constexpr std::string_view kIncarnationRecord = "m/incarnation";

Error no_keyspace(const std::string& name) {
  return error(ErrorCode::NotFound, fmt::format("Keyspace '{}' doesn't exist", name));
}
Error no_table(const std::string& keyspace, const std::string& table) {
  return error(ErrorCode::NotFound, fmt::format("Table '{}.{}' doesn't exist", keyspace, table));
}

// All prefixes of keys that a table has.
void append_incarnations(const Table& table, std::vector<std::uint32_t>& out) {
  out.push_back(table.incarnation);
  for (const Index& index : table.indexes) out.push_back(index.incarnation);
}

// Calls visit(name after the prefix, value) for all records of a kind.
template <class Visit>
Result<> scan(const store::rocks::Database& database, std::string_view prefix, Visit visit) {
  const BytesView from = as_bytes(prefix);
  Bytes upper(from.begin(), from.end());
  upper.push_back(0xFF);
  const auto cursor =
      database.cursor(kSchemaFamily, Bytes(from.begin(), from.end()), std::move(upper));
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    TRY(visit(as_text(cursor->key()).substr(prefix.size()), cursor->value()));
  }
  return cursor->status();
}

}  // namespace

// A schema being changed and the records that change with it.
struct Catalogue::Draft {
  std::shared_ptr<Schema> schema;
  store::rocks::Batch batch;
  rocksdb::ColumnFamilyHandle* family = nullptr;

  void put(std::string_view record, std::string_view value) {
    batch.put(family, as_bytes(record), as_bytes(value));
  }
  void remove(std::string_view record) { batch.remove(family, as_bytes(record)); }
};

Catalogue::Draft Catalogue::begin() const {
  Draft draft;
  draft.schema = std::make_shared<Schema>(*schema());
  draft.family = database_.family(kSchemaFamily);
  return draft;
}

std::shared_ptr<const Schema> Catalogue::schema() const {
  MutexLock lock(mutex_);
  return schema_;
}

Result<std::shared_ptr<Keyspace>> Catalogue::edit(Draft& draft, const std::string& keyspace) const {
  const auto at = draft.schema->keyspaces.find(keyspace);
  if (at == draft.schema->keyspaces.end()) return no_keyspace(keyspace);
  auto copy = std::make_shared<Keyspace>(*at->second);
  at->second = copy;
  return copy;
}

Result<std::uint32_t> Catalogue::next_incarnation(Draft& draft) {
  const std::uint32_t next = last_incarnation_ + 1;
  ByteWriter value;
  value.u32be(next);
  draft.put(kIncarnationRecord, as_text(value.buffer()));
  last_incarnation_ = next;  // a number lost to a failed change is no loss
  return next;
}

void Catalogue::teach_rules(const Schema& schema, const Schema& old) {
  // New incarnations are known before anything is written to them; what only the old schema has
  // goes in publish(), after the new one is durable.
  RowRules::Live live;
  for (const Schema* each : {&old, &schema}) {
    for (const auto& [name, keyspace] : each->keyspaces) {
      for (const auto& [table_name, table] : keyspace->tables) {
        live[table->incarnation] = table->gc_grace_seconds;
        for (const Index& index : table->indexes) live[index.incarnation] = table->gc_grace_seconds;
      }
    }
  }
  rules_.learn(std::move(live));
}

Result<> Catalogue::publish(Draft draft, const std::optional<SchemaChange>& change) {
  if (change) {
    draft.schema->version = random_uuid(random_);
    draft.put(kVersionRecord, {reinterpret_cast<const char*>(draft.schema->version.bytes.data()),
                               draft.schema->version.bytes.size()});
  }
  const auto old = schema();
  teach_rules(*draft.schema, *old);
  if (auto written = database_.write(draft.batch, store::rocks::Database::Sync::Yes);
      !written.ok()) {
    teach_rules(*old, *old);
    return written;
  }
  {
    MutexLock lock(mutex_);
    schema_ = draft.schema;
  }
  teach_rules(*draft.schema, *draft.schema);
  if (change) {
    for (const auto& [number, listener] : listeners_) listener(*change);
  }
  return {};
}

Result<> Catalogue::load() {
  MutexLock changing(changing_);
  auto schema = std::make_shared<Schema>();
  std::uint32_t last_incarnation = 0;  // the analysis does not see that lambdas run under the lock
  std::map<std::string, std::shared_ptr<Keyspace>> keyspaces;
  TRY(scan(database_, "k/", [&](std::string_view, BytesView value) -> Result<> {
    Keyspace keyspace = TRY(decode_keyspace(as_text(value)));
    const std::string name = keyspace.name;
    keyspaces[name] = std::make_shared<Keyspace>(std::move(keyspace));
    schema->keyspaces[name] = keyspaces[name];
    return {};
  }));
  const auto keyspace_of = [&](std::string_view record) -> Result<Keyspace*> {
    const std::string name(record.substr(0, record.find('/')));
    const auto at = keyspaces.find(name);
    if (at == keyspaces.end()) {
      return error(ErrorCode::Corrupt, fmt::format("record '{}' has no keyspace", record));
    }
    return at->second.get();
  };
  // Types may hold each other in any order of names: take those that can be read until none is
  // left, or none moves.
  std::map<std::string, std::string> types;
  TRY(scan(database_, "y/", [&](std::string_view name, BytesView value) -> Result<> {
    types[std::string(name)] = as_text(value);
    return {};
  }));
  while (!types.empty()) {
    const std::size_t before = types.size();
    Error last;
    for (auto at = types.begin(); at != types.end();) {
      Keyspace* keyspace = TRY(keyspace_of(at->first));
      auto type = decode_user_type(at->second, schema->user_types(keyspace->name));
      if (!type.ok()) {
        last = std::move(type).error();
        ++at;
        continue;
      }
      const std::string name = type->type.parts->name;
      keyspace->types[name] = std::make_shared<const UserType>(*std::move(type));
      at = types.erase(at);
    }
    if (types.size() == before) return std::move(last).context("while reading the schema");
  }
  TRY(scan(database_, "t/", [&](std::string_view name, BytesView value) -> Result<> {
    Keyspace* keyspace = TRY(keyspace_of(name));
    Table table = TRY(decode_table(as_text(value), schema->user_types(keyspace->name))
                          .context(fmt::format("while reading table '{}'", name)));
    last_incarnation = std::max(last_incarnation, table.incarnation);
    table.live = std::make_shared<std::atomic<std::uint32_t>>(table.incarnation);
    // CREATE INDEX that did not come to its end never was.
    std::erase_if(table.indexes, [](const Index& index) { return !index.is_built; });
    table.indexed = std::make_shared<std::atomic<bool>>(!table.indexes.empty());
    const std::string table_name = table.name;
    keyspace->tables[table_name] = std::make_shared<const Table>(std::move(table));
    return {};
  }));
  TRY(scan(database_, "m/", [&](std::string_view name, BytesView value) -> Result<> {
    if (name == "version" && value.size() == schema->version.bytes.size()) {
      std::ranges::copy(value, schema->version.bytes.begin());
    }
    if (name == "incarnation") {
      last_incarnation = std::max(last_incarnation, TRY(ByteReader(value).u32be()));
    }
    return {};
  }));
  last_incarnation_ = last_incarnation;
  if (schema->version.is_nil()) schema->version = random_uuid(random_);
  teach_rules(*schema, *schema);
  MutexLock lock(mutex_);
  schema_ = schema;
  return {};
}

// --- keyspaces ---

Result<> Catalogue::create_keyspace(const Keyspace& keyspace) {
  MutexLock changing(changing_);
  Draft draft = begin();
  if (draft.schema->keyspaces.contains(keyspace.name)) {
    return error(ErrorCode::AlreadyExists,
                 fmt::format("Keyspace '{}' already exists", keyspace.name));
  }
  draft.schema->keyspaces[keyspace.name] = std::make_shared<const Keyspace>(keyspace);
  draft.put(keyspace_record(keyspace.name), encode_keyspace(keyspace));
  return publish(std::move(draft),
                 SchemaChange{ChangeKind::Created, ChangeTarget::Keyspace, keyspace.name, {}});
}

Result<> Catalogue::alter_keyspace(const std::string& name,
                                   const std::map<std::string, std::string>& replication,
                                   std::optional<bool> durable_writes) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, name));
  if (!replication.empty()) keyspace->replication = replication;
  if (durable_writes) keyspace->durable_writes = *durable_writes;
  draft.put(keyspace_record(name), encode_keyspace(*keyspace));
  return publish(std::move(draft),
                 SchemaChange{ChangeKind::Updated, ChangeTarget::Keyspace, name, {}});
}

Result<> Catalogue::drop_keyspace(const std::string& name, std::vector<std::uint32_t>& dropped) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = draft.schema->find_keyspace(name);
  if (keyspace == nullptr) return no_keyspace(name);
  for (const auto& [table_name, table] : keyspace->tables) {
    draft.remove(table_record(*table));
    append_incarnations(*table, dropped);
  }
  for (const auto& [type_name, type] : keyspace->types) draft.remove(type_record(*type));
  draft.remove(keyspace_record(name));
  draft.schema->keyspaces.erase(name);
  TRY(publish(std::move(draft),
              SchemaChange{ChangeKind::Dropped, ChangeTarget::Keyspace, name, {}}));
  for (const auto& [table_name, table] : keyspace->tables) *table->live = 0;
  return {};
}

// --- tables ---

Result<std::shared_ptr<const Table>> Catalogue::create_table(Table draft_table) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, draft_table.keyspace));
  if (keyspace->tables.contains(draft_table.name)) {
    return error(ErrorCode::AlreadyExists,
                 fmt::format("Table '{}.{}' already exists", keyspace->name, draft_table.name));
  }
  Table table = TRY(finish_table(std::move(draft_table)));
  table.incarnation = TRY(next_incarnation(draft));
  table.live = std::make_shared<std::atomic<std::uint32_t>>(table.incarnation);
  table.indexed = std::make_shared<std::atomic<bool>>(false);
  if (table.id.is_nil()) table.id = random_uuid(random_);
  auto shared = std::make_shared<const Table>(std::move(table));
  keyspace->tables[shared->name] = shared;
  draft.put(table_record(*shared), encode_table(*shared));
  TRY(publish(std::move(draft), SchemaChange{ChangeKind::Created, ChangeTarget::Table,
                                             shared->keyspace, shared->name}));
  return shared;
}

Result<std::shared_ptr<const Table>> Catalogue::alter_table(const std::string& keyspace_name,
                                                            const std::string& name,
                                                            const TableAlteration& alteration,
                                                            std::int64_t now_us) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, keyspace_name));
  const auto at = keyspace->tables.find(name);
  if (at == keyspace->tables.end()) return no_table(keyspace_name, name);
  auto shared = std::make_shared<const Table>(TRY(altered(*at->second, alteration, now_us)));
  at->second = shared;
  draft.put(table_record(*shared), encode_table(*shared));
  TRY(publish(std::move(draft),
              SchemaChange{ChangeKind::Updated, ChangeTarget::Table, keyspace_name, name}));
  return shared;
}

Result<> Catalogue::drop_table(const std::string& keyspace_name, const std::string& name,
                               std::vector<std::uint32_t>& dropped) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, keyspace_name));
  const auto at = keyspace->tables.find(name);
  if (at == keyspace->tables.end()) return no_table(keyspace_name, name);
  const auto table = at->second;
  append_incarnations(*table, dropped);
  draft.remove(table_record(*table));
  keyspace->tables.erase(at);
  TRY(publish(std::move(draft),
              SchemaChange{ChangeKind::Dropped, ChangeTarget::Table, keyspace_name, name}));
  *table->live = 0;
  return {};
}

Result<> Catalogue::renew_table(const std::string& keyspace_name, const std::string& name,
                                std::vector<std::uint32_t>& dropped) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, keyspace_name));
  const auto at = keyspace->tables.find(name);
  if (at == keyspace->tables.end()) return no_table(keyspace_name, name);
  Table table = *at->second;
  append_incarnations(table, dropped);
  table.incarnation = TRY(next_incarnation(draft));
  for (Index& index : table.indexes) index.incarnation = TRY(next_incarnation(draft));
  const auto renewed = std::make_shared<const Table>(std::move(table));
  at->second = renewed;
  draft.put(table_record(*renewed), encode_table(*renewed));
  TRY(publish(std::move(draft), std::nullopt));
  *renewed->live = renewed->incarnation;
  return {};
}

// --- indexes ---

Result<std::shared_ptr<const Table>> Catalogue::add_index(const std::string& keyspace_name,
                                                          const std::string& name, Index index) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, keyspace_name));
  const auto at = keyspace->tables.find(name);
  if (at == keyspace->tables.end()) return no_table(keyspace_name, name);
  Table table = *at->second;
  if (std::ranges::find(table.indexes, index.name, &Index::name) != table.indexes.end()) {
    return error(ErrorCode::AlreadyExists, fmt::format("Index '{}' already exists", index.name));
  }
  index.incarnation = TRY(next_incarnation(draft));
  index.is_built = false;
  table.indexes.push_back(std::move(index));
  ++table.version;
  auto shared = std::make_shared<const Table>(std::move(table));
  at->second = shared;
  draft.put(table_record(*shared), encode_table(*shared));
  TRY(publish(std::move(draft), std::nullopt));
  *shared->indexed = true;
  return shared;
}

Result<> Catalogue::finish_index(const std::string& keyspace_name, const std::string& name,
                                 const std::string& index) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, keyspace_name));
  const auto at = keyspace->tables.find(name);
  if (at == keyspace->tables.end()) return no_table(keyspace_name, name);
  Table table = *at->second;
  const auto found = std::ranges::find(table.indexes, index, &Index::name);
  if (found == table.indexes.end()) {
    return error(ErrorCode::NotFound,
                 fmt::format("Index '{}.{}' doesn't exist", keyspace_name, index));
  }
  found->is_built = true;
  ++table.version;
  const auto shared = std::make_shared<const Table>(std::move(table));
  at->second = shared;
  draft.put(table_record(*shared), encode_table(*shared));
  return publish(std::move(draft),
                 SchemaChange{ChangeKind::Updated, ChangeTarget::Table, keyspace_name, name});
}

Result<> Catalogue::drop_index(const std::string& keyspace_name, const std::string& name,
                               const std::string& index, std::vector<std::uint32_t>& dropped) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, keyspace_name));
  const auto at = keyspace->tables.find(name);
  if (at == keyspace->tables.end()) return no_table(keyspace_name, name);
  Table table = *at->second;
  const auto found = std::ranges::find(table.indexes, index, &Index::name);
  if (found == table.indexes.end()) {
    return error(ErrorCode::NotFound,
                 fmt::format("Index '{}.{}' doesn't exist", keyspace_name, index));
  }
  dropped.push_back(found->incarnation);
  table.indexes.erase(found);
  ++table.version;
  const auto shared = std::make_shared<const Table>(std::move(table));
  at->second = shared;
  draft.put(table_record(*shared), encode_table(*shared));
  return publish(std::move(draft),
                 SchemaChange{ChangeKind::Updated, ChangeTarget::Table, keyspace_name, name});
}

// --- user types ---

Result<> Catalogue::create_type(const UserType& type) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const std::string& name = type.type.parts->name;
  const auto keyspace = TRY(edit(draft, type.type.parts->keyspace));
  if (keyspace->types.contains(name)) {
    return error(ErrorCode::AlreadyExists,
                 fmt::format("A user type with name '{}' already exists", name));
  }
  keyspace->types[name] = std::make_shared<const UserType>(type);
  draft.put(type_record(type), encode_user_type(type));
  return publish(std::move(draft),
                 SchemaChange{ChangeKind::Created, ChangeTarget::Type, keyspace->name, name});
}

// Records name user types, they do not repeat them: only the type's own changes on disk.
Result<> Catalogue::alter_type(const UserType& type, const Schema& from) {
  MutexLock changing(changing_);
  if (schema().get() != &from) {
    return error(ErrorCode::Conflict, "the schema has changed since the type was derived from it");
  }
  Draft draft = begin();
  const std::string& name = type.type.parts->name;
  const auto keyspace = TRY(edit(draft, type.type.parts->keyspace));
  if (!keyspace->types.contains(name)) {
    return error(ErrorCode::NotFound,
                 fmt::format("Type '{}.{}' doesn't exist", keyspace->name, name));
  }
  for (auto& [other_name, other] : keyspace->types) {
    if (!uses_type(other->type, type.type)) continue;
    other = std::make_shared<const UserType>(UserType{with_user_type(other->type, type.type)});
  }
  for (auto& [table_name, table] : keyspace->tables) {
    const bool holds = std::ranges::any_of(
        table->columns, [&](const Column& column) { return uses_type(column.type, type.type); });
    if (!holds) continue;
    Table changed = *table;
    ++changed.version;
    for (Column& column : changed.columns) column.type = with_user_type(column.type, type.type);
    table = std::make_shared<const Table>(std::move(changed));
  }
  draft.put(type_record(type), encode_user_type(type));
  return publish(std::move(draft),
                 SchemaChange{ChangeKind::Updated, ChangeTarget::Type, keyspace->name, name});
}

Result<> Catalogue::drop_type(const std::string& keyspace_name, const std::string& name) {
  MutexLock changing(changing_);
  Draft draft = begin();
  const auto keyspace = TRY(edit(draft, keyspace_name));
  const auto at = keyspace->types.find(name);
  if (at == keyspace->types.end()) {
    return error(ErrorCode::NotFound,
                 fmt::format("Type '{}.{}' doesn't exist", keyspace_name, name));
  }
  const CqlType& type = at->second->type;
  for (const auto& [table_name, table] : keyspace->tables) {
    for (const auto& column : table->columns) {
      if (uses_type(column.type, type)) {
        return error(ErrorCode::InvalidArgument,
                     fmt::format("Cannot drop user type '{}.{}' as it is still used by tables {}",
                                 keyspace_name, name, table_name));
      }
    }
  }
  for (const auto& [other_name, other] : keyspace->types) {
    if (other_name != name && uses_type(other->type, type)) {
      return error(ErrorCode::InvalidArgument,
                   fmt::format("Cannot drop user type '{}.{}' as it is still used by user types {}",
                               keyspace_name, name, other_name));
    }
  }
  draft.remove(type_record(*at->second));
  keyspace->types.erase(at);
  return publish(std::move(draft),
                 SchemaChange{ChangeKind::Dropped, ChangeTarget::Type, keyspace_name, name});
}

// --- listeners ---

std::uint64_t Catalogue::add_listener(Listener listener) {
  MutexLock changing(changing_);
  listeners_.emplace_back(next_listener_, std::move(listener));
  return next_listener_++;
}

void Catalogue::remove_listener(std::uint64_t number) {
  MutexLock changing(changing_);
  std::erase_if(listeners_, [&](const auto& each) { return each.first == number; });
}

}  // namespace tidemill::tables::embedded

// SPDX-License-Identifier: Apache-2.0
// The persisted schema and its changes. In the database's schema family:
//   k/NAME  t/KEYSPACE/NAME  y/KEYSPACE/NAME   JSON records (names hold no '/')
//   m/version  m/incarnation                   newest schema version, last incarnation given out
//   h/INCARNATION                              header_flags.h
//   l/KEY                                      the server's own values
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "runtime/random.h"
#include "store/rocks/database.h"
#include "tables/embedded/rules.h"
#include "tables/schema.h"

namespace tidemill::tables::embedded {

constexpr store::rocks::FamilyIndex kRowsFamily = 0;
constexpr store::rocks::FamilyIndex kSchemaFamily = 1;

// Thread:   schema() from any and quick; changes one after the other, they wait for the disk.
// Lifetime: uses the database and the rules; listeners are removed before they die and must not
//           change the schema themselves.
class Catalogue {
 public:
  using Listener = std::function<void(const SchemaChange&)>;

  Catalogue(store::rocks::Database& database, RowRules& rules, Random& random)
      : database_(database), rules_(rules), random_(random) {}
  // Reads everything; first call. Takes the database's word: damaged records are Corrupt.
  Result<> load();

  std::shared_ptr<const Schema> schema() const;

  Result<> create_keyspace(const Keyspace& keyspace);
  Result<> alter_keyspace(const std::string& keyspace,
                          const std::map<std::string, std::string>& replication,
                          std::optional<bool> durable_writes);
  Result<> drop_keyspace(const std::string& keyspace, std::vector<std::uint32_t>& dropped);
  Result<std::shared_ptr<const Table>> create_table(Table draft);
  Result<std::shared_ptr<const Table>> alter_table(const std::string& keyspace,
                                                   const std::string& table,
                                                   const TableAlteration& alteration,
                                                   std::int64_t now_us);
  Result<> drop_table(const std::string& keyspace, const std::string& table,
                      std::vector<std::uint32_t>& dropped);
  // Moves the table to a new incarnation: no rows. Not a schema change for clients.
  Result<> renew_table(const std::string& keyspace, const std::string& table,
                       std::vector<std::uint32_t>& dropped);
  // The index as not built yet, which clients are not told of.
  Result<std::shared_ptr<const Table>> add_index(const std::string& keyspace,
                                                 const std::string& table, Index index);
  Result<> finish_index(const std::string& keyspace, const std::string& table,
                        const std::string& index);
  Result<> drop_index(const std::string& keyspace, const std::string& table,
                      const std::string& index, std::vector<std::uint32_t>& dropped);
  Result<> create_type(const UserType& type);
  // Conflict when `from` is not the newest schema.
  Result<> alter_type(const UserType& type, const Schema& from);
  Result<> drop_type(const std::string& keyspace, const std::string& type);

  std::uint64_t add_listener(Listener listener);
  void remove_listener(std::uint64_t number);

 private:
  struct Draft;
  Result<std::shared_ptr<Keyspace>> edit(Draft& draft, const std::string& keyspace) const;
  Result<std::uint32_t> next_incarnation(Draft& draft) TM_REQUIRES(changing_);
  // Makes the draft durable, then visible; tells the listeners if there is something to tell.
  Result<> publish(Draft draft, const std::optional<SchemaChange>& change) TM_REQUIRES(changing_);
  void teach_rules(const Schema& schema, const Schema& old);
  Draft begin() const;

  store::rocks::Database& database_;
  RowRules& rules_;
  Random& random_;

  Mutex changing_;  // held through a whole change
  std::uint32_t last_incarnation_ TM_GUARDED_BY(changing_) = 0;
  mutable Mutex mutex_;
  std::shared_ptr<const Schema> schema_ TM_GUARDED_BY(mutex_) = std::make_shared<const Schema>();
  std::vector<std::pair<std::uint64_t, Listener>> listeners_ TM_GUARDED_BY(changing_);
  std::uint64_t next_listener_ TM_GUARDED_BY(changing_) = 1;
};

}  // namespace tidemill::tables::embedded

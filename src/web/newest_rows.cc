// SPDX-License-Identifier: Apache-2.0
#include "web/newest_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "web/render.h"

namespace tidemill::web {
namespace {

bool is_collection(const std::string& type) {
  return type.starts_with("list<") || type.starts_with("set<") || type.starts_with("map<") ||
         type == "counter";
}

}  // namespace

Result<NewestRows::Answer> NewestRows::look(tables::Tables& tables, const std::string& keyspace,
                                            const std::string& table) {
  const auto info = TRY(tables.describe_table(keyspace, table));
  Walk fresh;
  std::string columns;
  std::string stamp;
  for (const auto& c : info.columns) {
    columns += fmt::format("{}{}", columns.empty() ? "" : ", ", cql_name(c.name));
    fresh.columns.push_back(c.name);
    const bool key =
        c.kind == tables::ColumnKind::PartitionKey || c.kind == tables::ColumnKind::Clustering;
    if (key) ++fresh.key_columns;
    // The first column that keeps a write time of its own.
    if (stamp.empty() && c.kind == tables::ColumnKind::Regular && !is_collection(c.type)) {
      stamp = fmt::format(", writetime({})", cql_name(c.name));
      fresh.has_times = true;
    }
  }
  fresh.statement =
      fmt::format("SELECT {}{} FROM {}.{}", columns, stamp, cql_name(keyspace), cql_name(table));

  const MutexLock lock(mutex_);
  const std::string name = keyspace + "." + table;
  Walk& walk = walks_[name];
  if (walk.statement != fresh.statement) walk = std::move(fresh);
  const auto now = clock_.monotonic();
  if (!walk.looked || now - walk.looked_at >= limits_.look_again) {
    TRY(walk_on(tables, walk));
    walk.looked = true;
    walk.looked_at = clock_.monotonic();
  }
  Answer found = answer(walk);
  if (walks_.size() > limits_.tables) {
    walks_.erase(std::ranges::min_element(
        walks_, {}, [](const auto& entry) { return entry.second.looked_at; }));
  }
  return found;
}

Result<> NewestRows::walk_on(tables::Tables& tables, Walk& walk) const {
  const auto begin = clock_.monotonic();
  for (std::size_t seen = 0; seen < limits_.look_rows;) {
    auto page = tables.execute({.cql = walk.statement,
                                .keyspace = {},
                                .page_size = limits_.page_rows,
                                .paging_state = walk.paging_state});
    if (!page.ok()) {
      walk.paging_state.clear();  // it may be of another table by this name
      walk.current.clear();
      return std::move(page).error();
    }
    seen += page->text.size();
    take(*page, walk);
    walk.paging_state = std::move(page->paging_state);
    if (walk.paging_state.empty()) {
      walk.last = std::move(walk.current);
      walk.current.clear();
      return {};
    }
    if (!walk.has_times || clock_.monotonic() - begin >= limits_.look_time) return {};
  }
  return {};
}

void NewestRows::take(const tables::CqlResult& page, Walk& walk) const {
  for (const auto& values : page.text) {
    Row row;
    if (walk.has_times && values.back()) row.written_us = std::atoll(values.back()->c_str());
    if (walk.current.size() >= limits_.kept && walk.has_times) {
      const auto& oldest = walk.current.back();
      if (row.written_us <= oldest.written_us) continue;
    }
    for (std::size_t i = 0; i < walk.key_columns; ++i) {
      const std::string part = values[i].value_or("");
      row.key += fmt::format("{}:{};", part.size(), part);
    }
    row.values.assign(values.begin(),
                      values.begin() + static_cast<std::ptrdiff_t>(walk.columns.size()));
    const auto place = std::ranges::upper_bound(walk.current, row.written_us,
                                                std::ranges::greater{}, &Row::written_us);
    walk.current.insert(place, std::move(row));
    if (walk.current.size() > limits_.kept) walk.current.pop_back();
  }
}

NewestRows::Answer NewestRows::answer(const Walk& walk) const {
  std::vector<const Row*> rows;
  for (const auto* part : {&walk.current, &walk.last}) {
    for (const Row& row : *part) rows.push_back(&row);
  }
  std::ranges::sort(rows, [](const Row* a, const Row* b) {
    return a->written_us != b->written_us ? a->written_us > b->written_us : a->key < b->key;
  });
  Answer out{.columns = walk.columns, .rows = {}};
  std::set<std::string_view> keys;
  for (const Row* row : rows) {
    if (out.rows.size() == limits_.kept) break;
    if (keys.insert(row->key).second) out.rows.push_back(row->values);
  }
  return out;
}

}  // namespace tidemill::web

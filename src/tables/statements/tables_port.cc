// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/tables_port.h"

#include <fmt/format.h>

#include "tables/embedded/port.h"
#include "tables/statements/describe.h"
#include "wire/cql/literal.h"

namespace tidemill::tables::statements {
namespace {

// Columns, rows and their text out of an answer in wire form.
Result<CqlResult> as_port_result(StatementResult answer) {
  CqlResult out;
  out.warnings = std::move(answer.warnings);
  const auto* rows = std::get_if<wire::cql::Rows>(&answer.kind);
  if (rows == nullptr) return out;
  const auto& columns = rows->metadata->columns;
  for (const ColumnSpec& column : columns) {
    out.columns.push_back({column.name, to_string(column.type)});
  }
  ByteReader cells(rows->cells);
  for (std::int32_t i = 0; i < rows->row_count; ++i) {
    auto& row = out.rows.emplace_back();
    auto& text = out.text.emplace_back();
    for (const ColumnSpec& column : columns) {
      const std::optional<BytesView> cell = TRY(wire::cql::read_cell(cells));
      if (!cell) {
        row.emplace_back();
        text.emplace_back();
        continue;
      }
      row.emplace_back(Bytes(cell->begin(), cell->end()));
      text.emplace_back(wire::cql::to_shell_text(column.type, *cell));
    }
  }
  if (rows->paging_state) out.paging_state = *rows->paging_state;
  return out;
}

class ExecutorTables final : public Tables {
 public:
  explicit ExecutorTables(Executor& executor) : executor_(executor) {}

  Result<CqlResult> execute(const CqlRequest& request) override {
    auto answer = answer_to(request);
    if (!answer.ok()) return wire::cql::to_error(std::move(answer).error());
    return as_port_result(*std::move(answer));
  }

  Result<std::vector<TableInfo>> list_tables() override {
    auto tables = TRY(embedded::list_tables(executor_.store()));
    for (TableInfo& table : tables) add_create_statement(table);
    return tables;
  }

  Result<TableInfo> describe_table(const std::string& keyspace, const std::string& table) override {
    auto described = TRY(embedded::describe_table(executor_.store(), keyspace, table));
    add_create_statement(described);
    return described;
  }

  Result<std::unique_ptr<Writer>> open_writer(const std::string& keyspace, const std::string& table,
                                              const std::vector<std::string>& columns) override {
    return embedded::open_writer(executor_.store(), keyspace, table, columns);
  }

 private:
  Outcome<StatementResult> answer_to(const CqlRequest& request) const {
    const StatementPtr statement = TRY(executor_.compile(request.cql, request.keyspace));
    wire::cql::QueryOptions options;
    options.page_size = request.page_size;
    if (!request.paging_state.empty()) options.paging_state = request.paging_state;
    return executor_.execute(*statement, TRY(executor_.bind(*statement, options)));
  }

  void add_create_statement(TableInfo& table) const {
    const auto found = executor_.store().schema()->find_table(table.keyspace, table.table);
    if (found) table.create_statement = create_statement(*found);
  }

  Executor& executor_;
};

}  // namespace

std::unique_ptr<Tables> make_tables_port(Executor& executor) {
  return std::make_unique<ExecutorTables>(executor);
}

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "app/part.h"
#include "tables/tables.h"

namespace tidemill::app {

// The tables and, where they are ours, their CQL server.
class TablesPart {
 public:
  virtual ~TablesPart() = default;
  virtual tables::Tables& tables() = 0;
  virtual std::uint16_t port() const = 0;  // 0: no server of ours
  virtual void stop() = 0;
};

Result<std::unique_ptr<TablesPart>> make_tables(const PartContext& context);

}  // namespace tidemill::app

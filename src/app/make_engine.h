// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "app/part.h"
#include "broker/broker.h"
#include "sql/catalog.h"
#include "stream/engine.h"
#include "tables/tables.h"

namespace tidemill::app {

// Queries, their catalogue, and what feeds their topics.
class EnginePart {
 public:
  virtual ~EnginePart() = default;
  virtual stream::Engine& engine() = 0;
  virtual sql::Catalog& catalog() = 0;
  virtual void stop() = 0;
};

// Without tables (null), a sink into one is refused.
Result<std::unique_ptr<EnginePart>> make_engine_part(const PartContext& context,
                                                     broker::Broker& broker,
                                                     tables::Tables* tables);

}  // namespace tidemill::app

// SPDX-License-Identifier: Apache-2.0
// Compiled terms: what an Expression means once its type is known. The same nodes serve values to
// be written, restrictions and the select list; the latter read the columns of a row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "runtime/clock.h"
#include "runtime/random.h"
#include "tables/embedded/read.h"
#include "tables/schema.h"
#include "tables/statements/syntax.h"
#include "wire/cql/error.h"
#include "wire/cql/request.h"
#include "wire/cql/response.h"
#include "wire/cql/type.h"
#include "wire/cql/value.h"

namespace tidemill::tables::statements {

using wire::cql::BoundValue;
using wire::cql::ColumnSpec;
using wire::cql::CqlError;
using wire::cql::invalid;
using wire::cql::Kind;
using wire::cql::Outcome;
using wire::cql::Type;
using wire::cql::Value;

// Time and identity for functions and writes.
//
// Thread: any.
class TimeSource {
 public:
  TimeSource(Clock& clock, Random& random);
  // Microseconds since the epoch, never the same twice: later writes of one server win.
  std::int64_t next_timestamp();
  std::int64_t now_seconds() const { return clock_.wall_ms() / 1000; }
  std::int64_t now_ms() const { return clock_.wall_ms(); }
  Uuid next_timeuuid();
  Uuid random_uuid();

 private:
  Clock& clock_;
  Random& random_;
  std::uint64_t node_ = 0;
  std::atomic<std::int64_t> last_timestamp_{0};
  std::atomic<std::uint64_t> last_ticks_{0};
};

class Performer;

// What one execution is given. Views point into the request.
struct Parameters {
  TimeSource* time = nullptr;
  std::vector<BoundValue> values = {};  // by marker
  wire::cql::Consistency consistency = wire::cql::Consistency::One;
  std::optional<wire::cql::Consistency> serial_consistency = {};
  std::int32_t page_size = 0;
  BytesView paging_state = {};
  std::optional<std::int64_t> timestamp = {};
  std::optional<std::int32_t> now_in_seconds = {};
  const Performer* performer = nullptr;  // outlives the execution; null: nobody has to be asked

  std::int64_t now_seconds() const {
    return now_in_seconds ? *now_in_seconds : time->now_seconds();
  }
};

// A value that is a view or owns what it views, null, or unset.
class TermValue {
 public:
  static TermValue null() { return TermValue(BoundValue::State::Null); }
  static TermValue unset() { return TermValue(BoundValue::State::Unset); }
  static TermValue view(BytesView bytes) {
    TermValue out(BoundValue::State::Value);
    out.view_ = bytes;
    return out;
  }
  static TermValue of(Bytes bytes) {
    TermValue out(BoundValue::State::Value);
    out.owned_ = std::move(bytes);
    out.view_ = out.owned_;
    return out;
  }
  static TermValue of(Value value) { return value ? of(*std::move(value)) : null(); }
  TermValue(TermValue&&) = default;
  TermValue& operator=(TermValue&&) = default;
  TermValue(const TermValue&) = delete;
  TermValue& operator=(const TermValue&) = delete;

  bool is_value() const { return state_ == BoundValue::State::Value; }
  bool is_null() const { return state_ == BoundValue::State::Null; }
  bool is_unset() const { return state_ == BoundValue::State::Unset; }
  BytesView bytes() const { return view_; }
  Bytes take() && {
    if (!owned_.empty() || view_.empty()) return std::move(owned_);
    return Bytes(view_.begin(), view_.end());
  }

 private:
  explicit TermValue(BoundValue::State state) : state_(state) {}
  BoundValue::State state_;
  BytesView view_;
  Bytes owned_;
};

// The cells of the row at hand, by slot.
struct RowCells {
  std::vector<std::optional<BytesView>> values;
  std::vector<std::int64_t> timestamps;
  std::vector<std::int64_t> expires_at;
  std::vector<const std::vector<embedded::Element>*> elements;
};

struct Evaluation {
  const Parameters& parameters;
  const RowCells* row = nullptr;
  std::span<const Value> aggregates = {};  // finished ones, by number
};

class Term {
 public:
  explicit Term(Type type) : type_(std::move(type)) {}
  virtual ~Term() = default;
  virtual Outcome<TermValue> evaluate(const Evaluation& at) const = 0;
  const Type& type() const { return type_; }
  // Gives the same for every row and execution.
  virtual bool is_constant() const { return false; }
  virtual bool is_null_literal() const { return false; }

 private:
  Type type_;
};
using TermPtr = std::unique_ptr<const Term>;

// An aggregate's state over rows: count, min, max, sum, avg.
class Aggregate {
 public:
  virtual ~Aggregate() = default;
  virtual Outcome<> add(const TermValue& value) = 0;
  virtual Outcome<Value> result() const = 0;
};
struct AggregateCall {
  std::string function;
  TermPtr argument;  // null: count(*)
  Type argument_type;
  Type type;
};
std::unique_ptr<Aggregate> start_aggregate(const AggregateCall& call);

// What terms are compiled against, and what compiling finds.
class Compilation {
 public:
  Compilation(std::shared_ptr<const Schema> schema, std::string keyspace,
              std::shared_ptr<const Table> table, const std::vector<std::string>& marker_names);

  const Schema& schema() const { return *schema_; }
  const Table& table() const { return *table_; }
  std::shared_ptr<const Table> shared_table() const { return table_; }
  const std::string& keyspace() const { return keyspace_; }

  // Terms whose type the receiver gives.
  Outcome<TermPtr> term(const Expression& expression, const ColumnSpec& receiver);
  // Selectors: the type follows from columns and functions.
  Outcome<TermPtr> selector(const Expression& expression);
  // Whether the expression can be of the type; exact: without conversion of a literal.
  enum class Match : std::uint8_t { No, Weak, Exact };
  Match match(const Expression& expression, const Type& type) const;

  Outcome<Type> resolve(const RawType& raw) const;
  ColumnSpec receiver(const Column& column) const;
  ColumnSpec receiver(std::string name, Type type) const;
  Outcome<const Column*> column(std::string_view name) const;

  // The slot of a column in RowCells; asks for it to be read.
  std::size_t slot_of(const Column& column);
  const std::vector<const Column*>& slots() const { return slots_; }
  bool with_times() const { return with_times_; }
  bool with_elements() const { return with_elements_; }
  std::vector<AggregateCall>& aggregates() { return aggregates_; }

  // The markers' specs once all terms are compiled.
  Outcome<std::shared_ptr<const wire::cql::Metadata>> markers() const;
  std::vector<std::uint16_t> partition_key_markers() const;
  const std::vector<std::optional<ColumnSpec>>& known_markers() const { return marker_specs_; }

 private:
  friend class TermCompiler;
  std::shared_ptr<const Schema> schema_;
  std::string keyspace_;
  std::shared_ptr<const Table> table_;
  std::vector<std::string> marker_names_;
  std::vector<std::optional<ColumnSpec>> marker_specs_;
  std::vector<const Column*> slots_;
  std::vector<AggregateCall> aggregates_;
  bool with_times_ = false;
  bool with_elements_ = false;
  bool in_aggregate_ = false;
};

// The name of a result column that has no alias.
std::string column_name_of(const Expression& expression);

// Does the expression hold an aggregate call anywhere?
bool has_aggregate(const Expression& expression);

TermPtr constant_term(Type type, Value value);

// A list of values: IN (a, b), or IN ? with a list bound to it.
struct ValueList {
  std::vector<TermPtr> terms = {};
  TermPtr list = {};  // evaluates to a list of `element`
};

}  // namespace tidemill::tables::statements

// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE, DELETE and BATCH.
#include "tables/statements/grammar.h"

namespace tidemill::tables::statements {

Outcome<Using> Grammar::using_clause(bool allow_ttl) {
  Using out;
  if (!take_word("using")) return out;
  do {
    if (take_word("timestamp")) {
      out.timestamp = TRY(expression());
    } else if (allow_ttl && take_word("ttl")) {
      out.ttl = TRY(expression());
    } else {
      return unexpected();
    }
  } while (take_word("and"));
  return out;
}

Outcome<Condition> Grammar::condition() {
  Condition out;
  out.column = TRY(name());
  if (take_symbol("[")) {
    out.element = TRY(expression());
    TRY(expect_symbol("]"));
  } else if (take_symbol(".")) {
    out.field = TRY(name());
  }
  if (take_word("in")) {
    out.op = Operator::In;
    if (is_symbol("?") || is_symbol(":")) {
      out.value = TRY(primary());
      return out;
    }
    TRY(expect_symbol("("));
    out.value_is_list = true;
    out.value = Expression{.kind = Expression::Kind::Tuple};
    out.value->arguments = TRY(expressions_until(")"));
    return out;
  }
  if (take_word("contains")) {
    out.op = take_word("key") ? Operator::ContainsKey : Operator::Contains;
  } else {
    out.op = TRY(comparison());
  }
  out.value = TRY(expression());
  return out;
}

Outcome<Conditions> Grammar::conditions() {
  Conditions out;
  if (!take_word("if")) return out;
  if (is_word("exists") && !is_symbol("=", 1)) {
    ++at_;
    out.if_exists = true;
    return out;
  }
  if (is_word("not")) return unexpected();  // INSERT only
  do {
    out.columns.push_back(TRY(condition()));
  } while (take_word("and"));
  return out;
}

Outcome<InsertStatement> Grammar::insert() {
  InsertStatement out;
  TRY(expect_word("insert"));
  TRY(expect_word("into"));
  out.table = TRY(qualified_name());
  if (take_word("json")) {
    out.json = TRY(primary());
    if (take_word("default")) {
      out.json_default_unset = take_word("unset");
      if (!out.json_default_unset) TRY(expect_word("null"));
    }
  } else {
    out.columns = TRY(names_in_parentheses());
    TRY(expect_word("values"));
    TRY(expect_symbol("("));
    out.values = TRY(expressions_until(")"));
  }
  if (is_word("if")) {
    ++at_;
    TRY(expect_word("not"));
    TRY(expect_word("exists"));
    out.conditions.if_not_exists = true;
  }
  out.with = TRY(using_clause(true));
  return out;
}

Outcome<Assignment> Grammar::assignment() {
  const std::size_t first = at_;
  Assignment out;
  out.column = TRY(name());
  if (take_symbol("[")) {
    out.kind = Assignment::Kind::SetElement;
    out.element = TRY(expression());
    TRY(expect_symbol("]"));
    TRY(expect_symbol("="));
    out.value = TRY(expression());
  } else if (take_symbol(".")) {
    out.kind = Assignment::Kind::SetField;
    out.field = TRY(name());
    TRY(expect_symbol("="));
    out.value = TRY(expression());
  } else if (take_symbol("+=")) {
    out.kind = Assignment::Kind::Append;
    out.value = TRY(expression());
  } else if (take_symbol("-=")) {
    out.kind = Assignment::Kind::Remove;
    out.value = TRY(expression());
  } else {
    TRY(expect_symbol("="));
    Expression value = TRY(expression());
    const auto is_itself = [&](const Expression& side) {
      return side.kind == Expression::Kind::Column && side.text == out.column;
    };
    if (value.kind == Expression::Kind::Binary && value.arguments.size() == 2 &&
        (value.text == "+" || value.text == "-")) {
      if (is_itself(value.arguments[0])) {
        out.kind = value.text == "+" ? Assignment::Kind::Append : Assignment::Kind::Remove;
        out.value = Expression(value.arguments[1]);
        out.source = source_from(first);
        return out;
      }
      if (value.text == "+" && is_itself(value.arguments[1])) {
        out.kind = Assignment::Kind::Prepend;
        out.value = Expression(value.arguments[0]);
        out.source = source_from(first);
        return out;
      }
      if (value.arguments[0].kind == Expression::Kind::Column) {
        return wire::cql::syntax("Only expressions of the form X = X +<value> are supported.");
      }
    }
    out.value = std::move(value);
  }
  out.source = source_from(first);
  return out;
}

Outcome<UpdateStatement> Grammar::update() {
  UpdateStatement out;
  TRY(expect_word("update"));
  out.table = TRY(qualified_name());
  out.with = TRY(using_clause(true));
  TRY(expect_word("set"));
  do {
    out.assignments.push_back(TRY(assignment()));
  } while (take_symbol(","));
  TRY(expect_word("where"));
  out.where = TRY(where());
  out.conditions = TRY(conditions());
  return out;
}

Outcome<DeleteStatement> Grammar::deletion() {
  DeleteStatement out;
  TRY(expect_word("delete"));
  if (!is_word("from")) {
    do {
      Deletion deletion;
      deletion.column = TRY(name());
      if (take_symbol("[")) {
        deletion.element = TRY(expression());
        TRY(expect_symbol("]"));
      } else if (take_symbol(".")) {
        deletion.field = TRY(name());
      }
      out.deletions.push_back(std::move(deletion));
    } while (take_symbol(","));
  }
  TRY(expect_word("from"));
  out.table = TRY(qualified_name());
  out.with = TRY(using_clause(false));
  TRY(expect_word("where"));
  out.where = TRY(where());
  out.conditions = TRY(conditions());
  return out;
}

Outcome<BatchStatement> Grammar::batch() {
  BatchStatement out;
  TRY(expect_word("begin"));
  if (take_word("unlogged")) {
    out.kind = BatchStatement::Kind::Unlogged;
  } else if (take_word("counter")) {
    out.kind = BatchStatement::Kind::Counter;
  }
  TRY(expect_word("batch"));
  out.with = TRY(using_clause(true));
  while (!is_word("apply")) {
    if (is_word("insert")) {
      out.members.emplace_back(TRY(insert()));
    } else if (is_word("update")) {
      out.members.emplace_back(TRY(update()));
    } else if (is_word("delete")) {
      out.members.emplace_back(TRY(deletion()));
    } else {
      return unexpected();
    }
    while (take_symbol(";")) {
    }
  }
  ++at_;
  TRY(expect_word("batch"));
  return out;
}

}  // namespace tidemill::tables::statements

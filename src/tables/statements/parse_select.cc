// SPDX-License-Identifier: Apache-2.0
// SELECT and the relations of WHERE.
#include "tables/statements/grammar.h"

namespace tidemill::tables::statements {

Outcome<SelectStatement> Grammar::select() {
  SelectStatement out;
  TRY(expect_word("select"));
  // JSON and DISTINCT are no reserved words: "SELECT json FROM t" reads a column.
  const auto names_a_column = [&] {
    return is_word("from", 1) || is_symbol(",", 1) || is_word("as", 1);
  };
  if (is_word("json") && !names_a_column()) {
    ++at_;
    out.json = true;
  }
  if (is_word("distinct") && !names_a_column()) {
    ++at_;
    out.distinct = true;
  }
  if (take_symbol("*")) {
    out.everything = true;
  } else {
    do {
      Selected selected;
      selected.expression = TRY(expression());
      if (take_word("as")) selected.alias = TRY(name());
      out.selected.push_back(std::move(selected));
    } while (take_symbol(","));
  }
  TRY(expect_word("from"));
  out.table = TRY(qualified_name());
  if (take_word("where")) out.where = TRY(where());
  if (take_words("group", "by")) {
    do {
      out.group_by.push_back(TRY(expression()));
    } while (take_symbol(","));
  }
  if (take_words("order", "by")) out.order_by = TRY(orderings());
  if (take_words("per", "partition")) {
    TRY(expect_word("limit"));
    out.per_partition_limit = TRY(expression());
  }
  if (take_word("limit")) out.limit = TRY(expression());
  if (take_words("allow", "filtering")) out.allow_filtering = true;
  return out;
}

Outcome<std::vector<Ordering>> Grammar::orderings() {
  std::vector<Ordering> out;
  do {
    Ordering ordering;
    ordering.column = TRY(name());
    if (take_word("desc")) {
      ordering.descending = true;
    } else if (take_words("ann", "of")) {
      ordering.ann = true;
      TRY(expression());
    } else {
      take_word("asc");
    }
    out.push_back(std::move(ordering));
  } while (take_symbol(","));
  return out;
}

Outcome<std::vector<Relation>> Grammar::where() {
  std::vector<Relation> out;
  do {
    TRY(relation(out));
  } while (take_word("and"));
  return out;
}

Outcome<Operator> Grammar::comparison() {
  struct Spelling {
    std::string_view symbol;
    Operator op;
  };
  static constexpr Spelling kSpellings[] = {
      {"=", Operator::Equal},        {"!=", Operator::NotEqual}, {"<", Operator::Less},
      {"<=", Operator::LessOrEqual}, {">", Operator::Greater},   {">=", Operator::GreaterOrEqual},
  };
  for (const Spelling& spelling : kSpellings) {
    if (take_symbol(spelling.symbol)) return spelling.op;
  }
  return unexpected();
}

Outcome<> Grammar::relation_tail(Relation& out) {
  if (take_word("in")) {
    out.op = Operator::In;
    if (is_symbol("?") || is_symbol(":")) {
      out.value = TRY(primary());
      return {};
    }
    const std::size_t first = at_;
    TRY(expect_symbol("("));
    out.value_is_list = true;
    out.value = Expression{.kind = Expression::Kind::Tuple};
    out.value->arguments = TRY(expressions_until(")"));
    out.value->source = source_from(first);
    return {};
  }
  if (take_words("not", "in")) {
    out.op = Operator::NotIn;
    out.value_is_list = true;
    out.value = Expression{.kind = Expression::Kind::Tuple};
    TRY(expect_symbol("("));
    out.value->arguments = TRY(expressions_until(")"));
    return {};
  }
  if (take_word("contains")) {
    out.op = take_word("key") ? Operator::ContainsKey : Operator::Contains;
    out.value = TRY(expression());
    return {};
  }
  if (take_word("like")) {
    out.op = Operator::Like;
    out.value = TRY(expression());
    return {};
  }
  if (take_word("is")) {
    TRY(expect_word("not"));
    TRY(expect_word("null"));
    out.op = Operator::IsNotNull;
    return {};
  }
  out.op = TRY(comparison());
  out.value = TRY(expression());
  return {};
}

Outcome<> Grammar::relation(std::vector<Relation>& out) {
  const std::size_t first = at_;
  Relation relation;
  if (is_word("token") && is_symbol("(", 1)) {
    ++at_;
    relation.form = Relation::Form::Token;
    relation.columns = TRY(names_in_parentheses());
  } else if (is_symbol("(")) {
    // (a, b) > (1, 2), or a relation in parentheses.
    if (at_name(1) && (is_symbol(",", 2) || is_symbol(")", 2))) {
      relation.form = Relation::Form::Tuple;
      relation.columns = TRY(names_in_parentheses());
    } else {
      if (++depth_ > kMaxDepth) return unexpected();
      ++at_;
      TRY(this->relation(out));
      TRY(expect_symbol(")"));
      --depth_;
      return {};
    }
  } else {
    relation.columns.push_back(TRY(name()));
    if (take_symbol("[")) {
      relation.form = Relation::Form::Element;
      relation.element = TRY(expression());
      TRY(expect_symbol("]"));
    }
  }
  TRY(relation_tail(relation));
  relation.source = source_from(first);
  out.push_back(std::move(relation));
  return {};
}

}  // namespace tidemill::tables::statements

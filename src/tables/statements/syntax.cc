// SPDX-License-Identifier: Apache-2.0
#include "tables/statements/syntax.h"

namespace tidemill::tables::statements {

bool is_slice(Operator op) {
  return op == Operator::Less || op == Operator::LessOrEqual || op == Operator::Greater ||
         op == Operator::GreaterOrEqual;
}

std::string_view symbol_of(Operator op) {
  switch (op) {
    case Operator::Equal:
      return "=";
    case Operator::NotEqual:
      return "!=";
    case Operator::Less:
      return "<";
    case Operator::LessOrEqual:
      return "<=";
    case Operator::Greater:
      return ">";
    case Operator::GreaterOrEqual:
      return ">=";
    case Operator::In:
      return "IN";
    case Operator::NotIn:
      return "NOT IN";
    case Operator::Contains:
      return "CONTAINS";
    case Operator::ContainsKey:
      return "CONTAINS KEY";
    case Operator::Like:
      return "LIKE";
    case Operator::IsNotNull:
      return "IS NOT NULL";
  }
  return "";
}

}  // namespace tidemill::tables::statements

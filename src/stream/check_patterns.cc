// SPDX-License-Identifier: Apache-2.0
#include "stream/check_patterns.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace tidemill::stream {
namespace {

using Tree = nlohmann::json;
using duck::Pattern;

// The constant text that is the second of two arguments.
std::optional<std::string> constant_pattern(const Tree& function) {
  const auto arguments = function.find("children");
  if (arguments == function.end() || arguments->size() != 2) return std::nullopt;
  const Tree& second = arguments->at(1);
  if (second.value("class", "") != "CONSTANT" || !second.contains("value")) return std::nullopt;
  const Tree& constant = second["value"];
  const auto text = constant.find("value");
  if (constant.value("is_null", true) || text == constant.end() || !text->is_string()) {
    return std::nullopt;
  }
  return text->get<std::string>();
}

class Replacer {
 public:
  Replacer(duck::Database& database, const std::string& prefix)
      : database_(database), prefix_(prefix) {}

  bool replaced() const { return !names_.empty(); }

  Result<> visit(Tree& node) {
    for (auto& part : node) {
      if (part.is_structured()) TRY(visit(part));
    }
    if (!node.is_object() || node.value("class", "") != "FUNCTION") return {};
    const auto name = node.value("function_name", "");
    const bool whole = name == "regexp_full_match";
    if (!whole && name != "regexp_matches") return {};
    const auto text = constant_pattern(node);
    if (!text) return {};
    auto pattern =
        Pattern::compile(*text, whole ? Pattern::Match::Whole : Pattern::Match::Anywhere);
    if (!pattern) return {};
    auto& declared = names_[{whole, *text}];
    if (declared.empty()) {
      declared = fmt::format("{}{}", prefix_, names_.size());
      TRY(database_.declare_pattern(declared, *std::move(pattern)));
    }
    node["function_name"] = declared;
    node["is_operator"] = false;
    node["children"].erase(1);
    return {};
  }

 private:
  duck::Database& database_;
  const std::string& prefix_;
  std::map<std::pair<bool, std::string>, std::string> names_;
};

}  // namespace

Result<std::string> with_patterns(duck::Database& database, const duck::Connection& connection,
                                  const std::string& select, const std::string& prefix) {
  const auto text = duck::serialize_sql(connection, select);
  if (!text.ok()) return select;
  Tree tree = Tree::parse(*text, nullptr, false);
  if (tree.is_discarded()) return select;
  Replacer replacer(database, prefix);
  TRY(replacer.visit(tree));
  if (!replacer.replaced()) return select;
  return duck::deserialize_sql(connection, tree.dump());
}

}  // namespace tidemill::stream

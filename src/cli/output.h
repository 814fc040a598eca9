// SPDX-License-Identifier: Apache-2.0
// What commands print: tables for people, JSON and CSV for programs, progress on a terminal.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/client.h"

namespace tidemill::cli {

enum class OutputFormat { Table, Json, Csv };

// A column of a printed list: its heading and the member of each object, or a function of it.
struct ListColumn {
  std::string heading;
  std::string member;
  std::function<std::string(const Json&)> show = {};
};

class Output {
 public:
  explicit Output(OutputFormat format, std::FILE* out = stdout) : format_(format), out_(out) {}
  OutputFormat format() const { return format_; }

  // An array of objects. JSON prints it as it is.
  void list(const Json& items, const std::vector<ListColumn>& columns) const;
  // One object: "name: value" lines; nested values as JSON.
  void object(const Json& item) const;
  // Rows of cells under headings.
  void rows(const std::vector<std::string>& headings,
            const std::vector<std::vector<std::string>>& rows) const;
  void line(std::string_view text) const;
  void raw(std::string_view text) const;
  void prompt(std::string_view text) const;  // shown at once, without a line end

 private:
  OutputFormat format_;
  std::FILE* out_;
};

// "1.2 MB", "3 min 4 s": for tables.
std::string human_bytes(double bytes);
std::string human_time(std::int64_t unix_ms);
std::string cell_text(const Json& value);
void print_error(const Error& error);

// A bar on standard error while it is a terminal; silent else.
class ProgressBar {
 public:
  ProgressBar(std::string label, std::uint64_t total);
  ~ProgressBar();
  void advance_to(std::uint64_t done);
  bool is_shown() const { return terminal_; }

 private:
  std::string label_;
  std::uint64_t total_;
  bool terminal_;
  int shown_ = -1;
};

}  // namespace tidemill::cli

// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace tidemill::cli {
namespace {

// Columns on the screen: code points, which is right for all but wide scripts.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string cell_text(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{:.1f}", value.get<double>());
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Output::list(const Json& items, const std::vector<ListColumn>& columns) const {
  if (format_ == OutputFormat::Json) {
    line(items.dump(2, ' ', false, Json::error_handler_t::replace));
    return;
  }
  std::vector<std::string> headings;
  for (const auto& c : columns)
    headings.push_back(format_ == OutputFormat::Csv ? c.member : c.heading);
  std::vector<std::vector<std::string>> cells;
  for (const auto& item : items) {
    auto& row = cells.emplace_back();
    for (const auto& c : columns) {
      const auto found = item.find(c.member);
      const bool shaped = c.show && format_ == OutputFormat::Table;
      row.push_back(shaped ? c.show(item) : found == item.end() ? "" : cell_text(*found));
    }
  }
  rows(headings, cells);
}

void Output::object(const Json& item) const {
  if (format_ == OutputFormat::Json) {
    line(item.dump(2, ' ', false, Json::error_handler_t::replace));
    return;
  }
  if (format_ == OutputFormat::Csv) {
    std::vector<std::string> headings;
    std::vector<std::string> row;
    for (const auto& [name, value] : item.items()) {
      headings.push_back(name);
      row.push_back(cell_text(value));
    }
    rows(headings, {row});
    return;
  }
  std::size_t widest = 0;
  for (const auto& [name, value] : item.items()) widest = std::max(widest, name.size());
  for (const auto& [name, value] : item.items()) {
    line(fmt::format("{:<{}}  {}", name, widest, cell_text(value)));
  }
}

void Output::rows(const std::vector<std::string>& headings,
                  const std::vector<std::vector<std::string>>& rows) const {
  if (format_ == OutputFormat::Json) {
    Json out = Json::array();
    for (const auto& row : rows) {
      Json object = Json::object();
      for (std::size_t i = 0; i < row.size(); ++i) object[headings[i]] = row[i];
      out.push_back(std::move(object));
    }
    line(out.dump(2, ' ', false, Json::error_handler_t::replace));
    return;
  }
  if (format_ == OutputFormat::Csv) {
    const auto csv = [&](const std::vector<std::string>& cells) {
      std::string text;
      for (std::size_t i = 0; i < cells.size(); ++i)
        text += (i == 0 ? "" : ",") + csv_cell(cells[i]);
      line(text);
    };
    csv(headings);
    for (const auto& row : rows) csv(row);
    return;
  }
  std::vector<std::size_t> widths;
  for (const auto& heading : headings) widths.push_back(width_of(heading));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  const auto print = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      text += cells[i];
      if (i + 1 < cells.size()) text += std::string(widths[i] - width_of(cells[i]) + 2, ' ');
    }
    line(text);
  };
  print(headings);
  for (const auto& row : rows) print(row);
}

void Output::line(std::string_view text) const {
  raw(text);
  raw("\n");
}

void Output::raw(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), out_);
}

void Output::prompt(std::string_view text) const {
  raw(text);
  std::fflush(out_);
}

std::string human_bytes(double bytes) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < std::size(kUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string human_time(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

void print_error(const Error& failure) {
  std::string text = fmt::format("error: {}\n", failure.message);
  if (!failure.hint.empty()) text += fmt::format("  next: {}\n", failure.hint);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

ProgressBar::ProgressBar(std::string label, std::uint64_t total)
    : label_(std::move(label)), total_(total), terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::advance_to(std::uint64_t done) {
  if (!terminal_ || total_ == 0) return;
  const int percent = static_cast<int>(std::min<std::uint64_t>(100, done * 100 / total_));
  if (percent == shown_) return;
  shown_ = percent;
  const auto filled = static_cast<std::size_t>(percent * 30 / 100);
  const std::string text = fmt::format("\r{} [{}{}] {:3}%", label_, std::string(filled, '#'),
                                       std::string(30 - filled, ' '), percent);
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

ProgressBar::~ProgressBar() {
  if (terminal_ && shown_ >= 0) std::fputc('\n', stderr);
}

}  // namespace tidemill::cli

// SPDX-License-Identifier: Apache-2.0
#include "connect/file/file_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>

#include "connect/feed_options.h"
#include "connect/json_rows.h"

namespace tidemill::connect::file {
namespace {

constexpr std::size_t kLineBytesMax = 100UL * 1024 * 1024;
constexpr std::size_t kBlockBytes = 1024UL * 1024;

struct FileOptions {
  std::string path;
  std::string format;
  std::string map;
  std::string key;
  std::uint64_t count = 0;
};

Result<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc{} && end == text.data() + text.size()) return value;
  return error(ErrorCode::Corrupt, fmt::format("a file's position is '{}'", text));
}

// JSON lines as they stand. State: "byte records".
class LineReader final : public FeedReader {
 public:
  explicit LineReader(FileOptions options) : options_(std::move(options)) {}

  Result<> open(const std::string& state) override {
    if (!state.empty()) {
      const std::size_t space = state.find(' ');
      at_ = TRY(parse_count(std::string_view(state).substr(0, space)));
      records_ = TRY(parse_count(space == std::string::npos ? "" : state.substr(space + 1)));
    }
    in_.open(options_.path, std::ios::binary);
    if (!in_) {
      return error(ErrorCode::NotFound, fmt::format("file '{}' cannot be read", options_.path));
    }
    in_.seekg(static_cast<std::streamoff>(at_));
    return {};
  }

  Result<ReadOutcome> read(const ReadLimits& limits, FeedBatch& batch, std::stop_token) override {
    ReadOutcome outcome = ReadOutcome::More;
    while (batch.size() < limits.records && batch.bytes() < limits.bytes) {
      if (options_.count != 0 && records_ >= options_.count) {
        outcome = ReadOutcome::Ended;
        break;
      }
      const auto line = TRY(next_line());
      if (!line) {
        outcome = ReadOutcome::Ended;
        break;
      }
      if (line->empty()) continue;
      batch.add(*line);
      ++records_;
    }
    batch.state = fmt::format("{} {}", at_, records_);
    return outcome;
  }

 private:
  // The view holds until the next call.
  Result<std::optional<std::string_view>> next_line() {
    for (;;) {
      const std::size_t end = block_.find('\n', scanned_);
      if (end != std::string::npos) return take_line(end, end + 1);
      scanned_ = block_.size();
      if (block_.size() - begin_ > kLineBytesMax) {
        return error(ErrorCode::TooLarge,
                     fmt::format("file '{}' has a line of more than {} bytes at byte {}",
                                 options_.path, kLineBytesMax, at_));
      }
      block_.erase(0, begin_);
      scanned_ -= begin_;
      begin_ = 0;
      const std::size_t before = block_.size();
      block_.resize(before + kBlockBytes);
      in_.read(block_.data() + before, kBlockBytes);
      const auto got = static_cast<std::size_t>(in_.gcount());
      block_.resize(before + got);
      if (got > 0) continue;
      if (in_.bad()) {
        return error(ErrorCode::Io, fmt::format("file '{}' failed at byte {}", options_.path, at_));
      }
      if (block_.empty()) return std::optional<std::string_view>();
      return take_line(block_.size(), block_.size());
    }
  }

  std::optional<std::string_view> take_line(std::size_t end, std::size_t next) {
    std::string_view line = std::string_view(block_).substr(begin_, end - begin_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at_ += next - begin_;
    begin_ = next;
    scanned_ = next;
    return line;
  }

  FileOptions options_;
  std::ifstream in_;
  std::string block_;
  std::size_t begin_ = 0;    // of the next line in the block
  std::size_t scanned_ = 0;  // no line ends between
  std::uint64_t at_ = 0;     // the next line's place in the file
  std::uint64_t records_ = 0;
};

// Rows through DuckDB. State: how many rows were given.
class RowReader final : public FeedReader {
 public:
  explicit RowReader(FileOptions options) : options_(std::move(options)) {}

  Result<> open(const std::string& state) override {
    if (!state.empty()) row_ = TRY(parse_count(state));
    if (options_.count != 0 && row_ >= options_.count) return {};
    duck::DatabaseOptions settings;
    settings.external_access = true;
    connection_.emplace(TRY(TRY(duck::Database::open(settings)).connect()));
    const std::string path = duck::quote_literal(options_.path);
    std::string read = "read_parquet(" + path + ")";
    if (options_.format == "csv") read = "read_csv(" + path + ")";
    if (options_.format == "json") read = "read_json(" + path + ", format = 'newline_delimited')";
    if (options_.format == "json" && options_.map.empty()) {
      read = "read_ndjson_objects(" + path + ")";
    }
    TRY(connection_->execute("CREATE TEMP VIEW file AS SELECT * FROM " + read)
            .context(fmt::format("file '{}'", options_.path)));
    const std::string map = options_.map.empty() ? "SELECT * FROM file" : options_.map;
    // The window lies below the conversion to JSON, so that rows passed over cost little.
    std::string window = fmt::format("SELECT * FROM ({}\n) OFFSET {}", map, row_);
    if (options_.count != 0) {
      window =
          fmt::format("SELECT * FROM ({}\n) LIMIT {} OFFSET {}", map, options_.count - row_, row_);
    }
    const std::string select = TRY(record_select(*connection_, window, options_.key));
    statement_.emplace(TRY(connection_->prepare(select)));
    cursor_.emplace(TRY(statement_->open_cursor()));
    return {};
  }

  Result<ReadOutcome> read(const ReadLimits& limits, FeedBatch& batch, std::stop_token) override {
    ReadOutcome outcome = ReadOutcome::More;
    while (batch.size() < limits.records && batch.bytes() < limits.bytes) {
      if (!chunk_ || next_ == chunk_->rows()) {
        chunk_.reset();
        if (cursor_) chunk_ = TRY(cursor_->next());
        next_ = 0;
        if (!chunk_) {
          outcome = ReadOutcome::Ended;
          break;
        }
      }
      const std::size_t added = add_rows(*chunk_, next_, limits, batch);
      next_ += added;
      row_ += added;
    }
    batch.state = std::to_string(row_);
    return outcome;
  }

 private:
  FileOptions options_;
  std::optional<duck::Connection> connection_;
  std::optional<duck::Prepared> statement_;
  std::optional<duck::Cursor> cursor_;
  std::optional<Chunk> chunk_;
  std::size_t next_ = 0;
  std::uint64_t row_ = 0;
};

Result<std::string> format_of(const std::string& path, std::optional<std::string> given) {
  if (given) {
    for (const char* known : {"json", "csv", "parquet"}) {
      if (*given == known) return std::move(*given);
    }
    return error(ErrorCode::InvalidArgument,
                 fmt::format("option 'format' of connector 'file' is '{}', it must be json, csv or "
                             "parquet",
                             *given));
  }
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".parquet") return "parquet";
  if (extension == ".csv" || extension == ".tsv") return "csv";
  if (extension == ".jsonl" || extension == ".ndjson" || extension == ".json") return "json";
  return error(ErrorCode::InvalidArgument,
               fmt::format("file '{}' does not tell its format; set the option 'format'", path));
}

}  // namespace

Result<std::unique_ptr<FeedReader>> make_reader(const FeedOptions& given,
                                                const ReaderContext& context) {
  OptionTaker options("file", given);
  FileOptions file;
  const std::filesystem::path path = TRY(options.required("path"));
  file.path =
      (path.is_absolute() ? path : std::filesystem::path(context.base_folder) / path).string();
  file.format = TRY(format_of(file.path, options.text("format")));
  file.map = options.text("map").value_or("");
  file.key = options.text("key").value_or("");
  file.count = static_cast<std::uint64_t>(
      TRY(options.whole("count", 0, 0, std::numeric_limits<std::int64_t>::max())));
  TRY(options.finish());
  if (file.format == "json" && file.map.empty() && file.key.empty()) {
    return std::unique_ptr<FeedReader>(std::make_unique<LineReader>(std::move(file)));
  }
  return std::unique_ptr<FeedReader>(std::make_unique<RowReader>(std::move(file)));
}

}  // namespace tidemill::connect::file

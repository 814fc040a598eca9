// SPDX-License-Identifier: Apache-2.0
#include "cli/project.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tidemill::cli {
namespace {

namespace fs = std::filesystem;

Result<std::string> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return error(ErrorCode::Io, fmt::format("cannot read '{}'", path.string()));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<> check_folder(const std::string& project) {
  std::error_code ignored;
  if (fs::is_directory(project, ignored)) return {};
  return error(ErrorCode::NotFound, fmt::format("project folder '{}' does not exist", project))
      .with_hint(fmt::format("tidemill init {} makes one", project));
}

}  // namespace

Result<std::vector<ProjectFile>> read_sql_files(const std::string& project) {
  TRY(check_folder(project));
  std::vector<ProjectFile> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(fs::path(project) / "sql", none)) {
    if (entry.path().extension() != ".sql") continue;
    files.push_back(
        {.path = "sql/" + entry.path().filename().string(), .text = TRY(read(entry.path()))});
  }
  std::ranges::sort(files, {}, &ProjectFile::path);
  return files;
}

std::string absolute_folder(const std::string& project) {
  std::error_code failure;
  fs::path path = fs::canonical(project, failure);
  if (failure) path = fs::absolute(project, failure);
  return path.string();
}

Result<std::string> read_project_config(const std::string& project) {
  TRY(check_folder(project));
  const fs::path path = fs::path(project) / "tidemill.yaml";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::string();
  return read(path);
}

Result<config::Config> load_config(const std::string& project,
                                   const std::vector<std::string>& assignments) {
  config::Config config;
  if (!project.empty()) {
    TRY(config.load_yaml(TRY(read_project_config(project)),
                         (fs::path(project) / "tidemill.yaml").string()));
  }
  TRY(config.load_environment(::environ));
  for (const auto& assignment : assignments) TRY(config.set(assignment, "--set"));
  return config;
}

}  // namespace tidemill::cli

// SPDX-License-Identifier: Apache-2.0
// A user's project folder: tidemill.yaml and sql/*.sql.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace tidemill::cli {

struct ProjectFile {
  std::string path;  // relative to the project
  std::string text;
};

// The files of sql/, in name order; none when there is no such folder. NotFound when the project
// itself does not exist.
Result<std::vector<ProjectFile>> read_sql_files(const std::string& project);
// The folder as an absolute path.
std::string absolute_folder(const std::string& project);
// The text of tidemill.yaml; empty when there is none.
Result<std::string> read_project_config(const std::string& project);

// All layers: defaults, the project's tidemill.yaml (a project is optional), environment, --set.
Result<config::Config> load_config(const std::string& project,
                                   const std::vector<std::string>& assignments);

}  // namespace tidemill::cli

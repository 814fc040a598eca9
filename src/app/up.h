// SPDX-License-Identifier: Apache-2.0
// `tidemill up`.
#pragma once

#include "cli/command.h"

namespace tidemill::app {

void add_up_command(CLI::App& root, cli::Action& chosen, cli::Context& context);

}  // namespace tidemill::app

// SPDX-License-Identifier: Apache-2.0
// `tidemill completion bash|zsh|fish`: made of the same tree that parses the line.
#include <algorithm>

#include "cli/command.h"

namespace tidemill::cli {
namespace {

struct Shell {
  std::string name = "bash";
};

// The words that may follow a command, by the command's path: "topic create" -> "--partitions ...".
void collect(const CLI::App& app, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& out) {
  std::string words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    words += (words.empty() ? "" : " ") + sub->get_name();
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) words += (words.empty() ? "--" : " --") + name;
  }
  out.emplace_back(path, words);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), out);
  }
}

std::string bash_script(const CLI::App& root) {
  std::vector<std::pair<std::string, std::string>> commands;
  collect(root, "", commands);
  std::string script =
      "# tidemill completion; load with: source <(tidemill completion bash)\n"
      "_tidemill() {\n"
      "  local path=\"\" word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$word\" in -*) ;; *)\n"
      "      case \"${path:+$path }$word\" in\n";
  std::string known;
  for (const auto& [path, words] : commands) {
    if (!path.empty()) known += (known.empty() ? "\"" : "|\"") + path + "\"";
  }
  script += "        " + known +
            ") path=\"${path:+$path }$word\" ;;\n"
            "      esac ;;\n"
            "    esac\n"
            "  done\n"
            "  local words=\"\"\n"
            "  case \"$path\" in\n";
  for (const auto& [path, words] : commands) {
    script += fmt::format("    \"{}\") words=\"{}\" ;;\n", path, words);
  }
  script +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
      "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
      "}\n"
      "complete -F _tidemill tidemill\n";
  return script;
}

std::string fish_script(const CLI::App& root) {
  std::string script = "# tidemill completion; save as ~/.config/fish/completions/tidemill.fish\n";
  std::vector<std::pair<std::string, std::string>> commands;
  collect(root, "", commands);
  for (const auto& [path, words] : commands) {
    std::string condition = "__fish_use_subcommand";
    if (!path.empty()) {
      condition.clear();
      std::string rest = path;
      std::ranges::replace(rest, ' ', '\n');
      for (std::size_t at = 0; at <= rest.size();) {
        const auto end = std::min(rest.find('\n', at), rest.size());
        condition += (condition.empty() ? "" : "; and ") +
                     ("__fish_seen_subcommand_from " + rest.substr(at, end - at));
        at = end + 1;
      }
    }
    script += fmt::format("complete -c tidemill -n '{}' -a '{}'\n", condition, words);
  }
  return script;
}

Result<> print_script(const CLI::App& root, Context& context, const Shell& shell) {
  if (shell.name == "bash") {
    context.output().raw(bash_script(root));
  } else if (shell.name == "zsh") {
    context.output().raw("autoload -Uz bashcompinit && bashcompinit\n" + bash_script(root));
  } else {
    context.output().raw(fish_script(root));
  }
  return {};
}

}  // namespace

void add_completion_command(CLI::App& root, Action& chosen, Context& context) {
  auto shell = std::make_shared<Shell>();
  CLI::App* app = root.add_subcommand("completion", "Print a shell's completion script");
  app->add_option("SHELL", shell->name, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->capture_default_str();
  app->callback([&root, &context, &chosen, shell] {
    chosen = [&root, &context, shell] { return print_script(root, context, *shell); };
  });
}

}  // namespace tidemill::cli

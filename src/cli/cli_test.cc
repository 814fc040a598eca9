// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstdio>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/output.h"

namespace tidemill::cli {
namespace {

using testing::HasSubstr;

std::string printed(OutputFormat format, const std::function<void(const Output&)>& print) {
  std::FILE* file = std::tmpfile();
  print(Output(format, file));
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  const auto read = std::fread(text.data(), 1, text.size(), file);
  text.resize(read);
  std::fclose(file);
  return text;
}

TEST(Output, TableAlignsColumnsByCodePoints) {
  const auto text = printed(OutputFormat::Table, [](const Output& output) {
    output.rows({"A", "B"}, {{"\xC3\xA9", "1"}, {"long", "2"}});
  });
  EXPECT_EQ(text, "A     B\n\xC3\xA9     1\nlong  2\n");
}

TEST(Output, CsvQuotesWhatNeedsIt) {
  const auto text =
      printed(OutputFormat::Csv, [](const Output& output) { output.rows({"a"}, {{"x,\"y\""}}); });
  EXPECT_EQ(text, "a\n\"x,\"\"y\"\"\"\n");
}

TEST(PercentEncoded, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encoded("a/b c"), "a%2Fb%20c");
}

TEST(Client, NothingListeningSaysWhatToDo) {
  const auto outcome = Client("http://127.0.0.1:1").get("/api/v1/health");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::Unavailable);
  EXPECT_THAT(outcome.error().hint, HasSubstr("tidemill up"));
}

TEST(Commands, EachOneHasHelp) {
  CLI::App root;
  Action chosen;
  Context context;
  add_all_commands(root, chosen, context);
  const std::function<void(const CLI::App&)> visit = [&](const CLI::App& app) {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
      EXPECT_FALSE(sub->get_description().empty()) << sub->get_name();
      visit(*sub);
    }
  };
  visit(root);
  EXPECT_NE(root.get_subcommand("topic"), nullptr);
}

}  // namespace
}  // namespace tidemill::cli

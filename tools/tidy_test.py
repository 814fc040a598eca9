#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests tools/tidy on small trees: each rule has one tree that breaks it and one that does not."""
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest

TIDY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidy")
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("tidy", TIDY)
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
loader.exec_module(tidy)

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


class TreeTest(unittest.TestCase):
    def findings(self, files, whole=False):
        """The findings on a tree; unless whole, C++ files get licence, CMake list and README from here."""
        with tempfile.TemporaryDirectory() as root:
            if not whole:
                files = self.completed(files)
            for path, text in files.items():
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return [f"{path}:{line}: {message}" for path, line, message in tidy.Tidy(root).run()]

    @staticmethod
    def completed(files):
        done = {}
        for path, text in files.items():
            guard = "#pragma once\n" if path.endswith(".h") else ""
            done[path] = SPDX + guard + text if path.endswith((".cc", ".h")) else text
            if path.startswith("src/") and path.count("/") > 1:
                folder = "/".join(path.split("/")[:2])
                done.setdefault(f"{folder}/README.md", f"# {folder}\n")
            if path.endswith(".cc"):
                lists = f"{os.path.dirname(path)}/CMakeLists.txt"
                done[lists] = done.get(lists, "") + f"\n{os.path.basename(path)}\n"
        return done

    def clean(self, files):
        self.assertEqual(self.findings(files), [])

    def finds(self, part, files, whole=False):
        found = self.findings(files, whole)
        self.assertEqual(len(found), 1, found)
        self.assertIn(part, found[0])
        self.assertIn(", use ", found[0])


class Ranks(TreeTest):
    def test_a_lower_rank_and_the_own_folder_may_be_included(self):
        self.clean({"src/stream/a.cc": '#include "broker/broker.h"\n#include "stream/state/b.h"\n#include "base/result.h"\n'})

    def test_a_higher_rank_is_found_with_its_line(self):
        self.finds("src/wire/a.cc:3: wire (rank 2) includes broker/broker.h (rank 4)",
                   {"src/wire/a.cc": '#include "base/result.h"\n#include "broker/broker.h"\n'})

    def test_the_same_rank_is_found(self):
        self.finds("web (rank 8) includes cli/a.h", {"src/web/a.h": '#include "cli/a.h"\n'})

    def test_an_implementation_belongs_to_its_port_and_to_app(self):
        include = '#include "tables/embedded/store.h"\n'
        self.finds("is an implementation of the tables port", {"src/stream/a.cc": include})
        self.clean({"src/app/compose.cc": include, "src/tables/server/a.cc": include,
                    "src/stream/a_test.cc": include, "tests/contract/tables/a_test.cc": include})

    def test_a_relative_include_is_found(self):
        self.finds("relative include", {"src/wire/a.cc": '#include "../base/result.h"\n'})

    def test_a_link_to_the_same_rank_is_found(self):
        self.finds("broker links tables", {
            "src/broker/CMakeLists.txt": "tidemill_library(broker\n  SOURCES\n  DEPS base tables_embedded\n  LIBS x)\n"})
        self.clean({"src/broker/CMakeLists.txt": "tidemill_library(broker_server\n  DEPS broker wire_kafka)\n"})

    def test_a_folder_without_a_rank_is_found(self):
        self.finds("src/things:1: a folder without a rank", {"src/things/a.h": ""})


class ThirdParty(TreeTest):
    def test_each_library_stays_in_its_room(self):
        for header, inside, outside in [
                ("rocksdb/db.h", "src/tables/embedded/a.cc", "src/stream/a.cc"),
                ("duckdb.h", "src/duck/a.cc", "src/stream/a.cc"),
                ("yaml-cpp/yaml.h", "src/dag/a.cc", "src/web/a.cc"),
                ("CLI/CLI.hpp", "src/cli/a.cc", "src/config/a.cc"),
                ("librdkafka/rdkafka.h", "src/broker/librdkafka/a.cc", "src/broker/a.cc"),
                ("simdjson.h", "src/wire/json/a.cc", "src/stream/a.cc"),
                ("boost/asio/awaitable.hpp", "src/runtime/a.cc", "src/wire/a.cc")]:
            with self.subTest(header=header):
                self.clean({inside: f"#include <{header}>\n", "bench/a.cc": f"#include <{header}>\n"})
                self.finds("use ", {outside: f"#include <{header}>\n"})

    def test_asio_is_never_included_whole(self):
        self.finds("boost/asio.hpp", {"src/runtime/a.cc": "#include <boost/asio.hpp>\n"})


class BannedCalls(TreeTest):
    def test_each_banned_call_names_its_replacement(self):
        for call, instead in [("auto t = std::chrono::system_clock::now();", "Clock"), ("int a = rand();", "Random"),
                              ("std::random_device seed;", "Random"), ("sleep(1);", "timer"),
                              ("std::this_thread::sleep_for(x);", "timer"), ("std::thread worker;", "TaskGroup"),
                              ('printf("a");', "log"), ('std::cout << "a";', "log"),
                              ("co_spawn(io, f(), asio::detached);", "TaskGroup"), ("using namespace std;", "qualified")]:
            with self.subTest(call=call):
                self.finds(instead, {"src/stream/a.cc": call + "\n"})

    def test_runtime_is_where_they_live(self):
        self.clean({"src/runtime/a.cc": "auto t = system_clock::now(); std::thread a; std::random_device d;\n"})

    def test_names_that_only_look_like_a_banned_call_pass(self):
        self.clean({"src/stream/a.cc": "snprintf(b, 1, x); operand(1); std::thread::id i; clock.sleep(1); group.detached_;\n"})

    def test_comments_and_text_are_no_calls(self):
        self.clean({"src/stream/a.cc": '// std::thread\n/* sleep(1)\n rand() */ auto a = "std::cout";\n'
                                       'auto b = R"(printf("x"))"; const int c = 1\'000;\n'})

    def test_the_line_after_a_raw_literal_is_still_checked(self):
        self.finds("src/stream/a.cc:4", {"src/stream/a.cc": 'auto b = R"(\n)";\nstd::thread t;\n'})

    def test_a_test_may_start_threads_but_not_sleep(self):
        self.clean({"src/stream/a_test.cc": "std::thread t; using namespace std;\n"})
        self.finds("sleep", {"src/stream/a_test.cc": "usleep(1);\n"})

    def test_an_exception_needs_its_rule_and_a_reason(self):
        self.clean({"src/stream/a.cc": "// tidy: allow thread: the debugger's own\nstd::thread t;\n"})
        self.finds("std::thread", {"src/stream/a.cc": "// tidy: allow thread:\nstd::thread t;\n"})
        self.finds("std::thread", {"src/stream/a.cc": "// tidy: allow sleep: wrong rule\nstd::thread t;\n"})


class Sources(TreeTest):
    def test_the_licence_is_the_first_line(self):
        self.finds("the first line is no licence", {"console/src/a.ts": "let a = 1\n"})
        self.clean({"tools/run": "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\n"})

    def test_only_ascii(self):
        self.finds("src/base/a.cc:2: U+2192 in column 4", {"src/base/a.cc": "// \u2192\n"})

    def test_an_open_end_needs_an_issue(self):
        word = "TO" + "DO"
        self.finds("without an issue", {"src/base/a.cc": f"// {word}: later\n"})
        self.clean({"src/base/a.cc": f"// {word}(#12): later\n"})

    def test_a_disabled_test_needs_an_issue(self):
        self.finds("disabled test", {"src/base/a_test.cc": "TEST(A, DISABLED_Works) {}\n"})
        self.clean({"src/base/a_test.cc": "// #12\nTEST(A, DISABLED_Works) {}\n"})

    def test_a_path_of_one_machine_is_found(self):
        self.finds("is a path of one machine", {"docs/a.md": "# A\nrun /ho" + "me/me/a\n"})
        self.clean({"docs/a.md": "# A\nGET /api/ho" + "me/x and `~/ro" + "ot/a`\n"})

    def test_empty_words_in_file_names_are_found(self):
        self.finds("'utils' in a file's name", {"src/base/string_utils.h": ""})

    def test_a_header_needs_its_guard(self):
        self.finds("#pragma once", {"src/base/README.md": "# base\n", "src/base/a.h": SPDX}, whole=True)


class Build(TreeTest):
    def test_a_source_in_no_list_is_found(self):
        self.finds("src/base/a.cc:1: in no CMakeLists.txt", {"src/base/README.md": "# base\n", "src/base/a.cc": SPDX}, whole=True)

    def test_a_list_of_a_parent_folder_counts(self):
        self.assertEqual(self.findings({"src/base/README.md": "# base\n", "src/base/deep/a.cc": SPDX,
                                        "src/base/CMakeLists.txt": "x(deep/a.cc)\n"}, whole=True), [])

    def test_a_commented_entry_does_not_count(self):
        self.finds("in no CMakeLists.txt", {"src/base/README.md": "# base\n", "src/base/a.cc": SPDX,
                                            "src/base/CMakeLists.txt": "# a.cc\n"}, whole=True)

    def test_glob_is_found(self):
        self.finds("file(GLOB)", {"src/base/CMakeLists.txt": "file(GLOB all *.cc)\n"})


class Documents(TreeTest):
    def test_one_title_per_document(self):
        self.finds("2 titles", {"docs/a.md": "# A\n\n# B\n"})
        self.finds("0 titles", {"docs/a.md": "text\n"})
        self.clean({"docs/a.md": "# A\n```\n# a comment\n```\n"})

    def test_a_folder_needs_a_short_readme(self):
        self.finds("no README.md", {"src/base/a.h": SPDX + "#pragma once\n"}, whole=True)
        self.finds("longer than 40 lines", {"src/base/README.md": "# base\n" + "x\n" * 40, "src/base/a.h": ""})

    def test_a_change_names_its_kind(self):
        self.finds("without a kind", {"changes/a.md": "# New\n"})
        self.clean({"changes/a.md": "added: topics have ids\n"})


class Whole(TreeTest):
    def test_the_command_prints_findings_and_fails(self):
        with tempfile.TemporaryDirectory() as root:
            with open(os.path.join(root, "a.md"), "w", encoding="utf-8") as file:
                file.write("no title\n")
            run = subprocess.run([sys.executable, TIDY, "--root", root], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("a.md:1: 0 titles", run.stdout)
        self.assertIn("1 findings", run.stdout)


if __name__ == "__main__":
    unittest.main()

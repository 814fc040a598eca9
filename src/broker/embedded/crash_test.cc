// SPDX-License-Identifier: Apache-2.0
// kill -9 of a process that writes, twenty times in a row, with compaction under way. The process
// is this program again:
//   <program> --writer FOLDER     writes until killed, a line on standard output per
//   acknowledgement
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <thread>

#include "broker/embedded/embedded_broker.h"
#include "runtime/log.h"

namespace tidemill::broker::embedded {
namespace {

constexpr int kRounds = 20;
constexpr std::int64_t kKeys = 10;

struct OpenBroker {
  SystemClock clock;
  RealDisk disk;
  SystemRandom random;
  Metrics metrics;
  std::unique_ptr<EmbeddedBroker> broker;

  explicit OpenBroker(const std::string& folder) {
    EmbeddedOptions options;
    options.folder = folder;
    options.checkpoint_interval = std::chrono::milliseconds{1};
    options.compaction_interval = std::chrono::milliseconds{1};
    auto opened = EmbeddedBroker::open(std::move(options), {clock, disk, random, metrics});
    if (!opened.ok()) {
      ADD_FAILURE() << opened.error().message;
      return;
    }
    broker = *std::move(opened);
    for (const NewTopic& topic :
         {NewTopic{"plain", 1, {{"segment.bytes", "20000"}}}, NewTopic{"pairs", 2, {}},
          NewTopic{"keyed",
                   1,
                   {{"cleanup.policy", "compact"},
                    {"segment.bytes", "4000"},
                    {"min.cleanable.dirty.ratio", "0"}}}}) {
      if (broker->find_topic(topic.name) == nullptr) (void)broker->create_topic(topic);
    }
  }

  std::vector<std::int64_t> read_all(const std::string& topic, std::int32_t partition) {
    std::vector<std::int64_t> numbers;
    FetchPosition position{{topic, partition}, 0};
    while (true) {
      const auto chunks = broker->fetch(std::span(&position, 1), {});
      if (!chunks.ok()) ADD_FAILURE() << chunks.error().message;
      if (!chunks.ok() || chunks->empty()) return numbers;
      for (const RecordView& record : chunks->front().records) {
        const std::string_view text = as_text(record.value);
        std::from_chars(text.data(), text.data() + text.size(), numbers.emplace_back());
      }
      position.offset = chunks->front().next_offset;
    }
  }
};

void say(char kind, std::int64_t number) {
  const std::string line = std::string(1, kind) + std::to_string(number) + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) ::_exit(2);
}

NewRecord record_of(const std::string& text) {
  NewRecord record;
  record.value = as_bytes(text);
  return record;
}

void write_plain(EmbeddedBroker& broker, std::int64_t from) {
  for (std::int64_t n = from;; ++n) {
    const std::string text =
        std::to_string(n) + std::string(static_cast<std::size_t>(n % 300), ' ');
    const NewRecord record = record_of(text);
    if (!broker.produce({"plain", 0}, std::span(&record, 1)).ok()) ::_exit(3);
    say('p', n);
  }
}

void write_pairs(EmbeddedBroker& broker, std::int64_t from) {
  const auto writer = broker.open_writer("pairs");
  if (!writer.ok()) ::_exit(4);
  for (std::int64_t n = from;; ++n) {
    const std::string text = std::to_string(n);
    const NewRecord record = record_of(text);
    const CommittedOffset offset{{"pairs", 0}, n, ""};
    if (!(*writer)->begin().ok() || !(*writer)->write({"pairs", 0}, std::span(&record, 1)).ok() ||
        !(*writer)->write({"pairs", 1}, std::span(&record, 1)).ok() ||
        !(*writer)->commit_offsets("pairs", std::span(&offset, 1)).ok() ||
        !(*writer)->commit().ok()) {
      ::_exit(5);
    }
    say('t', n);
  }
}

// Key n % 10 gets the value n.
void write_keyed(EmbeddedBroker& broker, std::int64_t from) {
  for (std::int64_t n = from;; ++n) {
    const std::string key = std::to_string(n % kKeys);
    const std::string text = std::to_string(n) + std::string(200, ' ');
    NewRecord record = record_of(text);
    record.key = as_bytes(key);
    if (!broker.produce({"keyed", 0}, std::span(&record, 1)).ok()) ::_exit(7);
    say('k', n);
  }
}

std::int64_t next_after(const std::vector<std::int64_t>& numbers) {
  return numbers.empty() ? 1 : numbers.back() + 1;
}

int run_writer(const std::string& folder) {
  configure_log(LogLevel::Error, LogFormat::Text);
  OpenBroker open(folder);
  if (open.broker == nullptr) return 6;
  const std::int64_t plain = next_after(open.read_all("plain", 0));
  // The successor aborts what the killed one left open; then read_committed sees the end.
  (void)open.broker->open_writer("pairs").ok();
  const std::int64_t pairs = next_after(open.read_all("pairs", 0));
  const std::int64_t keyed = next_after(open.read_all("keyed", 0));
  std::jthread other([&] { write_pairs(*open.broker, pairs); });
  std::jthread third([&] { write_keyed(*open.broker, keyed); });
  write_plain(*open.broker, plain);
  return 0;
}

class Acknowledged {
 public:
  std::int64_t plain = 0;
  std::int64_t pairs = 0;
  std::int64_t keyed = 0;

  // Lets the writer run until it has said so many lines, then kills it; reads what it still said.
  void run_and_kill(const std::string& folder, int lines) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl("/proc/self/exe", "writer", "--writer", folder.c_str(), nullptr);
      ::_exit(9);
    }
    ::close(ends[1]);
    std::string text;
    bool killed = false;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
      if (!killed && std::ranges::count(text, '\n') >= lines) {
        ::kill(child, SIGKILL);
        killed = true;
      }
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended with " << WEXITSTATUS(status);
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
         at = end + 1) {
      std::int64_t& last = text[at] == 'p' ? plain : text[at] == 't' ? pairs : keyed;
      std::from_chars(text.data() + at + 1, text.data() + end, last);
    }
  }
};

TEST(LogCrash, KilledTwentyTimesItKeepsWhatItAcknowledgedExactlyOnce) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tidemill-crash-XXXXXX").string();
  const std::string folder = ::mkdtemp(pattern.data());
  Acknowledged acknowledged;
  SeededRandom random(42);
  bool compacted = false;
  for (int round = 0; round < kRounds && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(round);
    acknowledged.run_and_kill(folder, 1 + static_cast<int>(random.next() % 60));
    // Half of the rounds: a crash right after the recovery from a crash.
    if (round % 2 == 0) acknowledged.run_and_kill(folder, static_cast<int>(random.next() % 10));
    OpenBroker open(folder);
    ASSERT_NE(open.broker, nullptr);
    const auto in_order = [](const std::vector<std::int64_t>& numbers) {
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] != static_cast<std::int64_t>(i) + 1) return false;
      }
      return true;
    };
    const auto plain = open.read_all("plain", 0);
    EXPECT_TRUE(in_order(plain));
    EXPECT_GE(static_cast<std::int64_t>(plain.size()), acknowledged.plain);
    ASSERT_TRUE(open.broker->open_writer("pairs").ok());
    const auto pairs = open.read_all("pairs", 0);
    EXPECT_TRUE(in_order(pairs));
    EXPECT_EQ(pairs, open.read_all("pairs", 1));
    EXPECT_GE(static_cast<std::int64_t>(pairs.size()), acknowledged.pairs);
    // Of each key the newest value is at least the one acknowledged last; the compactor runs.
    const auto keyed = open.read_all("keyed", 0);
    EXPECT_TRUE(std::ranges::is_sorted(keyed));
    for (std::int64_t key = 0; key < kKeys; ++key) {
      const std::int64_t expected =
          acknowledged.keyed - ((acknowledged.keyed - key) % kKeys + kKeys) % kKeys;
      const auto newest = std::ranges::find_if(keyed.rbegin(), keyed.rend(),
                                               [key](std::int64_t n) { return n % kKeys == key; });
      EXPECT_GE(newest == keyed.rend() ? 0 : *newest, expected) << "key " << key;
    }
    compacted = compacted || static_cast<std::int64_t>(keyed.size()) < acknowledged.keyed;
    const auto offset = open.broker->offset_store().find("pairs", {"pairs", 0});
    EXPECT_EQ(offset ? offset->offset : 0, static_cast<std::int64_t>(pairs.size()));
  }
  EXPECT_TRUE(compacted) << "no pass of compaction came through";
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tidemill::broker::embedded

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--writer") {
    return tidemill::broker::embedded::run_writer(argv[2]);
  }
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}

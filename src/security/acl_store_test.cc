// SPDX-License-Identifier: Apache-2.0
#include "security/acl_store.h"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>

#include "runtime/faulty_disk.h"

namespace tidemill::security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kPath = "security/acls.json";

Acl acl(const std::string& topic, const std::string& principal, AclOperation operation) {
  return {.name = topic, .principal = principal, .host = "*", .operation = operation};
}

const Acl kRead = acl("orders", "User:alice", AclOperation::Read);
const Acl kWrite = acl("orders", "User:alice", AclOperation::Write);
const Acl kBob = acl("orders", "User:bob", AclOperation::Read);

class AclStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.create_directories("security").ok());
    ASSERT_TRUE(disk_.sync_directory(".").ok());
    open();
  }
  void open() {
    auto opened = AclStore::open(disk_, kPath);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = *std::move(opened);
  }
  void lose_power() {
    disk_ = disk_.after_power_cut(random_);
    open();
  }
  void add(std::vector<Acl> acls) { ASSERT_TRUE(store_->add(acls).ok()); }
  std::vector<std::vector<Acl>> remove(std::vector<AclFilter> filters) {
    return *store_->remove(filters);
  }

  SeededRandom random_{7};
  FaultyDisk disk_;
  std::unique_ptr<AclStore> store_;
};

TEST_F(AclStoreTest, KeepsItsEntriesAcrossAPowerCut) {
  add({kRead, kBob});
  add({kRead, kWrite});
  remove({{.principal = "User:bob"}});
  lose_power();
  EXPECT_THAT(store_->list({}), ElementsAre(kRead, kWrite));
}

TEST_F(AclStoreTest, TellsWhatWentForEachFilter) {
  add({kRead, kWrite, kBob});
  const auto gone =
      remove({{.operation = AclOperation::Read}, {.principal = "User:alice"}, {.name = "other"}});
  EXPECT_THAT(gone, ElementsAre(ElementsAre(kRead, kBob), ElementsAre(kWrite), IsEmpty()));
  EXPECT_THAT(store_->list({}), IsEmpty());
}

TEST_F(AclStoreTest, AddsAllOrNothing) {
  Acl wrong = kBob;
  wrong.principal = "bob";
  EXPECT_FALSE(store_->add(std::vector<Acl>{kRead, wrong}).ok());
  EXPECT_THAT(store_->list({}), IsEmpty());
  EXPECT_FALSE(disk_.exists(kPath));
}

TEST_F(AclStoreTest, ChangesNothingWhenTheDiskFails) {
  add({kRead});
  disk_.fail_syncs(1);
  EXPECT_FALSE(store_->add(std::vector<Acl>{kWrite}).ok());
  EXPECT_THAT(store_->list({}), ElementsAre(kRead));
  lose_power();
  EXPECT_THAT(store_->list({}), ElementsAre(kRead));
}

TEST_F(AclStoreTest, AnswersFromOneMomentToWhoAskedThen) {
  add({kRead});
  const auto before = store_->snapshot();
  remove({{}});
  EXPECT_THAT(before->all(), SizeIs(1));
  EXPECT_EQ(before->judge({"User:alice", "h"}, AclOperation::Read, AclResource::Topic, "orders"),
            AclIndex::Verdict::Allowed);
  EXPECT_THAT(store_->snapshot()->all(), IsEmpty());
}

TEST_F(AclStoreTest, DoesNotOpenWithADamagedFile) {
  add({kRead});
  const std::string whole(as_text(*read_file(disk_, kPath, 1 << 20)));
  for (const std::string& text :
       {std::string(), std::string("{}"), whole.substr(0, whole.size() / 2),
        std::regex_replace(whole, std::regex("\"version\": 1"), "\"version\": 2"),
        std::regex_replace(whole, std::regex("READ"), "REED"),
        std::regex_replace(whole, std::regex("User:alice"), "alice")}) {
    ASSERT_TRUE(replace_file(disk_, kPath, as_bytes(text)).ok());
    const auto opened = AclStore::open(disk_, kPath);
    ASSERT_FALSE(opened.ok()) << text;
    EXPECT_THAT(opened.error().message, HasSubstr("acls.json"));
  }
}

// The example of docs/dev/formats/acls.md.
TEST_F(AclStoreTest, ReadsTheExampleOfItsFormat) {
  std::ifstream page(TIDEMILL_SOURCE_DIR "/docs/dev/formats/acls.md");
  const std::string text((std::istreambuf_iterator<char>(page)), std::istreambuf_iterator<char>());
  const auto begin = text.find("```json\n") + 8;
  const std::string example = text.substr(begin, text.find("```", begin) - begin);
  ASSERT_TRUE(replace_file(disk_, kPath, as_bytes(example)).ok());
  open();
  const auto index = store_->snapshot();
  EXPECT_EQ(
      index->judge({"User:alice", "10.0.0.7"}, AclOperation::Read, AclResource::Topic, "orders-eu"),
      AclIndex::Verdict::Allowed);
  EXPECT_EQ(index->judge({"User:alice", "10.0.0.7"}, AclOperation::Read, AclResource::Topic,
                         "orders-secret"),
            AclIndex::Verdict::Denied);
}

}  // namespace
}  // namespace tidemill::security

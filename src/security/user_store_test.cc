// SPDX-License-Identifier: Apache-2.0
#include "security/user_store.h"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>

#include "runtime/faulty_disk.h"

namespace tidemill::security {
namespace {

using testing::HasSubstr;
using testing::Not;

class UserStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.create_directories("security").ok());
    ASSERT_TRUE(disk_.sync_directory(".").ok());
    open();
  }
  void open() {
    auto opened = UserStore::open(disk_, random_, "security/users.json");
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = *std::move(opened);
  }
  void lose_power() {
    disk_ = disk_.after_power_cut(random_);
    open();
  }
  std::string file() {
    return std::string(as_text(*read_file(disk_, "security/users.json", 1 << 20)));
  }

  SeededRandom random_{7};
  FaultyDisk disk_;
  std::unique_ptr<UserStore> store_;
};

TEST_F(UserStoreTest, KnowsAUserByItsPasswordAfterAPowerCut) {
  ASSERT_TRUE(store_->set_password("alice", "secret").ok());
  ASSERT_TRUE(store_->set_password("bob", "other").ok());
  ASSERT_TRUE(store_->remove("bob").ok());
  lose_power();
  EXPECT_TRUE(store_->check_password("alice", "secret").ok());
  EXPECT_FALSE(store_->check_password("alice", "Secret").ok());
  EXPECT_FALSE(store_->find("bob"));
  ASSERT_EQ(store_->list().size(), 1U);
  EXPECT_EQ(store_->list()[0].credentials.size(), 2U);
}

TEST_F(UserStoreTest, KeepsNoPassword) {
  ASSERT_TRUE(store_->set_password("alice", "a-long-secret").ok());
  EXPECT_THAT(file(), Not(HasSubstr("a-long-secret")));
  EXPECT_THAT(file(), HasSubstr("SCRAM-SHA-512"));
}

TEST_F(UserStoreTest, TellsAWrongPasswordAndAnUnknownUserInTheSameWords) {
  ASSERT_TRUE(store_->set_password("alice", "secret").ok());
  const auto wrong = store_->check_password("alice", "x");
  const auto unknown = store_->check_password("alicf", "x");
  EXPECT_EQ(wrong.error().code, ErrorCode::Denied);
  EXPECT_EQ(wrong.error().message, "Provided username alice and/or password are incorrect");
  EXPECT_EQ(unknown.error().message, "Provided username alicf and/or password are incorrect");
}

TEST_F(UserStoreTest, KeepsEachMechanismByItself) {
  const auto credential = make_credential(ScramMechanism::Sha512, "secret",
                                          random_bytes(random_, 8), kScramIterationsLeast);
  ASSERT_TRUE(store_->set_credential("alice", ScramMechanism::Sha512, credential).ok());
  EXPECT_EQ(store_->find_credential("alice", ScramMechanism::Sha512), credential);
  EXPECT_FALSE(store_->find_credential("alice", ScramMechanism::Sha256));
  EXPECT_TRUE(store_->check_password("alice", "secret").ok());
  EXPECT_EQ(store_->remove_credential("alice", ScramMechanism::Sha256).error().code,
            ErrorCode::NotFound);
  ASSERT_TRUE(store_->remove_credential("alice", ScramMechanism::Sha512).ok());
  EXPECT_TRUE(store_->empty());
}

TEST_F(UserStoreTest, ChangesNothingWhenTheDiskFails) {
  ASSERT_TRUE(store_->set_password("alice", "secret").ok());
  disk_.fail_syncs(1);
  EXPECT_FALSE(store_->set_password("alice", "new").ok());
  EXPECT_TRUE(store_->check_password("alice", "secret").ok());
  lose_power();
  EXPECT_TRUE(store_->check_password("alice", "secret").ok());
}

TEST_F(UserStoreTest, LetsNobodyInWhenItsFileIsDamaged) {
  ASSERT_TRUE(store_->set_password("alice", "secret").ok());
  const std::string whole = file();
  for (const std::string& text :
       {std::string(), std::string("{}"), whole.substr(0, whole.size() / 2),
        std::regex_replace(whole, std::regex("\"version\": 2"), "\"version\": 3"),
        std::regex_replace(whole, std::regex("8192"), "0")}) {
    ASSERT_TRUE(replace_file(disk_, "security/users.json", as_bytes(text)).ok());
    const auto opened = UserStore::open(disk_, random_, "security/users.json");
    ASSERT_FALSE(opened.ok()) << text;
    EXPECT_THAT(opened.error().message, HasSubstr("users.json"));
  }
}

TEST_F(UserStoreTest, RefusesNamesAndPasswordsThatNobodyCouldType) {
  for (const std::string& name :
       std::vector<std::string>{"", "a\nb", "\xff", std::string(256, 'x')}) {
    EXPECT_EQ(store_->set_password(name, "secret").error().code, ErrorCode::InvalidArgument);
  }
  EXPECT_FALSE(store_->set_password("alice", "").ok());
  EXPECT_FALSE(store_->set_password("alice", std::string(2000, 'x')).ok());
  EXPECT_TRUE(store_->set_password("J\xc3\xbcrgen, =x", "p\0w").ok());
}

TEST_F(UserStoreTest, LetsARoleWithoutLoginInNowhere) {
  ASSERT_TRUE(store_->set_password("reader", "secret").ok());
  ASSERT_TRUE(store_
                  ->change([](Users& users) -> Result<> {
                    users.at("reader").can_login = false;
                    return {};
                  })
                  .ok());
  lose_power();
  EXPECT_EQ(store_->check_password("reader", "secret").error().message,
            "reader is not permitted to log in");
  EXPECT_EQ(store_->check_password("reader", "wrong").error().message,
            "Provided username reader and/or password are incorrect");
  EXPECT_FALSE(store_->find("reader")->credentials.empty());
}

TEST_F(UserStoreTest, KeepsARoleWhoseLastCredentialGoesAndWhosePasswordChanges) {
  ASSERT_TRUE(store_->set_password("reader", "secret").ok());
  ASSERT_TRUE(store_
                  ->change([](Users& users) -> Result<> {
                    users.at("reader").is_superuser = true;
                    return {};
                  })
                  .ok());
  ASSERT_TRUE(store_->set_password("reader", "other").ok());
  EXPECT_TRUE(store_->find("reader")->is_superuser);
  for (const ScramMechanism mechanism : kScramMechanisms)
    ASSERT_TRUE(store_->remove_credential("reader", mechanism).ok());
  ASSERT_TRUE(store_->find("reader"));
  EXPECT_FALSE(store_->check_password("reader", "other").ok());
}

TEST_F(UserStoreTest, HasAnotherGenerationAfterEachChangeOnly) {
  const auto before = store_->generation();
  ASSERT_TRUE(store_->set_password("alice", "secret").ok());
  const auto after = store_->generation();
  EXPECT_NE(after, before);
  ASSERT_TRUE(store_->change([](Users&) -> Result<> { return {}; }).ok());
  EXPECT_FALSE(store_
                   ->change([](Users& users) -> Result<> {
                     users.clear();
                     return error(ErrorCode::NotFound, "no");
                   })
                   .ok());
  EXPECT_EQ(store_->generation(), after);
  EXPECT_TRUE(store_->find("alice"));
}

// The example of docs/dev/formats/users.md.
TEST_F(UserStoreTest, ReadsTheExampleOfItsFormat) {
  std::ifstream page(TIDEMILL_SOURCE_DIR "/docs/dev/formats/users.md");
  const std::string text((std::istreambuf_iterator<char>(page)), std::istreambuf_iterator<char>());
  const auto begin = text.find("```json\n") + 8;
  const std::string example = text.substr(begin, text.find("```", begin) - begin);
  ASSERT_TRUE(replace_file(disk_, "security/users.json", as_bytes(example)).ok());
  open();
  EXPECT_TRUE(store_->check_password("user", "pencil").ok());
  EXPECT_TRUE(
      Grants(*store_->snapshot(), "user").allow(Permission::Select, Resource::table("ks", "t")));
}

}  // namespace
}  // namespace tidemill::security

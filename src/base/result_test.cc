// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tidemill {

static Result<int> positive(int n) {
  if (n <= 0) return error(ErrorCode::InvalidArgument, "n is not positive");
  return n;
}

static Result<> check(int n) {
  TRY(positive(n));
  return {};
}

static Result<std::unique_ptr<int>> boxed(int n) {
  return std::make_unique<int>(TRY(positive(n)));
}

TEST(Result, TryPassesTheValueOrReturnsTheError) {
  EXPECT_TRUE(check(1).ok());
  EXPECT_EQ(check(0).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(**boxed(4), 4);
  EXPECT_FALSE(boxed(-1).ok());
}

TEST(Result, ContextIsAddedBehindTheMessage) {
  const auto failed = positive(0).context("while counting");
  EXPECT_EQ(failed.error().message, "n is not positive (while counting)");
}

}  // namespace tidemill

// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

#include <gtest/gtest.h>

namespace tidemill {

TEST(Uuid, RoundTripsInLowerCase) {
  const auto uuid = parse_uuid("00112233-4455-6677-8899-AABBCCDDEEFF");
  ASSERT_TRUE(uuid.ok());
  EXPECT_EQ(to_string(*uuid), "00112233-4455-6677-8899-aabbccddeeff");
}

TEST(Uuid, RefusesOtherShapes) {
  EXPECT_FALSE(parse_uuid("00112233445566778899aabbccddeeff").ok());
  EXPECT_FALSE(parse_uuid("00112233-4455-6677-8899-aabbccddeef").ok());
  EXPECT_FALSE(parse_uuid("00112233-4455-6677-8899-aabbccddeefg").ok());
}

}  // namespace tidemill

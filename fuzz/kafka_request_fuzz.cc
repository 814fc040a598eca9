// SPDX-License-Identifier: Apache-2.0
// Every Kafka message at every version: what decodes must encode to something that decodes again.
#include <cstdlib>

#include "wire/kafka/all_messages.h"

using namespace tidemill;
using namespace tidemill::wire::kafka;

template <class M>
void try_message(BytesView body, std::uint8_t version_byte) {
  const int versions = M::kSpec.highest - M::kSpec.lowest + 1;
  const auto version = static_cast<std::int16_t>(M::kSpec.lowest + version_byte % versions);
  const auto message = decode<M>(body, version);
  if (!message.ok()) return;
  Encoded out;
  encode(*message, version, out);
  if (out.size() != encoded_size(*message, version)) std::abort();
  if (!decode<M>(out.flatten(), version).ok()) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  if (size < 3) return 0;
  const BytesView body(input + 3, size - 3);
  int index = 0;
  for_each_api([&]<class Req, class Resp>(Api<Req, Resp>) {
    if (index++ != input[0] % 35) return;
    input[1] % 2 == 0 ? try_message<Req>(body, input[2]) : try_message<Resp>(body, input[2]);
  });
  return 0;
}

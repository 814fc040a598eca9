// SPDX-License-Identifier: Apache-2.0
// A record batch as a client may send it. The checksum is made to fit, so that the decoders behind
// it are reached.
#include "wire/kafka/record_batch.h"

using namespace tidemill;
using namespace tidemill::wire::kafka;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  Bytes batch(input, input + size);
  if (size >= kBatchHeaderBytes) set_log_append_time(batch, 1000);
  BytesView rest(batch);
  const auto first = next_batch(rest);
  if (first.ok() && *first) (void)validate_records(**first, 1 << 20, false).ok();
  (void)validate_produced(batch).ok();
  return 0;
}

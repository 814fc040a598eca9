// SPDX-License-Identifier: Apache-2.0
#include "model/record.h"

#include <fmt/format.h>

namespace tidemill {

Result<std::vector<HeaderView>> decode_headers(BytesView encoded) {
  std::vector<HeaderView> headers;
  if (encoded.empty()) return headers;
  ByteReader in(encoded);
  const auto count = TRY(in.varint32());
  // A header takes two bytes at least.
  if (count < 0 || static_cast<std::size_t>(count) > in.remaining() / 2) {
    return error(ErrorCode::Corrupt,
                 fmt::format("record has {} headers in {} bytes", count, in.remaining()));
  }
  headers.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) {
    HeaderView header;
    const auto key_size = TRY(in.varint32());
    if (key_size < 0) return error(ErrorCode::Corrupt, "record header has no key");
    header.key = TRY(in.text(static_cast<std::size_t>(key_size)));
    const auto value_size = TRY(in.varint32());
    if (value_size >= 0) header.value = TRY(in.bytes(static_cast<std::size_t>(value_size)));
    headers.push_back(header);
  }
  return headers;
}

void encode_headers(const std::vector<HeaderView>& headers, Bytes& out) {
  ByteWriter writer(out);
  writer.varint32(static_cast<std::int32_t>(headers.size()));
  for (const auto& header : headers) {
    writer.varint32(static_cast<std::int32_t>(header.key.size()));
    writer.text(header.key);
    writer.varint32(header.value ? static_cast<std::int32_t>(header.value->size()) : -1);
    if (header.value) writer.bytes(*header.value);
  }
}

}  // namespace tidemill

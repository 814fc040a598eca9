// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/compression.h"

#include <fmt/format.h>
#include <lz4.h>
#include <snappy.h>

namespace tidemill::wire::cql {

Result<Bytes> decompress_lz4_block(BytesView block, std::size_t uncompressed_length) {
  Bytes out(uncompressed_length);
  const int written = LZ4_decompress_safe(
      reinterpret_cast<const char*>(block.data()), reinterpret_cast<char*>(out.data()),
      static_cast<int>(block.size()), static_cast<int>(uncompressed_length));
  if (written < 0 || static_cast<std::size_t>(written) != uncompressed_length) {
    return error(ErrorCode::Corrupt, "lz4 block does not hold what it claims");
  }
  return out;
}

Bytes compress_lz4_block(BytesView data) {
  Bytes out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(data.size()))));
  const int written = LZ4_compress_default(
      reinterpret_cast<const char*>(data.data()), reinterpret_cast<char*>(out.data()),
      static_cast<int>(data.size()), static_cast<int>(out.size()));
  out.resize(static_cast<std::size_t>(written));
  return out;
}

Result<Bytes> decompress_body(Compression how, BytesView body, std::size_t limit) {
  const auto too_long = [&](std::size_t length) {
    return error(ErrorCode::TooLarge,
                 fmt::format("compressed body of {} bytes claims {}, the limit is {}", body.size(),
                             length, limit));
  };
  switch (how) {
    case Compression::None:
      return error(ErrorCode::Corrupt,
                   "compressed frame on a connection that agreed on no compression");
    case Compression::Lz4: {
      ByteReader in(body);
      const auto length = TRY(in.u32be());
      if (length > limit || length / 255 > body.size()) return too_long(length);
      return decompress_lz4_block(in.rest(), length);
    }
    case Compression::Snappy: {
      const auto* data = reinterpret_cast<const char*>(body.data());
      std::size_t length = 0;
      if (!snappy::GetUncompressedLength(data, body.size(), &length)) {
        return error(ErrorCode::Corrupt, "snappy body has no length");
      }
      if (length > limit) return too_long(length);
      Bytes out(length);
      if (!snappy::RawUncompress(data, body.size(), reinterpret_cast<char*>(out.data()))) {
        return error(ErrorCode::Corrupt, "snappy body is damaged");
      }
      return out;
    }
  }
  return error(ErrorCode::Internal, "unknown compression");
}

Bytes compress_body(Compression how, BytesView body) {
  switch (how) {
    case Compression::None:
      return Bytes(body.begin(), body.end());
    case Compression::Lz4: {
      ByteWriter out;
      out.u32be(static_cast<std::uint32_t>(body.size()));
      out.bytes(compress_lz4_block(body));
      return out.take();
    }
    case Compression::Snappy: {
      Bytes out(snappy::MaxCompressedLength(body.size()));
      std::size_t length = 0;
      snappy::RawCompress(reinterpret_cast<const char*>(body.data()), body.size(),
                          reinterpret_cast<char*>(out.data()), &length);
      out.resize(length);
      return out;
    }
  }
  return {};
}

}  // namespace tidemill::wire::cql

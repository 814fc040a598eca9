// SPDX-License-Identifier: Apache-2.0
// Snappy as Kafka's Java client frames it:
//   xerial := magic[8] version:i32 compatible:i32 (size:i32 block[size])*
#include "wire/kafka/compression.h"

#include <fmt/core.h>
#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

namespace tidemill::wire::kafka {
namespace {

constexpr std::array<std::uint8_t, 8> kXerialMagic{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t kXerialHeaderBytes = 16;
constexpr std::size_t kXerialBlockBytes = 32 << 10;
constexpr std::size_t kStepBytes = 64 << 10;
constexpr int kZstdWindowLogMax = 27;  // 128 MiB, what the zstd tool accepts by default

Error damaged(std::string_view codec, std::string_view why) {
  return error(ErrorCode::Corrupt, fmt::format("{} data is damaged: {}", codec, why));
}

Error too_large(std::string_view codec, std::size_t bytes_max) {
  return error(ErrorCode::TooLarge,
               fmt::format("{} data unpacks to more than the limit of {} bytes", codec, bytes_max));
}

// Room for the next step of a streaming decoder: what is used plus a step, never above the limit
// plus one byte, so that a decoder that fills it has shown that the limit is exceeded.
void grow(Bytes& out, std::size_t used, std::size_t bytes_max) {
  out.resize(std::min(std::max(used * 2, used + kStepBytes), bytes_max + 1));
}

Result<Bytes> gunzip(BytesView packed, std::size_t bytes_max) {
  z_stream stream{};
  constexpr int kGzipOrZlib = 15 + 32;
  if (inflateInit2(&stream, kGzipOrZlib) != Z_OK) {
    return error(ErrorCode::Exhausted, "no memory for gzip");
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  Bytes out;
  std::size_t used = 0;
  for (;;) {
    grow(out, used, bytes_max);
    stream.next_out = out.data() + used;
    stream.avail_out = static_cast<uInt>(out.size() - used);
    const int status = inflate(&stream, Z_NO_FLUSH);
    used = out.size() - stream.avail_out;
    if (used > bytes_max) return too_large("gzip", bytes_max);
    if (status == Z_STREAM_END) break;
    if (status != Z_OK) return damaged("gzip", stream.msg != nullptr ? stream.msg : "cut short");
  }
  out.resize(used);
  return out;
}

Result<Bytes> gzip(BytesView plain) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return error(ErrorCode::Exhausted, "no memory for gzip");
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, deflateEnd);
  Bytes out(deflateBound(&stream, plain.size()));
  stream.next_in = const_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
    return error(ErrorCode::Internal, "gzip did not finish");
  }
  out.resize(stream.total_out);
  return out;
}

Result<> unsnap_block(BytesView block, std::size_t bytes_max, Bytes& out) {
  const auto* from = reinterpret_cast<const char*>(block.data());
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(from, block.size(), &size)) {
    return damaged("snappy", "no length");
  }
  if (size > bytes_max - out.size()) return too_large("snappy", bytes_max);
  // A snappy block cannot grow by more than 64 bytes out of 3 (a copy); a length beyond that lies.
  if (size / 64 > block.size()) return damaged("snappy", "its length exceeds what it can hold");
  const std::size_t used = out.size();
  out.resize(used + size);
  if (!snappy::RawUncompress(from, block.size(), reinterpret_cast<char*>(out.data() + used))) {
    return damaged("snappy", "a block does not decode");
  }
  return {};
}

Result<Bytes> unsnap(BytesView packed, std::size_t bytes_max) {
  Bytes out;
  if (packed.size() < kXerialHeaderBytes ||
      !std::equal(kXerialMagic.begin(), kXerialMagic.end(), packed.begin())) {
    TRY(unsnap_block(packed, bytes_max, out));
    return out;
  }
  ByteReader in(packed.subspan(kXerialHeaderBytes));
  while (!in.at_end()) {
    const std::uint32_t size = TRY(in.u32be().context("snappy block length"));
    TRY(unsnap_block(TRY(in.bytes(size).context("snappy block")), bytes_max, out));
  }
  return out;
}

Result<Bytes> snap(BytesView plain) {
  Bytes out(kXerialMagic.begin(), kXerialMagic.end());
  ByteWriter writer(out);
  writer.i32be(1);
  writer.i32be(1);
  std::string block;
  for (std::size_t at = 0; at < plain.size(); at += kXerialBlockBytes) {
    const BytesView piece = plain.subspan(at, std::min(kXerialBlockBytes, plain.size() - at));
    snappy::Compress(reinterpret_cast<const char*>(piece.data()), piece.size(), &block);
    writer.u32be(static_cast<std::uint32_t>(block.size()));
    writer.text(block);
  }
  return out;
}

Result<Bytes> unlz4(BytesView packed, std::size_t bytes_max) {
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) {
    return error(ErrorCode::Exhausted, "no memory for lz4");
  }
  const std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> guard(
      context, LZ4F_freeDecompressionContext);
  Bytes out;
  std::size_t used = 0;
  std::size_t read = 0;
  for (;;) {
    grow(out, used, bytes_max);
    std::size_t produced = out.size() - used;
    std::size_t consumed = packed.size() - read;
    const std::size_t hint = LZ4F_decompress(context, out.data() + used, &produced,
                                             packed.data() + read, &consumed, nullptr);
    if (LZ4F_isError(hint)) return damaged("lz4", LZ4F_getErrorName(hint));
    used += produced;
    read += consumed;
    if (used > bytes_max) return too_large("lz4", bytes_max);
    if (hint == 0) break;
    if (produced == 0 && consumed == 0) return damaged("lz4", "cut short");
  }
  out.resize(used);
  return out;
}

Result<Bytes> lz4(BytesView plain) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  Bytes out(LZ4F_compressFrameBound(plain.size(), &preferences));
  const std::size_t size =
      LZ4F_compressFrame(out.data(), out.size(), plain.data(), plain.size(), &preferences);
  if (LZ4F_isError(size)) return error(ErrorCode::Internal, LZ4F_getErrorName(size));
  out.resize(size);
  return out;
}

Result<Bytes> unzstd(BytesView packed, std::size_t bytes_max) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  if (!context) return error(ErrorCode::Exhausted, "no memory for zstd");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  Bytes out;
  std::size_t used = 0;
  for (;;) {
    grow(out, used, bytes_max);
    ZSTD_outBuffer to{out.data(), out.size(), used};
    const std::size_t before = in.pos;
    const std::size_t left = ZSTD_decompressStream(context.get(), &to, &in);
    if (ZSTD_isError(left)) return damaged("zstd", ZSTD_getErrorName(left));
    const bool stuck = to.pos == used && in.pos == before;
    used = to.pos;
    if (used > bytes_max) return too_large("zstd", bytes_max);
    if (left == 0 && in.pos == in.size) break;
    if (stuck) return damaged("zstd", "cut short");
  }
  out.resize(used);
  return out;
}

Result<Bytes> zstd(BytesView plain) {
  Bytes out(ZSTD_compressBound(plain.size()));
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size)) return error(ErrorCode::Internal, ZSTD_getErrorName(size));
  out.resize(size);
  return out;
}

}  // namespace

std::string_view name_of(Compression codec) {
  switch (codec) {
    case Compression::None:
      return "none";
    case Compression::Gzip:
      return "gzip";
    case Compression::Snappy:
      return "snappy";
    case Compression::Lz4:
      return "lz4";
    case Compression::Zstd:
      return "zstd";
  }
  return "unknown";
}

Result<Compression> compression_of(std::int16_t attributes) {
  const int number = attributes & 7;
  if (number > static_cast<int>(Compression::Zstd)) {
    return error(ErrorCode::Corrupt, fmt::format("record batch names unknown codec {}", number));
  }
  return static_cast<Compression>(number);
}

Result<Bytes> compress(Compression codec, BytesView plain) {
  switch (codec) {
    case Compression::None:
      return Bytes(plain.begin(), plain.end());
    case Compression::Gzip:
      return gzip(plain);
    case Compression::Snappy:
      return snap(plain);
    case Compression::Lz4:
      return lz4(plain);
    case Compression::Zstd:
      return zstd(plain);
  }
  return error(ErrorCode::Unsupported, "unknown codec");
}

Result<Bytes> decompress(Compression codec, BytesView packed, std::size_t bytes_max) {
  switch (codec) {
    case Compression::None:
      if (packed.size() > bytes_max) return too_large("plain", bytes_max);
      return Bytes(packed.begin(), packed.end());
    case Compression::Gzip:
      return gunzip(packed, bytes_max);
    case Compression::Snappy:
      return unsnap(packed, bytes_max);
    case Compression::Lz4:
      return unlz4(packed, bytes_max);
    case Compression::Zstd:
      return unzstd(packed, bytes_max);
  }
  return error(ErrorCode::Unsupported, "unknown codec");
}

}  // namespace tidemill::wire::kafka

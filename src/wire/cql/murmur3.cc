// SPDX-License-Identifier: Apache-2.0
#include "wire/cql/murmur3.h"

#include <limits>

namespace tidemill::wire::cql {
namespace {

constexpr std::uint64_t kC1 = 0x87c37b91114253d5ULL;
constexpr std::uint64_t kC2 = 0x4cf5ad432745937fULL;

std::uint64_t final_mix(std::uint64_t k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccdULL;
  k ^= k >> 33;
  k *= 0xc4ceb9fe1a85ec53ULL;
  k ^= k >> 33;
  return k;
}

std::uint64_t load_le(const std::uint8_t* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  return std::endian::native == std::endian::little ? value : std::byteswap(value);
}

// Bytes are signed in the reference implementation.
std::uint64_t widened(std::uint8_t byte) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int8_t>(byte)));
}

}  // namespace

std::int64_t murmur3_token(BytesView key) {
  const std::size_t blocks = key.size() / 16;
  std::uint64_t h1 = 0;
  std::uint64_t h2 = 0;
  for (std::size_t i = 0; i < blocks; ++i) {
    std::uint64_t k1 = load_le(key.data() + i * 16);
    std::uint64_t k2 = load_le(key.data() + i * 16 + 8);
    k1 *= kC1;
    k1 = std::rotl(k1, 31);
    k1 *= kC2;
    h1 ^= k1;
    h1 = std::rotl(h1, 27);
    h1 += h2;
    h1 = h1 * 5 + 0x52dce729;
    k2 *= kC2;
    k2 = std::rotl(k2, 33);
    k2 *= kC1;
    h2 ^= k2;
    h2 = std::rotl(h2, 31);
    h2 += h1;
    h2 = h2 * 5 + 0x38495ab5;
  }
  const BytesView tail = key.subspan(blocks * 16);
  std::uint64_t k1 = 0;
  std::uint64_t k2 = 0;
  for (std::size_t i = tail.size(); i > 8; --i) k2 ^= widened(tail[i - 1]) << ((i - 9) * 8);
  for (std::size_t i = tail.size() < 8 ? tail.size() : 8; i > 0; --i) {
    k1 ^= widened(tail[i - 1]) << ((i - 1) * 8);
  }
  if (tail.size() > 8) {
    k2 *= kC2;
    k2 = std::rotl(k2, 33);
    k2 *= kC1;
    h2 ^= k2;
  }
  if (!tail.empty()) {
    k1 *= kC1;
    k1 = std::rotl(k1, 31);
    k1 *= kC2;
    h1 ^= k1;
  }
  h1 ^= key.size();
  h2 ^= key.size();
  h1 += h2;
  h2 += h1;
  h1 = final_mix(h1);
  h2 = final_mix(h2);
  h1 += h2;
  const auto token = static_cast<std::int64_t>(h1);
  return token == std::numeric_limits<std::int64_t>::min()
             ? std::numeric_limits<std::int64_t>::max()
             : token;
}

void append_routing_component(Bytes& out, BytesView component) {
  ByteWriter writer(out);
  writer.u16be(static_cast<std::uint16_t>(component.size()));
  writer.bytes(component);
  writer.u8(0);
}

Bytes routing_key(std::span<const BytesView> components) {
  if (components.size() == 1) return Bytes(components[0].begin(), components[0].end());
  Bytes out;
  for (const BytesView component : components) append_routing_component(out, component);
  return out;
}

}  // namespace tidemill::wire::cql

// SPDX-License-Identifier: Apache-2.0
#include "broker/embedded/topic_registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/log/checked_file.h"

namespace tidemill::broker::embedded {
namespace {

constexpr std::string_view kRegistryMagic = "TMTR";
constexpr std::string_view kFlushedMagic = "TMFO";
constexpr std::uint16_t kVersion = 1;
constexpr std::uint64_t kFileBytesMax = std::uint64_t{256} << 20;
constexpr std::size_t kFlushedBytes = 16 + 4 + 8;

void write_text(ByteWriter& out, std::string_view text) {
  out.u16be(static_cast<std::uint16_t>(text.size()));
  out.text(text);
}

Result<std::string> read_text(ByteReader& in) {
  const std::uint16_t size = TRY(in.u16be());
  return std::string(TRY(in.text(size)));
}

Result<Uuid> read_uuid(ByteReader& in) {
  Uuid id;
  const BytesView bytes = TRY(in.bytes(id.bytes.size()));
  std::ranges::copy(bytes, id.bytes.begin());
  return id;
}

Result<StoredRegistry> decode_registry(BytesView payload) {
  ByteReader in(payload);
  StoredRegistry registry;
  registry.cluster_id = TRY(read_uuid(in));
  const std::uint32_t topics = TRY(in.u32be());
  for (std::uint32_t i = 0; i < topics; ++i) {
    StoredTopic topic;
    topic.name = TRY(read_text(in));
    topic.id = TRY(read_uuid(in));
    topic.internal = TRY(in.u8()) != 0;
    topic.partitions = TRY(in.i32be());
    const std::uint32_t configs = TRY(in.u32be());
    for (std::uint32_t n = 0; n < configs; ++n) {
      std::string name = TRY(read_text(in));
      topic.configs[std::move(name)] = TRY(read_text(in));
    }
    registry.topics.push_back(std::move(topic));
  }
  return registry;
}

}  // namespace

Result<StoredRegistry> read_registry(Disk& disk, const std::string& path) {
  const auto content =
      TRY(store::log::read_checked_file(disk, path, kRegistryMagic, kVersion, kFileBytesMax));
  return decode_registry(content.payload).context(fmt::format("in '{}'", path));
}

Result<> write_registry(Disk& disk, const std::string& path, const StoredRegistry& registry) {
  ByteWriter out;
  out.bytes(registry.cluster_id.bytes);
  out.u32be(static_cast<std::uint32_t>(registry.topics.size()));
  for (const StoredTopic& topic : registry.topics) {
    write_text(out, topic.name);
    out.bytes(topic.id.bytes);
    out.u8(topic.internal ? 1 : 0);
    out.i32be(topic.partitions);
    out.u32be(static_cast<std::uint32_t>(topic.configs.size()));
    for (const auto& [name, value] : topic.configs) {
      write_text(out, name);
      write_text(out, value);
    }
  }
  return store::log::write_checked_file(disk, path, kRegistryMagic, kVersion, out.buffer());
}

Result<std::vector<FlushedOffset>> read_flushed_offsets(Disk& disk, const std::string& path) {
  std::vector<FlushedOffset> offsets;
  if (!disk.exists(path)) return offsets;
  const auto content =
      TRY(store::log::read_checked_file(disk, path, kFlushedMagic, kVersion, kFileBytesMax));
  ByteReader in(content.payload);
  const std::uint32_t count = TRY(in.u32be());
  offsets.reserve(std::min<std::size_t>(count, in.remaining() / kFlushedBytes));
  for (std::uint32_t i = 0; i < count; ++i) {
    FlushedOffset entry;
    entry.topic_id = TRY(read_uuid(in));
    entry.partition = TRY(in.i32be());
    entry.durable_offset = TRY(in.i64be());
    offsets.push_back(entry);
  }
  return offsets;
}

Result<> write_flushed_offsets(Disk& disk, const std::string& path,
                               const std::vector<FlushedOffset>& offsets) {
  ByteWriter out;
  out.u32be(static_cast<std::uint32_t>(offsets.size()));
  for (const FlushedOffset& entry : offsets) {
    out.bytes(entry.topic_id.bytes);
    out.i32be(entry.partition);
    out.i64be(entry.durable_offset);
  }
  return store::log::write_checked_file(disk, path, kFlushedMagic, kVersion, out.buffer());
}

}  // namespace tidemill::broker::embedded

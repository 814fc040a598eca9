// SPDX-License-Identifier: Apache-2.0
#include "tables/embedded/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "tables/embedded/catalogue.h"
#include "tables/embedded/index_entries.h"
#include "tables/embedded/page_builder.h"

namespace tidemill::tables::embedded {

namespace {

constexpr std::uint8_t kResumeVersion = 2;
constexpr std::size_t kStaleBytesMax = 64U << 10;  // of dead entries marked by one read
constexpr std::size_t kIncarnationSize = 4;

// Where a page ended:
//   resume := 02 partition:uvarint emitted:uvarint entry_size:uvarint entry key
// `partition` is the place in ReadRequest::partitions (0 for a scan), `emitted` the rows of the
// partition at hand that were given out, `key` the last row's key without the incarnation (a bare
// partition prefix: after its static row). `entry` is the index entry that led there, also without
// the incarnation; empty when there is no index.
struct Position {
  std::size_t partition = 0;
  std::uint32_t emitted = 0;
  Bytes entry;  // without an incarnation
  Bytes key;    // with an incarnation in front; empty: from the start
};

Bytes encode_position(const Position& position) {
  ByteWriter out;
  out.u8(kResumeVersion);
  out.uvarint64(position.partition);
  out.uvarint64(position.emitted);
  out.uvarint64(position.entry.size());
  out.bytes(position.entry);
  if (!position.key.empty()) out.bytes(BytesView(position.key).subspan(kIncarnationSize));
  return out.take();
}

Result<Position> decode_position(BytesView resume, std::uint32_t incarnation) {
  Position position;
  if (resume.empty()) return position;
  const auto decode = [&]() -> Result<> {
    ByteReader in(resume);
    if (TRY(in.u8()) != kResumeVersion) return error(ErrorCode::InvalidArgument, "version");
    position.partition = TRY(in.uvarint64());
    position.emitted = TRY(in.uvarint32());
    const BytesView entry = TRY(in.bytes(TRY(in.uvarint32())));
    position.entry.assign(entry.begin(), entry.end());
    if (in.at_end()) return {};
    ByteWriter key(position.key);
    key.u32be(incarnation);
    key.bytes(in.rest());
    return {};
  };
  if (!decode().ok()) {
    return error(ErrorCode::InvalidArgument, "Invalid value for the paging state");
  }
  return position;
}

Bytes with(BytesView prefix, KeyKind kind, BytesView clustering = {}) {
  Bytes key;
  key.reserve(prefix.size() + 1 + clustering.size());
  key.assign(prefix.begin(), prefix.end());
  key.push_back(static_cast<std::uint8_t>(kind));
  key.insert(key.end(), clustering.begin(), clustering.end());
  return key;
}

class PageReader {
 public:
  PageReader(const store::rocks::Database& database, const ReadRequest& request, bool has_headers,
             std::uint32_t incarnation, PageBuilder builder, std::int64_t now, ReadTally& tally,
             EncodedWrites& stale)
      : database_(database),
        request_(request),
        has_headers_(has_headers),
        incarnation_(incarnation),
        snapshot_(database.snapshot()),
        builder_(std::move(builder)),
        now_(now),
        tally_(tally),
        stale_(stale) {}

  Result<Page> run() {
    position_ = TRY(decode_position(request_.resume, incarnation_));
    TRY(request_.lookup ? look_up() : request_.partitions.empty() ? scan() : read_named());
    if (inside_) TRY(count_ranges());
    return std::move(builder_).finish(full_ ? encode_position(position_) : Bytes{});
  }

 private:
  // --- what both ways share ---

  bool wants_static_row() const {
    return builder_.has_static() && request_.static_only_rows && emitted_ == 0;
  }
  bool has_enough_of_partition() const {
    return emitted_ >= request_.per_partition_limit || (request_.distinct && emitted_ > 0);
  }

  Result<> enter_partition(BytesView prefix, BytesView partition_key, std::uint32_t emitted) {
    prefix_.assign(prefix.begin(), prefix.end());
    key_.assign(partition_key.begin(), partition_key.end());
    context_.key = key_;
    context_.header.clear();
    header_bytes_.clear();
    emitted_ = emitted;
    inside_ = true;
    first_clustering_.clear();
    last_clustering_.clear();
    tally_.partition_key = key_;
    return builder_.begin_partition(context_);
  }
  Result<> take_header(BytesView value) {
    header_bytes_.assign(value.begin(), value.end());
    context_.header.clear();
    if (!add_header(header_bytes_, context_.header)) {
      return error(ErrorCode::Corrupt, fmt::format("a partition header of table '{}.{}' is damaged",
                                                   request_.table->keyspace, request_.table->name));
    }
    return builder_.begin_partition(context_);
  }
  Result<> find_header() {
    if (!has_headers_) return {};
    const auto found =
        TRY(database_.get(kRowsFamily, with(prefix_, KeyKind::Header), snapshot_.get()));
    if (!found) return {};
    return take_header(found.value());
  }

  // Adds a row; remembers the place when the page is full with it.
  Result<> offer(BytesView store_key, BytesView clustering, BytesView value) {
    const bool alive = TRY(builder_.add_row(context_, clustering, value));
    if (!context_.header.ranges.empty()) {
      last_clustering_.assign(clustering.begin(), clustering.end());
    }
    if (tally_.tombstones > tally_.tombstone_failure_threshold) return overwhelmed(clustering);
    if (!alive) return {};
    ++emitted_;
    ++tally_.live_rows;
    note_if_full(store_key);
    return {};
  }
  Result<> overwhelmed(BytesView clustering) {
    tally_.is_overwhelmed = true;
    tally_.clustering.assign(clustering.begin(), clustering.end());
    return error(ErrorCode::Exhausted,
                 fmt::format("scanned over {} tombstones of table '{}.{}'; read aborted (see "
                             "tombstone_failure_threshold)",
                             tally_.tombstones, request_.table->keyspace, request_.table->name));
  }
  // The ends of those range tombstones that this page went over in the partition at hand.
  Result<> count_ranges() {
    const auto& ranges = context_.header.ranges;
    if (ranges.empty() || request_.lookup || (!request_.partitions.empty() && is_single_row())) {
      return {};
    }
    const bool stopped = full_ || has_enough_of_partition();
    const BytesView stop = stopped ? BytesView(last_clustering_) : BytesView();
    const std::string_view from = as_text(request_.reversed ? stop : first_clustering_);
    const std::string_view to = as_text(request_.reversed ? first_clustering_ : stop);
    BytesView before;
    for (const RangeTombstone& range : ranges) {
      const std::string_view start = as_text(range.start);
      const std::string_view end = as_text(range.end);
      if (end <= from || (!to.empty() && start > to) || !touches_ranges(start, end)) continue;
      // Two that touch share their border.
      tally_.tombstones += !before.empty() && as_text(before) == start ? 1 : 2;
      before = range.end;
    }
    if (tally_.tombstones > tally_.tombstone_failure_threshold) return overwhelmed({});
    return {};
  }
  bool touches_ranges(std::string_view start, std::string_view end) const {
    return request_.ranges.empty() ||
           std::ranges::any_of(request_.ranges, [&](const ClusteringRange& range) {
             return start < as_text(range.end) && as_text(range.start) < end;
           });
  }
  Result<> leave_partition() {
    if (!inside_) return {};
    TRY(count_ranges());
    inside_ = false;
    if (!wants_static_row()) return {};
    TRY(builder_.add_static_row(context_));
    ++emitted_;
    ++tally_.live_rows;
    note_if_full(prefix_);
    return {};
  }
  void note_if_full(BytesView store_key) {
    if (!builder_.is_full()) return;
    full_ = true;
    position_ = {at_partition_, emitted_, entry_, Bytes(store_key.begin(), store_key.end())};
  }

  // --- named partitions ---

  Result<> read_named() {
    for (std::size_t i = position_.partition; i < request_.partitions.size(); ++i) {
      at_partition_ = i;
      const Bytes& key = request_.partitions[i];
      Bytes prefix;
      append_partition_prefix(incarnation_, token_of(key), key, prefix);
      const bool resumed = i == position_.partition && !position_.key.empty();
      if (resumed && !as_text(position_.key).starts_with(as_text(prefix))) {
        return error(ErrorCode::InvalidArgument, "Invalid value for the paging state");
      }
      if (i != position_.partition) tally_.end_part();
      TRY(enter_partition(prefix, key, resumed ? position_.emitted : 0));
      if (resumed && position_.key.size() > prefix.size() + 1) {
        first_clustering_.assign(
            position_.key.begin() + static_cast<std::ptrdiff_t>(prefix.size()) + 1,
            position_.key.end());
      }
      TRY(find_header());
      const bool is_done = resumed && position_.key.size() == prefix.size();
      if (!is_done && !has_enough_of_partition()) {
        TRY(read_rows(resumed ? BytesView(position_.key) : BytesView{}));
        if (full_) return {};
      }
      TRY(leave_partition());
      if (full_) return {};
    }
    return {};
  }

  bool is_single_row() const {
    return request_.table->clustering_columns == 0 ||
           (request_.ranges.size() == 1 && request_.ranges[0].is_row);
  }

  // Rows of the partition at hand, behind `after` (a row's key) if given.
  Result<> read_rows(BytesView after) {
    if (is_single_row()) {
      if (!after.empty()) return {};
      const BytesView clustering =
          request_.table->clustering_columns == 0 ? BytesView{} : request_.ranges[0].start;
      const Bytes key = with(prefix_, KeyKind::Row, clustering);
      const auto found = TRY(database_.get(kRowsFamily, key, snapshot_.get()));
      if (!found) return {};
      TRY(offer(key, clustering, found.value()));
      // Nothing can follow the only row of the last partition.
      if (at_partition_ + 1 == request_.partitions.size()) full_ = false;
      return {};
    }
    static const std::vector<ClusteringRange> kAll{ClusteringRange{}};
    const auto& ranges = request_.ranges.empty() ? kAll : request_.ranges;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const auto& range = ranges[request_.reversed ? ranges.size() - 1 - i : i];
      TRY(read_range(range, after));
      if (full_ || has_enough_of_partition()) return {};
    }
    return {};
  }

  Result<> read_range(const ClusteringRange& range, BytesView after) {
    Bytes lower = with(prefix_, KeyKind::Row, range.start);
    Bytes upper = with(prefix_, KeyKind::Row, range.end);
    if (!after.empty() && request_.reversed)
      upper = std::min(upper, Bytes(after.begin(), after.end()));
    if (!after.empty() && !request_.reversed) {
      Bytes next(after.begin(), after.end());
      next.push_back(0x00);
      lower = std::max(lower, next);
    }
    if (lower >= upper) return {};
    const auto cursor = database_.cursor(kRowsFamily, lower, upper, snapshot_.get());
    request_.reversed ? cursor->seek_last() : cursor->seek_first();
    while (cursor->valid()) {
      const BytesView key = cursor->key();
      TRY(offer(key, key.subspan(prefix_.size() + 1), cursor->value()));
      if (full_ || has_enough_of_partition()) return {};
      request_.reversed ? cursor->previous() : cursor->next();
    }
    return cursor->status();
  }

  // --- all partitions of a token range ---

  Result<> scan() {
    if (request_.reversed) {
      return error(ErrorCode::InvalidArgument,
                   "ORDER BY is only supported when the partition key is restricted by an EQ or an "
                   "IN.");
    }
    if (request_.tokens.start > request_.tokens.end) return {};
    ByteWriter lower;
    lower.u32be(incarnation_);
    lower.u64be(ordered_token(request_.tokens.start));
    ByteWriter upper;
    if (request_.tokens.end == std::numeric_limits<std::int64_t>::max()) {
      upper.u32be(incarnation_ + 1);
    } else {
      upper.u32be(incarnation_);
      upper.u64be(ordered_token(request_.tokens.end + 1));
    }
    Bytes from = lower.take();
    if (!position_.key.empty()) TRY(resume_scan(from));
    const Bytes end = upper.take();
    if (from >= end) return {};
    const auto cursor = database_.cursor(kRowsFamily, from, end, snapshot_.get(), false);
    cursor->seek_first();
    if (inside_ && has_enough_of_partition()) skip_partition(*cursor);
    while (cursor->valid() && !full_) TRY(step(*cursor));
    if (full_) return {};
    TRY(cursor->status());
    return leave_partition();
  }

  // Goes back into the partition where the last page ended.
  Result<> resume_scan(Bytes& from) {
    const auto last = parse_store_key(position_.key);
    const std::size_t bare = position_.key.size();
    if (!last.ok()) {
      // After a static row the key is a bare partition prefix, which has no kind.
      Bytes behind = position_.key;
      behind.push_back(static_cast<std::uint8_t>(KeyKind::Past));
      if (!parse_store_key(behind).ok() || bare < kIncarnationSize + 8) {
        return error(ErrorCode::InvalidArgument, "Invalid value for the paging state");
      }
      from = std::max(from, behind);
      return {};
    }
    Bytes next = position_.key;
    next.push_back(0x00);
    if (next <= from) return {};
    from = std::move(next);
    const Bytes prefix(last->partition.begin(), last->partition.end());
    const Bytes key(last->partition_key.begin(), last->partition_key.end());
    TRY(enter_partition(prefix, key, position_.emitted));
    first_clustering_.assign(last->clustering.begin(), last->clustering.end());
    return find_header();
  }

  void skip_partition(store::rocks::Cursor& cursor) const {
    cursor.seek(with(prefix_, KeyKind::Past));
  }

  bool in_ranges(BytesView clustering) const {
    if (request_.ranges.empty()) return true;
    const Bytes key(clustering.begin(), clustering.end());
    return std::ranges::any_of(request_.ranges, [&](const ClusteringRange& range) {
      return range.start <= key && key < range.end;
    });
  }

  // Looks at the entry under the cursor and moves on.
  Result<> step(store::rocks::Cursor& cursor) {
    const BytesView raw = cursor.key();
    const bool same = inside_ && raw.size() > prefix_.size() &&
                      std::equal(prefix_.begin(), prefix_.end(), raw.begin());
    if (!same) {
      TRY(leave_partition());
      if (full_) return {};
      const StoreKey key = TRY(parse_store_key(raw));
      TRY(enter_partition(key.partition, key.partition_key, 0));
    }
    const auto kind = static_cast<KeyKind>(raw[prefix_.size()]);
    if (kind == KeyKind::Header) {
      TRY(take_header(cursor.value()));
    } else {
      const BytesView clustering = raw.subspan(prefix_.size() + 1);
      if (in_ranges(clustering)) TRY(offer(raw, clustering, cursor.value()));
      if (full_) return {};
      if (has_enough_of_partition()) {
        skip_partition(cursor);
        return {};
      }
    }
    cursor.next();
    return {};
  }

  // --- rows that an index names ---

  Result<> look_up() {
    const IndexLookup& by = *request_.lookup;
    const auto& indexes = request_.table->indexes;
    const auto index = std::ranges::find(indexes, by.index, &Index::name);
    if (index == indexes.end() || request_.table->find(index->column) == nullptr) {
      return error(ErrorCode::NotFound, fmt::format("index '{}' doesn't exist", by.index));
    }
    index_ = &*index;
    const auto under = [&](BytesView bytes) {
      ByteWriter key;
      key.u32be(index_->incarnation);
      key.bytes(bytes);
      return key.take();
    };
    const Bytes resumed = position_.key.empty() ? Bytes() : under(position_.entry);
    const Bytes lower = std::max(under(by.lower), resumed);
    const Bytes upper = by.upper.empty() ? prefix_end(under({})) : under(by.upper);
    if (lower >= upper) return {};
    const auto cursor = database_.cursor(kRowsFamily, lower, upper, snapshot_.get(), false);
    for (cursor->seek_first(); cursor->valid() && !full_; cursor->next()) {
      const bool again = !resumed.empty() && std::ranges::equal(cursor->key(), resumed);
      TRY(follow(cursor->key(), cursor->value(), again));
    }
    return full_ ? Result<>{} : cursor->status();
  }

  // `again`: the last page ended within what this entry names.
  Result<> follow(BytesView key, BytesView value, bool again) {
    const IndexEntry entry = TRY(read_entry(value));
    const bool expired = entry.expires != 0 && static_cast<std::int64_t>(entry.expires) <= now_;
    if ((entry.is_dead || expired) && !again) return {};
    const BytesView bytes = key.subspan(kIncarnationSize);
    const Column& column = *request_.table->find(index_->column);
    const std::size_t size = TRY(component_size(column, index_->target, bytes));
    ByteWriter row_key;
    row_key.u32be(incarnation_);
    row_key.bytes(bytes.subspan(size));
    const StoreKey row = TRY(parse_store_key(row_key.buffer()));
    if (row.token < request_.tokens.start || row.token > request_.tokens.end) return {};
    entry_.assign(bytes.begin(), bytes.end());
    if (again || !inside_ || !std::ranges::equal(prefix_, row.partition)) {
      TRY(enter_partition(row.partition, row.partition_key, again ? position_.emitted : 0));
      TRY(find_header());
    }
    if (has_enough_of_partition()) return {};
    const BytesView component = bytes.first(size);
    return row.kind == KeyKind::Row ? follow_to_row(key, entry, component, row, again)
                                    : follow_to_partition(key, entry, component, again);
  }

  Result<> follow_to_row(BytesView entry_key, const IndexEntry& entry, BytesView component,
                         const StoreKey& row, bool again) {
    if (again) return {};
    const Bytes key = with(prefix_, KeyKind::Row, row.clustering);
    const auto found = TRY(database_.get(kRowsFamily, key, snapshot_.get()));
    cells_.clear();
    if (found) {
      RowReader reader(found.value());
      for (CellView cell; reader.next(cell);) cells_.push_back(cell);
    }
    if (!found || !is_current(*request_.table, *index_, component, cells_)) {
      note_stale(entry_key, entry);
      return {};
    }
    if (!in_ranges(row.clustering)) return {};
    return offer(key, row.clustering, found.value());
  }

  // A static column's value: all rows of the partition.
  Result<> follow_to_partition(BytesView entry_key, const IndexEntry& entry, BytesView component,
                               bool again) {
    if (!is_current(*request_.table, *index_, component, context_.header.static_row.cells)) {
      note_stale(entry_key, entry);
      return {};
    }
    if (again && position_.key.size() == prefix_.size()) return {};
    TRY(read_rows(again ? BytesView(position_.key) : BytesView{}));
    if (full_) return {};
    return leave_partition();
  }

  void note_stale(BytesView key, const IndexEntry& entry) {
    if (stale_.bytes() >= kStaleBytesMax) return;
    append_dead_entry(*request_.table->find(index_->column), *index_, key, entry, stale_);
  }

  const store::rocks::Database& database_;
  const ReadRequest& request_;
  bool has_headers_;
  std::uint32_t incarnation_;
  std::shared_ptr<const rocksdb::Snapshot> snapshot_;
  PageBuilder builder_;
  std::int64_t now_;
  ReadTally& tally_;
  EncodedWrites& stale_;

  Position position_;
  bool full_ = false;
  std::size_t at_partition_ = 0;

  const Index* index_ = nullptr;
  Bytes entry_;  // of the index, at hand
  std::vector<CellView> cells_;

  // The partition at hand.
  bool inside_ = false;
  std::uint32_t emitted_ = 0;
  Bytes prefix_;
  Bytes key_;
  Bytes header_bytes_;
  PartitionContext context_;
  Bytes first_clustering_;  // behind which this page began; empty: from the first
  Bytes last_clustering_;   // the last row seen, where there are range tombstones
};

}  // namespace

Result<Page> read_page(const store::rocks::Database& database, const HeaderFlags& headers,
                       const ReadRequest& request, std::int64_t now_seconds, EncodedWrites& stale) {
  const std::uint32_t incarnation = request.table->live_incarnation();
  if (incarnation == 0) {
    return error(ErrorCode::NotFound, fmt::format("unconfigured table {}", request.table->name));
  }
  ReadTally nobody;
  ReadTally& tally = request.tally != nullptr ? *request.tally : nobody;
  PageBuilder builder = TRY(PageBuilder::create(request, now_seconds, tally));
  PageReader reader(database, request, headers.has(incarnation), incarnation, std::move(builder),
                    now_seconds, tally, stale);
  return reader.run();
}

}  // namespace tidemill::tables::embedded

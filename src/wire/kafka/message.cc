// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/message.h"

namespace tidemill::wire::kafka {

std::size_t Records::size() const {
  std::size_t total = 0;
  for (const BytesView piece : pieces) total += piece.size();
  return total;
}

Bytes Records::copy() const {
  Bytes all;
  all.reserve(size());
  for (const BytesView piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

bool Records::operator==(const Records& other) const {
  return present == other.present && copy() == other.copy();
}

Records records_of(BytesView batches) {
  return {.present = true, .pieces = {batches}, .owner = nullptr};
}

std::size_t Encoded::size() const {
  std::size_t total = bytes.size();
  for (const Splice& splice : splices) total += splice.records.size();
  return total;
}

Bytes Encoded::flatten() const {
  Bytes all;
  all.reserve(size());
  std::size_t from = 0;
  const auto add = [&all](BytesView view) { all.insert(all.end(), view.begin(), view.end()); };
  for (const Splice& splice : splices) {
    add(BytesView(bytes).subspan(from, splice.at - from));
    for (const BytesView piece : splice.records.pieces) add(piece);
    from = splice.at;
  }
  add(BytesView(bytes).subspan(from));
  return all;
}

}  // namespace tidemill::wire::kafka

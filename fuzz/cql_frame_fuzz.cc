// SPDX-License-Identifier: Apache-2.0
// Feeds any bytes to every decoder of CQL's protocol: no crash, no endless allocation.
#include "wire/cql/compression.h"
#include "wire/cql/request.h"
#include "wire/cql/response.h"
#include "wire/cql/segment.h"
#include "wire/cql/value.h"

using namespace tidemill::wire::cql;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tidemill::BytesView body(data, size);
  for (const int version : {3, 4, 5}) {
    (void)decode_query(body, version).ok();
    (void)decode_prepare(body, version).ok();
    (void)decode_execute(body, version).ok();
    (void)decode_batch(body, version).ok();
    (void)decode_prepared(body, version).ok();
  }
  (void)decode_startup(body).ok();
  (void)decode_register(body).ok();
  (void)decode_auth_response(body).ok();
  (void)skip_custom_payload(body).ok();
  (void)decode_rows(body).ok();
  (void)decode_schema_change(body).ok();
  (void)decode_error(body);
  (void)read_segment(body, false).ok();
  (void)read_segment(body, true).ok();
  (void)decompress_body(Compression::Lz4, body, 1 << 20).ok();
  (void)decompress_body(Compression::Snappy, body, 1 << 20).ok();
  tidemill::ByteReader in(body);
  const auto type = decode_type(in);
  if (type.ok() && check_value(*type, in.rest()).ok())
    (void)compare_values(*type, in.rest(), in.rest());
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "web/console.h"

#include <zlib.h>

#include <algorithm>

namespace tidemill::web {
namespace {

std::string_view content_type_of(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"}};
  for (const auto& [suffix, type] : kTypes) {
    if (path.ends_with(suffix)) return type;
  }
  return "application/octet-stream";
}

// For the rare client that takes no gzip.
std::string inflated(std::span<const std::uint8_t> gzip) {
  z_stream stream{};
  std::string out;
  if (::inflateInit2(&stream, 15 + 32) != Z_OK) return out;
  stream.next_in = const_cast<Bytef*>(gzip.data());
  stream.avail_in = static_cast<uInt>(gzip.size());
  int outcome = Z_OK;
  while (outcome == Z_OK) {
    const std::size_t before = out.size();
    out.resize(before + 64 * 1024);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = 64 * 1024;
    outcome = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  return out;
}

}  // namespace

Response console_file(const Request& request) {
  const auto files = console_files();
  const auto find = [&](std::string_view path) {
    return std::ranges::find(files, path, &ConsoleFile::path);
  };
  auto file = find(request.path);
  // A file that is asked for by its full name and is not there is an error; a page is the
  // console's.
  if (file == files.end() && request.path.starts_with("/assets/")) {
    return {.status = 404, .content_type = "text/plain", .body = "no such file\n", .headers = {}};
  }
  if (file == files.end()) file = find("/index.html");
  if (file == files.end()) {
    return {.status = 404,
            .content_type = "text/plain; charset=utf-8",
            .body =
                "This binary was built without the console: run `make console` and build again.\n"
                "The REST interface is at /api/v1/health.\n",
            .headers = {}};
  }
  Response response;
  response.content_type = content_type_of(file->path);
  // Names under assets/ carry a hash of the content.
  response.headers.emplace_back("Cache-Control", file->path.starts_with("/assets/")
                                                     ? "public, max-age=31536000, immutable"
                                                     : "no-cache");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.accepts_gzip) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body.assign(reinterpret_cast<const char*>(file->gzip.data()), file->gzip.size());
  } else {
    response.body = inflated(file->gzip);
  }
  return response;
}

}  // namespace tidemill::web

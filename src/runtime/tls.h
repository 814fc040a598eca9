// SPDX-License-Identifier: Apache-2.0
// A server's certificate and key, ready for handshakes.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace boost::asio::ssl {
class context;
}

namespace tidemill {

// PEM files. The certificate's file holds its chain too, the server's own first.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

// TLS 1.2 and 1.3. Files are read once: a new certificate needs a restart.
//
// Thread: any, once loaded.
class TlsContext {
 public:
  // Names the file that cannot be read, that is no PEM, or a key that is another certificate's.
  static Result<std::shared_ptr<TlsContext>> load(const TlsFiles& files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  boost::asio::ssl::context& context() const { return *context_; }

 private:
  explicit TlsContext(std::unique_ptr<boost::asio::ssl::context> context);
  std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace tidemill

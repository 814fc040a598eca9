// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>

namespace tidemill {

namespace ssl = boost::asio::ssl;

namespace {

Error cannot_use(std::string_view what, const std::string& path,
                 const boost::system::error_code& failure) {
  return error(ErrorCode::InvalidArgument,
               fmt::format("cannot use {} '{}': {}", what, path, failure.message()))
      .with_hint("it must be a readable PEM file");
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<ssl::context> context) : context_(std::move(context)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::load(const TlsFiles& files) {
  boost::system::error_code failure;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                           ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                           ssl::context::no_tlsv1_1 | ssl::context::no_compression,
                       failure);
  if (failure) return error(ErrorCode::Internal, "TLS cannot be set up: " + failure.message());
  SSL_CTX_set_options(context->native_handle(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // An idle connection needs no buffers: with ten thousand of them that is 320 MiB.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  context->use_certificate_chain_file(files.certificate, failure);
  if (failure) return cannot_use("certificate", files.certificate, failure);
  context->use_private_key_file(files.key, ssl::context::pem, failure);
  if (failure) return cannot_use("private key", files.key, failure);
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return error(ErrorCode::InvalidArgument,
                 fmt::format("private key '{}' does not belong to certificate '{}'", files.key,
                             files.certificate));
  }
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(context)));
}

}  // namespace tidemill

// SPDX-License-Identifier: Apache-2.0
#include "connect/http/http_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "connect/http/client.h"
#include "runtime/threads.h"

namespace tidemill::connect::http {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using tcp = asio::ip::tcp;

// Answers with the texts it is given, one connection each, and keeps what was asked. An empty
// answer: says nothing until the server goes.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<std::string> answers, asio::ssl::context* tls = nullptr)
      : answers_(std::move(answers)),
        tls_(tls),
        acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        thread_("scripted server", [this](std::stop_token) { serve(); }) {}
  ~ScriptedServer() {
    // Wakes an accept that nobody will come to any more.
    boost::system::error_code ignored;
    tcp::socket last(context_);
    stopping_ = true;
    last.connect(acceptor_.local_endpoint(), ignored);
    thread_.stop();
  }
  std::string url(std::string_view host = "127.0.0.1") const {
    return fmt::format("http{}://{}:{}/api/?results=2", tls_ == nullptr ? "" : "s", host,
                       acceptor_.local_endpoint().port());
  }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    std::vector<tcp::socket> silent;
    for (const std::string& answer : answers_) {
      boost::system::error_code code;
      tcp::socket socket(context_);
      acceptor_.accept(socket, code);
      if (code || stopping_) return;
      if (tls_ != nullptr) {
        asio::ssl::stream<tcp::socket> stream(std::move(socket), *tls_);
        stream.handshake(asio::ssl::stream_base::server, code);
        if (!code) talk(stream, answer);
        stream.shutdown(code);
      } else if (answer.empty()) {
        silent.push_back(std::move(socket));
      } else {
        talk(socket, answer);
      }
    }
    boost::system::error_code code;
    tcp::socket end(context_);
    if (!stopping_) acceptor_.accept(end, code);
  }

  template <class Stream>
  void talk(Stream& stream, const std::string& answer) {
    boost::system::error_code code;
    std::string request;
    asio::read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", code);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    asio::write(stream, asio::buffer(answer), code);
  }

  std::vector<std::string> answers_;
  asio::ssl::context* tls_;
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  Thread thread_;
};

std::string answer(int status, const std::string& body, const std::string& headers = "") {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n{}Connection: close\r\n\r\n{}", status,
                     body.size(), headers, body);
}

// The shape of randomuser.me's API.
constexpr const char* kTwoUsers = R"({"results": [
 {"gender": "female", "name": {"title": "Ms", "first": "Ida", "last": "Holm"}, "email": "ida.holm@example.com",
  "login": {"uuid": "11111111-2222-4333-8444-555555555555", "username": "tidyotter1"},
  "location": {"street": {"number": 7, "name": "Storgata"}, "city": "Hamar", "postcode": 2317}},
 {"gender": "male", "name": {"title": "Mr", "first": "Leif", "last": "Moen"}, "email": "leif.moen@example.com",
  "login": {"uuid": "66666666-7777-4888-8999-000000000000", "username": "calmstork2"},
  "location": {"street": {"number": 12, "name": "Kirkeveien"}, "city": "Moss", "postcode": "N-1530"}}],
 "info": {"seed": "x", "results": 2, "page": 1, "version": "1.4"}})";
constexpr const char* kMap =
    "SELECT u->>'$.login.uuid' AS id, u->>'$.name.first' AS first_name, "
    "concat(u->>'$.location.street.number', ' ', u->>'$.location.street.name', ', ', "
    "u->>'$.location.city') AS "
    "address, u->'$.location.postcode' AS post_code FROM (SELECT "
    "unnest(from_json(body->'$.results', "
    "'[\"JSON\"]')) AS u FROM response)";

class HttpReaderTest : public testing::Test {
 protected:
  std::unique_ptr<FeedReader> reader(FeedOptions options, const std::string& from_state = "") {
    auto made = make_reader(options, {clock, ""});
    EXPECT_TRUE(made.ok()) << made.error().message;
    EXPECT_TRUE((*made)->open(from_state).ok());
    return std::move(*made);
  }
  std::vector<std::string> poll(FeedReader& from) {
    FeedBatch batch;
    outcome = from.read({}, batch, {});
    state = batch.state;
    std::vector<std::string> out;
    for (const auto& entry : batch.entries()) {
      const std::string key = entry.has_key ? std::string(batch.key(entry)) + "=" : "";
      out.push_back(key + std::string(batch.value(entry)));
    }
    return out;
  }

  SystemClock clock;
  Result<ReadOutcome> outcome;
  std::string state;
};

TEST_F(HttpReaderTest, MapsAResponseToRecords) {
  ScriptedServer server({answer(200, kTwoUsers)});
  const auto from =
      reader({{"url", server.url()}, {"map", kMap}, {"key", "id"}, {"header.x-app", "7"}});
  EXPECT_THAT(
      poll(*from),
      ElementsAre(
          R"(11111111-2222-4333-8444-555555555555={"id":"11111111-2222-4333-8444-555555555555",)"
          R"("first_name":"Ida","address":"7 Storgata, Hamar","post_code":2317})",
          R"(66666666-7777-4888-8999-000000000000={"id":"66666666-7777-4888-8999-000000000000",)"
          R"("first_name":"Leif","address":"12 Kirkeveien, Moss","post_code":"N-1530"})"));
  EXPECT_THAT(server.requests()[0], HasSubstr("GET /api/?results=2 HTTP/1.1"));
  EXPECT_THAT(server.requests()[0], HasSubstr("x-app: 7"));
}

TEST_F(HttpReaderTest, TakesTheWholeBodyWithoutAMap) {
  ScriptedServer server({answer(200, "{\"a\": 1}")});
  EXPECT_THAT(poll(*reader({{"url", server.url()}})), ElementsAre("{\"a\": 1}"));
}

TEST_F(HttpReaderTest, SkipsWhatHasNotChangedAlsoAfterARestart) {
  ScriptedServer server({answer(200, "1", "ETag: \"v1\"\r\n"), answer(304, "", "ETag: \"v1\"\r\n"),
                         answer(200, "1", "ETag: \"v1\"\r\n"),
                         answer(200, "2", "ETag: \"v2\"\r\n")});
  const auto from = reader({{"url", server.url()}});
  EXPECT_THAT(poll(*from), ElementsAre("1"));
  EXPECT_THAT(poll(*from), ElementsAre());
  const auto again = reader({{"url", server.url()}}, state);
  EXPECT_THAT(poll(*again), ElementsAre());
  EXPECT_THAT(poll(*again), ElementsAre("2"));
  EXPECT_THAT(server.requests()[1], HasSubstr("If-None-Match: \"v1\""));
  EXPECT_THAT(server.requests()[2], HasSubstr("If-None-Match: \"v1\""));
}

TEST_F(HttpReaderTest, BacksOffMoreAndMoreAndRecovers) {
  ScriptedServer server(
      {answer(500, ""), answer(503, "", "Retry-After: 60\r\n"), answer(500, ""), answer(200, "1")});
  const auto from = reader({{"url", server.url()}, {"every", "1 second"}});
  poll(*from);
  EXPECT_TRUE(outcome.ok() && *outcome == ReadOutcome::Idle);
  const auto first = from->idle_for();
  EXPECT_GE(first, milliseconds(1000));
  EXPECT_LE(first, milliseconds(1200));
  poll(*from);
  EXPECT_GE(from->idle_for(), milliseconds(60'000));
  poll(*from);
  EXPECT_GE(from->idle_for(), milliseconds(4000));
  EXPECT_THAT(poll(*from), ElementsAre("1"));
  EXPECT_EQ(from->idle_for(), milliseconds(1000));
}

TEST_F(HttpReaderTest, EndsAfterACountOfPolls) {
  ScriptedServer server({answer(200, "1"), answer(200, "2")});
  const auto from = reader({{"url", server.url()}, {"count", "2"}});
  poll(*from);
  EXPECT_EQ(*outcome, ReadOutcome::Idle);
  poll(*from);
  EXPECT_EQ(*outcome, ReadOutcome::Ended);
}

TEST_F(HttpReaderTest, FailsWhenTheResponseCannotBeMapped) {
  ScriptedServer server({answer(200, "not json")});
  const auto from = reader({{"url", server.url()}, {"map", kMap}});
  poll(*from);
  ASSERT_FALSE(outcome.ok());
  EXPECT_THAT(outcome.error().message, HasSubstr("while mapping an HTTP response"));
}

TEST(HttpClient, GivesUpAfterTheTimeout) {
  ScriptedServer server({""});
  Request request;
  request.url = *parse_url(server.url());
  request.timeout = milliseconds(100);
  const auto response = get(request, {});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().code, ErrorCode::Timeout) << response.error().message;
}

TEST(HttpClient, EndsWhenItIsAskedToStop) {
  ScriptedServer server({""});
  Request request;
  request.url = *parse_url(server.url());
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(get(request, stop.get_token()).error().code, ErrorCode::Cancelled);
}

TEST(HttpClient, TakesNoBodyAboveItsLimit) {
  ScriptedServer server({answer(200, std::string(2000, 'x'))});
  Request request;
  request.url = *parse_url(server.url());
  request.bytes_max = 1000;
  EXPECT_EQ(get(request, {}).error().code, ErrorCode::TooLarge);
}

TEST(HttpClient, NamesAServerThatIsNotThere) {
  Request request;
  request.url = *parse_url("http://127.0.0.1:1/");
  EXPECT_THAT(get(request, {}).error().message, HasSubstr("cannot connect to 127.0.0.1:1"));
}

TEST(HttpClient, ReadsUrls) {
  const auto url = *parse_url("https://randomuser.me/api/?results=10");
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "randomuser.me");
  EXPECT_EQ(url.port, "443");
  EXPECT_EQ(url.target, "/api/?results=10");
  EXPECT_EQ(parse_url("http://[::1]:8000")->port, "8000");
  EXPECT_EQ(parse_url("http://[::1]:8000")->host, "::1");
  EXPECT_EQ(parse_url("http://a?b=1")->target, "/?b=1");
  EXPECT_THAT(parse_url("ftp://a").error().message,
              HasSubstr("must begin with http:// or https://"));
  EXPECT_THAT(parse_url("http://u:p@a/").error().message, HasSubstr("must not hold a user"));
  EXPECT_THAT(parse_url("http://a:b/").error().message, HasSubstr("port that is no number"));
}

// A certificate for "localhost" that signs itself.
class Certificate {
 public:
  Certificate() {
    key_ = EVP_RSA_gen(2048);
    certificate_ = X509_new();
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* name = X509_get_subject_name(certificate_);
    const std::string host = "localhost";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate_, key_, EVP_sha256());
  }
  ~Certificate() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  void install(asio::ssl::context& context) {
    SSL_CTX_use_certificate(context.native_handle(), certificate_);
    SSL_CTX_use_PrivateKey(context.native_handle(), key_);
  }
  void write(const std::string& path) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate_);
    std::fclose(file);
  }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
};

TEST(HttpClient, SpeaksTlsWithAServerItCanVerifyOnly) {
  Certificate certificate;
  asio::ssl::context tls(asio::ssl::context::tls_server);
  certificate.install(tls);
  const std::string ca_file = testing::TempDir() + "tidemill_http_test_ca.pem";
  certificate.write(ca_file);
  ScriptedServer server({answer(200, "secret"), answer(200, "secret")}, &tls);

  Request request;
  request.url = *parse_url(server.url("localhost"));
  request.ca_file = ca_file;
  const auto trusted = get(request, {});
  ASSERT_TRUE(trusted.ok()) << trusted.error().message;
  EXPECT_EQ(trusted->body, "secret");

  request.ca_file.clear();
  const auto unknown = get(request, {});
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().message, HasSubstr("cannot speak TLS with localhost"));
  std::filesystem::remove(ca_file);
}

}  // namespace
}  // namespace tidemill::connect::http

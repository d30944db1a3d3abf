// TLS against a server whose certificates are made here: its own CA, a host it is for, and wrong ones.
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <unistd.h>

#include "net/websocket_handshake.hpp"
#include "net/ws_frames.hpp"
#include "rig.hpp"

namespace retell::net::test {
namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(SSL* p) const { SSL_free(p); }
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

Key make_key() { return Key(EVP_EC_gen("P-256")); }

void add_extension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer` (null: by itself); `alt_name` such as "DNS:localhost", empty for a CA.
Certificate make_certificate(EVP_PKEY* key, const char* name, const char* alt_name, X509* issuer,
                             EVP_PKEY* issuer_key) {
  Certificate certificate(X509_new());
  static long serial = 1;
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  auto* signer = issuer == nullptr ? certificate.get() : issuer;
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer));
  const std::string_view alternatives = alt_name;
  add_extension(certificate.get(), signer, NID_basic_constraints,
                alternatives.empty() ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!alternatives.empty()) add_extension(certificate.get(), signer, NID_subject_alt_name, alt_name);
  X509_sign(certificate.get(), issuer_key, EVP_sha256());
  return certificate;
}

// A blocking TLS server that answers each connection once, with a small page or a WebSocket that says one thing.
class TlsServer {
 public:
  explicit TlsServer(const char* alt_name) : ca_key_(make_key()), key_(make_key()) {
    ca_ = make_certificate(ca_key_.get(), "test ca", "", nullptr, ca_key_.get());
    certificate_ = make_certificate(key_.get(), "test", alt_name, ca_.get(), ca_key_.get());
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    ca_file_ = testing::TempDir() + "/retell-net-ca-" + std::to_string(::getpid()) + ".pem";
    auto* file = std::fopen(ca_file_.c_str(), "w");
    PEM_write_X509(file, ca_.get());
    std::fclose(file);
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsServer() {
    stopping_ = true;
    RawPeer::connect(listener_.port());
    thread_.join();
    ::unlink(ca_file_.c_str());
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }
  [[nodiscard]] long limit_version(int version) { return SSL_CTX_set_max_proto_version(context_.get(), version); }
  [[nodiscard]] std::string server_name() const { return server_name_; }

 private:
  void serve() {
    for (;;) {
      auto peer = listener_.accept();
      if (stopping_) return;
      const std::unique_ptr<SSL, Free> tls(SSL_new(context_.get()));
      SSL_set_fd(tls.get(), peer.fd());
      if (SSL_accept(tls.get()) != 1) continue;
      if (const auto* name = SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name)) server_name_ = name;
      answer(tls.get());
    }
  }
  static void answer(SSL* tls) {
    std::string request;
    std::array<char, 4096> part{};
    while (request.find("\r\n\r\n") == std::string::npos) {
      const int count = SSL_read(tls, part.data(), static_cast<int>(part.size()));
      if (count <= 0) return;
      request.append(part.data(), static_cast<std::size_t>(count));
    }
    std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
    if (const auto at = request.find("Sec-WebSocket-Key: "); at != std::string::npos) {
      reply = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
              websocket_accept(request.substr(at + 19, 24)) + "\r\n\r\n";
      append_frame(reply, WsOpcode::text, std::string(100'000, 'w'), nullptr);
      append_frame(reply, WsOpcode::close, close_payload(1000, ""), nullptr);
    }
    SSL_write(tls, reply.data(), static_cast<int>(reply.size()));
    while (SSL_read(tls, part.data(), static_cast<int>(part.size())) > 0) {
    }
  }

  Key ca_key_;
  Key key_;
  Certificate ca_;
  Certificate certificate_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::string ca_file_;
  std::string server_name_;
  RawListener listener_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

Result<HttpResponse> fetch(TlsServer& server, const std::string& host, const std::string& ca_file) {
  Rig rig(mirror, echo, {}, {.ca_file = ca_file});
  return rig.run(
      rig.client().send({.url = "https://" + host + ":" + std::to_string(server.port()) + "/", .reach = Reach::any}));
}

TEST(Tls, trusts_a_certificate_of_the_given_ca_for_the_right_host) {
  TlsServer server("DNS:localhost,IP:127.0.0.1");
  const auto by_name = fetch(server, "localhost", server.ca_file());
  ASSERT_TRUE(by_name.has_value()) << by_name.error().message;
  EXPECT_EQ(by_name->body, "secret");
  EXPECT_TRUE(fetch(server, "127.0.0.1", server.ca_file()).has_value());
}

TEST(Tls, refuses_a_certificate_for_another_host) {
  TlsServer server("DNS:example.com,IP:127.0.0.2");
  for (const auto* host : {"localhost", "127.0.0.1"}) {
    const auto answer = fetch(server, host, server.ca_file());
    ASSERT_FALSE(answer.has_value()) << host;
    EXPECT_NE(answer.error().message.find("not trusted"), std::string::npos) << answer.error().message;
  }
}

TEST(Tls, refuses_a_certificate_of_an_unknown_ca) {
  TlsServer server("DNS:localhost");
  const auto answer = fetch(server, "localhost", "");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, core::ErrorCode::protocol);
}

TEST(Tls, refuses_versions_before_1_2) {
  TlsServer server("DNS:localhost");
  ASSERT_EQ(server.limit_version(TLS1_1_VERSION), 1);
  EXPECT_FALSE(fetch(server, "localhost", server.ca_file()).has_value());
}

TEST(Tls, carries_a_websocket) {
  TlsServer server("DNS:localhost");
  Rig rig(mirror, echo, {}, {.ca_file = server.ca_file()});
  std::size_t bytes = 0;
  const auto closed = rig.run([](Client& client, std::uint16_t port, std::size_t& sum) -> Task<WebSocketClose> {
    auto socket =
        co_await client.connect({.url = "wss://localhost:" + std::to_string(port) + "/v1/listen", .reach = Reach::any});
    if (!socket) co_return WebSocketClose{.code = 0, .reason = socket.error().message};
    for (int i = 0; i < 20; ++i) socket->send_binary(std::string(3200, 'a'));
    co_return co_await socket->run([&](std::string_view data, bool) { sum += data.size(); });
  }(rig.client(), server.port(), bytes));
  EXPECT_EQ(closed.code, 1000) << closed.reason;
  EXPECT_EQ(bytes, 100'000U);
  EXPECT_EQ(server.server_name(), "localhost");
}

}  // namespace
}  // namespace retell::net::test

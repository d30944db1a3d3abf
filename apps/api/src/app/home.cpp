#include "app/home.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "app/commands/common.hpp"
#include "config/secret.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"
#include "storage/db/migrate.hpp"

namespace retell::app {
namespace {

core::Result<> make_folder(const std::string& folder) {
  std::error_code problem;
  auto path = std::filesystem::absolute(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), problem);
  // Transcripts and recordings lie in it. One that is there has the mode that its operator gave it.
  if (!problem && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) problem = {errno, std::generic_category()};
  if (!problem && !std::filesystem::is_directory(path)) problem = {ENOTDIR, std::generic_category()};
  if (!problem && ::access(folder.c_str(), W_OK | X_OK) != 0) problem = {errno, std::generic_category()};
  if (!problem) return {};
  return core::fail(core::ErrorCode::io,
                    folder + " cannot be written (" + problem.message() +
                        "): choose another folder with --data-dir or RETELL_DATA_DIR, or mend this one's owner",
                    "data_dir");
}

tl::unexpected<core::Error> unusable(const config::Config& config, const core::Error& error) {
  const bool ours = config.database.url.empty();  // the URL may hold a password: then it is not shown
  const auto what = ours ? "the database " + config.database_url().substr(std::string("sqlite:").size())
                         : std::string("the database of RETELL_DATABASE_URL");
  // A newer program's database is whole: only its program is missing. And a database server is somewhere else.
  const auto* mend = error.code == core::ErrorCode::precondition || !config.database_url().starts_with("sqlite:")
                         ? ""
                         : ": restore it from a backup, or move it away to begin with an empty one";
  return core::fail(error.code, what + " cannot be used (" + error.message + ")" + mend);
}

}  // namespace

core::Result<Home> open_home(const config::Config& config, core::Logger log) {
  if (auto made = make_folder(config.data_dir); !made) return tl::unexpected(made.error());
  Home home;
  home.secret = config.security.secret_key;
  if (home.secret.empty()) {
    auto loaded = config::load_or_create_secret((std::filesystem::path(config.data_dir) / "secret.key").string());
    if (!loaded) return tl::unexpected(loaded.error());
    home.secret = std::move(*loaded);
  }
  const auto node = config::load_or_create_secret((std::filesystem::path(config.data_dir) / "node.id").string());
  if (!node) return tl::unexpected(node.error());
  constexpr std::size_t enough = 16;
  home.node_id = "node_" + node->substr(0, enough);
  auto database = open_database(config, std::move(log));
  if (!database) return unusable(config, database.error());
  auto migrated = run_to_end(storage::migrate(**database, storage::embedded_migrations()));
  if (!migrated) return unusable(config, migrated.error());
  home.database = std::move(*database);
  home.applied = std::move(*migrated);
  return home;
}

std::vector<std::string> jwt_secrets(const config::Config& config, const std::string& secret) {
  std::vector<std::string> secrets = {config.security.jwt_secret};
  if (secrets.front().empty()) secrets.front() = crypto::to_hex(crypto::hmac_sha256(secret, "retell access tokens"));
  if (!config.security.jwt_secret_previous.empty()) secrets.push_back(config.security.jwt_secret_previous);
  return secrets;
}

services::WorkspaceDefaults workspace_defaults(const config::Config& config) {
  const auto& limits = config.limits;
  return {limits.max_concurrent_calls_per_workspace, limits.max_requests_per_second};
}

core::Result<std::uint16_t> probe_port(const std::string& host, std::uint16_t port) {
  namespace ip = boost::asio::ip;
  boost::system::error_code error;
  const auto address = ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) {
    return core::fail(core::ErrorCode::invalid, host + " is not an IP address (0.0.0.0 is all of this machine's)",
                      "server.host");
  }
  const ip::tcp::endpoint endpoint(address, port);
  boost::asio::io_context loop;
  ip::tcp::acceptor acceptor(loop);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(boost::asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1, error);
  if (!error) return acceptor.local_endpoint().port();
  const auto where = host + ":" + std::to_string(port);
  if (error == boost::asio::error::address_in_use) {
    return core::fail(core::ErrorCode::conflict,
                      "port " + std::to_string(port) +
                          " is taken: choose another with --port N, or stop what listens "
                          "there (ss -ltnp 'sport = :" +
                          std::to_string(port) + "' tells what it is)",
                      "server.port");
  }
  if (error == boost::asio::error::access_denied) {
    return core::fail(core::ErrorCode::forbidden,
                      where + " may not be listened on: ports below 1024 need root; choose another with --port N",
                      "server.port");
  }
  return core::fail(core::ErrorCode::unavailable, "cannot listen on " + where + ": " + error.message(), "server.host");
}

}  // namespace retell::app

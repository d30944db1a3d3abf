#include "support/postgres_server.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

#include "support/child.hpp"

namespace retell::test {
namespace {

namespace fs = std::filesystem;

fs::path programs() {
  // Debian keeps the server's programs out of the path, one folder a version.
  for (const int version : {17, 16, 15}) {
    const fs::path folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
    if (fs::exists(folder / "initdb")) return folder;
  }
  throw std::runtime_error("PostgreSQL's server programs are not installed: scripts/install-deps.sh --tests");
}

int run_quietly(const std::vector<std::string>& arguments, const fs::path& log) {
  return wait_child(start_child(arguments, log, true));
}

}  // namespace

PostgresServer::PostgresServer(bool tls) : port_(free_port()), tls_(tls) {
  give_away(folder_.path());
  const auto log = folder_.path() / "setup.log";
  std::ofstream(log).close();
  give_away(log);
  const auto data = folder_.path() / "data";
  if (run_quietly({programs() / "initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8",
                   "--locale=C.UTF-8", data},
                  log) != 0) {
    throw std::runtime_error("initdb failed: " + read_file(log));
  }
  // The superuser comes by the socket in the folder, everybody else with a password.
  std::ofstream(data / "pg_hba.conf") << "local all postgres trust\n"
                                      << (tls ? "hostssl" : "host") << " all all 127.0.0.1/32 scram-sha-256\n";
  if (tls) make_certificate(folder_.path(), true);
  start();
  sql("CREATE ROLE retell LOGIN CREATEDB PASSWORD 's3cret/%&'");
}

PostgresServer::~PostgresServer() {
  if (child_ > 0) thaw();
  stop();
}

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

std::string PostgresServer::programs_folder() { return programs().string(); }

void PostgresServer::start() {
  const auto folder = folder_.path().string();
  std::vector<std::string> arguments{
      programs() / "postgres", "-D", folder + "/data", "-p", std::to_string(port_), "-k", folder};
  for (const auto* setting :
       {"listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60",
        "deadlock_timeout=100ms", "log_min_messages=error", "unix_socket_permissions=0777"}) {
    arguments.insert(arguments.end(), {"-c", setting});
  }
  if (tls_) {
    arguments.insert(arguments.end(), {"-c", "ssl=on", "-c", "ssl_cert_file=" + ca_file(), "-c",
                                       "ssl_key_file=" + folder + "/server.key"});
  }
  child_ = start_child(arguments, folder_.path() / "setup.log", true);
  for (int i = 0; i < 600; ++i) {
    if (run_tool("pg_isready -q").first == 0) return;
    ::usleep(50'000);
  }
  throw std::runtime_error("PostgreSQL did not start: " + read_file(folder_.path() / "setup.log"));
}

void PostgresServer::stop() {
  stop_child(std::exchange(child_, 0), SIGINT);  // "fast": transactions are undone, clients told
}

void PostgresServer::crash() {
  // The postmaster's children notice that it is gone and end at once.
  stop_child(std::exchange(child_, 0), SIGKILL);
  // A new postmaster refuses to start while one of them is still attached to the shared memory.
  const auto data = folder_.path() / "data" / "postmaster.pid";
  for (int i = 0; i < 100 && run_tool("pg_isready -q").first == 0; ++i) ::usleep(20'000);
  std::error_code ignored;
  fs::remove(data, ignored);
}

void PostgresServer::signal_all(int signal) const {
  ::kill(child_, signal);
  // Backends are leaders of sessions of their own, so that no group holds them all.
  const auto id = std::to_string(child_);
  std::istringstream children(read_file("/proc/" + id + "/task/" + id + "/children"));
  for (pid_t child = 0; children >> child;) ::kill(child, signal);
}

void PostgresServer::freeze() { signal_all(SIGSTOP); }

void PostgresServer::thaw() { signal_all(SIGCONT); }

std::pair<int, std::string> PostgresServer::run_tool(const std::string& command) const {
  const auto line = "PGHOST=" + folder_.path().string() + " PGPORT=" + std::to_string(port_) + " PGUSER=postgres " +
                    (programs() / command).string() + " 2>&1";
  FILE* pipe = ::popen(line.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed");
  std::string output;
  std::array<char, 4096> part{};
  while (const auto count = std::fread(part.data(), 1, part.size(), pipe)) output.append(part.data(), count);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 255, output};
}

void PostgresServer::sql(const std::string& statement, const std::string& database) const {
  const auto log = folder_.path() / "setup.log";
  if (run_quietly({programs() / "psql", "-h", folder_.path(), "-p", std::to_string(port_), "-U", "postgres", "-q", "-v",
                   "ON_ERROR_STOP=1", "-d", database, "-c", statement},
                  log) != 0) {
    throw std::runtime_error("psql failed: " + read_file(log));
  }
}

std::string PostgresServer::make_database() {
  const auto name = "test_" + std::to_string(++databases_);
  sql("CREATE DATABASE " + name + " OWNER retell");
  return url(name);
}

std::string PostgresServer::url(const std::string& database) const {
  return "postgres://retell:s3cret%2F%25%26@" + std::string(tls_ ? "localhost" : "127.0.0.1") + ":" +
         std::to_string(port_) + "/" + database;
}

}  // namespace retell::test

// A PostgreSQL cluster of the test's own, in a temporary folder, on a free port of loopback. Nothing survives a power
// cut there (fsync is off); a killed process loses nothing.
#pragma once
#include <cstdint>
#include <string>
#include <sys/types.h>

#include "support/run.hpp"

namespace retell::test {

class PostgresServer {
 public:
  // Throws when the server's programs are missing or it does not start. `tls`: with a certificate for localhost, made
  // here; it is its own authority, in ca_file().
  explicit PostgresServer(bool tls = false);
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // One for all tests of this process that need no special treatment.
  static PostgresServer& shared();

  // A fresh, empty database; gives its address. The user is "retell", the password "s3cret/%&".
  [[nodiscard]] std::string make_database();
  [[nodiscard]] std::string url(const std::string& database) const;  // as the owner
  [[nodiscard]] std::string ca_file() const { return (folder_.path() / "server.crt").string(); }
  [[nodiscard]] static std::string programs_folder();  // psql, pg_dump …
  [[nodiscard]] std::uint16_t port() const { return port_; }

  void start();
  void stop();   // politely: open connections are told
  void crash();  // SIGKILL to all its processes
  // As a machine that is gone without a word: connections stay open, new ones are taken, nothing is answered.
  void freeze();
  void thaw();
  // Runs a program of PostgreSQL's with these arguments as a shell would; gives its exit status and output.
  [[nodiscard]] std::pair<int, std::string> run_tool(const std::string& command) const;
  void sql(const std::string& statement, const std::string& database = "postgres") const;  // throws on failure

 private:
  void signal_all(int signal) const;  // to the postmaster and its children

  TemporaryFolder folder_;
  std::uint16_t port_;
  bool tls_;
  pid_t child_ = 0;
  int databases_ = 0;
};

}  // namespace retell::test

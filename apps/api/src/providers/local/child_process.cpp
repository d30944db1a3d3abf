#include "providers/local/child_process.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX asks the program to declare it

namespace retell::providers::local {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::size_t kept_error_bytes = 2000;  // of standard error, for the message
constexpr int tick_ms = 50;

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void reset(int fd) {
    close();
    fd_ = fd;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
  [[nodiscard]] bool make() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
  }
  // For what we write: a socket, unlike a pipe, lets a write to a dead child fail without a signal.
  [[nodiscard]] bool make_socket() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
    read.reset(ends[0]);
    write.reset(ends[1]);
    return true;
  }
};

class SpawnSetup {
 public:
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t set;
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes_, &set);
    sigaddset(&set, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes_, &set);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  void connect(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void folder(const std::string& path) { posix_spawn_file_actions_addchdir_np(&actions_, path.c_str()); }
  [[nodiscard]] int spawn(pid_t& pid, char* const* argv) {
    return posix_spawnp(&pid, argv[0], &actions_, &attributes_, argv, environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ > 0) (void)kill_and_reap();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int kill_and_reap() {
    ::kill(-pid_, SIGKILL);
    return reap();
  }
  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

// Feeds and drains the child until it has closed both its outputs.
class Conversation {
 public:
  Conversation(Pipe& in, Pipe& out, Pipe& err, const ChildOptions& options)
      : in_(in), out_(out), err_(err), options_(options) {}

  [[nodiscard]] core::Result<> run(const std::string& name) {
    const auto deadline = SteadyClock::now() + options_.timeout;
    auto next_tick = SteadyClock::now() + std::chrono::milliseconds(tick_ms);
    while (out_.read.open() || err_.read.open()) {
      const auto now = SteadyClock::now();
      if (now >= deadline) {
        return core::fail(core::ErrorCode::timeout,
                          fmt::format("{} did not end within {} ms", name, options_.timeout.count()));
      }
      if (now >= next_tick) {
        next_tick = now + std::chrono::milliseconds(tick_ms);
        if (options_.tick && !options_.tick()) return core::fail(core::ErrorCode::cancelled, name + " was stopped");
      }
      if (!turn()) return core::fail(core::ErrorCode::cancelled, name + " was stopped");
    }
    return {};
  }
  [[nodiscard]] const std::string& errors() const { return errors_; }

 private:
  // One poll and what it brings; false when the receiver of the output wants no more.
  [[nodiscard]] bool turn() {
    std::array<pollfd, 3> fds{
        {{out_.read.get(), POLLIN, 0}, {err_.read.get(), POLLIN, 0}, {in_.write.get(), POLLOUT, 0}}};
    if (::poll(fds.data(), fds.size(), tick_ms) <= 0) return true;
    if (fds[2].revents != 0) feed();
    if (fds[1].revents != 0) {
      drain(err_.read, [this](std::span<const char> piece) {
        errors_.append(piece.data(), piece.size());
        if (errors_.size() > kept_error_bytes) errors_.erase(0, errors_.size() - kept_error_bytes);
        return true;
      });
    }
    if (fds[0].revents != 0) return drain(out_.read, options_.output);
    return true;
  }

  void feed() {
    const auto rest = std::string_view(options_.input).substr(fed_);
    const auto n = ::send(in_.write.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) fed_ += static_cast<std::size_t>(n);
    if ((n < 0 && errno != EAGAIN && errno != EINTR) || fed_ == options_.input.size()) in_.write.close();
  }

  static bool drain(Descriptor& from, const std::function<bool(std::span<const char>)>& sink) {
    std::array<char, 16384> buffer{};
    const auto n = ::read(from.get(), buffer.data(), buffer.size());
    if (n > 0) return !sink || sink(std::span<const char>(buffer.data(), static_cast<std::size_t>(n)));
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) from.close();
    return true;
  }

  Pipe& in_;
  Pipe& out_;
  Pipe& err_;
  const ChildOptions& options_;
  std::size_t fed_ = 0;
  std::string errors_;
};

}  // namespace

core::Result<> run_child(const std::vector<std::string>& argv, const ChildOptions& options) {
  Pipe in;
  Pipe out;
  Pipe err;
  if (!in.make_socket() || !out.make() || !err.make()) {
    return core::fail(core::ErrorCode::unavailable, fmt::format("no pipe for {}: {}", argv[0], std::strerror(errno)));
  }
  SpawnSetup setup;
  setup.connect(in.read.get(), STDIN_FILENO);
  setup.connect(out.write.get(), STDOUT_FILENO);
  setup.connect(err.write.get(), STDERR_FILENO);
  if (!options.folder.empty()) setup.folder(options.folder);
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  if (const int error = setup.spawn(pid, arguments.data()); error != 0) {
    return core::fail(core::ErrorCode::unavailable, fmt::format("cannot start {}: {}", argv[0], std::strerror(error)));
  }
  Child child(pid);
  in.read.close();
  out.write.close();
  err.write.close();
  if (options.input.empty()) in.write.close();
  Conversation conversation(in, out, err, options);
  if (auto talked = conversation.run(argv[0]); !talked) {
    (void)child.kill_and_reap();
    return talked;
  }
  const int status = child.reap();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return core::fail(core::ErrorCode::io,
                    fmt::format("{} failed ({}): {}", argv[0],
                                WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), conversation.errors()));
}

bool program_exists(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (true) {
    const auto colon = rest.find(':');
    const auto folder = rest.substr(0, colon);
    if (!folder.empty() && ::access(fmt::format("{}/{}", folder, name).c_str(), X_OK) == 0) return true;
    if (colon == std::string_view::npos) return false;
    rest.remove_prefix(colon + 1);
  }
}

}  // namespace retell::providers::local

#include "benchmarks/load_process.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <type_traits>
#include <unistd.h>

#include "benchmarks/far_ends.hpp"
#include "benchmarks/machine.hpp"

namespace retell::benchmarks {

struct LoadProcess::Command {
  std::uint16_t port = 0;   // of the server to call; 0: give the figures
  std::uint32_t count = 0;  // of calls
};

namespace {

template <class T>
bool put(int channel, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return ::write(channel, &value, sizeof value) == static_cast<ssize_t>(sizeof value);
}

template <class T>
bool get(int channel, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return ::read(channel, &value, sizeof value) == static_cast<ssize_t>(sizeof value);
}

// Keeps a worker's loop from sleeping. Waking a sleeping process on another core would be paid by the server, one
// interrupt a message, where a network card would take the message instead. Tells how much of its time was work.
class Spinner {
 public:
  explicit Spinner(core::Worker& worker) : worker_(worker) {
    core::asio::post(worker_.context(), [this] { spin(); });
  }
  // On the worker's thread. Seconds of work since the last time it was asked.
  double take() { return std::exchange(busy_s_, 0); }

 private:
  // A turn of the loop that finds nothing takes about a microsecond.
  static constexpr std::chrono::nanoseconds idle_turn{2'500};

  void spin() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ > idle_turn) busy_s_ += std::chrono::duration<double>(now - last_).count();
    last_ = now;
    core::asio::post(worker_.context(), [this] { spin(); });
  }

  core::Worker& worker_;
  core::TimePoint last_ = std::chrono::steady_clock::now();
  double busy_s_ = 0;
};

// Runs `work` on the worker and waits.
template <class F>
auto on(core::Worker& worker, F work) {
  std::packaged_task<std::invoke_result_t<F>()> task(std::move(work));
  auto result = task.get_future();
  core::asio::post(worker.context(), std::move(task));
  return result.get();
}

}  // namespace

LoadProcess::LoadProcess(int core, VendorTimes times, const std::vector<std::int16_t>& speech) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
  child_ = ::fork();
  if (child_ == 0) {
    ::close(ends[0]);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(ends[1], core, times, speech);
  }
  ::close(ends[1]);
  channel_ = ends[0];
  if (!get(channel_, vendor_port_)) vendor_port_ = 0;
}

LoadProcess::~LoadProcess() {
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  if (channel_ >= 0) ::close(channel_);
}

void LoadProcess::call(std::uint16_t port, std::uint32_t count) { put(channel_, Command{port, count}); }

LoadFigures LoadProcess::take() {
  LoadFigures figures;
  if (put(channel_, Command{})) (void)get(channel_, figures);
  return figures;
}

void LoadProcess::serve(int channel, int core, VendorTimes times, const std::vector<std::int16_t>& speech) {
  pin_to_core(core);
  core::WorkerPool workers(1);
  workers.start();
  ScriptedVendors vendors(workers, times, speech);
  auto& worker = workers.at(0);
  FarEnds far_ends(worker, vendors, speech);
  put(channel, vendors.start());
  Spinner spinner(worker);
  auto since = std::chrono::steady_clock::now();
  for (Command command; get(channel, command);) {
    if (command.port != 0) {
      on(worker, [&] { far_ends.call(command.port, command.count); });
      continue;
    }
    LoadFigures figures;
    double busy_s = 0;
    const auto taken = on(worker, [&] {
      figures.live_calls = far_ends.live();
      busy_s = spinner.take();
      return far_ends.take();
    });
    const auto now = std::chrono::steady_clock::now();
    figures.core_percent = 100 * busy_s / std::chrono::duration<double>(now - since).count();
    since = now;
    figures.lateness_p50_ms = quantile(taken.lateness_ms, 0.5);
    figures.lateness_p99_ms = quantile(taken.lateness_ms, 0.99);
    figures.own_lateness_p99_ms = quantile(taken.own_lateness_ms, 0.99);
    figures.added_p50_ms = quantile(taken.added_ms, 0.5);
    figures.added_p99_ms = quantile(taken.added_ms, 0.99);
    figures.measured_turns = taken.added_ms.size();
    figures.turns = taken.turns;
    figures.frames_in = taken.frames_in;
    figures.lost_calls = taken.lost_calls;
    put(channel, figures);
  }
  std::_Exit(0);
}

}  // namespace retell::benchmarks

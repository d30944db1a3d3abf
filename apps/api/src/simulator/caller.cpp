#include "simulator/caller.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>

#include "audio/wav.hpp"
#include "core/race.hpp"
#include "core/task_group.hpp"

namespace retell::simulator {
namespace {

using SteadyClock = std::chrono::steady_clock;

double since_ms(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

core::Task<void> read(net::WebSocket& socket, FarEnd& far_end, SteadyClock::time_point start) {
  const auto how = co_await socket.run(
      [&far_end, start](std::string_view data, bool /*binary*/) { far_end.on_message(data, since_ms(start)); });
  far_end.agent_closed(how.code == 1000 || how.code == 1001 || how.code == 1005
                           ? "agent"
                           : "the connection broke (" + std::to_string(how.code) + " " + how.reason + ")");
}

void send(net::WebSocket& socket, const FarEnd::Messages& messages) {
  for (const auto& message : messages) socket.send_text(message);
}

core::Task<void> pulse(net::WebSocket& socket, FarEnd& far_end, SteadyClock::time_point start,
                       const CallerOptions& options) {
  core::asio::steady_timer timer(co_await core::asio::this_coro::executor);
  send(socket, far_end.open());
  for (auto deadline = start; !far_end.done(); deadline += std::chrono::milliseconds(20)) {
    timer.expires_at(deadline);
    co_await timer.async_wait(core::asio::use_awaitable);
    send(socket, far_end.tick());
    if (options.leave_by && options.leave_by()) far_end.hang_up();
  }
  if (socket.open()) send(socket, far_end.close());
}

core::Task<void> cancel_at(core::TaskGroup& group, SteadyClock::time_point when) {
  co_await core::sleep_for(when - SteadyClock::now());
  group.cancel();
}

}  // namespace

core::Task<core::Result<Report>> Caller::run(Script script) {
  net::ClientWebSocketRequest request;
  request.url = options_.url;
  request.reach = net::Reach::any;
  auto socket = co_await client_.connect(std::move(request));
  if (!socket) co_return tl::unexpected(socket.error());

  FarEnd far_end(options_.far_end, std::move(script));
  const auto start = SteadyClock::now();
  core::TaskGroup group(co_await core::asio::this_coro::executor, log_);
  group.spawn("far end's reader", read(*socket, far_end, start));
  std::exception_ptr failure;
  try {
    co_await pulse(*socket, far_end, start, options_);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await core::asio::this_coro::reset_cancellation_state(core::asio::disable_cancellation());
  socket->close();
  if (failure) group.cancel();
  core::TaskGroup limit(group.executor(), log_);
  if (const auto by = options_.leave_by ? options_.leave_by() : std::nullopt) {
    limit.spawn("the last wait", cancel_at(group, *by));
  }
  co_await group.join();
  limit.cancel();
  co_await limit.join();
  if (failure) std::rethrow_exception(failure);

  auto report = far_end.report();
  if (!options_.recording_path.empty()) {
    if (auto written = write_recording(options_.recording_path, report.channels); !written) {
      co_return tl::unexpected(written.error());
    }
  }
  co_return report;
}

core::Result<> write_recording(const std::string& path, const Channels& channels) {
  auto writer = audio::WavWriter::create(path, line_rate, 2);
  if (!writer) return tl::unexpected(writer.error());
  std::vector<std::int16_t> both;
  both.reserve(2 * channels.caller.size());
  for (std::size_t i = 0; i < channels.caller.size(); ++i) {
    both.push_back(channels.caller[i]);
    both.push_back(channels.agent[i]);
  }
  if (auto written = writer->write(both); !written) return written;
  return writer->close();
}

}  // namespace retell::simulator

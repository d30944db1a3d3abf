#include "storage/cache/redis_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <charconv>
#include <random>

#include "core/race.hpp"
#include "net/http_message.hpp"

namespace retell::storage {
namespace {

using namespace std::chrono_literals;
namespace asio = core::asio;
using core::ErrorCode;

constexpr std::size_t most_pending = 10'000;  // beyond it the cache is a queue, which helps nobody
constexpr auto first_pause = 50ms;            // between attempts; doubles
constexpr auto longest_pause = 2'000ms;

tl::unexpected<core::Error> unavailable(std::string message) {
  return core::fail(ErrorCode::unavailable, "Redis: " + std::move(message));
}

std::chrono::milliseconds pause_after(int failures) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto most = std::min<std::chrono::milliseconds>(longest_pause, first_pause * (1 << std::min(failures, 8)));
  std::uniform_int_distribution<std::int64_t> spread(most.count() / 2, most.count());
  return std::chrono::milliseconds(spread(random));
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

}  // namespace

core::Result<RedisAddress> parse_redis_url(const std::string& url) {
  const auto refuse = [] {
    return core::fail(ErrorCode::invalid, "expected redis://user:password@host:6379/0, or rediss:// for TLS",
                      "cache.url");
  };
  RedisAddress address;
  std::string_view rest = url;
  if (rest.starts_with("rediss://"))
    address.tls = true;
  else if (!rest.starts_with("redis://"))
    return refuse();
  rest.remove_prefix(rest.find("://") + 3);
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    const auto number = rest.substr(slash + 1);
    if (!number.empty() && (!read_number(number, address.database) || address.database < 0)) return refuse();
    rest = rest.substr(0, slash);
  }
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    const auto who = rest.substr(0, at);
    const auto colon = std::min(who.find(':'), who.size());
    address.user = net::percent_decode(who.substr(0, colon), false);
    address.password = net::percent_decode(who.substr(std::min(colon + 1, who.size())), false);
    rest.remove_prefix(at + 1);
  }
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return refuse();
    address.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    const auto colon = std::min(rest.find(':'), rest.size());
    address.host = rest.substr(0, colon);
    rest.remove_prefix(colon);
  }
  if (!rest.empty() && (rest.front() != ':' || !read_number(rest.substr(1), address.port))) return refuse();
  if (address.host.empty() || address.port == 0) return refuse();
  return address;
}

RedisClient::RedisClient(core::Worker& worker, RedisAddress address, RedisOptions options, core::Logger log)
    : worker_(worker),
      address_(std::move(address)),
      options_(std::move(options)),
      log_(std::move(log)),
      connector_(worker, {.ca_file = options_.ca_file}, log_),
      has_output_(worker.context()) {}

core::Task<void> RedisClient::run(Owner owner) {
  for (int failures = 0;;) {
    net::Url url;
    url.tls = address_.tls;
    url.host = address_.host;
    url.port = address_.port;
    auto opened = co_await connector_.open(url, net::Reach::any, options_.connect_timeout);
    if (opened) {
      trouble_.clear();
      connection_ = std::move(*opened);
      try {
        co_await serve(owner);
      } catch (const boost::system::system_error& error) {
        if (trouble_.empty()) trouble_ = error.code().message();
        // hang_up() ends what reads and writes; our own cancellation looks the same and is noticed below.
      }
      if (was_up_) failures = 0;
      hang_up();
      if (std::exchange(was_up_, false)) owner.changed(false);
      connection_.reset();
      // Told to end: nothing went wrong, and nothing is to be said.
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return;
      if (trouble_.empty()) trouble_ = "the connection was lost";
    } else {
      trouble_ = opened.error().message;
    }
    if (failures++ == 0) log_.warn("the cache {}:{} is not used: {}", address_.host, address_.port, trouble_);
    co_await core::sleep_for(pause_after(failures));
  }
}

core::Task<void> RedisClient::serve(const Owner& owner) {
  auto begin = [](RedisClient& self, const Owner& whose) -> core::Task<void> {
    const auto introduced = co_await self.introduce();
    if (!introduced) {
      self.trouble_ = introduced.error().message;
      co_return;
    }
    if (!co_await whose.greet()) co_return;
    self.up_ = self.was_up_ = true;
    whose.changed(true);
    self.log_.info("the cache {}:{} is used", self.address_.host, self.address_.port);
    // Stays until the connection is lost, which ends the race that this runs in.
    co_await core::sleep_for(std::chrono::hours(24 * 365));
  };
  auto exchange = [](RedisClient& self) -> core::Task<void> { co_await core::race(self.read(), self.write()); };
  co_await core::race(begin(*this, owner), exchange(*this));
}

core::Task<core::Result<>> RedisClient::introduce() {
  std::vector<std::string_view> hello{"HELLO", "3"};
  const std::string user = address_.user.empty() ? "default" : address_.user;
  if (!address_.password.empty()) hello.insert(hello.end(), {"AUTH", user, address_.password});
  hello.insert(hello.end(), {"SETNAME", "retell"});
  auto answer = co_await send(resp::command(hello));
  if (!answer) co_return tl::unexpected(answer.error());
  // Servers before version 6 know neither HELLO nor users.
  if (answer->failure() != nullptr && answer->failure()->message.starts_with("ERR unknown command")) {
    if (!address_.password.empty()) {
      std::vector<std::string_view> auth{"AUTH"};
      if (!address_.user.empty()) auth.push_back(address_.user);
      auth.push_back(address_.password);
      answer = co_await send(resp::command(auth));
    } else {
      answer = co_await send(resp::command({"PING"}));
    }
    if (!answer) co_return tl::unexpected(answer.error());
  }
  if (answer->failure() == nullptr && address_.database != 0) {
    answer = co_await send(resp::command({"SELECT", std::to_string(address_.database)}));
    if (!answer) co_return tl::unexpected(answer.error());
  }
  if (const auto* failure = answer->failure()) co_return unavailable(failure->message);
  co_return core::Result<>{};
}

core::Task<core::Result<resp::Value>> RedisClient::command(std::string encoded) {
  if (!up_) co_return unavailable("not connected");
  co_return co_await send(std::move(encoded));
}

core::Task<core::Result<resp::Value>> RedisClient::send(std::string encoded) {
  if (pending_.size() >= most_pending) co_return unavailable("too many commands are under way");
  const auto mine = std::make_shared<Pending>(worker_.context());
  mine->answered.expires_after(options_.command_timeout);
  pending_.push_back(mine);
  output_ += encoded;
  has_output_.cancel();
  (void)co_await mine->answered.async_wait(asio::as_tuple(asio::use_awaitable));
  if (mine->answer) co_return std::move(*mine->answer);
  if (!mine->lost) {
    // Answers come in order, so whatever comes now could be mistaken for another's.
    trouble_ = "no answer within " + std::to_string(options_.command_timeout.count()) + " ms";
    hang_up();
  }
  co_return unavailable(trouble_.empty() ? "the connection was lost" : trouble_);
}

core::Task<void> RedisClient::read() {
  for (;;) {
    auto parsed = resp::parse(connection_->input());
    if (!parsed) {
      trouble_ = parsed.error().message;
      co_return;
    }
    if (*parsed) {
      connection_->consume((*parsed)->used);
      deliver(std::move((*parsed)->value));
      continue;
    }
    const auto count = co_await connection_->fill();
    if (!count || *count == 0) co_return;
  }
}

core::Task<void> RedisClient::write() {
  for (;;) {
    while (output_.empty()) {
      has_output_.expires_at(core::TimePoint::max());
      (void)co_await has_output_.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return;
    }
    const auto part = std::exchange(output_, {});
    if (auto written = co_await connection_->write(part); !written) co_return;
  }
}

void RedisClient::deliver(resp::Value value) {
  if (value.push || pending_.empty()) return;
  const auto first = std::move(pending_.front());
  pending_.pop_front();
  first->answer = std::move(value);
  first->answered.cancel();
}

void RedisClient::hang_up() {
  up_ = false;
  output_.clear();
  for (auto& one : std::exchange(pending_, {})) {
    one->lost = true;
    one->answered.cancel();
  }
  if (connection_) connection_->close();
}

}  // namespace retell::storage

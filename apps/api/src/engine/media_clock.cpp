#include "engine/media_clock.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

namespace retell::engine {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t slots = 4;
constexpr auto slot_length = 5ms;
constexpr auto frame_length = slot_length * std::int64_t{slots};  // signed: a tick may also be early
constexpr auto late_after = 10ms;

}  // namespace

class MediaClock::Impl {
 public:
  explicit Impl(const core::Executor& executor) : timer_(executor) {}

  void start() {
    running_ = true;
    due_ = std::chrono::steady_clock::now() + slot_length;
    arm();
  }
  void stop() {
    running_ = false;
    timer_.cancel();
  }

  void add(Subscriber& subscriber) {
    auto* fewest = &slots_.front();
    for (auto& slot : slots_) {
      if (slot.calls.size() < fewest->calls.size()) fewest = &slot;
    }
    fewest->calls.push_back(&subscriber);
    ++size_;
  }

  void remove(Subscriber& subscriber) {
    for (auto& slot : slots_) {
      const auto found = std::find(slot.calls.begin(), slot.calls.end(), &subscriber);
      if (found == slot.calls.end()) continue;
      --size_;
      // While the slot is being served its list must keep its places.
      if (serving_ == &slot)
        *found = nullptr;
      else
        slot.calls.erase(found);
      return;
    }
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Lateness lateness() const { return lateness_; }

 private:
  struct Slot {
    std::vector<Subscriber*> calls;
    std::uint32_t missed = 0;  // frames skipped since it was served last
  };

  void arm() {
    timer_.expires_at(due_);
    // A wait that was over before it could be cancelled comes without an error, perhaps after this is gone.
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
      if (error == boost::asio::error::operation_aborted || alive.expired() || !running_) return;
      tick();
      arm();
    });
  }

  void tick() {
    const auto now = std::chrono::steady_clock::now();
    const auto late = now - due_;
    ++lateness_.ticks;
    if (late > late_after) ++lateness_.late_ticks;
    lateness_.worst_ms = std::max(lateness_.worst_ms, std::chrono::duration<double, std::milli>(late).count());

    serve(slots_[next_], now);
    next_ = (next_ + 1) % slots;
    due_ += slot_length;
    // After a stall longer than a frame, whole frames are skipped so that nothing is sent in a burst.
    if (now - due_ > frame_length) {
      const auto skipped = (now - due_) / frame_length;
      due_ += frame_length * skipped;
      for (auto& slot : slots_) slot.missed += static_cast<std::uint32_t>(skipped);
    }
  }

  void serve(Slot& slot, core::TimePoint now) {
    serving_ = &slot;
    const auto missed = std::exchange(slot.missed, 0);
    // By index: a call may begin (at the end) or end (its place becomes empty) while others are served.
    for (std::size_t i = 0; i < slot.calls.size(); ++i) {
      if (slot.calls[i] != nullptr) slot.calls[i]->on_frame(due_, now, missed);
    }
    serving_ = nullptr;
    std::erase(slot.calls, nullptr);
  }

  boost::asio::steady_timer timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::array<Slot, slots> slots_;
  Slot* serving_ = nullptr;
  std::size_t next_ = 0;
  std::size_t size_ = 0;
  core::TimePoint due_;
  Lateness lateness_;
  bool running_ = false;
};

MediaClock::MediaClock(const core::Executor& executor) : impl_(std::make_unique<Impl>(executor)) {}
MediaClock::~MediaClock() = default;
void MediaClock::start() { impl_->start(); }
void MediaClock::stop() { impl_->stop(); }
void MediaClock::add(Subscriber& subscriber) { impl_->add(subscriber); }
void MediaClock::remove(Subscriber& subscriber) { impl_->remove(subscriber); }
std::size_t MediaClock::size() const { return impl_->size(); }
MediaClock::Lateness MediaClock::lateness() const { return impl_->lateness(); }

}  // namespace retell::engine

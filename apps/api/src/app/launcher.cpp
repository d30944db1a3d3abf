#include "app/launcher.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace retell::app {

void Launcher::expect(const std::string& token, engine::CallPlan plan, engine::CallEventSink sink,
                      std::function<void()> on_missed, std::chrono::milliseconds within) {
  host_.expect(token, {std::move(plan), std::move(sink), std::move(on_missed)}, within);
}

void Launcher::forget(const std::string& call_id) { host_.forget(call_id); }

bool Launcher::end(const std::string& call_id, engine::EndReason reason) { return host_.end(call_id, reason); }

core::Task<services::Dialled> Launcher::dial(services::DialOrder order) {
  if (!dialler_) {
    co_return tl::unexpected(services::DialFailure{
        {core::ErrorCode::unprocessable,
         "no carrier is configured: set RETELL_TWILIO_ACCOUNT_SID and RETELL_TWILIO_AUTH_TOKEN"}});
  }
  // The caller may live on another worker; the carrier's connections belong to this one.
  co_return co_await boost::asio::co_spawn(worker_.executor(), dialler_(std::move(order)), boost::asio::use_awaitable);
}

}  // namespace retell::app

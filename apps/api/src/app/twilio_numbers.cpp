#include "app/twilio_numbers.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace retell::app {

namespace twilio = transports::twilio;

template <class T, class Use>
core::Task<core::Result<T>> TwilioNumbers::there(Use use) {
  auto run = [](TwilioNumbers& self, Use what) -> core::Task<core::Result<T>> {
    const auto& t = self.config_.twilio;
    twilio::RestClient rest(self.client_(), {t.account_sid, t.auth_token, t.api_base_url});
    co_return co_await what(rest);
  };
  co_return co_await boost::asio::co_spawn(worker_.executor(), run(*this, std::move(use)), boost::asio::use_awaitable);
}

core::Result<> TwilioNumbers::ready() const {
  if (config_.twilio.auth_token.empty()) {
    return core::fail(core::ErrorCode::unprocessable,
                      "no carrier is configured: set RETELL_TWILIO_ACCOUNT_SID and RETELL_TWILIO_AUTH_TOKEN, or add a "
                      "number that you have with POST /import-phone-number");
  }
  if (config_.server.public_url.empty()) {
    return core::fail(core::ErrorCode::unprocessable,
                      "the carrier is to send the number's calls to this server: set RETELL_SERVER_PUBLIC_URL");
  }
  return {};
}

core::Task<core::Result<std::vector<std::string>>> TwilioNumbers::available(services::NumberWish wish) {
  twilio::NumberSearch search{std::move(wish.country), wish.area_code ? std::to_string(*wish.area_code) : "",
                              wish.toll_free};
  return there<std::vector<std::string>>(
      [search = std::move(search)](twilio::RestClient& rest) { return rest.search_numbers(search); });
}

core::Task<core::Result<std::optional<std::string>>> TwilioNumbers::buy(std::string phone_number, std::string mark) {
  twilio::NumberOrder order{std::move(phone_number), std::move(mark), config_.server.public_url + "/twilio/voice"};
  return there<std::optional<std::string>>(
      [order = std::move(order)](twilio::RestClient& rest) { return rest.buy_number(order); });
}

core::Task<core::Result<std::vector<std::string>>> TwilioNumbers::bought(std::string mark) {
  return there<std::vector<std::string>>(
      [mark = std::move(mark)](twilio::RestClient& rest) { return rest.find_numbers(mark); });
}

core::Task<core::Result<>> TwilioNumbers::release(std::string carrier_id) {
  return there<void>([id = std::move(carrier_id)](twilio::RestClient& rest) { return rest.release_number(id); });
}

}  // namespace retell::app

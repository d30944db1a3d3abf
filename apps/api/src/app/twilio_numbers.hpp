// Numbers of the operator's Twilio account, bought over its REST API.
#pragma once
#include <functional>
#include <string>

#include "config/config.hpp"
#include "core/worker.hpp"
#include "net/client.hpp"
#include "services/number_carrier.hpp"
#include "transports/twilio/rest.hpp"

namespace retell::app {

class TwilioNumbers final : public services::NumberCarrier {
 public:
  // All must outlive it. Requests leave from `worker`, by its client.
  TwilioNumbers(const config::Config& config, std::function<net::Client&()> client, core::Worker& worker)
      : config_(config), client_(std::move(client)), worker_(worker) {}

  [[nodiscard]] core::Result<> ready() const override;
  [[nodiscard]] core::Task<core::Result<std::vector<std::string>>> available(services::NumberWish wish) override;
  [[nodiscard]] core::Task<core::Result<std::optional<std::string>>> buy(std::string phone_number,
                                                                         std::string mark) override;
  [[nodiscard]] core::Task<core::Result<std::vector<std::string>>> bought(std::string mark) override;
  [[nodiscard]] core::Task<core::Result<>> release(std::string carrier_id) override;

 private:
  // Runs `use(rest client)` on the worker; the caller may live on another.
  template <class T, class Use>
  [[nodiscard]] core::Task<core::Result<T>> there(Use use);

  const config::Config& config_;
  std::function<net::Client&()> client_;
  core::Worker& worker_;
};

}  // namespace retell::app

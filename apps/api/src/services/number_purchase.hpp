// Numbers that are bought from the carrier and given back to it. Nothing is paid for and lost: before a number is
// bought, a job is stored that gives back whatever was bought under the purchase's mark, and the transaction that
// stores the number forgets it. Any thread.
#pragma once
#include <chrono>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/job_runner.hpp"
#include "services/number_carrier.hpp"
#include "services/phone_number_service.hpp"

namespace retell::services {

// As create-phone-number takes it.
struct BuyNumber : NumberSettings {
  std::optional<double> area_code = {};
  std::optional<std::string> country_code = {};     // US (the default) or CA
  std::optional<std::string> number_provider = {};  // twilio (the default)
  std::optional<bool> toll_free = {};
  std::optional<std::string> phone_number = {};  // this one alone
  std::optional<std::string> transport = {};
};
BOOST_DESCRIBE_STRUCT(BuyNumber, (NumberSettings),
                      (area_code, country_code, number_provider, toll_free, phone_number, transport))

class NumberPurchase {
 public:
  // All must outlive it. Before the jobs run.
  NumberPurchase(storage::Database& database, PhoneNumberService& numbers, NumberCarrier& carrier, JobRunner& jobs,
                 const core::Clock& clock);

  [[nodiscard]] core::Task<core::Result<json::Object>> buy(std::string organization_id, json::Value body);
  // Also of numbers that were not bought here, which nobody gives back.
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string number);

  // Longer than a purchase takes: until then what is bought is its own concern.
  static constexpr std::chrono::minutes longest_purchase{5};

 private:
  [[nodiscard]] core::Task<core::Result<std::vector<std::string>>> candidates(const BuyNumber& wish);
  [[nodiscard]] storage::Job release_job(std::string organization_id, std::string mark, std::string carrier_id);
  [[nodiscard]] core::Task<core::Result<json::Object>> keep(storage::PhoneNumber number, storage::Job release);
  [[nodiscard]] core::Task<core::Result<>> give_back(const storage::Job& job);

  storage::Database& database_;
  PhoneNumberService& numbers_;
  NumberCarrier& carrier_;
  const core::Clock& clock_;
};

}  // namespace retell::services

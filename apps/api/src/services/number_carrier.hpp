// What services/ need of a carrier that sells phone numbers; implemented by app/.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::services {

struct NumberWish {
  std::string country = "US";  // ISO 3166-1 alpha-2
  std::optional<int> area_code = {};
  bool toll_free = false;
};

// Any thread. Errors: unprocessable when there is no carrier, or it refuses; rate_limited and unavailable when it may
// work later, of buy() only when nothing was bought; any other when nobody knows whether it did what was asked.
class NumberCarrier {
 public:
  virtual ~NumberCarrier() = default;
  [[nodiscard]] virtual core::Result<> ready() const = 0;  // unprocessable: says what must be set up
  // A few that can be had, in E.164.
  [[nodiscard]] virtual core::Task<core::Result<std::vector<std::string>>> available(NumberWish wish) = 0;
  // Buys the number and has its calls come to this server; gives the carrier's id of it, nothing when it is no longer
  // to be had. The carrier keeps `mark` with it.
  [[nodiscard]] virtual core::Task<core::Result<std::optional<std::string>>> buy(std::string phone_number,
                                                                                 std::string mark) = 0;
  // The carrier's ids of what was bought under this mark.
  [[nodiscard]] virtual core::Task<core::Result<std::vector<std::string>>> bought(std::string mark) = 0;
  // Gives the number back; one that is gone already is no error.
  [[nodiscard]] virtual core::Task<core::Result<>> release(std::string carrier_id) = 0;
};

}  // namespace retell::services

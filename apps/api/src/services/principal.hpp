// Who asks: the tenant and the key it came with. Every service function that touches a tenant's data is given one id.
#pragma once
#include <string>

namespace retell::services {

struct Principal {
  std::string organization_id;
  std::string organization_name;
  std::string api_key_id;
  std::string api_key_name;
};

}  // namespace retell::services

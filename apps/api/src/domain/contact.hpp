// A person who calls or is called. Plain values.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "json/read.hpp"
#include "json/write.hpp"

namespace retell::domain {

struct ContactFields {
  std::optional<std::string> first_name = {};
  std::optional<std::string> last_name = {};
  std::optional<std::vector<std::string>> tags = {};
  std::optional<bool> do_not_call = {};
  std::optional<json::Object> custom_fields = {};  // texts, numbers and booleans by name
};
BOOST_DESCRIBE_STRUCT(ContactFields, (), (first_name, last_name, tags, do_not_call, custom_fields))

struct NewContact : ContactFields {
  std::string phone_number;  // E.164
};
BOOST_DESCRIBE_STRUCT(NewContact, (ContactFields), (phone_number))

// Retell's ContactResponse.
struct Contact : NewContact {
  std::string contact_id;
  std::string org_id;
  std::int64_t created_timestamp = 0;        // epoch ms
  std::int64_t user_modified_timestamp = 0;  // epoch ms
};
BOOST_DESCRIBE_STRUCT(Contact, (NewContact), (contact_id, org_id, created_timestamp, user_modified_timestamp))

// Sizes and the kinds of custom fields; adds to `problems`.
void check_contact(json::Problems& problems, const ContactFields& fields);

// "(11) 91234-5678" of Brazil is +5511912345678. Numbers that begin with + keep their own country; nothing when no
// E.164 number comes out or the country (ISO 3166 alpha-2) is not known.
[[nodiscard]] std::optional<std::string> to_e164(std::string_view number, std::string_view country);

}  // namespace retell::domain

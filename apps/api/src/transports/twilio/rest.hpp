// Twilio's REST API, the requests that calls and numbers need. Built as values here, sent by net::Client.
//
// Placing a call is not idempotent: Twilio has no idempotency key for it, so a request whose answer was lost is never
// sent again (the callee would ring twice); the call's record then ends as dial_failed, and if the call was placed
// after all, its media stream finds its token forgotten and is refused. Nor is buying a number: what was bought is
// found again by its friendly name.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "domain/call.hpp"
#include "net/client.hpp"

namespace retell::transports::twilio {

struct RestOptions {
  std::string account_sid;
  std::string auth_token;
  std::string base_url = "https://api.twilio.com";
};

struct OutboundCall {
  std::string from;
  std::string to;
  std::string twiml;              // what happens when it is answered
  std::string status_url;         // told how it ended; empty: nobody
  std::chrono::seconds ring{30};  // 5..600, Twilio's Timeout
};

struct NumberSearch {
  std::string country = "US";  // ISO 3166-1 alpha-2
  std::string area_code = {};  // empty: any
  bool toll_free = false;
};

struct NumberOrder {
  std::string phone_number;
  std::string friendly_name;  // at most 64 characters
  std::string voice_url;      // asked what to do with a call that comes in
};

[[nodiscard]] net::ClientRequest search_numbers_request(const RestOptions& options, const NumberSearch& search);
[[nodiscard]] net::ClientRequest buy_number_request(const RestOptions& options, const NumberOrder& order);
[[nodiscard]] net::ClientRequest find_numbers_request(const RestOptions& options, const std::string& friendly_name);
[[nodiscard]] net::ClientRequest release_number_request(const RestOptions& options, const std::string& number_sid);

[[nodiscard]] net::ClientRequest create_call_request(const RestOptions& options, const OutboundCall& call);
[[nodiscard]] net::ClientRequest end_call_request(const RestOptions& options, const std::string& call_sid);

// The call's sid. Errors say what Twilio said with its code: unprocessable for numbers that cannot be called,
// unauthorized for wrong credentials, rate_limited, unavailable; protocol when the answer is not Twilio's.
[[nodiscard]] core::Result<std::string> read_created_call(const net::HttpResponse& response);

// Which end of the call an error's `field` ("twilio.<code>") stands for.
[[nodiscard]] domain::DisconnectionReason disconnection_reason(const core::Error& error);

class RestClient {
 public:
  RestClient(net::Client& client, RestOptions options) : client_(client), options_(std::move(options)) {}
  [[nodiscard]] core::Task<core::Result<std::string>> create_call(OutboundCall call);
  // Ending a call that has ended is no error.
  [[nodiscard]] core::Task<core::Result<>> end_call(std::string call_sid);

  // Numbers that can be bought, some of them.
  [[nodiscard]] core::Task<core::Result<std::vector<std::string>>> search_numbers(NumberSearch search);
  // The number's sid; nothing when somebody else has it by now.
  [[nodiscard]] core::Task<core::Result<std::optional<std::string>>> buy_number(NumberOrder order);
  // Sids of the account's own numbers of this name.
  [[nodiscard]] core::Task<core::Result<std::vector<std::string>>> find_numbers(std::string friendly_name);
  // One that the account does not have is no error.
  [[nodiscard]] core::Task<core::Result<>> release_number(std::string number_sid);

 private:
  net::Client& client_;
  RestOptions options_;
};

}  // namespace retell::transports::twilio

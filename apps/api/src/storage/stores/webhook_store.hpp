// Webhooks going out: what is still to be delivered, and what was, with every attempt. Deliveries of one lane leave one
// after the other: the next one waits until the one before was delivered or given up.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "json/traits.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

enum class DeliveryState : std::uint8_t { pending, delivered, failed };
BOOST_DESCRIBE_ENUM(DeliveryState, pending, delivered, failed)

struct WebhookDelivery {
  std::string id;  // sorts in the order of making
  std::string organization_id;
  std::string call_id;
  std::string agent_id;
  std::string event;
  std::string lane;
  std::string url;
  std::string body;
  bool keep_body = true;
  std::int64_t timeout_ms = 10'000;
  DeliveryState state = DeliveryState::pending;
  std::int64_t attempts = 0;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> finished_at = {};
  std::string resend_of = {};
};

struct WebhookAttempt {
  std::int64_t number = 1;
  std::int64_t at = 0;  // epoch ms
  std::optional<std::int64_t> status = {};
  std::int64_t latency_ms = 0;
  std::string error = {};
  std::string response = {};  // how it began
};
BOOST_DESCRIBE_STRUCT(WebhookAttempt, (), (number, at, status, latency_ms, error, response))

struct DeliveryQuery {
  int limit = 50;
  std::string after = {};    // the id of the last one seen; newest first
  std::string call_id = {};  // empty: all
  std::string event = {};
  std::optional<DeliveryState> state = {};
};

class WebhookStore {
 public:
  explicit WebhookStore(Database& database) : database_(database) {}

  // Nothing happens when a delivery of that id exists.
  [[nodiscard]] core::Task<core::Result<>> add(WebhookDelivery delivery);
  // The same as a statement, so that a delivery is stored together with what it tells of, or neither is.
  [[nodiscard]] static Statement insert(const WebhookDelivery& delivery);
  // Takes what is due and first in its lane, until its time-out and `grace` have passed; what a dead sender left
  // claimed, too.
  [[nodiscard]] core::Task<core::Result<std::vector<WebhookDelivery>>> claim(std::int64_t now_ms,
                                                                             std::chrono::milliseconds grace,
                                                                             int count);
  // Notes an attempt and what follows from it. `due_at_ms` is of the next try, when the state is still pending.
  [[nodiscard]] core::Task<core::Result<>> note(WebhookDelivery delivery, WebhookAttempt attempt,
                                                std::int64_t due_at_ms);

  [[nodiscard]] core::Task<core::Result<std::optional<WebhookDelivery>>> find(std::string organization_id,
                                                                              std::string id);
  [[nodiscard]] core::Task<core::Result<std::vector<WebhookAttempt>>> attempts(std::string organization_id,
                                                                               std::string delivery_id);
  // Without bodies.
  [[nodiscard]] core::Task<core::Result<Page<WebhookDelivery>>> list(std::string organization_id, DeliveryQuery query);
  [[nodiscard]] core::Task<core::Result<std::int64_t>> count(DeliveryState state);  // of the whole server

  // What a call's deletion takes along.
  [[nodiscard]] static std::vector<Statement> forget_call(const std::string& organization_id,
                                                          const std::string& call_id);
  // What was sent about a call whose content must not be kept: at once, or when it is delivered.
  [[nodiscard]] static Statement forget_bodies(const std::string& organization_id, const std::string& call_id);
  [[nodiscard]] core::Task<core::Result<>> sweep(std::int64_t finished_before_ms);

 private:
  Database& database_;
};

}  // namespace retell::storage

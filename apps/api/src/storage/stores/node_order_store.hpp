// What one process of a deployment asks of another about a call that the other holds. Carried out at least once, in the
// order of asking; those to a process that died are dropped with time, as its calls are closed.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "json/traits.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

// moved: another process has taken the call over. stop: end it. unanswered: its carrier says why it was never answered
// (body: the reason). change: body is an UpdateCallRequest. carrier_id: body is the carrier's id of the call.
enum class NodeOrderKind : std::uint8_t { moved, stop, unanswered, change, carrier_id };
BOOST_DESCRIBE_ENUM(NodeOrderKind, moved, stop, unanswered, change, carrier_id)

struct NodeOrder {
  std::string id;  // sorts in the order of making
  std::string organization_id;
  std::string node_id;  // to whom
  std::string call_id;
  NodeOrderKind kind = NodeOrderKind::moved;
  std::string body = {};
  std::int64_t created_at = 0;
};

class NodeOrderStore {
 public:
  explicit NodeOrderStore(Database& database) : database_(database) {}

  [[nodiscard]] core::Task<core::Result<>> add(NodeOrder order);
  [[nodiscard]] static Statement insert(const NodeOrder& order);  // the same, for a transaction
  // Across organisations, oldest first, at most `most`.
  [[nodiscard]] core::Task<core::Result<std::vector<NodeOrder>>> of(std::string node_id, int most);
  // Whether it has still to be carried out.
  [[nodiscard]] core::Task<core::Result<bool>> waits(std::string organization_id, std::string id);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string id);
  [[nodiscard]] core::Task<core::Result<>> sweep(std::int64_t created_before_ms);

 private:
  Database& database_;
};

}  // namespace retell::storage

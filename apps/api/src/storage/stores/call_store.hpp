// Calls: one JSON body each, with what is searched by in columns.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "domain/call.hpp"
#include "domain/list_filter.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/node_order_store.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

struct StoredCall {
  std::string organization_id;
  domain::Call call;
  std::int64_t created_at = 0;
  std::string recording_key = {};               // name in the object store; empty: no recording
  std::string node_id = {};                     // the process that holds it while it is live
  std::optional<std::int64_t> expires_at = {};  // when it is to be deleted
  std::string arrangement = {};                 // JSON; what another node needs to take the call over until it begins
};

// Within which a new call must keep its workspace.
struct CallRoom {
  std::optional<int> most = {};  // open calls; nothing: as many as come
  // Who made room for the call knew of the calls of all nodes but those that are apart; else of its own node's alone.
  bool counted_together = false;
  std::int64_t now_ms = 0;
  std::int64_t seen_since_ms = 0;  // nodes that were not, are dead
};

struct ExpiredCall {
  std::string organization_id;
  std::string call_id;
  std::string recording_key;
};

struct CallPage {
  std::vector<json::Value> items;  // bodies as stored
  bool has_more = false;
  std::string next = {};
  std::optional<std::int64_t> total = {};
};

struct CallQuery {
  PageQuery page = {};
  domain::ListFilter filter = {};
  std::string party = {};  // only calls with this number at either end; "" all
  int skip = 0;
  bool include_total = false;
};

class CallStore {
 public:
  explicit CallStore(Database& database, int most_scanned = scan_limit)
      : database_(database), most_scanned_(most_scanned) {}

  // False when the workspace has no room left: unless the limit was kept by whoever counted already, the calls of all
  // nodes are counted here, and nobody else's at the same moment.
  [[nodiscard]] core::Task<core::Result<bool>> insert(StoredCall call, CallRoom room = {});
  [[nodiscard]] core::Task<core::Result<>> update(StoredCall call);  // by id and organisation
  // The same, for a transaction.
  [[nodiscard]] static Statement change(const StoredCall& call);
  [[nodiscard]] core::Task<core::Result<std::optional<StoredCall>>> find(std::string organization_id,
                                                                         std::string call_id);
  // Across organisations, for those who have proved otherwise that the call is theirs (a carrier's signed request, a
  // call's own token).
  [[nodiscard]] core::Task<core::Result<std::optional<StoredCall>>> find_any(std::string call_id);
  // Of a call that waits for its media connection at this node. Each is false when it has begun, ended, or been taken
  // over: then nothing was changed.
  [[nodiscard]] core::Task<core::Result<bool>> change_waiting(StoredCall call);
  [[nodiscard]] core::Task<core::Result<bool>> keep_waiting(StoredCall call);  // nobody can take it over any more
  // From the node that is told so by this order, to that of `node_id`.
  [[nodiscard]] core::Task<core::Result<bool>> take_over(StoredCall call, std::string node_id, NodeOrder moved);
  // Filters are tested on the bodies, one after the other, at most so many of them; then the page ends early, perhaps
  // without any item, and the next goes on from there. A total counts no further either.
  [[nodiscard]] core::Task<core::Result<CallPage>> list(std::string organization_id, CallQuery query);
  [[nodiscard]] core::Task<core::Result<int>> open_calls(std::string organization_id);  // registered and running
  [[nodiscard]] core::Task<core::Result<bool>> remove(std::string organization_id, std::string call_id);
  // The call with the jobs about it, for a transaction.
  [[nodiscard]] static std::vector<Statement> remove_all_of(const std::string& organization_id,
                                                            const std::string& call_id);
  // Calls that were open before then and that this node held (before its restart).
  [[nodiscard]] core::Task<core::Result<std::vector<StoredCall>>> unfinished(std::string node_id,
                                                                             std::int64_t created_before_ms);
  // Open calls of nodes that were not seen since then become this node's; each goes to one of those who ask.
  [[nodiscard]] core::Task<core::Result<std::vector<StoredCall>>> take_orphans(std::string node_id,
                                                                               std::int64_t seen_before_ms);
  // The node lives. Until then the others must not rely on knowing its calls; an earlier such time stands.
  [[nodiscard]] core::Task<core::Result<>> see_node(std::string node_id, std::int64_t now_ms,
                                                    std::int64_t apart_until_ms = 0);
  // The same for what was not so before: when it returns, whoever adds a call heeds it.
  [[nodiscard]] core::Task<core::Result<>> announce_node(std::string node_id, std::int64_t now_ms,
                                                         std::int64_t apart_until_ms);
  [[nodiscard]] core::Task<core::Result<bool>> others_apart(std::string node_id, std::int64_t now_ms);
  // Across organisations, in the order of ids.
  [[nodiscard]] core::Task<core::Result<std::vector<ExpiredCall>>> expired(std::int64_t now_ms, std::string after_id,
                                                                           int limit);

  static constexpr int scan_limit = 100'000;

 private:
  Database& database_;
  int most_scanned_;
};

}  // namespace retell::storage

// Work that must survive a crash: leased by a runner, retried later on failure, kept as dead after the last attempt.
// At least once: a runner that outlives its lease may find that another did the job meanwhile.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct Job {
  std::string id;  // sorts in the order of making
  std::string organization_id;
  std::string kind;
  std::string payload;        // JSON text
  std::int64_t attempts = 0;  // including the running one
  std::int64_t created_at = 0;
  std::string subject = {};  // what it is about, such as a call's id; it is forgotten with it
};

// A job as it is shown.
struct JobState {
  Job job;
  std::string state;  // waiting, running, dead
  std::int64_t run_at = 0;
  std::int64_t lease_until = 0;
  std::string last_error;
};

struct JobQuery {
  std::string state = {};  // empty: any
  std::string kind = {};   // empty: any
  std::string after = {};  // id of the last one seen
  int limit = 50;
};

class JobStore {
 public:
  explicit JobStore(Database& database) : database_(database) {}
  // Nothing happens when a job of that id exists.
  [[nodiscard]] core::Task<core::Result<>> add(Job job, std::int64_t run_at_ms);
  // The same as a statement, so that a job can be stored together with what it is about.
  [[nodiscard]] static Statement insert(const Job& job, std::int64_t run_at_ms);

  // Takes at most `count` due jobs of these kinds, oldest first, until now + lease; jobs whose lease ran out (their
  // runner died) too. However many runners and processes ask at once, each job goes to one of them.
  [[nodiscard]] core::Task<core::Result<std::vector<Job>>> lease(std::int64_t now_ms, std::chrono::milliseconds lease,
                                                                 int count, std::vector<std::string> kinds);
  // These change the job only while it is still leased as it was given; false when it is not.
  [[nodiscard]] core::Task<core::Result<bool>> extend(Job job, std::int64_t until_ms);
  [[nodiscard]] core::Task<core::Result<bool>> done(Job job);  // forgets the job
  [[nodiscard]] core::Task<core::Result<bool>> retry(Job job, std::int64_t run_at_ms, std::string error);
  [[nodiscard]] core::Task<core::Result<bool>> repeat(Job job, std::int64_t run_at_ms);  // done, and due again
  [[nodiscard]] core::Task<core::Result<bool>> bury(Job job, std::string error);

  [[nodiscard]] core::Task<core::Result<std::int64_t>> count(std::string state);
  // An organisation's jobs, or for the operator (nothing named) the whole server's, in the order of ids.
  [[nodiscard]] core::Task<core::Result<std::vector<JobState>>> list(std::optional<std::string> organization_id,
                                                                     JobQuery query);
  // Makes a dead job due with all its attempts before it; false when there is no dead one of that id.
  [[nodiscard]] core::Task<core::Result<bool>> revive(std::optional<std::string> organization_id, std::string id,
                                                      std::int64_t now_ms);
  [[nodiscard]] static Statement forget(const std::string& id);  // whoever runs it; for a transaction
  [[nodiscard]] static Statement forget_subject(const std::string& organization_id, const std::string& subject);
  // Dead jobs made before then; gives how many.
  [[nodiscard]] core::Task<core::Result<std::int64_t>> forget_dead(std::int64_t created_before_ms);

 private:
  core::Task<core::Result<bool>> change(Statement statement);
  Database& database_;
};

}  // namespace retell::storage

// Work that must survive a crash: leased by a runner, retried later on failure, kept as dead after the last attempt.
#pragma once
#include <chrono>
#include <cstdint>
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
};

class JobStore {
 public:
  explicit JobStore(Database& database) : database_(database) {}
  [[nodiscard]] core::Task<core::Result<>> add(Job job, std::int64_t run_at_ms);
  // Takes at most `count` due jobs, oldest first, until now + lease; jobs whose lease ran out (their runner died) too.
  [[nodiscard]] core::Task<core::Result<std::vector<Job>>> lease(std::int64_t now_ms, std::chrono::milliseconds lease,
                                                                 int count);
  [[nodiscard]] core::Task<core::Result<>> done(std::string id);  // forgets the job
  [[nodiscard]] core::Task<core::Result<>> retry(std::string id, std::int64_t run_at_ms, std::string error);
  [[nodiscard]] core::Task<core::Result<>> bury(std::string id, std::string error);
  [[nodiscard]] core::Task<core::Result<std::int64_t>> count(std::string state);

 private:
  core::Task<core::Result<>> change(Statement statement);
  Database& database_;
};

}  // namespace retell::storage

#include "app/commands/jobs.hpp"

#include <fmt/core.h>

#include "app/commands/accounts.hpp"
#include "app/home.hpp"
#include "app/stores.hpp"
#include "json/text.hpp"
#include "services/job_service.hpp"
#include "storage/objects/spool_folder.hpp"

namespace retell::app {
namespace {

constexpr int page = 500;
constexpr auto upload = "upload";  // the kind of job that a file in the spool is shown as

using States = std::vector<storage::JobState>;

core::Result<States> find_all(services::JobService& service, const JobsWish& wish) {
  const auto workspace = wish.workspace.empty() ? std::nullopt : std::optional(wish.workspace);
  storage::JobQuery query{.state = wish.state, .kind = wish.kind, .limit = page};
  States all;
  for (;;) {
    auto some = run_to_end(service.list(workspace, query));
    if (!some) return some;
    const bool last = some->size() < static_cast<std::size_t>(page);
    all.insert(all.end(), std::make_move_iterator(some->begin()), std::make_move_iterator(some->end()));
    if (last) return all;
    query.after = all.back().job.id;
  }
}

json::Object shown(const storage::JobState& one) {
  return {{"id", one.job.id},
          {"state", one.state},
          {"kind", one.job.kind},
          {"workspace", one.job.organization_id},
          {"subject", one.job.subject},
          {"attempts", one.job.attempts},
          {"created_at", one.job.created_at},
          {"run_at", one.run_at},
          {"last_error", one.last_error}};
}

// Recordings that wait for the bucket are tried until they are there. The spool is their queue.
std::vector<storage::SpooledFile> find_uploads(const config::Config& config, const JobsWish& wish) {
  const auto fits = [](const std::string& wished, std::string_view is) { return wished.empty() || wished == is; };
  if (!wish.workspace.empty() || !fits(wish.state, "waiting") || !fits(wish.kind, upload)) return {};
  return storage::list_spool(spool_folder(config));
}

json::Object shown(const storage::SpooledFile& file) {
  return {{"id", file.name},          {"state", "waiting"},   {"kind", upload},
          {"workspace", ""},          {"subject", ""},        {"attempts", file.attempts},
          {"created_at", file.since}, {"run_at", file.since}, {"last_error", file.last_error}};
}

}  // namespace

int jobs_list(const config::Config& config, const JobsWish& wish) {
  const auto home = open_home(config);
  if (!home) return tell(home.error());
  const core::SystemClock clock;
  services::JobService service(*home->database, clock);
  const auto all = find_all(service, wish);
  if (!all) return tell(all.error());
  const auto uploads = find_uploads(config, wish);
  if (wish.json) {
    json::Array list;
    for (const auto& one : *all) list.push_back(shown(one));
    for (const auto& one : uploads) list.push_back(shown(one));
    fmt::print("{}\n", json::dump(list));
    return 0;
  }
  fmt::print("{:<36} {:<8} {:<20} {:>5}  {:<17} {}\n", "ID", "STATE", "KIND", "TRIES", "DUE (UTC)", "LAST ERROR");
  for (const auto& one : *all) {
    fmt::print("{:<36} {:<8} {:<20} {:>5}  {:<17} {}\n", one.job.id, one.state, one.job.kind, one.job.attempts,
               utc(one.run_at), one.last_error);
  }
  for (const auto& one : uploads) {
    fmt::print("{:<36} {:<8} {:<20} {:>5}  {:<17} {}\n", one.name, "waiting", upload, one.attempts, utc(one.since),
               one.last_error);
  }
  return 0;
}

int jobs_retry(const config::Config& config, const std::vector<std::string>& ids, const JobsWish& wish) {
  const auto home = open_home(config);
  if (!home) return tell(home.error());
  const core::SystemClock clock;
  services::JobService service(*home->database, clock);
  auto chosen = ids;
  if (ids.empty()) {
    auto dead = wish;
    dead.state = "dead";
    const auto all = find_all(service, dead);
    if (!all) return tell(all.error());
    for (const auto& one : *all) chosen.push_back(one.job.id);
  }
  for (const auto& id : chosen) {
    const auto done = run_to_end(service.rerun(std::nullopt, id));
    if (!done) return tell(done.error());
    fmt::print("{}\n", id);
  }
  return 0;
}

}  // namespace retell::app

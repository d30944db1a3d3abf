// What an operator sees of the job queue at the command line, and can do about jobs that were given up.
#include <gtest/gtest.h>

#include "faults/program.hpp"
#include "json/text.hpp"
#include "storage/db/open.hpp"
#include "storage/stores/job_store.hpp"
#include "support/child.hpp"
#include "support/postgres_server.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

class JobsCommand : public ::testing::TestWithParam<bool> {
 protected:
  std::string database = GetParam() ? PostgresServer::shared().make_database() : "";  // empty: SQLite
  Program program{database.empty() ? std::map<std::string, std::string>{}
                                   : std::map<std::string, std::string>{{"RETELL_DATABASE_URL", database}}};
  std::unique_ptr<storage::Database> stored =
      storage::open_database(database.empty() ? "sqlite:" + (program.folder() / "data" / "retell.db").string()
                                              : database)
          .value();
  storage::JobStore jobs{*stored};

  // A job of a kind that this program does not know, so that it leaves it alone.
  void add(const std::string& id, const std::string& organization, bool dead) {
    const storage::Job job{.id = id, .organization_id = organization, .kind = "far_away", .payload = "{}"};
    ASSERT_TRUE(run(jobs.add(job, 1'000)));
    if (!dead) return;
    const auto leased = run(jobs.lease(1'000, 1s, 1, {"far_away"})).value();
    ASSERT_TRUE(run(jobs.bury(leased.at(0), "no answer from afar")).value());
  }
  // Its exit status and output.
  std::pair<int, std::string> retell(std::vector<std::string> arguments) {
    const auto log = "command" + std::to_string(++commands);
    const int status = wait_child(program.command(std::move(arguments), log));
    return {status, read_file(program.folder() / log)};
  }
  int commands = 0;
};

TEST_P(JobsCommand, shows_dead_jobs_and_runs_them_again) {
  add("job_1", "org_a", true);
  add("job_2", "org_b", true);
  add("job_3", "org_a", true);
  add("job_4", "org_a", false);
  const auto [shown, table] = retell({"jobs", "list", "--state", "dead"});
  EXPECT_EQ(shown, 0) << table;
  EXPECT_NE(table.find("job_1"), std::string::npos) << table;
  EXPECT_NE(table.find("no answer from afar"), std::string::npos) << table;
  EXPECT_EQ(table.find("job_4"), std::string::npos) << table;

  const auto [listed, text] = retell({"jobs", "list", "--kind", "far_away", "--workspace", "org_a", "--json"});
  EXPECT_EQ(listed, 0) << text;
  const auto parsed = json::parse(text);
  ASSERT_TRUE(parsed.has_value()) << text;
  const auto& list = parsed->as_array();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].at("id"), "job_1");
  EXPECT_EQ(list[0].at("attempts"), 1);
  EXPECT_EQ(list[0].at("last_error"), "no answer from afar");
  EXPECT_EQ(list[2].at("state"), "waiting");

  EXPECT_EQ(retell({"jobs", "retry", "job_2"}), (std::pair<int, std::string>{0, "job_2\n"}));
  EXPECT_EQ(retell({"jobs", "retry", "job_2"}).first, 1) << "it is not dead any more";
  EXPECT_EQ(retell({"jobs", "retry"}).first, 2) << "which?";
  EXPECT_EQ(retell({"jobs", "retry", "--all", "--kind", "far_away"}).second, "job_1\njob_3\n");
  EXPECT_EQ(run(jobs.count("dead")).value(), 0);
  EXPECT_EQ(run(jobs.lease(std::int64_t{1} << 50U, 1s, 10, {"far_away"}))->size(), 4U);
}

INSTANTIATE_TEST_SUITE_P(On, JobsCommand, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "PostgreSQL" : "SQLite"; });

}  // namespace
}  // namespace retell::test

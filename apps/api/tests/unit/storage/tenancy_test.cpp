// Reads the stores' SQL as text: a statement that names no workspace is one that was thought about.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include "support/paths.hpp"

namespace retell::storage {
namespace {

namespace fs = std::filesystem;

// What belongs to no workspace: the workspaces themselves, people, their sessions, and the processes.
constexpr std::array common_tables = {"organizations",    "users", "sessions", "refresh_tokens",
                                      "sign_in_attempts", "nodes"};

struct Exception {
  const char* file;
  const char* beginning;
};
constexpr Exception exceptions[] = {
    // The condition is added where the constant is used, and the columns where the statement is made.
    {"agent_store.cpp", "SELECT agent_id, channel, version,"},
    {"api_key_store.cpp",
     "SELECT id, organization_id, name, hash,"},  // and by the key's digest, which says whose it is
    {"audit_store.cpp", "INSERT INTO audit_log ("},
    {"call_store.cpp",
     "SELECT organization_id, created_at, recording_key,"},           // and by a call's own proof, see find_any
    {"document_store.cpp", "UPDATE SET body = excluded.body"},        // the end of an insertion
    {"invitation_store.cpp", "SELECT id, organization_id, kind,"},    // and by its token's digest
    {"job_store.cpp", "SELECT id, organization_id, kind, payload,"},  // an organisation's, or the operator's look
    {"job_store.cpp", "UPDATE jobs SET state = 'waiting', attempts = 0, run_at = $2"},
    {"user_store.cpp", "SELECT m.organization_id, m.user_id,"},  // and a person's workspaces
    {"webhook_store.cpp",
     "DELETE FROM webhook_attempts WHERE delivery_id IN (SELECT id FROM webhook_deliveries WHERE )"},
    {"webhook_store.cpp", "DELETE FROM webhook_deliveries WHERE "},
    // Whose number a carrier rings at is what is asked.
    {"phone_number_store.cpp",
     "SELECT phone_number, organization_id, body, modified_at FROM phone_numbers WHERE phone_"},
    // In the background, for when the carrier rings and the database is away.
    {"phone_number_store.cpp",
     "SELECT phone_number, organization_id, body, modified_at FROM phone_numbers WHERE body LIKE"},
    // An invitation is used by its id, which its token led to.
    {"invitation_store.cpp", "UPDATE invitations SET used_at = $2 WHERE id = $1"},
    {"invitation_store.cpp", "UPDATE invitations SET used_at = $2 WHERE email = $1 AND kind = 'reset'"},
    // What goes on in the background goes by ids and times across workspaces: no request chooses them.
    {"call_store.cpp", "UPDATE calls SET node_id = $1 WHERE call_status IN"},
    {"call_store.cpp", "SELECT organization_id, call_id, recording_key FROM calls WHERE expires_at <="},
    {"document_store.cpp", "SELECT organization_id, id FROM {0} WHERE {1} <= $1"},
    {"job_store.cpp", "UPDATE jobs SET state = 'running'"},
    {"job_store.cpp", "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND attempts = $2"},
    {"job_store.cpp", "DELETE FROM jobs WHERE id = $1"},
    {"job_store.cpp", "UPDATE jobs SET state = 'waiting', run_at = $3"},
    {"job_store.cpp", "UPDATE jobs SET state = 'waiting', attempts = 0, run_at = $3"},
    {"job_store.cpp", "UPDATE jobs SET state = 'dead'"},
    {"job_store.cpp", "SELECT COUNT(*) FROM jobs WHERE state = $1"},
    {"job_store.cpp", "DELETE FROM jobs WHERE state = 'dead'"},
    // No rows: a lock whose name holds the workspace.
    {"call_store.cpp", "SELECT pg_advisory_xact_lock("},
    {"node_order_store.cpp", "SELECT id, organization_id, node_id,"},
    {"node_order_store.cpp", "DELETE FROM node_orders WHERE created_at <"},
    {"organization_store.cpp", "SELECT 1"},
    {"webhook_store.cpp", "UPDATE webhook_deliveries SET claimed_until"},
    {"webhook_store.cpp", "INSERT INTO webhook_attempts ("},
    {"webhook_store.cpp", "UPDATE webhook_deliveries SET state = $2"},
    {"webhook_store.cpp", "UPDATE webhook_deliveries SET due_at = $3 WHERE lane = $1"},
    {"webhook_store.cpp", "SELECT COUNT(*) FROM webhook_deliveries"},
    {"webhook_store.cpp",
     "DELETE FROM webhook_attempts WHERE delivery_id IN (SELECT id FROM webhook_deliveries WHERE fin"},
};

// The texts of each statement of C++, put together.
std::vector<std::string> texts_of(const std::string& source) {
  std::vector<std::string> texts(1);
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source.compare(i, 2, "//") == 0) {
      i = std::min(source.find('\n', i), source.size() - 1);
    } else if (source[i] == ';') {
      texts.emplace_back();
    } else if (source[i] == '"') {
      for (++i; i < source.size() && source[i] != '"'; ++i) {
        if (source[i] == '\\') ++i;
        texts.back().push_back(source[i]);
      }
    }
  }
  return texts;
}

// The SQL in a text; empty when there is none.
std::string sql_in(const std::string& text) {
  static const std::regex verb("SELECT |INSERT INTO |UPDATE |DELETE FROM ");
  std::smatch found;
  return std::regex_search(text, found, verb) ? text.substr(static_cast<std::size_t>(found.position())) : std::string();
}

bool names_a_workspace(const std::string& sql) {
  if (sql.starts_with("INSERT")) return sql.find("organization_id") != std::string::npos;
  static const std::regex condition("organization_id (=|IN) ");
  return std::regex_search(sql, condition);
}

bool is_common(const std::string& sql) {
  static const std::regex table("(?:FROM|INTO|UPDATE|JOIN) ([a-z_]+)");
  const auto begin = std::sregex_iterator(sql.begin(), sql.end(), table);
  return begin != std::sregex_iterator() && std::all_of(begin, std::sregex_iterator(), [](const std::smatch& match) {
           return std::find(common_tables.begin(), common_tables.end(), match[1].str()) != common_tables.end();
         });
}

TEST(Tenancy, every_statement_of_the_stores_names_the_workspace_or_is_a_known_exception) {
  int statements = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(test::source_dir()) / "src/storage/stores")) {
    if (entry.path().extension() != ".cpp") continue;
    std::ifstream in(entry.path());
    const std::string source{std::istreambuf_iterator<char>(in), {}};
    const auto file = entry.path().filename().string();
    for (const auto& text : texts_of(source)) {
      const auto sql = sql_in(text);
      if (sql.empty()) continue;
      ++statements;
      const bool known = std::any_of(std::begin(exceptions), std::end(exceptions), [&](const Exception& one) {
        return file == one.file && sql.starts_with(one.beginning);
      });
      EXPECT_TRUE(names_a_workspace(sql) || is_common(sql) || known)
          << file << " has a statement without organization_id:\n"
          << sql;
    }
  }
  EXPECT_GT(statements, 80);
}

TEST(Tenancy, a_statement_without_a_workspace_is_found) {
  const auto texts = texts_of("auto a = \"SELECT id, organization_id \" // a remark;\n \"FROM calls WHERE id = $1\";");
  ASSERT_EQ(texts.size(), 2U);
  const auto sql = sql_in(texts.front());
  EXPECT_EQ(sql, "SELECT id, organization_id FROM calls WHERE id = $1");
  EXPECT_FALSE(names_a_workspace(sql));
  EXPECT_FALSE(is_common(sql));
  EXPECT_TRUE(names_a_workspace("SELECT id FROM calls WHERE organization_id = $1"));
  EXPECT_TRUE(is_common("SELECT id FROM users WHERE email = $1"));
}

}  // namespace
}  // namespace retell::storage

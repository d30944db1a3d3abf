// What the operator can set, checked once at start. Made from retell.toml, then the environment, then the command line;
// the later wins. Every key "a.b" is the variable RETELL_A_B; docs/configuration.md lists them all.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"

namespace retell::config {

struct Server {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  std::string public_url;     // how the outside reaches us, without a slash at the end; empty: http://host:port
  std::vector<std::string> cors_origins = {"*"};  // browsers' origins that may call the API
  int proxies = 0;  // trusted ones in front of us: so many entries of X-Forwarded-For are theirs
};

struct Database {
  std::string url;                        // secret; sqlite:<path> or postgres://…; empty: sqlite:<data_dir>/retell.db
  std::string password;                   // secret; of PostgreSQL, where the address has none
  int max_connections = 16;               // to PostgreSQL, of this process
  std::chrono::milliseconds wait{5'000};  // for a connection to PostgreSQL, over an outage
  std::chrono::milliseconds query_timeout{15'000};  // of one statement
};

struct Cache {
  std::string url;                         // secret; redis://… or rediss://…; empty: in this process
  std::string password;                    // secret; where the address has none
  std::string ca_file;                     // additional trusted certificates (PEM)
  std::chrono::milliseconds timeout{250};  // of one command
};

struct Limits {
  int max_concurrent_calls = 200;  // of each process
  // What a workspace may do that has no limits of its own.
  int max_concurrent_calls_per_workspace = 0;  // 0: as many as all processes together
  int max_requests_per_second = 0;             // 0: no limit
};

struct Log {
  core::LogLevel level = core::LogLevel::info;
  core::LogFormat format = core::LogFormat::text;
};

// What goes into the log for Amazon CloudWatch, as its embedded metric format.
struct Figures {
  std::string name_space;             // metrics.namespace; empty: nothing is written
  std::string service = "retell";     // value of the dimension Service
  std::chrono::seconds interval{60};  // between two lines
};

// The call page where the server has a public address.
struct CallPage {
  bool is_public = false;             // call_page.public: open to anybody who sees it
  int calls_per_hour = 6;             // of one address; 0: no limit
  int max_calls = 4;                  // at once
  std::chrono::seconds longest{300};  // of one call
};

// The container service that runs us.
struct Ecs {
  std::string agent_uri;  // of Amazon ECS' agent, asked to spare this task while it has calls; empty: nobody is
};

// A vendor's account. Without a key (and without a base URL of one's own) the vendor is not offered.
struct Vendor {
  std::string api_key;   // secret
  std::string base_url;  // empty: the vendor's public address
  std::string model;     // empty: the adapter's default
};

struct Providers {
  std::string stt = "local";  // what agents hear, speak and think with unless their settings say otherwise
  std::string tts = "local";
  std::string llm = "local";
  std::string end_of_turn;                 // learned end-of-turn model; empty: rules alone
  std::vector<std::string> stt_fallbacks;  // tried in order when the first fails
  std::vector<std::string> tts_fallbacks;
  std::vector<std::string> llm_fallbacks;
  // Retell's model names to "vendor" or "vendor:model": {"gpt-4.1": "openai:llama-3.3-70b"}.
  std::map<std::string, std::string> llm_models;
  std::map<std::string, Vendor> vendors;  // by name; those that Sources names
};

// A voice besides those that the adapters bring: [[voices]] in the file.
struct Voice {
  std::string id;  // voice_id of the API
  std::string name;
  std::string vendor;        // local, elevenlabs, …
  std::string vendor_voice;  // the vendor's own id
  std::string model;
  std::string language;
  std::string gender = "female";
  std::string accent;
};

// The in-process engines.
struct Models {
  std::string dir;  // empty: RETELL_CACHE_DIR, else ~/.cache/retell
  std::string stt;  // names in the model manifest; empty: its defaults
  std::string llm;
  int threads = 0;    // for each engine; 0: one
  int max_calls = 0;  // that local engines serve at a time, where they are what calls depend on; 0: by the cores
};

struct Twilio {
  std::string account_sid;
  std::string auth_token;  // secret
  std::string api_base_url = "https://api.twilio.com";
  bool check_signatures = true;
};

struct Recordings {
  bool enabled = true;
  std::string store;              // a folder, or s3://bucket/prefix; empty: data_dir
  std::string region;             // of the bucket; empty: AWS_REGION, then us-east-1
  std::string endpoint;           // of another service that speaks S3; empty: AWS
  bool path_style = false;        // the bucket's name in the path
  std::string encryption;         // AES256 or aws:kms; empty: the bucket's own
  std::string kms_key_id;         // of aws:kms; empty: the account's
  std::string access_key_id;      // secret; empty: from where AWS' own tools take them
  std::string secret_access_key;  // secret
  bool redirect = true;           // players fetch from the bucket itself, by a link that lasts minutes
  std::chrono::milliseconds url_lifetime{86'400'000};  // of signed links, where the agent opted in
};

// Assets and the sources of knowledge bases; kept in the store of the recordings.
struct Uploads {
  std::chrono::milliseconds url_lifetime{86'400'000};  // of the links to them
};

struct Security {
  std::string secret_key;               // secret; signs tokens and links, seals stored secrets; empty: made in data_dir
  std::string jwt_secret;               // secret; signs people's access tokens; empty: drawn from secret_key
  std::string jwt_secret_previous;      // secret; what it was before: tokens that it signed are good until they expire
  bool allow_private_networks = false;  // customers' URLs (webhooks, tools) may reach loopback and private addresses
};

struct Organization {
  std::string name = "Default";
  std::string webhook_url;  // gets every agent's events that has no webhook of its own
};

struct Config {
  std::string data_dir = "data";
  int workers = 0;                  // threads that serve calls; 0: one for each core
  std::chrono::seconds drain{300};  // how long live calls may go on after SIGTERM
  std::chrono::seconds stop{0};     // after SIGTERM, until somebody kills the process; 0: nobody does
  bool demo = true;                 // make sure that the demo agents exist
  Server server;
  Database database;
  Cache cache;
  Limits limits;
  Log log;
  Figures figures;
  CallPage call_page;
  Ecs ecs;
  Providers providers;
  std::vector<Voice> voices;
  Models models;
  Twilio twilio;
  Recordings recordings;
  Uploads uploads;
  Security security;
  Organization organization;

  [[nodiscard]] std::string database_url() const;
};

using Environment = std::map<std::string, std::string>;
// The RETELL_ variables of this process. JWT_SECRET and JWT_SECRET_FILE stand for RETELL_SECURITY_JWT_SECRET(_FILE)
// where those are missing: what other servers call it. AWS_EMF_NAMESPACE, AWS_EMF_SERVICE_NAME and ECS_AGENT_URI stand
// for RETELL_METRICS_NAMESPACE, RETELL_METRICS_SERVICE and RETELL_ECS_AGENT_URI in the same way.
[[nodiscard]] Environment process_environment();

// A setting at fault, by its key.
struct Problem {
  std::string key;
  std::string message;
};

struct Sources {
  std::string file = {};  // path of retell.toml; empty: none
  Environment environment = {};
  std::map<std::string, std::string> overrides = {};  // "server.port" -> "9000", from the command line
  std::vector<std::string> vendors = {};              // that may have an account: providers.<vendor>.api_key
  // What only higher modules know, such as which vendors there are; its problems join the one list.
  std::function<std::vector<Problem>(const Config&)> check = {};
};

// invalid, with a line for every setting at fault, when anything is wrong.
[[nodiscard]] core::Result<Config> load(const Sources& sources);

// The variables that look like settings and are none: most likely mistyped.
[[nodiscard]] std::vector<std::string> unknown_variables(const Sources& sources);

// Every key there is, in the order of the documentation; those of vendors for "<vendor>".
[[nodiscard]] std::vector<std::string> known_keys(const std::vector<std::string>& vendors = {"<vendor>"});

}  // namespace retell::config

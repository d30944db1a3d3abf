#include "api/request_meters.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace retell::api {
namespace {

TEST(RequestMeters, count_every_answer_by_route_and_status_whoever_is_first) {
  core::Metrics metrics;
  RequestMeters meters(metrics);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        meters.answered("/get-agent/{agent_id}", n % 5 == 0 ? 404 : 200, 0.002);
        meters.answered("none", 404, 0.5);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto text = metrics.render();
  for (const auto* line : {R"(retell_http_requests_total{route="/get-agent/{agent_id}",status="200"} 1600)",
                           R"(retell_http_requests_total{route="/get-agent/{agent_id}",status="404"} 400)",
                           R"(retell_http_requests_total{route="none",status="404"} 2000)",
                           R"(retell_http_request_seconds_count{route="/get-agent/{agent_id}"} 2000)",
                           R"(retell_http_request_seconds_bucket{route="/get-agent/{agent_id}",le="0.001"} 0)",
                           R"(retell_http_request_seconds_bucket{route="/get-agent/{agent_id}",le="0.005"} 2000)"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in:\n" << text;
  }
}

}  // namespace
}  // namespace retell::api

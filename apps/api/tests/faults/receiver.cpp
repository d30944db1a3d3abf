#include "faults/receiver.hpp"

#include "core/race.hpp"
#include "json/text.hpp"

namespace retell::test {

void Receiver::come() {
  server_ = std::make_unique<fakes::FakeServer>(
      1, [this](net::HttpRequest request, core::Worker&) { return take(std::move(request)); }, nullptr, port_);
}

core::Task<net::HttpResponse> Receiver::take(net::HttpRequest request) {
  const auto now = fault.next();
  if (now != Fault::none) ++failed;
  if (now == Fault::error) co_return fakes::json_response(500, "{}");
  if (now == Fault::silence) co_await fakes::sleep_for_ever();
  if (now == Fault::late)
    co_await core::sleep_for(2 * patience_);
  else
    taken_.add(std::move(request.body));
  co_return fakes::json_response(200, "{}");
}

std::map<std::string, std::vector<std::string>> Receiver::events() const {
  std::map<std::string, std::vector<std::string>> events;
  for (const auto& body : taken_.all()) {
    const auto event = json::parse(body).value();
    events[std::string(event.at("call").at("call_id").as_string())].emplace_back(event.at("event").as_string());
  }
  return events;
}

}  // namespace retell::test

#include "providers/registry.hpp"

#include <utility>

namespace retell::providers {

namespace {

template <class Factories>
std::vector<std::string> names_of(const Factories& factories) {
  std::vector<std::string> names;
  names.reserve(factories.size());
  for (const auto& [name, factory] : factories) names.push_back(name);
  return names;
}

// The named factory's product, or an error that lists what could have been named.
template <class Product, class Factories, class Options>
core::Result<std::unique_ptr<Product>> make(const Factories& factories, std::string_view what, std::string_view name,
                                            const Place& place, Options options) {
  const auto found = factories.find(name);
  if (found != factories.end()) return found->second(place, std::move(options));
  std::string message = "no " + std::string(what) + " named \"" + std::string(name) + "\" is configured; there ";
  if (factories.empty()) return core::fail(core::ErrorCode::unprocessable, message + "is none");
  message += "is ";
  std::string separator;
  for (const auto& known : names_of(factories)) {
    message += separator + known;
    separator = ", ";
  }
  return core::fail(core::ErrorCode::unprocessable, std::move(message));
}

}  // namespace

core::Result<std::unique_ptr<Stt>> Registry::stt(std::string_view name, const Place& place, SttOptions options) const {
  return make<Stt>(stt_, "transcriber", name, place, std::move(options));
}

core::Result<std::unique_ptr<Tts>> Registry::tts(std::string_view name, const Place& place, TtsOptions options) const {
  return make<Tts>(tts_, "speech synthesiser", name, place, std::move(options));
}

core::Result<std::unique_ptr<Llm>> Registry::llm(std::string_view name, const Place& place, LlmOptions options) const {
  return make<Llm>(llm_, "language model", name, place, std::move(options));
}

core::Result<std::unique_ptr<EndOfTurn>> Registry::end_of_turn(std::string_view name, const Place& place,
                                                               core::Executor executor) const {
  return make<EndOfTurn>(end_of_turn_, "end-of-turn model", name, place, std::move(executor));
}

std::vector<std::string> Registry::stt_names() const { return names_of(stt_); }
std::vector<std::string> Registry::tts_names() const { return names_of(tts_); }
std::vector<std::string> Registry::llm_names() const { return names_of(llm_); }
std::vector<std::string> Registry::end_of_turn_names() const { return names_of(end_of_turn_); }

}  // namespace retell::providers

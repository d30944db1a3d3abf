#include "providers/remote/deepgram_wire.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "json/text.hpp"
#include "net/http_message.hpp"
#include "providers/remote/deepgram_stt.hpp"
#include "providers/remote/vendor_error.hpp"

namespace retell::providers::remote {

namespace {

constexpr std::size_t most_keyterms = 100;  // Deepgram's limit is 500 tokens over all of them
constexpr std::size_t most_words = 10'000;  // in one segment
constexpr double slack_s = 0.05;            // segments are contiguous; times are rounded

std::string_view text_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view{} : std::string_view(text->data(), text->size());
}

double seconds_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return 0;
  const auto number = value->to_number<double>();
  return std::isfinite(number) ? std::clamp(number, 0.0, 1e6) : 0;
}

bool flag_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* flag = value == nullptr ? nullptr : value->if_bool();
  return flag != nullptr && *flag;
}

void read_words(const json::Object& alternative, std::vector<RecognisedWord>& words) {
  const auto* list = alternative.if_contains("words");
  const auto* array = list == nullptr ? nullptr : list->if_array();
  if (array == nullptr) return;
  words.reserve(std::min(array->size(), most_words));
  for (const auto& value : *array) {
    const auto* word = value.if_object();
    if (word == nullptr || words.size() == most_words) continue;
    auto text = text_at(*word, "punctuated_word");
    if (text.empty()) text = text_at(*word, "word");
    words.push_back({std::string(text), seconds_at(*word, "start"), seconds_at(*word, "end")});
  }
}

core::Result<DeepgramMessage> read_result(const json::Object& object) {
  DeepgramResult result;
  result.start_s = seconds_at(object, "start");
  result.end_s = result.start_s + seconds_at(object, "duration");
  result.is_final = flag_at(object, "is_final");
  result.from_finalize = flag_at(object, "from_finalize");
  const auto* channel = object.if_contains("channel");
  const auto* inner = channel == nullptr ? nullptr : channel->if_object();
  const auto* list = inner == nullptr ? nullptr : inner->if_contains("alternatives");
  const auto* alternatives = list == nullptr ? nullptr : list->if_array();
  if (alternatives == nullptr) {
    return core::fail(core::ErrorCode::protocol, "Deepgram sent results without alternatives");
  }
  if (!alternatives->empty()) {
    if (const auto* best = alternatives->front().if_object()) {
      result.text = text_at(*best, "transcript");
      if (result.is_final) read_words(*best, result.words);
    }
  }
  return DeepgramMessage(std::move(result));
}

}  // namespace

std::string deepgram_language(std::string_view tag) {
  if (tag.empty() || tag == "multi") return "multi";
  // Named by language and region at Deepgram; every other language by its first subtag.
  constexpr std::array regional = {"en-US", "en-GB", "en-AU", "en-NZ", "en-IN", "pt-BR", "pt-PT", "es-419", "fr-CA",
                                   "de-CH", "zh-CN", "zh-TW", "zh-HK", "nl-BE", "ko-KR", "sv-SE", "da-DK",  "th-TH"};
  if (std::find(regional.begin(), regional.end(), tag) != regional.end()) return std::string(tag);
  return std::string(tag.substr(0, tag.find('-')));
}

std::string deepgram_url(const DeepgramOptions& vendor, const SttOptions& call) {
  const auto& model = call.model.empty() ? vendor.model : call.model;
  std::string url = vendor.base_url + "/v1/listen?model=" + net::percent_encode(model) +
                    "&language=" + net::percent_encode(deepgram_language(call.language)) +
                    "&encoding=linear16&channels=1&sample_rate=" + std::to_string(call.sample_rate) +
                    "&interim_results=true&punctuate=true&smart_format=" + (vendor.smart_format ? "true" : "false") +
                    "&endpointing=" + std::to_string(vendor.endpointing.count());
  // The models before nova-3 know `keywords`, with an intensifier, instead.
  const bool keyterms = model.rfind("nova-3", 0) == 0 || model.rfind("flux", 0) == 0;
  const auto count = std::min(call.keywords.size(), most_keyterms);
  for (std::size_t i = 0; i < count; ++i) {
    url += keyterms ? "&keyterm=" : "&keywords=";
    url += net::percent_encode(call.keywords[i]);
  }
  return url;
}

core::Result<DeepgramMessage> read_deepgram(std::string_view data) {
  const auto parsed = json::parse(data);
  const auto* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return core::fail(core::ErrorCode::protocol, "Deepgram sent a message that is not JSON");
  const auto type = text_at(*object, "type");
  if (type == "Results") return read_result(*object);
  if (type == "Error" || object->contains("err_code")) return DeepgramMessage(DeepgramFailure{vendor_words(data)});
  return DeepgramMessage(DeepgramNotice{});
}

bool DeepgramSegments::take(DeepgramResult& result) {
  const bool overlaps = result.start_s < settled_s_ - slack_s;
  if (!result.is_final) return !overlaps;
  if (overlaps) {
    if (result.end_s <= settled_s_ + slack_s) return false;
    auto& words = result.words;
    std::erase_if(words, [&](const RecognisedWord& word) { return word.start_s < settled_s_ - slack_s; });
    result.text.clear();
    for (const auto& word : words) result.text += (result.text.empty() ? "" : " ") + word.text;
  }
  settle_until(result.end_s);
  return true;
}

void DeepgramSegments::settle_until(double seconds) { settled_s_ = std::max(settled_s_, seconds); }

}  // namespace retell::providers::remote

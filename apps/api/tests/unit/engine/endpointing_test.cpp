#include "engine/turn/endpointing.hpp"

#include <gtest/gtest.h>

#include "text/turn_text.hpp"

namespace retell::engine::turn {
namespace {

Endpointing::Evidence said(std::string_view text, std::optional<double> verdict = std::nullopt,
                           text::Language language = text::Language::en) {
  return {text::turn_end_likelihood(text, language), verdict};
}

TEST(Endpointing, ends_what_sounds_complete_within_a_third_of_a_second) {
  const Endpointing plain{ConversationSettings{}};
  for (const auto* text : {"Yes.", "What time do you open?", "I would like to book a table.", "That's all"}) {
    EXPECT_GE(plain.delay(said(text)), Millis(250)) << text;
    EXPECT_LE(plain.delay(said(text)), Millis(350)) << text;
  }
  const ConversationSettings pt{.language = text::Language::pt};
  for (const auto* text : {"Sim.", "Que horas vocês abrem?", "Obrigado"}) {
    EXPECT_LE(Endpointing(pt).delay(said(text, {}, text::Language::pt)), Millis(350)) << text;
  }
}

TEST(Endpointing, waits_long_for_what_ends_in_the_air) {
  const Endpointing plain{ConversationSettings{}};
  EXPECT_GE(plain.delay(said("I would like to book a flight to")), Millis(2'000));
  EXPECT_GE(plain.delay(said("minha filha e eu queremos um", {}, text::Language::pt)), Millis(2'000));
}

TEST(Endpointing, stays_under_a_second_for_plain_words) {
  EXPECT_LE(Endpointing{ConversationSettings{}}.delay(said("book me a table for tonight at eight")), Millis(900));
}

TEST(Endpointing, lets_the_detector_shorten_and_lengthen_the_wait) {
  const Endpointing learned{ConversationSettings{.end_of_turn_model = true}};
  const auto without = learned.delay(said("I want a table"));
  EXPECT_LE(learned.delay(said("I want a table", 0.97)), Millis(320));
  EXPECT_GT(learned.delay(said("I want a table", 0.05)), without);
}

TEST(Endpointing, gives_numbers_being_dictated_time_to_breathe) {
  const Endpointing learned{ConversationSettings{.end_of_turn_model = true}};
  EXPECT_GE(learned.delay(said("my number is 11 98 7", 0.99)), Millis(1'200));
}

TEST(Endpointing, waits_longer_the_lower_the_responsiveness) {
  Millis last{0};
  for (const double responsiveness : {1.0, 0.75, 0.5, 0.25, 0.0}) {
    const Endpointing endpointing{ConversationSettings{.responsiveness = responsiveness}};
    EXPECT_GT(endpointing.delay(said("Yes.")), last);
    last = endpointing.delay(said("Yes."));
  }
  EXPECT_GE(last, Millis(1'500));
}

TEST(Endpointing, follows_a_slow_caller_only_when_told_to) {
  Endpointing fixed{ConversationSettings{}};
  Endpointing dynamic{ConversationSettings{.enable_dynamic_responsiveness = true}};
  const auto before = dynamic.delay(said("I want a table"));
  for (int i = 0; i < 20; ++i) {
    fixed.paused(Millis(1'100));
    dynamic.paused(Millis(1'100));
  }
  EXPECT_GT(dynamic.delay(said("I want a table")), before + Millis(200));
  EXPECT_EQ(fixed.delay(said("I want a table")), before);
}

TEST(Endpointing, becomes_careful_after_talking_over_the_caller) {
  Endpointing endpointing{ConversationSettings{}};
  const auto before = endpointing.delay(said("Yes."));
  endpointing.cut_off(Millis(900));
  EXPECT_GT(endpointing.delay(said("Yes.")), before);
  EXPECT_LE(endpointing.delay(said("Yes.")), Millis(900));
}

}  // namespace
}  // namespace retell::engine::turn

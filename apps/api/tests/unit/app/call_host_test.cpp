#include "app/call_host.hpp"

#include "host_rig.hpp"

namespace retell::app::test {
namespace {

TEST(CallHost, connects_the_vendors_and_speaks_the_opening_before_the_media_comes) {
  HostRig rig;
  const auto token = rig.expect("call_1");
  ASSERT_TRUE(eventually([&] { return rig.vendors.ears.streams == 1 && rig.vendors.voice.sockets == 1; }));
  ASSERT_TRUE(eventually([&] { return rig.vendors.mind.connections() == 1; }));
  ASSERT_TRUE(eventually([&] { return rig.vendors.voice.contexts == 1 && !rig.vendors.voice.texts.all().empty(); }));
  EXPECT_EQ(rig.vendors.voice.texts.all().at(0), "Hello there. ");
  std::this_thread::sleep_for(900ms);  // the voice's half second, and the transfer

  auto* place = rig.host->arriving(token);
  ASSERT_NE(place, nullptr);
  const auto phone = rig.call(token, *place);
  ASSERT_TRUE(phone.first_sound.has_value());
  EXPECT_LT(*phone.first_sound, 100ms) << "the voice itself would take 500 ms";
  EXPECT_EQ(rig.vendors.voice.contexts, 1);
  EXPECT_EQ(rig.vendors.ears.streams, 1) << "the call hears over the connection that was made for it";
  EXPECT_EQ(rig.ended, 1);
}

TEST(CallHost, a_forgotten_call_lets_its_vendors_go) {
  HostRig rig;
  (void)rig.expect("call_1");
  ASSERT_TRUE(eventually([&] { return rig.vendors.connections() == 3; }));
  rig.host->forget("call_1");
  EXPECT_TRUE(eventually([&] { return rig.vendors.connections() == 0; }));
  EXPECT_EQ(rig.loads(), (std::vector<int>{0, 0}));
  EXPECT_EQ(rig.host->expected(), 0);
  EXPECT_EQ(rig.missed, 0);
}

TEST(CallHost, a_missed_call_lets_its_vendors_go) {
  HostRig rig;
  const auto token = rig.expect("call_1", 300ms);
  ASSERT_TRUE(eventually([&] { return rig.vendors.ears.streams == 1 && rig.vendors.voice.sockets == 1; }));
  EXPECT_TRUE(eventually([&] { return rig.missed == 1; }));
  EXPECT_TRUE(eventually([&] { return rig.vendors.connections() == 0; }));
  EXPECT_EQ(rig.loads(), (std::vector<int>{0, 0}));
  EXPECT_EQ(rig.host->arriving(token), nullptr);
}

TEST(CallHost, many_missed_calls_are_given_up_a_few_at_a_time_and_all_of_them) {
  HostRig rig({.max_ready = 0});
  for (int i = 0; i < 100; ++i) (void)rig.expect("call_" + std::to_string(i), 1ms);
  ASSERT_TRUE(eventually([&] { return rig.missed > 0; }));
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually([&] { return rig.missed == 100; }));
  EXPECT_GT(std::chrono::steady_clock::now() - began, 100ms) << "whoever else asks for something comes in between";
  EXPECT_EQ(rig.loads(), (std::vector<int>{0, 0}));
}

TEST(CallHost, spreads_calls_that_are_expected_at_the_same_moment) {
  HostRig rig;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&rig, t] {
      for (int i = 0; i < 10; ++i) (void)rig.expect("call_" + std::to_string(t * 10 + i));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(rig.loads(), (std::vector<int>{20, 20}));
  EXPECT_TRUE(eventually([&] { return rig.vendors.ears.streams == 40 && rig.vendors.voice.sockets == 40; }));
  EXPECT_LE(rig.vendors.voice.contexts, 2) << "one greeting for all, however many ring";
}

TEST(CallHost, a_long_ringing_holds_no_connections_and_an_answer_brings_them_back) {
  HostRig rig({.ready_for = 500ms, .renew_every = 50ms});
  const auto token = rig.expect("call_1");
  ASSERT_TRUE(eventually([&] { return rig.vendors.ears.connections() == 1 && rig.vendors.voice.connections() == 1; }));
  ASSERT_TRUE(eventually([&] { return rig.vendors.connections() == 0; }));
  EXPECT_EQ(rig.host->expected(), 1);
  auto* place = rig.host->arriving(token);
  ASSERT_NE(place, nullptr);
  ASSERT_TRUE(eventually([&] { return rig.vendors.ears.connections() == 1 && rig.vendors.voice.connections() == 1; }));
  const auto phone = rig.call(token, *place);
  EXPECT_TRUE(phone.first_sound.has_value());
  EXPECT_EQ(rig.vendors.ears.streams, 2);
}

TEST(CallHost, a_connection_that_a_vendor_drops_during_the_ringing_is_made_again) {
  HostRig rig({.renew_every = 50ms});
  rig.vendors.ears.fault.set(fakes::FakeDeepgram::Fault::refused, 2);
  (void)rig.expect("call_1");
  EXPECT_TRUE(eventually([&] { return rig.vendors.ears.streams == 1; }));
  EXPECT_EQ(rig.vendors.ears.targets.size(), 3U);
}

TEST(CallHost, a_media_connection_on_another_worker_takes_the_call_there) {
  HostRig rig;
  const auto token = rig.expect("call_1");
  ASSERT_TRUE(eventually([&] { return rig.vendors.ears.streams == 1 && rig.vendors.voice.contexts == 1; }));
  auto* place = rig.host->arriving(token);
  ASSERT_NE(place, nullptr);
  auto& other = rig.workers.at(1 - place->index());
  std::this_thread::sleep_for(900ms);
  const auto phone = rig.call(token, other, 3s, 2);
  ASSERT_TRUE(phone.first_sound.has_value());
  EXPECT_LT(*phone.first_sound, 100ms) << "the greeting is there for every worker";
  EXPECT_EQ(rig.vendors.ears.streams, 2) << "but its connections are not";
  EXPECT_TRUE(eventually([&] { return rig.vendors.connections() == 0; }));
  EXPECT_EQ(rig.loads(), (std::vector<int>{0, 0}));
}

TEST(CallHost, vendors_that_refuse_while_it_rings_are_asked_again_by_the_call) {
  HostRig rig;
  rig.vendors.ears.fault.set(fakes::FakeDeepgram::Fault::refused, 1);
  rig.vendors.voice.fault.set(fakes::FakeElevenLabs::Fault::refused, 1);
  const auto token = rig.expect("call_1");
  ASSERT_TRUE(
      eventually([&] { return rig.vendors.ears.targets.size() == 1 && rig.vendors.voice.targets.size() == 1; }));
  std::this_thread::sleep_for(50ms);
  auto* place = rig.host->arriving(token);
  ASSERT_NE(place, nullptr);
  const auto phone = rig.call(token, *place);
  EXPECT_TRUE(phone.first_sound.has_value());
  EXPECT_EQ(rig.vendors.ears.streams, 1);
  EXPECT_EQ(rig.ended, 1);
}

TEST(CallHost, a_token_is_good_once) {
  HostRig rig;
  const auto token = rig.expect("call_1");
  auto* place = rig.host->arriving(token);
  ASSERT_NE(place, nullptr);
  auto again = boost::asio::co_spawn(
      place->executor(),
      [](CallHost& host, std::string name, core::Worker& worker) -> core::Task<bool> {
        const auto first = host.claim(name, worker);
        co_return first && !host.claim(name, worker);
      }(*rig.host, token, *place),
      boost::asio::use_future);
  EXPECT_TRUE(again.get());
  EXPECT_EQ(rig.host->arriving(token), nullptr);
  EXPECT_TRUE(eventually([&] { return rig.vendors.connections() == 0; })) << "a claim that is dropped drops all";
  EXPECT_EQ(rig.loads(), (std::vector<int>{0, 0}));
}

}  // namespace
}  // namespace retell::app::test

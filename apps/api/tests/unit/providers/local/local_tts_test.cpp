// The Tts seam's promises over an engine that counts.
#include "providers/local/local_tts.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <variant>

namespace retell::providers::local {
namespace {

using std::chrono::milliseconds;

// 10 ms of sound a letter; "fail" fails; with `hold` set it waits before it says anything.
class FakeVoice final : public Synthesizer {
 public:
  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] core::Result<> synthesize(std::size_t /*thread*/, const SynthesisRequest& request,
                                          const SampleSink& sink) override {
    ++asked;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [this] { return !hold; });
    }
    if (request.text == "fail") return core::fail(core::ErrorCode::io, "no voice");
    for (std::size_t i = 0; i < request.text.size(); ++i) {
      const std::vector<std::int16_t> piece(160, 5'000);
      if (!sink(piece, 16'000)) return core::fail(core::ErrorCode::cancelled, "stopped");
    }
    return {};
  }
  void release() {
    {
      const std::lock_guard lock(mutex);
      hold = false;
    }
    wake.notify_all();
  }
  std::atomic<int> asked{0};
  std::mutex mutex;
  std::condition_variable wake;
  bool hold = false;
};

class LocalTtsTest : public ::testing::Test {
 protected:
  std::unique_ptr<TtsStream> open(int rate = 16'000) {
    TtsOptions options;
    options.executor = context_.get_executor();
    options.sample_rate = rate;
    tts_ = std::make_unique<LocalTts>(voice_, threads_, options);
    return tts_->open([this](TtsEvent event) {
      if (auto* audio = std::get_if<TtsAudio>(&event)) {
        log_ += 'a';
        samples_ += audio->samples.size();
      }
      if (std::holds_alternative<TtsWords>(event)) log_ += 'w';
      if (auto* done = std::get_if<TtsChunkDone>(&event)) log_ += std::to_string(done->chunk);
      if (std::holds_alternative<TtsDone>(event)) log_ += '.';
      if (std::holds_alternative<TtsError>(event)) log_ += '!';
    });
  }
  void run_until_log_has(char mark) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const auto work = boost::asio::make_work_guard(context_);
    while (log_.find(mark) == std::string::npos && std::chrono::steady_clock::now() < deadline) {
      context_.run_one_for(milliseconds(5));
    }
  }

  boost::asio::io_context context_;
  FakeVoice voice_;
  EngineThreads threads_{"fake", 2, 16};
  std::unique_ptr<LocalTts> tts_;
  std::string log_;
  std::size_t samples_ = 0;
};

TEST_F(LocalTtsTest, speaks_chunks_in_order_and_says_when_it_is_done) {
  const auto stream = open();
  stream->speak(0, "hello there");
  stream->speak(1, "you");
  stream->finish();
  run_until_log_has('.');
  EXPECT_EQ(log_, "aaaaaaaaaaaw0aaaw1.");
  EXPECT_EQ(samples_, 14U * 160U);
}

TEST_F(LocalTtsTest, resamples_to_the_call_s_rate) {
  const auto stream = open(8'000);
  stream->speak(0, "0123456789");
  stream->finish();
  run_until_log_has('.');
  EXPECT_NEAR(static_cast<double>(samples_), 800.0, 40.0);
}

TEST_F(LocalTtsTest, is_done_at_once_when_nothing_was_to_be_said) {
  const auto stream = open();
  stream->finish();
  run_until_log_has('.');
  EXPECT_EQ(log_, ".");
}

TEST_F(LocalTtsTest, an_error_ends_the_stream) {
  const auto stream = open();
  stream->speak(0, "fail");
  stream->speak(1, "never said");
  run_until_log_has('!');
  EXPECT_EQ(log_, "!");
  EXPECT_EQ(voice_.asked.load(), 1);
}

TEST_F(LocalTtsTest, a_stream_that_is_gone_says_nothing_and_frees_the_engine) {
  voice_.hold = true;
  auto stream = open();
  for (std::uint32_t i = 0; i < 10; ++i) stream->speak(i, "hello");
  stream.reset();
  voice_.release();
  log_.clear();
  const auto other = open();
  other->speak(0, "hi");
  other->finish();
  run_until_log_has('.');
  EXPECT_EQ(log_, "aaw0.");
  EXPECT_LE(voice_.asked.load(), 2);  // at most the one that had begun, and the new one
}

TEST_F(LocalTtsTest, streams_take_turns_on_the_threads) {
  EngineThreads one("fake", 1, 16);
  voice_.hold = true;
  TtsOptions options;
  options.executor = context_.get_executor();
  LocalTts tts(voice_, one, options);
  std::string order;
  const auto handler = [&](char who) {
    return [&order, who](TtsEvent event) {
      if (std::holds_alternative<TtsChunkDone>(event)) order += who;
    };
  };
  const auto first = tts.open(handler('A'));
  const auto second = tts.open(handler('B'));
  for (std::uint32_t i = 0; i < 3; ++i) first->speak(i, "x");
  for (std::uint32_t i = 0; i < 3; ++i) second->speak(i, "x");
  voice_.release();
  const auto work = boost::asio::make_work_guard(context_);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (order.size() < 6 && std::chrono::steady_clock::now() < deadline) context_.run_one_for(milliseconds(5));
  EXPECT_EQ(order, "ABABAB");
}

}  // namespace
}  // namespace retell::providers::local

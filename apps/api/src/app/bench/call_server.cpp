#include "benchmarks/call_server.hpp"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <variant>

#include "benchmarks/machine.hpp"
#include "core/worker.hpp"
#include "engine/call_session.hpp"
#include "engine/media_clock.hpp"
#include "net/client.hpp"
#include "net/http_server.hpp"
#include "providers/registry.hpp"
#include "providers/remote/deepgram_stt.hpp"
#include "providers/remote/elevenlabs_tts.hpp"
#include "providers/remote/openai_chat.hpp"
#include "transports/twilio/stream_transport.hpp"

namespace retell::benchmarks {

namespace {

using core::Task;

// Sits among the calls on the media clock and notes how late it is served.
class Watch final : public engine::MediaClock::Subscriber {
 public:
  void on_frame(core::TimePoint deadline, core::TimePoint now, std::uint32_t missed) override {
    lateness_ms.push_back(std::chrono::duration<double, std::milli>(now - deadline).count() + 20.0 * missed);
  }
  std::vector<double> lateness_ms;
};

engine::CallPlan plan_for(const std::string& call, const std::string& folder) {
  engine::CallPlan plan;
  plan.call_id = "bench_" + call;
  plan.agent_id = "agent_bench";
  const auto name = "bench-" + call;
  plan.hearing.vendor = {"deepgram", name};
  plan.dialogue.vendor = {"openai", name};
  plan.speech.vendor = {"elevenlabs", ""};
  plan.speech.voice = name;
  plan.dialogue.system_prompt = "You take table reservations.";
  plan.dialogue.start_speaker = engine::StartSpeaker::user;
  plan.recording_path = folder + "/" + plan.call_id + ".wav";
  return plan;
}

}  // namespace

class CallServer::Impl {
 public:
  Impl(int core, std::uint16_t vendor_port, std::string folder) : folder_(std::move(folder)) {
    pin_to_core(core);  // inherited by the threads started below
    const auto vendor = fmt::format("127.0.0.1:{}", vendor_port);
    providers::remote::OpenAiChatOptions chat;
    chat.base_url = "http://" + vendor + "/v1";
    registry_.add_llm("openai", providers::remote::openai_chat(chat));
    providers::remote::DeepgramOptions ears;
    ears.base_url = "ws://" + vendor;
    ears.api_key = "none";
    registry_.add_stt("deepgram", providers::remote::deepgram_stt(ears));
    providers::remote::ElevenLabsOptions voice;
    voice.base_url = "ws://" + vendor;
    voice.api_key = "none";
    registry_.add_tts("elevenlabs", providers::remote::elevenlabs_tts(voice));
    files_.emplace(2);
    workers_.start();
    on_worker([this] {
      client_ = std::make_unique<net::Client>(worker(), net::ClientOptions{.idle_per_host = 1024}, core::Logger{});
      clock_ = std::make_unique<engine::MediaClock>(worker().executor());
      clock_->start();
      for (auto& watch : watches_) clock_->add(watch);
      return true;
    });
    server_ = std::make_unique<net::HttpServer>(
        workers_, net::HttpServerOptions{.port = 0},
        [](net::HttpRequest, core::Worker&) -> Task<net::HttpResponse> { co_return net::HttpResponse{.status = 404}; },
        [this](const net::HttpRequest&, core::Worker&) { return upgrade(); }, core::Logger{});
    port_ = server_->start().value_or(0);
    used_ = cpu_seconds();
    since_ = std::chrono::steady_clock::now();
  }

  ~Impl() {
    // Every call reads its recording once more as it ends; a thousand of them need some seconds.
    server_->stop(std::chrono::seconds(30));
    on_worker([this] {
      clock_->stop();
      for (auto& watch : watches_) clock_->remove(watch);
      clock_.reset();
      client_.reset();
      return true;
    });
    workers_.stop();
    files_->join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

  ServerFigures take() {
    auto lateness = on_worker([this] {
      std::vector<double> all;
      for (auto& watch : watches_) {
        all.insert(all.end(), watch.lateness_ms.begin(), watch.lateness_ms.end());
        watch.lateness_ms.clear();
      }
      return all;
    });
    const auto now = std::chrono::steady_clock::now();
    const auto cpu = cpu_seconds();
    ServerFigures figures;
    figures.frame_lateness_p99_ms = quantile(std::move(lateness), 0.99);
    figures.core_percent = 100 * (cpu - used_) / std::chrono::duration<double>(now - since_).count();
    used_ = cpu;
    since_ = now;
    return figures;
  }

 private:
  core::Worker& worker() { return workers_.at(0); }

  template <class F>
  std::invoke_result_t<F> on_worker(F work) {
    std::packaged_task<std::invoke_result_t<F>()> task(std::move(work));
    auto result = task.get_future();
    core::asio::post(worker().context(), std::move(task));
    return result.get();
  }

  Task<net::UpgradeOutcome> upgrade() {
    co_return net::WebSocketSession(
        [this](net::WebSocket socket, core::Worker& on) { return serve(std::move(socket), on); });
  }

  Task<void> serve(net::WebSocket socket, core::Worker& on) {
    transports::twilio::StreamTransport transport(std::move(socket), on.executor(), {}, core::Logger{});
    co_await transport.serve([this](const transports::twilio::StreamStart& start, engine::MediaTransport& media) {
      const auto call = start.parameters.find("call");
      return run(call == start.parameters.end() ? std::string("0") : call->second, media);
    });
  }

  Task<void> run(std::string name, engine::MediaTransport& media) {
    engine::CallSession session(
        {worker(), *client_, *clock_, *files_, registry_, phrases_}, plan_for(name, folder_),
        [](const engine::CallEvent&) {}, core::Logger{});
    co_await session.run(media);
  }

  std::string folder_;
  providers::Registry registry_;
  std::optional<core::BlockingPool> files_;
  core::WorkerPool workers_{1};
  engine::SpeechCache phrases_;
  std::unique_ptr<net::Client> client_;
  std::unique_ptr<engine::MediaClock> clock_;
  std::array<Watch, 4> watches_;  // one in each slot of the clock
  std::unique_ptr<net::HttpServer> server_;
  std::uint16_t port_ = 0;
  double used_ = 0;
  core::TimePoint since_;
};

CallServer::CallServer(int core, std::uint16_t vendor_port, std::string folder)
    : impl_(std::make_unique<Impl>(core, vendor_port, std::move(folder))) {}
CallServer::~CallServer() = default;
std::uint16_t CallServer::port() const { return impl_->port(); }
ServerFigures CallServer::take() { return impl_->take(); }

}  // namespace retell::benchmarks

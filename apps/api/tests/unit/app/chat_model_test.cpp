#include "app/chat_model.hpp"

#include "host_rig.hpp"

namespace retell::app::test {
namespace {

class ChatModels : public ::testing::Test {
 protected:
  void add(const std::string& name, core::Error error) {
    rig.registry.add_llm(name,
                         [error = std::move(error)](const providers::Place&, const providers::LlmOptions&)
                             -> core::Result<std::unique_ptr<providers::Llm>> { return tl::unexpected(error); });
  }
  core::Result<services::ChatReply> ask(std::vector<std::string> vendors) {
    services::ChatPrompt prompt;
    prompt.vendor = vendors.front();
    prompt.fallbacks.assign(vendors.begin() + 1, vendors.end());
    prompt.request.messages.push_back({providers::Role::user, "Hello"});
    return boost::asio::co_spawn(rig.workers.at(1).executor(), model.complete(std::move(prompt)),
                                 boost::asio::use_future)
        .get();
  }

  HostRig rig;
  RegistryChatModel model{rig.registry, *rig.host, rig.workers.at(0), core::Logger()};
};

TEST_F(ChatModels, say_why_when_none_can_ever_answer) {
  add("absent", {core::ErrorCode::not_found, "the model 'large' is not on this machine"});
  add("locked", {core::ErrorCode::unauthorized, "it needs an API key"});
  rig.vendors.mind.fault.set(fakes::FakeOpenAi::Fault::unauthorized);
  const auto reply = ask({"absent", "locked", "openai"});
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, core::ErrorCode::unprocessable);
  const auto& message = reply.error().message;
  EXPECT_TRUE(message.starts_with(
      "no language model can be used: the model 'large' is not on this machine; it needs an API key; openai answered "
      "401"))
      << message;
}

TEST_F(ChatModels, are_to_be_asked_again_when_one_may_come_back) {
  add("absent", {core::ErrorCode::not_found, "the model 'large' is not on this machine"});
  add("busy", {core::ErrorCode::unavailable, "the queue is full"});
  EXPECT_EQ(ask({"busy", "absent"}).error().code, core::ErrorCode::unavailable);
  EXPECT_EQ(ask({"absent", "busy"}).error().code, core::ErrorCode::unavailable);
  const auto reply = ask({"absent", "openai"});
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_EQ(reply->text, "Hello there.");
}

}  // namespace
}  // namespace retell::app::test

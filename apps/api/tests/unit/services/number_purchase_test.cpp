// Numbers that are bought and given back: whatever goes wrong, none is paid for that nobody has.
#include "storage/stores/job_store.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

// Does not even say what it has.
class SilentCarrier final : public NumberCarrier {
 public:
  explicit SilentCarrier(core::ErrorCode why) : why_{why, "connect: Connection refused"} {}
  [[nodiscard]] core::Result<> ready() const override { return {}; }
  core::Task<core::Result<std::vector<std::string>>> available(NumberWish) override { co_return tl::unexpected(why_); }
  core::Task<core::Result<std::optional<std::string>>> buy(std::string, std::string) override {
    ADD_FAILURE() << "nothing is to be bought";
    co_return tl::unexpected(why_);
  }
  core::Task<core::Result<std::vector<std::string>>> bought(std::string) override { co_return tl::unexpected(why_); }
  core::Task<core::Result<>> release(std::string) override { co_return tl::unexpected(why_); }

 private:
  core::Error why_;
};

class Purchases : public ServicesFixture {
 protected:
  core::Result<json::Object> buy(std::string_view body = "{}") { return run(purchases.buy(organization, of(body))); }
  int jobs_done() { return run(jobs.run_due()); }
  std::int64_t jobs_waiting() { return run(storage::JobStore(*database).count("waiting")).value(); }
  // After a purchase has certainly ended.
  void wait() { clock.advance(NumberPurchase::longest_purchase + 1s); }
};

TEST_P(Purchases, take_the_first_number_that_is_to_be_had) {
  carrier.gone = {"+14155550101"};
  const auto agent = make_agent();
  const auto number =
      buy(R"({"area_code":415,"nickname":"Front desk","inbound_agents":[{"agent_id":")" + agent + R"(","weight":1}]})");
  ASSERT_TRUE(number) << number.error().message;
  EXPECT_EQ(number->at("phone_number"), "+14155550102");
  EXPECT_EQ(number->at("phone_number_type"), "retell-twilio");
  EXPECT_EQ(number->at("nickname"), "Front desk");
  EXPECT_EQ(number->at("area_code"), 415);
  EXPECT_FALSE(number->contains(bought_member)) << "what the carrier knows is nobody's business";
  ASSERT_EQ(carrier.wishes.size(), 1U);
  EXPECT_EQ(carrier.wishes[0].country, "US");
  EXPECT_EQ(carrier.wishes[0].area_code, 415);
  EXPECT_EQ(carrier.owned.size(), 1U);
  wait();
  EXPECT_EQ(jobs_done(), 0) << "nothing is to be given back";
  EXPECT_EQ(carrier.owned.size(), 1U);
  const auto owner = run(numbers.owner("+14155550102", domain::Direction::inbound));
  EXPECT_EQ(owner.value()->agent->agent_id, agent) << "its calls are answered";
}

TEST_P(Purchases, ask_for_what_is_wished) {
  ASSERT_TRUE(buy(R"({"country_code":"CA","toll_free":true})"));
  EXPECT_EQ(carrier.wishes[0].country, "CA");
  EXPECT_TRUE(carrier.wishes[0].toll_free);
  const auto named = buy(R"({"phone_number":"+14165550199","number_provider":"twilio"})");
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->at("phone_number"), "+14165550199");
  EXPECT_EQ(carrier.wishes.size(), 1U) << "a number that is named is not searched for";
}

TEST_P(Purchases, buy_nothing_that_cannot_be_kept) {
  const std::vector<std::pair<std::string, std::string>> bad{
      {R"({"area_code":41.5})", "area_code"},
      {R"({"area_code":"415"})", "area_code"},
      {R"({"country_code":"DE"})", "country_code"},
      {R"({"number_provider":"acme"})", "number_provider"},
      {R"({"number_provider":"telnyx"})", "number_provider"},
      {R"({"phone_number":"5550100"})", "phone_number"},
      {R"({"transport":"SMOKE"})", "transport"},
      {R"({"inbound_agents":[{"agent_id":"agent_unknown","weight":1}]})", "inbound_agents[0].agent_id"},
  };
  for (const auto& [body, field] : bad) {
    const auto refused = buy(body);
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().field, field) << refused.error().message;
  }
  ASSERT_TRUE(run(numbers.import(organization, of(R"({"phone_number":"+14165550199"})"), seal)));
  EXPECT_EQ(buy(R"({"phone_number":"+14165550199"})").error().code, core::ErrorCode::unprocessable);
  carrier.set_up = false;
  EXPECT_EQ(buy().error().message, "no carrier is configured");
  carrier.set_up = true;
  carrier.for_sale.clear();
  EXPECT_EQ(buy(R"({"area_code":415})").error().message, "the carrier has no number with area code 415 in US to sell");
  EXPECT_TRUE(carrier.owned.empty());
  EXPECT_EQ(jobs_waiting(), 0);
}

TEST_P(Purchases, give_a_number_back_that_the_database_did_not_keep) {
  carrier.on_bought = [&] { ASSERT_TRUE(run(database->execute({"ALTER TABLE phone_numbers RENAME TO elsewhere"}))); };
  const auto lost = buy();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, core::ErrorCode::unprocessable) << "clients would buy again after a 5xx";
  EXPECT_EQ(lost.error().message,
            "+14155550101 was bought and could not be stored; unless it is listed, it is given back in about five "
            "minutes. See which numbers there are, here and in your carrier's account, before you buy again.");
  ASSERT_TRUE(run(database->execute({"ALTER TABLE elsewhere RENAME TO phone_numbers"})));
  EXPECT_EQ(carrier.owned.size(), 1U);
  EXPECT_EQ(jobs_done(), 0) << "a purchase that is under way is left alone";
  wait();
  EXPECT_EQ(jobs_done(), 1);
  EXPECT_TRUE(carrier.owned.empty());
}

TEST_P(Purchases, give_a_number_back_whose_purchase_was_never_confirmed) {
  carrier.refusal = core::Error{core::ErrorCode::timeout, "no answer"};
  carrier.refuses_after_buying = true;
  const auto lost = buy();
  EXPECT_EQ(lost.error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(
      lost.error().message,
      "It is not known whether the carrier has sold +14155550101 (no answer). If it has, the number is given back "
      "in about five minutes. See which numbers there are, here and in your carrier's account, before you buy "
      "again.");
  EXPECT_EQ(carrier.owned.size(), 1U);
  wait();
  EXPECT_EQ(jobs_done(), 1);
  EXPECT_EQ(carrier.owned.size(), 1U) << "the carrier still does not answer";
  carrier.refusal.reset();
  clock.advance(1min + 1s);
  EXPECT_EQ(jobs_done(), 1) << "it is tried again";
  EXPECT_TRUE(carrier.owned.empty());
}

TEST_P(Purchases, may_be_tried_again_only_when_nothing_was_bought) {
  using core::ErrorCode;
  for (const auto in_doubt : {ErrorCode::timeout, ErrorCode::io, ErrorCode::protocol, ErrorCode::internal}) {
    carrier.refusal = core::Error{in_doubt, "lost"};
    EXPECT_EQ(buy().error().code, ErrorCode::unprocessable);
  }
  EXPECT_EQ(jobs_waiting(), 4) << "each gives back what it may have bought";
  for (const auto nothing : {ErrorCode::unavailable, ErrorCode::rate_limited}) {
    carrier.refusal = core::Error{nothing, "not now"};
    EXPECT_EQ(buy().error().code, nothing);
  }
  EXPECT_EQ(jobs_waiting(), 4);
  EXPECT_TRUE(carrier.owned.empty());
}

TEST_P(Purchases, may_be_tried_again_when_the_carrier_cannot_be_asked_what_it_has) {
  using core::ErrorCode;
  JobRunner elsewhere{*database, clock, io.get_executor(), {}};
  for (const auto silent : {ErrorCode::timeout, ErrorCode::io, ErrorCode::protocol, ErrorCode::unavailable}) {
    SilentCarrier none(silent);
    NumberPurchase from_it(*database, numbers, none, elsewhere, clock);
    const auto unasked = run(from_it.buy(organization, of("{}")));
    EXPECT_EQ(unasked.error().code, ErrorCode::unavailable);
    EXPECT_EQ(unasked.error().message,
              "the carrier could not be asked for its numbers, and none is bought: connect: Connection refused");
  }
  EXPECT_EQ(jobs_waiting(), 0);
}

TEST_P(Purchases, leave_nothing_behind_when_the_carrier_refuses) {
  carrier.refusal = core::Error{core::ErrorCode::unprocessable, "Twilio answered 400 (21631): no address"};
  EXPECT_EQ(buy().error().message, "Twilio answered 400 (21631): no address");
  EXPECT_EQ(jobs_waiting(), 0);
}

TEST_P(Purchases, give_a_number_back_that_is_deleted) {
  ASSERT_TRUE(buy());
  const std::string number = "+14155550101";
  EXPECT_EQ(run(purchases.remove("org_other", number)).error().code, core::ErrorCode::unprocessable);
  ASSERT_TRUE(run(numbers.update(organization, number, of(R"({"bought":null,"nickname":"x"})"), seal)));
  ASSERT_TRUE(run(purchases.remove(organization, number)));
  EXPECT_FALSE(run(numbers.get(organization, number)));
  EXPECT_EQ(jobs_done(), 1);
  EXPECT_TRUE(carrier.owned.empty());
  EXPECT_EQ(run(purchases.remove(organization, number)).error().code, core::ErrorCode::unprocessable);
}

TEST_P(Purchases, leave_a_number_to_whom_it_belongs_when_it_was_brought_along) {
  ASSERT_TRUE(run(numbers.import(
      organization, of(R"({"phone_number":"+14165550199","bought":{"carrier":"twilio","id":"PN1","mark":"x"}})"),
      seal)));
  carrier.owned["PN1"] = "x";
  ASSERT_TRUE(run(purchases.remove(organization, "+14165550199")));
  EXPECT_EQ(jobs_done(), 0);
  EXPECT_EQ(carrier.owned.size(), 1U);
}

RETELL_ON_EVERY_DATABASE(Purchases);

}  // namespace
}  // namespace retell::services

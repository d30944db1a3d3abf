#include <gtest/gtest.h>

#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

class Contacts : public ServicesFixture {
 protected:
  domain::Contact make(const std::string& number, const std::string& name = "Ana") {
    domain::NewContact contact;
    contact.phone_number = number;
    contact.first_name = name;
    const auto made = run(contacts.create(organization, std::move(contact)));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return *made;
  }
};

TEST_P(Contacts, have_one_number_each) {
  const auto ana = make("+14155550100");
  domain::NewContact again;
  again.phone_number = "+14155550100";
  EXPECT_EQ(run(contacts.create(organization, again)).error().code, core::ErrorCode::invalid);
  again.phone_number = "4155550100";
  EXPECT_EQ(run(contacts.create(organization, again)).error().field, "phone_number");
  EXPECT_EQ(run(contacts.get_by_phone(organization, "+14155550100"))->contact_id, ana.contact_id);
  EXPECT_FALSE(run(contacts.get("org_other", ana.contact_id)).has_value());
}

TEST_P(Contacts, change_member_by_member_and_null_clears) {
  const auto ana = make("+14155550100");
  const auto changed = run(contacts.update(
      organization, ana.contact_id, of(R"({"first_name":null,"tags":["vip"],"custom_fields":{"plan":"gold"}})")));
  ASSERT_TRUE(changed.has_value()) << changed.error().message;
  EXPECT_FALSE(changed->first_name.has_value());
  EXPECT_EQ(changed->tags, std::vector<std::string>{"vip"});
  EXPECT_EQ(run(contacts.update(organization, ana.contact_id, of(R"({"tags":"vip"})"))).error().field, "tags");
  EXPECT_EQ(run(contacts.update(organization, ana.contact_id, of(R"({"custom_fields":{"a":[1]}})"))).error().field,
            "custom_fields.a");
}

TEST_P(Contacts, are_searched_filtered_and_counted) {
  make("+14155550100", "Ana");
  const auto bea = make("+14155550101", "Bea");
  ASSERT_TRUE(run(contacts.update(organization, bea.contact_id, of(R"({"tags":["vip"],"custom_fields":{"age":40}})"))));
  ContactQuery query;
  query.search = "bE";
  EXPECT_EQ(run(contacts.list(organization, query))->total, 1);
  query.search = "";
  query.filter =
      domain::ListFilter::parse(of(R"({"tags":{"type":"enum","op":"in","value":["vip","x"]},)"
                                   R"("custom_fields":[{"key":"age","type":"number","op":"gt","value":30}]})"),
                                domain::contact_groups())
          .value();
  const auto found = run(contacts.list(organization, query));
  ASSERT_EQ(found->page.items.size(), 1U);
  EXPECT_EQ(found->page.items[0].contact_id, bea.contact_id);
}

TEST_P(Contacts, are_found_by_names_in_any_case_and_with_or_without_accents) {
  const auto made = make("+14155550100", "JOÃO");
  make("+14155550101", "Ana");
  ASSERT_TRUE(run(contacts.update(organization, made.contact_id, of(R"({"last_name":"Çelik"})"))));
  for (const auto* wanted : {"joão", "João Çelik", "joão çelik", "ÇELIK", "ÇELİK", "celik", " JOAO "}) {
    ContactQuery query;
    query.search = wanted;
    const auto found = run(contacts.list(organization, query));
    ASSERT_EQ(found->total, 1) << wanted;
    EXPECT_EQ(found->page.items[0].contact_id, made.contact_id) << wanted;
  }
  ContactQuery any_text;
  any_text.search = "J%O_";
  EXPECT_EQ(run(contacts.list(organization, any_text))->total, 0);
}

TEST_P(Contacts, come_from_a_file_line_by_line) {
  make("+5511912345678", "Old");
  const auto upload = run(contact_jobs.upload(organization,
                                              "Phone;x,Name,Plan,Tags\n"
                                              "(11) 91234-5678,New,gold,\"a, b\"\n"
                                              "nonsense,Nobody,,\n"
                                              "+14155550100,Bea,,\n"));
  ImportContacts request;
  request.upload_id = *upload;
  request.default_country = "BR";
  request.column_mapping = {{"Phone;x", "phone_number"}, {"Name", "first_name"}, {"Plan", "plan"}, {"Tags", "tags"}};
  EXPECT_EQ(run(contact_jobs.import("org_other", request)).error().code, core::ErrorCode::unprocessable);
  const auto done = run(contact_jobs.import(organization, request));
  ASSERT_TRUE(done.has_value()) << done.error().message;
  EXPECT_EQ(done->succeeded, 2);
  EXPECT_EQ(done->failed, 1);
  const auto there = run(contacts.get_by_phone(organization, "+5511912345678"));
  EXPECT_EQ(there->first_name, "New");
  EXPECT_EQ(there->tags, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(there->custom_fields->at("plan").as_string(), "gold");
  EXPECT_EQ(run(contact_jobs.report(organization, ContactJob::import))->succeeded, 2);
  EXPECT_EQ(run(contact_jobs.report(organization, ContactJob::backfill))->status, "idle");
  EXPECT_EQ(run(contact_jobs.import(organization, request)).error().code, core::ErrorCode::unprocessable);  // used up
}

TEST(PhoneNumbers, become_international) {
  EXPECT_EQ(domain::to_e164("(11) 91234-5678", "BR"), "+5511912345678");
  EXPECT_EQ(domain::to_e164("1 (415) 555-0100", "US"), "+14155550100");
  EXPECT_EQ(domain::to_e164("020 7946 0958", "GB"), "+442079460958");
  EXPECT_EQ(domain::to_e164("06 6982", "IT"), "+39066982");
  EXPECT_EQ(domain::to_e164("+1 415 555 0100", ""), "+14155550100");
  EXPECT_EQ(domain::to_e164("4155550100", "XX"), std::nullopt);
  EXPECT_EQ(domain::to_e164("hello", "US"), std::nullopt);
}

class KnowledgeBases : public ServicesFixture {};

TEST_P(KnowledgeBases, keep_their_sources_until_they_are_deleted) {
  KnowledgeSettings settings;
  settings.knowledge_base_name = "Manual";
  const auto made = run(knowledge_bases.create(organization, settings,
                                               {{{"Title", "Text"}}, {"https://example.com"}, {{"a.pdf", {"bytes"}}}}));
  ASSERT_TRUE(made.has_value()) << made.error().message;
  const auto id = std::string(made->at("knowledge_base_id").as_string());
  EXPECT_EQ(made->at("status").as_string(), "in_progress");
  const auto& sources = made->at("knowledge_base_sources").as_array();
  ASSERT_EQ(sources.size(), 3U);
  EXPECT_TRUE(std::string(sources[0].at("content_url").as_string()).starts_with("https://voice.example.com/files/"));
  EXPECT_EQ(sources[2].at("file_size").as_int64(), 5);
  EXPECT_FALSE(sources[2].as_object().contains("stored_as"));
  const auto file = std::string(sources[2].at("source_id").as_string());
  EXPECT_EQ(run(uploads.read(file + ".bin")).value(), "bytes");
  EXPECT_FALSE(run(knowledge_bases.get("org_other", id)).has_value());
  EXPECT_FALSE(run(knowledge_bases.remove_source(organization, id, "source_none")).has_value());
  const auto after = run(knowledge_bases.remove_source(organization, id, file));
  EXPECT_EQ(after->at("knowledge_base_sources").as_array().size(), 2U);
  EXPECT_EQ(run(uploads.read(file + ".bin")).error().code, core::ErrorCode::not_found);
  ASSERT_TRUE(run(knowledge_bases.remove(organization, id)));
  EXPECT_TRUE(run(knowledge_bases.list(organization))->empty());
  settings.knowledge_base_name = "Conhecimento é poder, até não ser mais";
  ASSERT_GT(settings.knowledge_base_name.size(), 40U);
  EXPECT_TRUE(run(knowledge_bases.create(organization, settings, {})));
  settings.knowledge_base_name = std::string(40, 'x');
  EXPECT_EQ(run(knowledge_bases.create(organization, settings, {})).error().field, "knowledge_base_name");
}

RETELL_ON_EVERY_DATABASE(Contacts);
RETELL_ON_EVERY_DATABASE(KnowledgeBases);

}  // namespace
}  // namespace retell::services

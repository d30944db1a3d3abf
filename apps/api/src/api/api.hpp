// What handlers work with. Made by app/, outlives the router.
#pragma once
#include <functional>

#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"
#include "services/agent_service.hpp"
#include "services/agent_version_service.hpp"
#include "services/api_key_service.hpp"
#include "services/audit_service.hpp"
#include "services/call_service.hpp"
#include "services/chat_service.hpp"
#include "services/contact_jobs.hpp"
#include "services/contact_service.hpp"
#include "services/file_service.hpp"
#include "services/flow_component_service.hpp"
#include "services/flow_service.hpp"
#include "services/knowledge_base_service.hpp"
#include "services/llm_service.hpp"
#include "services/number_purchase.hpp"
#include "services/phone_number_service.hpp"
#include "services/playground.hpp"
#include "services/recording_service.hpp"
#include "services/session_service.hpp"
#include "services/test_case_service.hpp"
#include "services/user_service.hpp"
#include "services/voice_catalog.hpp"
#include "services/webhook_service.hpp"
#include "services/workspace_service.hpp"
#include "storage/cache/rate_limiter.hpp"

namespace retell::api {

struct Api {
  services::ApiKeyService& keys;
  services::WorkspaceService& workspaces;
  services::UserService& users;
  services::SessionService& sessions;
  services::AuditService& audit;
  services::WebhookService& webhooks;
  services::AgentService& agents;
  services::AgentVersionService& versions;
  services::LlmService& llms;
  services::FlowService& flows;
  services::FlowComponentService& components;
  const services::VoiceCatalog& voices;
  services::CallService& calls;
  services::PhoneNumberService& numbers;
  services::NumberPurchase& purchases;
  services::RecordingService& recordings;
  services::ChatEngine& chat_engine;
  services::ChatService& chats;
  services::ContactService& contacts;
  services::ContactJobs& contact_jobs;
  services::KnowledgeBaseService& knowledge_bases;
  services::TestCaseService& tests;
  services::FileService& files;
  storage::DocumentStore& assets;
  storage::RateLimiter& rates;
  core::Metrics& metrics;
  const core::Clock& clock;
  // Whether new calls can be taken; the error says why not (starting, draining, database gone).
  std::function<core::Task<core::Result<>>()> ready;
};

}  // namespace retell::api

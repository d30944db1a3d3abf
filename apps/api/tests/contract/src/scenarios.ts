// One call of every method that any of the published clients has: what it is called with, and whether it works on this
// server or is refused, and why.
import assert from 'node:assert/strict';
import type { Client } from './clients.js';
import { flowBody, type Json, type World } from './world.js';

// Some methods take other arguments in earlier lines of the client.
export interface Era {
  newest: boolean;
  major: number;
}
type Run = (client: Client, world: World, era: Era) => Promise<unknown>;

export interface Scenario {
  run: Run;
  refused?: RegExp; // what the refusal says; none: it works
}

const works = (run: Run): Scenario => ({ run });
const refused = (reason: RegExp, run: Run): Scenario => ({ run, refused: reason });

function of(client: Client, method: string): (...args: unknown[]) => Promise<unknown> {
  const [resource = '', name = ''] = method.split('.');
  const methods = client[resource];
  const found = methods?.[name];
  assert.ok(methods !== undefined && found !== undefined, method);
  return (...args) => found.apply(methods, args);
}

const notHere = /not offered here/;
const notYet = /not available on this server yet/;
const engineQuery = { type: 'retell-llm' };
// Half a millisecond of silence as a WAV file.
const sound = Buffer.from('UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQgAAAAAAAAAAAAAAA==', 'base64');

export const scenarios: Record<string, Scenario> = {
  'agent.create': works(async (c, w) => of(c, 'agent.create')({ response_engine: await w.engine(), voice_id: await w.voice() })),
  'agent.retrieve': works(async (c, w) => of(c, 'agent.retrieve')(await w.agent())),
  'agent.update': works(async (c, w) => of(c, 'agent.update')(await w.agent(), { agent_name: 'New' })),
  'agent.list': works(async (c, w) => (await w.agent(), of(c, 'agent.list')())),
  'agent.delete': works(async (c, w) => of(c, 'agent.delete')(await w.agent())),
  'agent.createVersion': works(async (c, w) => of(c, 'agent.createVersion')(await w.agent(), { base_version: 0 })),
  'agent.deleteVersion': works(async (c, w) => {
    const agent = await w.agent();
    await w.request('POST', `/create-agent-version/${agent}`, { base_version: 0 });
    return of(c, 'agent.deleteVersion')(agent, { version: 0 });
  }),
  'agent.getVersions': works(async (c, w) => of(c, 'agent.getVersions')(await w.agent())),
  'agent.listVersions': works(async (c, w) => of(c, 'agent.listVersions')(await w.agent())),
  'agent.publish': works(async (c, w, era) => of(c, 'agent.publish')(await w.agent(), ...(era.newest ? [{ version: 0 }] : []))),
  'agent.repair': works(async (c, w) => of(c, 'agent.repair')(await w.agent())),

  'llm.create': works((c) => of(c, 'llm.create')({ general_prompt: 'p' })),
  'llm.retrieve': works(async (c, w) => of(c, 'llm.retrieve')(await w.llm())),
  'llm.update': works(async (c, w) => of(c, 'llm.update')(await w.llm(), { general_prompt: 'q' })),
  'llm.list': works(async (c, w) => (await w.llm(), of(c, 'llm.list')())),
  'llm.delete': works(async (c, w) => of(c, 'llm.delete')(await w.llm())),

  'conversationFlow.create': works((c) => of(c, 'conversationFlow.create')(flowBody)),
  'conversationFlow.retrieve': works(async (c, w) => of(c, 'conversationFlow.retrieve')(await w.flow())),
  'conversationFlow.update': works(async (c, w) => of(c, 'conversationFlow.update')(await w.flow(), { global_prompt: 'g' })),
  'conversationFlow.list': works(async (c, w) => (await w.flow(), of(c, 'conversationFlow.list')())),
  'conversationFlow.delete': works(async (c, w) => of(c, 'conversationFlow.delete')(await w.flow())),

  'conversationFlowComponent.create': works((c) =>
    of(c, 'conversationFlowComponent.create')({ name: 'C', nodes: [{ id: 'n', type: 'end' }] })),
  'conversationFlowComponent.retrieve': works(async (c, w) => of(c, 'conversationFlowComponent.retrieve')(await w.component())),
  'conversationFlowComponent.update': works(async (c, w) =>
    of(c, 'conversationFlowComponent.update')(await w.component(), { name: 'D' })),
  'conversationFlowComponent.list': works(async (c, w) => (await w.component(), of(c, 'conversationFlowComponent.list')())),
  'conversationFlowComponent.delete': works(async (c, w) => of(c, 'conversationFlowComponent.delete')(await w.component())),

  'call.createWebCall': works(async (c, w) => of(c, 'call.createWebCall')({ agent_id: await w.agent() })),
  'call.createPhoneCall': refused(/no carrier is configured/, async (c, w) =>
    of(c, 'call.createPhoneCall')({ from_number: await w.phoneNumber(), to_number: w.number(), override_agent_id: await w.agent() })),
  'call.registerPhoneCall': works(async (c, w) => of(c, 'call.registerPhoneCall')({ agent_id: await w.agent() })),
  'call.retrieve': works(async (c, w) => of(c, 'call.retrieve')(await w.endedCall())),
  'call.update': works(async (c, w) => of(c, 'call.update')(await w.endedCall(), { metadata: { a: 1 } })),
  'call.list': works(async (c, w, era) => {
    await w.endedCall();
    return of(c, 'call.list')(era.newest ? {} : { filter_criteria: { version: [0] } });
  }),
  'call.delete': works(async (c, w) => of(c, 'call.delete')(await w.endedCall())),
  'call.stop': works(async (c, w) => of(c, 'call.stop')(await w.call())),
  'call.updateLive': works(async (c, w) =>
    of(c, 'call.updateLive')(await w.call(), { fields_to_override: { metadata: { a: 1 } } })),
  'call.listenLive': refused(notYet, async (c, w) => of(c, 'call.listenLive')(await w.call())),
  'call.takeOverLive': refused(notYet, async (c, w) => of(c, 'call.takeOverLive')(await w.call(), { participant_id: 'p' })),
  'call.rerunAnalysis': refused(notYet, async (c, w) => of(c, 'call.rerunAnalysis')(await w.endedCall())),

  'batchCall.createBatchCall': refused(notYet, (c, w) =>
    of(c, 'batchCall.createBatchCall')({ from_number: w.number(), tasks: [{ to_number: w.number() }] })),

  'phoneNumber.create': refused(/no carrier is configured/, (c) => of(c, 'phoneNumber.create')({ area_code: 415 })),
  'phoneNumber.import': works((c, w) =>
    of(c, 'phoneNumber.import')({ phone_number: w.number(), termination_uri: 'sip.example.com' })),
  'phoneNumber.retrieve': works(async (c, w) => of(c, 'phoneNumber.retrieve')(await w.phoneNumber())),
  'phoneNumber.update': works(async (c, w) => of(c, 'phoneNumber.update')(await w.phoneNumber(), { nickname: 'n' })),
  'phoneNumber.list': works(async (c, w) => (await w.phoneNumber(), of(c, 'phoneNumber.list')())),
  'phoneNumber.delete': works(async (c, w) => of(c, 'phoneNumber.delete')(await w.phoneNumber())),

  'voice.list': works((c) => of(c, 'voice.list')()),
  'voice.retrieve': works(async (c, w) => of(c, 'voice.retrieve')(await w.voice())),
  'voice.search': refused(notHere, (c) => of(c, 'voice.search')({ search_query: 'calm' })),
  'voice.addResource': refused(notHere, (c) => of(c, 'voice.addResource')({ provider_voice_id: 'x', voice_name: 'X' })),
  'voice.clone': refused(notHere, (c) =>
    of(c, 'voice.clone')({ files: [new File(['x'], 'x.wav')], voice_name: 'X', voice_provider: 'platform' })),

  'knowledgeBase.create': works((c) =>
    of(c, 'knowledgeBase.create')({
      knowledge_base_name: 'kb',
      knowledge_base_texts: [{ title: 't', text: 'x' }],
      knowledge_base_urls: ['https://example.com/a', 'https://example.com/b'],
      knowledge_base_files: [new File(['file'], 'notes.txt')],
      enable_auto_refresh: true,
    })),
  'knowledgeBase.retrieve': works(async (c, w) => of(c, 'knowledgeBase.retrieve')((await w.knowledgeBase()).base)),
  'knowledgeBase.list': works(async (c, w) => (await w.knowledgeBase(), of(c, 'knowledgeBase.list')())),
  'knowledgeBase.delete': works(async (c, w) => of(c, 'knowledgeBase.delete')((await w.knowledgeBase()).base)),
  'knowledgeBase.addSources': works(async (c, w) =>
    of(c, 'knowledgeBase.addSources')((await w.knowledgeBase()).base, { knowledge_base_texts: [{ title: 'u', text: 'y' }] })),
  'knowledgeBase.deleteSource': works(async (c, w, era) => {
    const { base, source } = await w.knowledgeBase();
    const remove = of(c, 'knowledgeBase.deleteSource');
    return era.major >= 5 ? remove(source, { knowledge_base_id: base }) : remove(base, source);
  }),

  'concurrency.retrieve': works((c) => of(c, 'concurrency.retrieve')()),
  'identity.retrieve': works((c) => of(c, 'identity.retrieve')()),

  'chat.create': works(async (c, w) => of(c, 'chat.create')({ agent_id: await w.chatAgent() })),
  'chat.retrieve': works(async (c, w) => of(c, 'chat.retrieve')(await w.chat())),
  'chat.update': works(async (c, w) => of(c, 'chat.update')(await w.chat(), { metadata: { a: 1 } })),
  'chat.list': works(async (c, w) => (await w.chat(), of(c, 'chat.list')())),
  'chat.delete': works(async (c, w) => of(c, 'chat.delete')(await w.chat())),
  'chat.createChatCompletion': works(async (c, w) =>
    of(c, 'chat.createChatCompletion')({ chat_id: await w.chat(), content: 'Hello?' })),
  'chat.createSMSChat': refused(notYet, (c, w) =>
    of(c, 'chat.createSMSChat')({ from_number: w.number(), to_number: w.number() })),
  'chat.end': works(async (c, w) => of(c, 'chat.end')(await w.chat())),
  'chat.rerunAnalysis': refused(notYet, async (c, w) => of(c, 'chat.rerunAnalysis')(await w.chat())),

  'chatAgent.create': works(async (c, w) => of(c, 'chatAgent.create')({ response_engine: await w.engine() })),
  'chatAgent.retrieve': works(async (c, w) => of(c, 'chatAgent.retrieve')(await w.chatAgent())),
  'chatAgent.update': works(async (c, w) => of(c, 'chatAgent.update')(await w.chatAgent(), { agent_name: 'New' })),
  'chatAgent.list': works(async (c, w) => (await w.chatAgent(), of(c, 'chatAgent.list')())),
  'chatAgent.delete': works(async (c, w) => of(c, 'chatAgent.delete')(await w.chatAgent())),
  'chatAgent.createVersion': works(async (c, w) => of(c, 'chatAgent.createVersion')(await w.chatAgent(), { base_version: 0 })),
  'chatAgent.deleteVersion': works(async (c, w) => {
    const agent = await w.chatAgent();
    await w.request('POST', `/create-agent-version/${agent}`, { base_version: 0 });
    return of(c, 'chatAgent.deleteVersion')(agent, { version: 0 });
  }),
  'chatAgent.getVersions': works(async (c, w) => of(c, 'chatAgent.getVersions')(await w.chatAgent())),
  'chatAgent.publish': works(async (c, w, era) =>
    of(c, 'chatAgent.publish')(await w.chatAgent(), ...(era.newest ? [{ version: 0 }] : []))),

  'tests.createTestCaseDefinition': works(async (c, w) =>
    of(c, 'tests.createTestCaseDefinition')({
      name: 'T',
      response_engine: await w.engine(),
      user_prompt: 'Ask.',
      metrics: ['Polite.'],
      tool_mocks: [{ tool_name: 't', input_match_rule: { type: 'any' }, output: 'ok' }],
    })),
  'tests.getTestCaseDefinition': works(async (c, w) => of(c, 'tests.getTestCaseDefinition')(await w.testCase())),
  'tests.updateTestCaseDefinition': works(async (c, w) =>
    of(c, 'tests.updateTestCaseDefinition')(await w.testCase(), { name: 'U' })),
  'tests.listTestCaseDefinitions': works(async (c, w) => {
    const llm = await w.llm();
    return of(c, 'tests.listTestCaseDefinitions')({ ...engineQuery, llm_id: llm });
  }),
  'tests.deleteTestCaseDefinition': works(async (c, w) => of(c, 'tests.deleteTestCaseDefinition')(await w.testCase())),
  'tests.createBatchTest': refused(notYet, async (c, w) => {
    const test = await w.testCase();
    const body: Json = { response_engine: await w.engine(), test_case_definition_ids: [test] };
    return of(c, 'tests.createBatchTest')(body);
  }),
  'tests.listBatchTests': works((c) => of(c, 'tests.listBatchTests')(engineQuery)),
  'tests.getBatchTest': refused(/not found/, (c) => of(c, 'tests.getBatchTest')('batch_none')),
  'tests.getTestRun': refused(/not found/, (c) => of(c, 'tests.getTestRun')('run_none')),
  'tests.listTestRuns': refused(/not found/, (c) => of(c, 'tests.listTestRuns')('batch_none')),

  'playground.completion': works(async (c, w) =>
    of(c, 'playground.completion')(await w.agent(), { messages: [{ role: 'user', content: 'Hi' }] })),
  'mcpTool.getMcpTools': refused(notYet, async (c, w) => of(c, 'mcpTool.getMcpTools')(await w.agent(), { mcp_id: 'm' })),
  'asset.create': works((c) => of(c, 'asset.create')({ file: new File([sound], 'hold.wav', { type: 'audio/wav' }) })),
  'exportRequest.list': works((c) => of(c, 'exportRequest.list')()),

  'contact.create': works((c, w) => of(c, 'contact.create')({ phone_number: w.number(), custom_fields: { plan: 'gold' } })),
  'contact.get': works(async (c, w) => of(c, 'contact.get')(await w.contact())),
  'contact.getByPhone': works(async (c, w) => {
    const made = await w.request('GET', `/get-contact/${await w.contact()}`);
    return of(c, 'contact.getByPhone')(made['phone_number']);
  }),
  'contact.update': works(async (c, w) => of(c, 'contact.update')(await w.contact(), { tags: ['vip'] })),
  'contact.list': works(async (c, w) => (await w.contact(), of(c, 'contact.list')({ sort_order: 'desc', search_query: 'ana' }))),
  'contact.delete': works(async (c, w) => of(c, 'contact.delete')(await w.contact())),
  'contact.listConversations': works(async (c, w) => of(c, 'contact.listConversations')(await w.contact())),
  'contact.uploadImportFile': works((c) => of(c, 'contact.uploadImportFile')({ file: new File(['Phone\n'], 'a.csv') })),
  'contact.createImport': works(async (c, w) =>
    of(c, 'contact.createImport')({
      upload_id: await w.upload(),
      column_mapping: [
        { external_field_name: 'Phone', field_name: 'phone_number' },
        { external_field_name: 'Name', field_name: 'first_name' },
      ],
    })),
  'contact.getImport': works((c) => of(c, 'contact.getImport')()),
  'contact.backfillAnalysisData': works((c) => of(c, 'contact.backfillAnalysisData')({ backfill_attributes: ['plan'] })),
  'contact.getBackfillJobStatus': works((c) => of(c, 'contact.getBackfillJobStatus')()),

  'app.create': refused(notHere, (c) => of(c, 'app.create')({ provider: 'hubspot', type: 'crm' })),
  'app.update': refused(notHere, (c) => of(c, 'app.update')('app_1', { name: 'n' })),
  'app.list': works((c) => of(c, 'app.list')()),
  'app.delete': refused(notHere, (c) => of(c, 'app.delete')('app_1')),
  'app.get': refused(notHere, (c) => of(c, 'app.get')('app_1')),
  'app.listUsages': refused(notHere, (c) => of(c, 'app.listUsages')('app_1')),
  'app.testAuth': refused(notHere, (c) => of(c, 'app.testAuth')('app_1')),
  'crm.getConfig': refused(notHere, (c) => of(c, 'crm.getConfig')()),
  'crm.getSchema': refused(notHere, (c) => of(c, 'crm.getSchema')()),
  'crm.getSyncJobStatus': refused(notHere, (c) => of(c, 'crm.getSyncJobStatus')()),
  'crm.runSyncJob': refused(notHere, (c) => of(c, 'crm.runSyncJob')()),
  'crm.updateConfig': refused(notHere, (c) => of(c, 'crm.updateConfig')({ contact_columns_order: ['first_name'] })),
};

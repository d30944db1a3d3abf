import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import Retell from 'retell-sdk';
import { startServer, type Server } from './server.js';
import { assertShape } from './shapes.js';

let server: Server;
let client: Retell;
let voiceId: string;

before(async () => {
  server = await startServer();
  client = new Retell({ apiKey: server.key, baseURL: server.url, maxRetries: 0 });
  const [voice] = await client.voice.list();
  assert.ok(voice, 'the server has a voice');
  voiceId = voice.voice_id;
});

after(async () => server.stop());

async function makeLlm(): Promise<Retell.LlmResponse> {
  return client.llm.create({ general_prompt: 'Be {{mood}}.', begin_message: 'Hello', start_speaker: 'agent' });
}

async function makeAgent(more: Partial<Retell.AgentCreateParams> = {}): Promise<Retell.AgentResponse> {
  const llm = await makeLlm();
  return client.agent.create({
    response_engine: { type: 'retell-llm', llm_id: llm.llm_id },
    voice_id: voiceId,
    agent_name: 'Contract',
    ...more,
  });
}

describe('the shapes', () => {
  it('refuse a reply that lacks a field or has one of another type', () => {
    const voice = { voice_id: 'v', voice_name: 'V', provider: 'platform', gender: 'female' };
    assertShape('voice', 'VoiceResponse', voice);
    assert.throws(() => assertShape('voice', 'VoiceResponse', { ...voice, gender: 'robot' }), /gender/);
    assert.throws(() => assertShape('voice', 'VoiceResponse', { voice_id: 'v' }), /voice_name/);
  });
});

describe('key', () => {
  it('says whose it is', async () => {
    const identity = await client.identity.retrieve();
    assertShape('identity', 'IdentityRetrieveResponse', identity);
  });

  it('is refused when it is wrong', async () => {
    const stranger = new Retell({ apiKey: 'key_wrong', baseURL: server.url, maxRetries: 0 });
    await assert.rejects(stranger.voice.list(), (error) => {
      assert.ok(error instanceof Retell.AuthenticationError);
      assert.equal(error.status, 401);
      assert.deepEqual(error.error, { status: 'error', message: 'Invalid API Key.' });
      return true;
    });
  });
});

describe('voices', () => {
  it('are listed and found', async () => {
    const voices = await client.voice.list();
    assertShape('voice', 'VoiceListResponse', voices);
    const voice = await client.voice.retrieve(voiceId);
    assertShape('voice', 'VoiceResponse', voice);
    assert.deepEqual(voice, voices[0]);
  });

  it('that do not exist are a 422', async () => {
    await assert.rejects(client.voice.retrieve('nobody'), Retell.UnprocessableEntityError);
  });
});

describe('Retell LLMs', () => {
  it('keep every setting that they are given', async () => {
    const settings: Retell.LlmCreateParams = {
      model: 'gpt-4.1',
      model_temperature: 0.5,
      general_prompt: 'Olá, {{name}} – “quotes” and emoji 🙂',
      begin_message: '',
      start_speaker: 'user',
      begin_after_user_silence_ms: 2000,
      default_dynamic_variables: { name: 'Ana' },
      knowledge_base_ids: [],
      kb_config: { top_k: 5, filter_score: 0.7 },
      mcps: [{ name: 'm', url: 'https://example.com/mcp', headers: { a: 'b' }, timeout_ms: 1000 }],
      general_tools: [
        { type: 'end_call', name: 'end_call', description: 'Ends.' },
        { type: 'press_digit', name: 'press', delay_ms: 500 },
        {
          type: 'custom',
          name: 'look_up',
          url: 'https://example.com/tool',
          method: 'POST',
          parameters: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
          timeout_ms: 5000,
          response_variables: { result: 'data.items[0]' },
        },
        {
          type: 'transfer_call',
          name: 'transfer',
          transfer_destination: { type: 'predefined', number: '+14155550100' },
          transfer_option: { type: 'warm_transfer', on_hold_music: 'ringtone' },
        },
        {
          type: 'extract_dynamic_variable',
          name: 'extract',
          description: 'd',
          variables: [{ type: 'enum', name: 'mood', description: 'd', choices: ['good', 'bad'] }],
        },
      ],
      states: [
        { name: 'start', state_prompt: 'p', edges: [{ destination_state_name: 'end', description: 'd' }] },
        { name: 'end', tools: [{ type: 'end_call', name: 'end_call_2' }] },
      ],
      starting_state: 'start',
    };
    const made = await client.llm.create(settings);
    assertShape('llm', 'LlmResponse', made);
    for (const [name, value] of Object.entries(settings)) {
      assert.deepEqual(made[name as keyof Retell.LlmResponse], value, name);
    }
    assert.deepEqual(await client.llm.retrieve(made.llm_id), made);
    assert.deepEqual(await client.llm.retrieve(made.llm_id, { version: 0 }), made);
  });

  it('are updated member by member, null clears', async () => {
    const made = await makeLlm();
    const updated = await client.llm.update(made.llm_id, { begin_message: null, model_temperature: 1 });
    assertShape('llm', 'LlmResponse', updated);
    assert.equal(updated.begin_message ?? null, null);
    assert.equal(updated.model_temperature, 1);
    assert.equal(updated.general_prompt, 'Be {{mood}}.');
  });

  it('are listed in pages, newest first, and deleted', async () => {
    const ids = [await makeLlm(), await makeLlm(), await makeLlm()].map((llm) => llm.llm_id);
    const seen: string[] = [];
    let key: string | undefined;
    do {
      const page: Retell.LlmListResponse = await client.llm.list({ limit: 2, ...(key === undefined ? {} : { pagination_key: key }) });
      assertShape('llm', 'LlmListResponse', page);
      seen.push(...page.items.map((llm) => llm.llm_id));
      key = page.pagination_key;
      assert.equal(page.has_more, key !== undefined);
    } while (key !== undefined);
    assert.equal(new Set(seen).size, seen.length);
    assert.deepEqual(seen.filter((id) => ids.includes(id)), [...ids].reverse());
    for (const id of ids) await client.llm.delete(id);
    await assert.rejects(client.llm.retrieve(ids[0] ?? ''), Retell.UnprocessableEntityError);
  });

  it('in use are not deleted unless forced', async () => {
    const agent = await makeAgent();
    assert.equal(agent.response_engine.type, 'retell-llm');
    const { llm_id: id } = agent.response_engine as Retell.AgentResponse.ResponseEngineRetellLm;
    await assert.rejects(client.llm.delete(id), Retell.BadRequestError);
    await client.llm.delete(id, { force_delete: true });
  });

  it('name the field at fault', async () => {
    const wrong = { model_temperature: 5, general_tools: [{ type: 'custom', name: 'x' }] } as unknown as Retell.LlmCreateParams;
    await assert.rejects(client.llm.create(wrong), (error) => {
      assert.ok(error instanceof Retell.BadRequestError);
      assert.match(error.message, /general_tools\[0\]\.url: is required/);
      return true;
    });
  });
});

describe('agents', () => {
  it('keep every setting that they are given', async () => {
    const llm = await makeLlm();
    const settings: Retell.AgentCreateParams = {
      response_engine: { type: 'retell-llm', llm_id: llm.llm_id, version: 0 },
      voice_id: voiceId,
      agent_name: 'Todas as opções',
      voice_model: 'eleven_flash_v2_5',
      fallback_voice_ids: [],
      voice_temperature: 0.7,
      voice_speed: 1.25,
      enable_dynamic_voice_speed: true,
      volume: 0.5,
      voice_emotion: 'calm',
      enable_expressive_mode: false,
      expressive_emotion_tags: ['clear throat', 'happy'],
      expressive_mode_prompt: 'p',
      pronunciation_dictionary: [{ word: 'Retell', alphabet: 'ipa', phoneme: 'riˈtɛl' }],
      responsiveness: 0.9,
      enable_dynamic_responsiveness: true,
      interruption_sensitivity: 0.8,
      enable_backchannel: true,
      backchannel_frequency: 0.4,
      backchannel_words: ['aham', 'sei'],
      reminder_trigger_ms: 8000,
      reminder_max_count: 2,
      begin_message_delay_ms: 500,
      end_call_after_silence_ms: 60000,
      max_call_duration_ms: 120000,
      ring_duration_ms: 20000,
      allow_user_dtmf: true,
      allow_dtmf_interruption: true,
      user_dtmf_options: { digit_limit: 4, termination_key: '#', timeout_ms: 3000 },
      ambient_sound: 'coffee-shop',
      ambient_sound_volume: 0.3,
      denoising_mode: 'noise-and-background-speech-cancellation',
      language: ['pt-BR', 'en-US'],
      stt_mode: 'custom',
      custom_stt_config: { provider: 'deepgram', endpointing_ms: 50 },
      vocab_specialization: 'medical',
      boosted_keywords: ['{{brand}}'],
      timezone: 'America/Sao_Paulo',
      voicemail_option: { action: { type: 'static_text', text: 'Ligue de volta.' }, detection_prompt: 'p' },
      ivr_option: { action: { type: 'hangup' } },
      call_screening_option: { agent_identity: 'Ana', call_purpose: 'consulta' },
      guardrail_config: { output_topics: ['gambling'], input_topics: ['platform_integrity_jailbreaking'] },
      handbook_config: { ai_disclosure: true, natural_filler_words: false },
      pii_config: { mode: 'post_call', categories: ['email', 'phone_number'] },
      post_call_analysis_data: [
        { type: 'string', name: 's', description: 'd', examples: ['a'] },
        { type: 'enum', name: 'e', description: 'd', choices: ['a', 'b'], required: true },
        { type: 'boolean', name: 'b', description: 'd' },
        { type: 'number', name: 'n', description: 'd', conditional_prompt: 'p' },
        { type: 'system-presets', name: 'call_summary', description: 'd' },
      ],
      post_call_analysis_model: 'gpt-4.1-mini',
      webhook_url: 'https://example.com/hook',
      webhook_timeout_ms: 5000,
      webhook_events: ['call_started', 'call_ended', 'transcript_updated'],
      data_storage_setting: 'everything_except_pii',
      data_storage_retention_days: 30,
      opt_in_signed_url: true,
      signed_url_expiration_ms: 3600000,
      version_title: 't',
      version_description: 'd',
    };
    const made = await client.agent.create(settings);
    assertShape('agent', 'AgentResponse', made);
    for (const [name, value] of Object.entries(settings)) {
      assert.deepEqual(made[name as keyof Retell.AgentResponse], value, name);
    }
    assert.equal(made.version, 0);
    assert.equal(made.is_published, false);
    assert.deepEqual(await client.agent.retrieve(made.agent_id), made);
  });

  it('are updated member by member, null clears', async () => {
    const made = await makeAgent({ voice_speed: 1.5 });
    const updated = await client.agent.update(made.agent_id, { agent_name: null, volume: 2 });
    assertShape('agent', 'AgentResponse', updated);
    assert.equal(updated.agent_name ?? null, null);
    assert.equal(updated.voice_speed, 1.5);
    assert.equal(updated.volume, 2);
  });

  it('are listed as summaries', async () => {
    const made = await makeAgent({ agent_name: 'Findable' });
    const page = await client.agent.list({ limit: 1, filter_criteria: { query: 'findABLE' } });
    assertShape('agent', 'AgentListResponse', page);
    assert.equal(page.items[0]?.agent_id, made.agent_id);
    const chats = await client.agent.list({ filter_criteria: { channel: { type: 'string', op: 'eq', value: 'chat' } } });
    assert.deepEqual(chats.items, []);
  });

  it('are frozen by publishing and branched by versions', async () => {
    const { agent_id: id } = await makeAgent();
    await client.agent.publish(id, { version: 0, version_title: 'One' });
    await assert.rejects(client.agent.update(id, { agent_name: 'x' }), (error) => {
      assert.ok(error instanceof Retell.APIError);
      assert.equal(error.status, 412);
      return true;
    });
    const draft = await client.agent.createVersion(id, { base_version: 0 });
    assertShape('agent', 'AgentResponse', draft);
    assert.equal(draft.version, 1);
    assert.equal(draft.base_version, 0);
    const versions = await client.agent.listVersions(id, { limit: 10 });
    assertShape('agent', 'AgentListVersionsResponse', versions);
    assert.deepEqual(versions.items.map((v) => [v.version, v.is_published]), [[1, false], [0, true]]);
    assertShape('agent', 'AgentGetVersionsResponse', await client.agent.getVersions(id));
    assert.equal((await client.agent.retrieve(id, { version: 'latest_published' })).version, 0);
    await client.agent.deleteVersion(id, { version: 1 });
    await assert.rejects(client.agent.publish(id, { version: 1 }), Retell.NotFoundError);
    await client.agent.delete(id);
    await assert.rejects(client.agent.retrieve(id), Retell.UnprocessableEntityError);
  });

  it('must refer to what exists', async () => {
    const engine = { type: 'retell-llm' as const, llm_id: 'llm_none' };
    await assert.rejects(client.agent.create({ response_engine: engine, voice_id: voiceId }), Retell.UnprocessableEntityError);
    await assert.rejects(makeAgent({ voice_id: 'nobody' }), Retell.UnprocessableEntityError);
  });
});

describe('calls', () => {
  it('on the web give a browser what it needs to join', async () => {
    const agent = await makeAgent();
    const made = await client.call.createWebCall({
      agent_id: agent.agent_id,
      metadata: { order: 7, nested: { a: [1, null] } },
      retell_llm_dynamic_variables: { mood: 'kind' },
    });
    assertShape('call', 'CreateWebCallResponse', made);
    assert.ok(made.expires_at > Date.now());
    const call = await client.call.retrieve(made.call_id);
    assertShape('call', 'CallResponse', call);
    assert.equal(call.call_type, 'web_call');
    assert.equal(call.call_status, 'registered');
    assert.equal(call.agent_id, agent.agent_id);
    assert.equal(call.agent_version, 0);
    assert.deepEqual(call.metadata, { order: 7, nested: { a: [1, null] } });
    await client.call.stop(made.call_id);
  });

  it('made by older clients get the whole call back', async () => {
    const agent = await makeAgent();
    const call = await client.post<{ call_id: string }>('/v2/create-web-call', { body: { agent_id: agent.agent_id } });
    assertShape('call', 'WebCallResponse', call);
    await client.call.stop(call.call_id);
  });

  it('registered for the customer’s own telephony are phone calls', async () => {
    const agent = await makeAgent();
    const call = await client.call.registerPhoneCall({
      agent_id: agent.agent_id,
      direction: 'inbound',
      from_number: '+14155550100',
      to_number: '+14155550199',
    });
    assertShape('call', 'PhoneCallResponse', call);
    await client.call.stop(call.call_id);
  });

  it('end, are analysed, filtered, paged and deleted', async () => {
    const agent = await makeAgent();
    const ids: string[] = [];
    for (let i = 0; i < 3; ++i) {
      const made = await client.call.createWebCall({ agent_id: agent.agent_id, metadata: { group: 'paged' } });
      ids.push(made.call_id);
      await client.call.stop(made.call_id);
    }
    await until(async () => (await client.call.retrieve(ids[2] ?? '')).disconnection_reason !== undefined);
    const ended = await client.call.retrieve(ids[0] ?? '');
    assertShape('call', 'CallResponse', ended);
    assert.equal(ended.disconnection_reason, 'manual_stopped');
    const filter: Retell.CallListParams.FilterCriteria = {
      agent: [{ agent_id: agent.agent_id }],
      metadata: [{ type: 'string', op: 'eq', key: 'group', value: 'paged' }],
    };
    const first = await client.call.list({ filter_criteria: filter, limit: 2, include_total: true });
    assertShape('call', 'CallListResponse', first);
    assert.equal(first.total, 3);
    assert.deepEqual(first.items.map((c) => c.call_id), [ids[2], ids[1]]);
    assert.ok(first.has_more && first.pagination_key !== undefined);
    const second = await client.call.list({ filter_criteria: filter, limit: 2, pagination_key: first.pagination_key });
    assert.deepEqual(second.items.map((c) => c.call_id), [ids[0]]);
    assert.equal(second.has_more, false);
    const annotated = await client.call.update(ids[0] ?? '', { metadata: { note: 'x' }, custom_attributes: { tier: 1 } });
    assertShape('call', 'CallResponse', annotated);
    assert.deepEqual(annotated.metadata, { note: 'x' });
    for (const id of ids) await client.call.delete(id);
    await assert.rejects(client.call.retrieve(ids[0] ?? ''), Retell.UnprocessableEntityError);
  });

  it('need an agent that exists and a well-formed request', async () => {
    await assert.rejects(client.call.createWebCall({ agent_id: 'agent_none' }), Retell.UnprocessableEntityError);
    await assert.rejects(client.call.createPhoneCall({ from_number: '1', to_number: '2' }), Retell.BadRequestError);
  });

  it('are counted', async () => {
    const concurrency = await client.concurrency.retrieve();
    assertShape('concurrency', 'ConcurrencyRetrieveResponse', concurrency);
    assert.ok((concurrency.concurrency_limit ?? 0) > 0);
  });
});

describe('webhooks', () => {
  it('verify with the published client and carry the whole call', async () => {
    const received: { body: string; signature: string }[] = [];
    const receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (part: string) => (body += part));
      request.on('end', () => {
        received.push({ body, signature: String(request.headers['x-retell-signature']) });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    assert.ok(address !== null && typeof address === 'object');
    try {
      const agent = await makeAgent({ webhook_url: `http://127.0.0.1:${address.port}/hook` });
      const made = await client.call.createWebCall({ agent_id: agent.agent_id, metadata: { olá: 'ção', half: 0.5 } });
      await client.call.stop(made.call_id);
      await until(async () => received.length >= 2);
      const events = received.map(({ body }) => JSON.parse(body) as { event: string; call: Retell.CallResponse });
      assert.deepEqual(events.map((e) => e.event), ['call_ended', 'call_analyzed']);
      for (const [i, { body, signature }] of received.entries()) {
        assert.equal(await Retell.verify(body, server.key, signature), true);
        assert.equal(await Retell.verify(`${body} `, server.key, signature), false);
        assert.equal(JSON.stringify(JSON.parse(body)), body, 're-serialising changes nothing');
        assertShape('call', 'CallResponse', events[i]?.call);
      }
    } finally {
      receiver.close();
    }
  });
});

async function until(done: () => Promise<boolean>): Promise<void> {
  const limit = Date.now() + 10_000;
  while (!(await done())) {
    if (Date.now() > limit) throw new Error('it did not happen within ten seconds');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// What users do with the resources beyond one call of each method: errors that name the field, versions and tags,
// pages, uploads and the links that they give.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import Retell from 'retell-sdk';
import { startServer, type Server } from './server.js';
import { flowBody, World } from './world.js';

let server: Server;
let client: Retell;
let world: World;

before(async () => {
  server = await startServer();
  client = new Retell({ apiKey: server.key, baseURL: server.url, maxRetries: 0 });
  world = new World(server);
});
after(async () => server.stop());

const flow = flowBody as unknown as Retell.ConversationFlowCreateParams;

describe('conversation flows', () => {
  it('are given back as they came, with what this server does not know', async () => {
    const made = await client.conversationFlow.create({ ...flow, notes: null, from_the_future: { a: [1] } } as never);
    assert.deepEqual(made.nodes, flow.nodes);
    assert.deepEqual((made as unknown as Record<string, unknown>)['from_the_future'], { a: [1] });
    assert.deepEqual(await client.conversationFlow.retrieve(made.conversation_flow_id, { version: 0 }), made);
  });

  it('are refused with the path of what is wrong', async () => {
    const nodes = structuredClone(flowBody.nodes) as { edges?: { destination_node_id: string }[] }[];
    const edge = nodes[0]?.edges?.[0];
    assert.ok(edge);
    edge.destination_node_id = 'nowhere';
    await assert.rejects(client.conversationFlow.create({ ...flow, nodes } as never), (error) => {
      assert.ok(error instanceof Retell.BadRequestError);
      assert.match(error.message, /nodes\[0\]\.edges\[0\]\.destination_node_id: names no node/);
      return true;
    });
  });

  it('move with their agent through versions and tags', async () => {
    const made = await client.conversationFlow.create(flow);
    const engine = { type: 'conversation-flow' as const, conversation_flow_id: made.conversation_flow_id };
    const agent = await client.agent.create({ response_engine: engine, voice_id: await world.voice() });
    await client.agent.publish(agent.agent_id, { version: 0 });
    await assert.rejects(client.conversationFlow.update(made.conversation_flow_id, { flex_mode: true }), Retell.BadRequestError);
    const draft = await client.agent.createVersion(agent.agent_id, { base_version: 0 });
    assert.equal((draft.response_engine as { version?: number }).version, 1);
    await client.conversationFlow.update(made.conversation_flow_id, { flex_mode: true });
    assert.equal((await client.conversationFlow.retrieve(made.conversation_flow_id, { version: 0 })).flex_mode, undefined);
    await world.request('PUT', `/update-agent-tag/${agent.agent_id}/prod`, { version: 0, dynamic_variables: { a: 'b' } });
    const tagged = await client.agent.retrieve(agent.agent_id, { version: 'prod' });
    assert.equal(tagged.version, 0);
    assert.deepEqual(tagged.assigned_tags, ['prod']);
    const listed = await client.agent.list({ filter_criteria: { query: agent.agent_id } });
    assert.deepEqual(listed.items[0]?.tags, { prod: { version: 0, dynamic_variables: { a: 'b' } } });
    await assert.rejects(client.call.createWebCall({ agent_id: agent.agent_id }), (error) => {
      assert.ok(error instanceof Retell.UnprocessableEntityError);
      assert.match(error.message, /conversation-flow are not available on this server yet/);
      return true;
    });
  });
});

describe('chats', () => {
  it('are answered by the language model, listed and ended', async () => {
    const agent = await client.chatAgent.create({ response_engine: (await world.engine()) as never, agent_name: 'Chatty' });
    const chat = await client.chat.create({ agent_id: agent.agent_id, metadata: { order: 7 } });
    const { messages } = await client.chat.createChatCompletion({ chat_id: chat.chat_id, content: 'Hello?' });
    assert.deepEqual(messages.map((m) => ('content' in m ? m.content : '')), ['Fine.']);
    await client.chat.end(chat.chat_id);
    const ended = await client.chat.retrieve(chat.chat_id);
    assert.equal(ended.chat_status, 'ended');
    assert.equal(ended.transcript, 'Agent: Hi\nUser: Hello?\nAgent: Fine.');
    const filter = { agent: [{ agent_id: agent.agent_id, version: [0] }], chat_status: { type: 'enum', op: 'in', value: ['ended'] } };
    const page = await client.chat.list({ filter_criteria: filter as never, include_total: true });
    assert.equal(page.total, 1);
    await assert.rejects(client.chat.createChatCompletion({ chat_id: chat.chat_id, content: 'More' }), Retell.UnprocessableEntityError);
    const chats = await client.agent.list({ filter_criteria: { channel: { type: 'string', op: 'eq', value: 'chat' } } });
    assert.ok(chats.items.some((item) => item.agent_id === agent.agent_id && item.channel === 'chat'));
    await assert.rejects(client.agent.retrieve(agent.agent_id), Retell.UnprocessableEntityError);
  });
});

describe('phone numbers', () => {
  it('stand in paths with a raw + and an encoded one', async () => {
    const number = await world.phoneNumber();
    assert.equal((await client.phoneNumber.retrieve(number)).phone_number, number);
    const encoded = await world.request('GET', `/get-phone-number/${encodeURIComponent(number)}`);
    assert.equal(encoded['phone_number'], number);
  });

  it('take weighted agents whose weights add up to 1', async () => {
    const number = await world.phoneNumber();
    const agent_id = await world.agent();
    const other = await world.agent();
    await client.phoneNumber.update(number, { inbound_agents: [{ agent_id, weight: 0.4 }, { agent_id: other, weight: 0.6 }] });
    await assert.rejects(client.phoneNumber.update(number, { inbound_agents: [{ agent_id, weight: 0.4 }] }), /add up to 1/);
    const twice = [{ agent_id, weight: 0.4 }, { agent_id, weight: 0.6 }];
    await assert.rejects(client.phoneNumber.update(number, { inbound_agents: twice }), /inbound_agents\[1\]\.agent_id: .* name it once/);
  });
});

describe('contacts', () => {
  it('are walked through page by page while each is deleted', async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; ++i) made.push(await world.contact());
    const seen: string[] = [];
    let key: string | undefined;
    do {
      const page: Retell.ContactListResponse = await client.contact.list({ limit: 2, ...(key === undefined ? {} : { pagination_key: key }) });
      for (const contact of page.items) {
        seen.push(contact.contact_id);
        await client.contact.delete(contact.contact_id);
      }
      key = page.pagination_key;
    } while (key !== undefined);
    for (const id of made) assert.ok(seen.includes(id));
    assert.equal((await client.contact.list()).total, 0);
  });

  it('come from a file and are found by number, with their calls', async () => {
    const report = await client.contact.createImport({
      upload_id: await world.upload(),
      column_mapping: [{ external_field_name: 'Phone', field_name: 'phone_number' }, { external_field_name: 'Name', field_name: 'first_name' }],
      tags: ['imported'],
    });
    assert.deepEqual([report.succeeded, report.failed], [1, 1]);
    const [bea] = (await client.contact.list({ search_query: 'bea' })).items;
    assert.ok(bea);
    assert.deepEqual(bea.tags, ['imported']);
    const call = await client.call.registerPhoneCall({
      agent_id: await world.agent(),
      direction: 'inbound',
      from_number: bea.phone_number,
      to_number: world.number(),
    });
    const { items } = await client.contact.listConversations(bea.contact_id);
    assert.deepEqual(items.map((item) => ('call_id' in item ? item.call_id : '')), [call.call_id]);
    await client.call.stop(call.call_id);
  });
});

describe('uploads', () => {
  it('of knowledge are kept byte for byte and read by their link', async () => {
    const bytes = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) % 256);
    const base = await client.knowledgeBase.create({
      knowledge_base_name: 'Bytes',
      knowledge_base_texts: [{ title: 'Título', text: 'Olá – “texto”' }],
      knowledge_base_files: [new File([bytes], 'notes.bin')],
    });
    const [text, file] = base.knowledge_base_sources ?? [];
    assert.ok(text?.type === 'text' && file?.type === 'document');
    assert.equal(file.filename, 'notes.bin');
    const path = (url: string): string => server.url + new URL(url).pathname + new URL(url).search;
    // From a bucket the link leads on to one of the bucket's own, for a short time. What that brings is tested beside the
    // store: the emulation of S3 here cannot check presigned links and answers them with 500.
    const reads = async (url: string, content: Uint8Array): Promise<void> => {
      const answer = await fetch(path(url), { redirect: 'manual' });
      if (answer.status === 302) {
        const bucket = new URL(answer.headers.get('location') ?? '');
        assert.equal(bucket.searchParams.get('X-Amz-Expires'), '300');
        assert.match(bucket.searchParams.get('X-Amz-Signature') ?? '', /^[0-9a-f]{64}$/);
        return;
      }
      assert.equal(answer.status, 200);
      assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), content);
    };
    await reads(text.content_url, new TextEncoder().encode('Olá – “texto”'));
    await reads(file.file_url, bytes);
    assert.equal((await fetch(path(file.file_url).replace(/signature=../, 'signature=00'))).status, 403);
  });
});

describe('older clients', () => {
  it('walk through every version of every agent', async () => {
    const agent = await world.agent();
    await world.request('POST', `/publish-agent/${agent}`);
    const seen: number[] = [];
    let query = '?limit=1';
    for (;;) {
      const rows = (await world.request('GET', `/list-agents${query}`)) as unknown as { agent_id: string; version: number }[];
      const [row] = rows;
      if (row === undefined || row.agent_id !== agent) break;
      seen.push(row.version);
      query = `?limit=1&pagination_key=${row.agent_id}&pagination_key_version=${row.version}`;
    }
    assert.deepEqual(seen, [1, 0]);
  });
});

describe('requests', () => {
  it('that nest too deep or are no JSON are refused', async () => {
    const send = async (body: string): Promise<number> =>
      (await fetch(`${server.url}/create-retell-llm`, { method: 'POST', body, headers: { authorization: `Bearer ${server.key}` } })).status;
    assert.equal(await send('{"x":'.repeat(100) + '1' + '}'.repeat(100)), 400);
    assert.equal(await send('{oops'), 400);
    assert.equal(await send('[]'), 400);
  });
});

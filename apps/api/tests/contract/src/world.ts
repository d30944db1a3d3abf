// Things on the server that a method under test can be pointed at; made by plain requests, so that they do not depend
// on what is under test.
import type { Server } from './server.js';

export type Json = Record<string, unknown>;

export const flowBody = {
  start_speaker: 'agent',
  model_choice: { type: 'cascading', model: 'gpt-4.1' },
  start_node_id: 'hello',
  nodes: [
    {
      id: 'hello',
      type: 'conversation',
      instruction: { type: 'prompt', text: 'Greet {{name}}.' },
      edges: [{ id: 'e1', transition_condition: { type: 'prompt', prompt: 'wants to end' }, destination_node_id: 'bye' }],
    },
    { id: 'bye', type: 'end' },
  ],
};

let lastNumber = Date.now() % 10_000_000;

export class World {
  constructor(private readonly server: Server) {}

  async request(method: string, path: string, body?: Json): Promise<Json> {
    const init: RequestInit = { method, headers: { authorization: `Bearer ${this.server.key}` } };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...init.headers, 'content-type': 'application/json' };
    }
    const reply = await fetch(this.server.url + path, init);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Json);
  }

  // The member `name` of what a request made.
  private async id(path: string, body: Json, name: string): Promise<string> {
    return String((await this.request('POST', path, body))[name]);
  }

  number(): string {
    lastNumber += 1;
    return `+1415${String(lastNumber % 10_000_000).padStart(7, '0')}`;
  }
  async voice(): Promise<string> {
    const voices = (await this.request('GET', '/list-voices')) as unknown as { voice_id: string }[];
    return voices[0]?.voice_id ?? '';
  }
  llm(): Promise<string> {
    return this.id('/create-retell-llm', { general_prompt: 'Be {{mood}}.', begin_message: 'Hi' }, 'llm_id');
  }
  flow(): Promise<string> {
    return this.id('/create-conversation-flow', flowBody, 'conversation_flow_id');
  }
  component(): Promise<string> {
    const body = { name: 'Part', nodes: [{ id: 'n', type: 'end' }] };
    return this.id('/create-conversation-flow-component', body, 'conversation_flow_component_id');
  }
  async engine(): Promise<Json> {
    return { type: 'retell-llm', llm_id: await this.llm() };
  }
  async agent(): Promise<string> {
    return this.id('/create-agent', { response_engine: await this.engine(), voice_id: await this.voice() }, 'agent_id');
  }
  async chatAgent(): Promise<string> {
    return this.id('/create-chat-agent', { response_engine: await this.engine(), agent_name: 'Chatty' }, 'agent_id');
  }
  async chat(): Promise<string> {
    return this.id('/create-chat', { agent_id: await this.chatAgent() }, 'chat_id');
  }
  async call(): Promise<string> {
    return this.id('/v2/create-web-call', { agent_id: await this.agent() }, 'call_id');
  }
  // A call that is over, with its record written.
  async endedCall(): Promise<string> {
    const call = await this.call();
    await this.request('POST', `/v2/stop-call/${call}`);
    for (const until = Date.now() + 10_000; ; ) {
      if ((await this.request('GET', `/v2/get-call/${call}`))['disconnection_reason'] !== undefined) return call;
      if (Date.now() > until) throw new Error('the call did not end');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  async phoneNumber(): Promise<string> {
    return this.id('/import-phone-number', { phone_number: this.number(), termination_uri: 'sip.example.com' }, 'phone_number');
  }
  contact(): Promise<string> {
    return this.id('/create-contact', { phone_number: this.number(), first_name: 'Ana' }, 'contact_id');
  }
  async testCase(): Promise<string> {
    const body = { name: 'T', response_engine: await this.engine(), user_prompt: 'Ask.', metrics: ['Polite.'] };
    return this.id('/create-test-case-definition', body, 'test_case_definition_id');
  }
  // A knowledge base with one text, and that source's id.
  async knowledgeBase(): Promise<{ base: string; source: string }> {
    const form = new FormData();
    form.set('knowledge_base_name', 'kb');
    form.set('knowledge_base_texts', JSON.stringify([{ title: 't', text: 'x' }]));
    const headers = { authorization: `Bearer ${this.server.key}` };
    const reply = await fetch(`${this.server.url}/create-knowledge-base`, { method: 'POST', body: form, headers });
    const made = (await reply.json()) as { knowledge_base_id: string; knowledge_base_sources: { source_id: string }[] };
    return { base: made.knowledge_base_id, source: made.knowledge_base_sources[0]?.source_id ?? '' };
  }
  async upload(): Promise<string> {
    const form = new FormData();
    form.set('file', new Blob([`Phone,Name\n${this.number()},Bea\nnot a number,Cleo\n`]), 'people.csv');
    const headers = { authorization: `Bearer ${this.server.key}` };
    const reply = await fetch(`${this.server.url}/upload-contact-import-file`, { method: 'POST', body: form, headers });
    return ((await reply.json()) as { upload_id: string }).upload_id;
  }
}

// `retell import` from one server into another: what the published client made there, it finds here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import Retell from 'retell-sdk';
import { startBinary, binaryPath, type Started } from './server.js';
import { World } from './world.js';

interface Report {
  counts: Record<string, { created: number; updated: number; unchanged: number; failed: number }>;
  problems: { kind: string; id: string; message: string }[];
  renamed: Record<string, Record<string, string>>;
}

let source: Started;
let target: Started;
let from: Retell;
let to: Retell;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retell-import-'));
  [source, target] = await Promise.all([startBinary(binaryPath()), startBinary(binaryPath())]);
  from = new Retell({ apiKey: source.key, baseURL: source.url, maxRetries: 0 });
  to = new Retell({ apiKey: target.key, baseURL: target.url, maxRetries: 0 });
});
after(async () => {
  await Promise.all([source.stop(), target.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

async function importAll(): Promise<{ status: number; report: Report }> {
  const file = join(folder, 'key');
  writeFileSync(file, `${source.key}\n`, { mode: 0o600 });
  const args = ['import', '--from-url', source.url, '--api-key-file', file, '--data-dir', target.folder, '--json'];
  const child = spawn(binaryPath(), args, { env: target.env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (part) => (text += String(part)));
  const status = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  return { status, report: JSON.parse(text) as Report };
}

describe('retell import', () => {
  it('brings what the published client made', async () => {
    const world = new World(source);
    const agent = await world.agent();
    await from.agent.update(agent, { agent_name: 'Moved' });
    await from.agent.publish(agent, { version: 0 });
    await from.agent.createVersion(agent, { base_version: 0 });
    const flow = await world.flow();
    const number = await world.phoneNumber();
    await from.phoneNumber.update(number, { inbound_agents: [{ agent_id: agent, weight: 1 }] });
    const test = await world.testCase();

    const first = await importAll();
    assert.deepEqual(first.report.problems, []);
    assert.equal(first.status, 0);
    assert.deepEqual(await to.agent.retrieve(agent), await from.agent.retrieve(agent));
    assert.deepEqual(await to.agent.retrieve(agent, { version: 0 }), await from.agent.retrieve(agent, { version: 0 }));
    assert.deepEqual(await to.conversationFlow.retrieve(flow), await from.conversationFlow.retrieve(flow));
    assert.deepEqual((await to.phoneNumber.retrieve(number)).inbound_agents, [{ agent_id: agent, weight: 1 }]);
    const { name } = await to.tests.getTestCaseDefinition(test);
    assert.equal(name, 'T');
    // Both servers have demo agents of the same ids: those that came got others.
    assert.ok(Object.keys(first.report.renamed['agent'] ?? {}).every((id) => id.startsWith('agent_demo')));
    // It is an agent like any other.
    const call = await to.call.createWebCall({ agent_id: agent });
    assert.ok(call.call_id);
  });

  it('done again changes nothing, and follows what changed', async () => {
    const before = (await to.agent.list({})).items.length;
    const again = await importAll();
    assert.equal(again.status, 0);
    for (const [kind, counts] of Object.entries(again.report.counts)) {
      assert.equal(counts.created + counts.updated, 0, kind);
    }
    assert.equal((await to.agent.list({})).items.length, before);
    const [agent] = (await from.agent.list({ filter_criteria: { query: 'Moved' } })).items;
    assert.ok(agent);
    await from.agent.update(agent.agent_id, { agent_name: 'Moved again' });
    const third = await importAll();
    assert.equal(third.report.counts['agent']?.updated, 1);
    assert.equal((await to.agent.retrieve(agent.agent_id)).agent_name, 'Moved again');
  });

  it('says what is wrong with the key, without showing it', async () => {
    const env = { ...target.env, RETELL_IMPORT_API_KEY: 'key_wrong' };
    const args = ['import', '--from-url', source.url, '--data-dir', target.folder];
    const child = spawn(binaryPath(), args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (part) => (text += String(part)));
    const status = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
    assert.equal(status, 1);
    assert.match(text, /refuses the key/);
    assert.doesNotMatch(text, /key_wrong/);
  });
});

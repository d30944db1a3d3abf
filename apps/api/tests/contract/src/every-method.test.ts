// Every method of the published clients against the running server, and the table of docs/api-coverage.md made of that.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { methodsOf, promiseOf, published, type Client } from './clients.js';
import { coverage, type Outcome } from './coverage.js';
import { scenarios } from './scenarios.js';
import { startServer, type Server } from './server.js';
import { assertShape } from './shapes.js';
import { World } from './world.js';

const document = fileURLToPath(new URL('../../../../../docs/api-coverage.md', import.meta.url));

let server: Server;
let world: World;
const outcomes: Outcome[] = [];

before(async () => {
  server = await startServer();
  world = new World(server);
});
after(async () => server.stop());

for (const client of published) {
  describe(`retell-sdk ${client.version}`, () => {
    // A client that talks to nobody, to learn what methods it has.
    const silent = client.make({ apiKey: 'k', baseURL: 'http://localhost', maxRetries: 0, fetch });
    for (const method of methodsOf(silent)) {
      it(method, async () => {
        const scenario = scenarios[method];
        assert.ok(scenario !== undefined, `there is no scenario for ${method}`);
        const requests: { method: string; path: string }[] = [];
        const recording = (async (url: unknown, init?: RequestInit) => {
          const target = new URL(String(url));
          const verb = init?.method?.toUpperCase() ?? 'GET';
          requests.push({ method: verb, path: target.pathname });
          // What SDK 3 and 4 were made for, node-fetch, writes verbs in capitals and takes streams as they are.
          return fetch(target, { ...init, method: verb, duplex: 'half' } as RequestInit);
        }) as typeof fetch;
        const options = { apiKey: server.key, baseURL: server.url, maxRetries: 0, fetch: recording };
        const tested: Client = client.make(options);
        const era = { newest: client.name === 'retell-sdk', major: Number.parseInt(client.version, 10) };
        const refusal = await attempt(async () => {
          const reply = await scenario.run(tested, world, era);
          const promised = promiseOf(client.name, method);
          if (promised !== undefined) assertShape(promised.file, promised.type, reply, client.name);
        }, scenario.refused);
        const request = requests.at(-1);
        assert.ok(request !== undefined, 'it sent a request');
        outcomes.push({ client: client.version, method, request, refusal });
      });
    }
  });
}

// Nothing when `run` succeeds; what the server said when it refuses as expected, in a way no client tries again.
async function attempt(run: () => Promise<void>, expected: RegExp | undefined): Promise<string | undefined> {
  if (expected === undefined) {
    await run();
    return undefined;
  }
  let said = '';
  await assert.rejects(run, (error: unknown) => {
    assert.ok(error instanceof Error && 'status' in error && 'error' in error, String(error));
    const { status, error: body } = error as unknown as { status: number; error: { status: string; message: string } };
    assert.ok(status >= 400 && status < 500 && ![408, 409, 429].includes(status), `status ${status} is tried again`);
    assert.equal(body.status, 'error');
    assert.match(body.message, expected);
    said = body.message;
    return true;
  });
  return said;
}

describe('docs/api-coverage.md', () => {
  it('says what this run showed', async () => {
    const api = (await (await fetch(`${server.url}/openapi.json`)).json()) as Parameters<typeof coverage>[1];
    const text = coverage(outcomes, api, published.map((client) => client.version));
    if (process.env['RETELL_WRITE_COVERAGE'] !== undefined) writeFileSync(document, text);
    assert.equal(readFileSync(document, 'utf8'), text, 'run with RETELL_WRITE_COVERAGE=1 to bring the document up to date');
  });
});

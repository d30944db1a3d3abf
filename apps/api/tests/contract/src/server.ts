// The server under test: the address and key of a running one (RETELL_TEST_URL, RETELL_TEST_KEY), or else the release
// binary (another with RETELL_TEST_BINARY), started on a free port with a data folder of its own. RETELL_DATABASE_URL
// chooses PostgreSQL instead of SQLite: each server gets a new database on that one's server. Where else it keeps things
// follows from the environment as well (scripts/with-stores.sh).
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Server {
  url: string;
  key: string;
  stop(): Promise<void>;
}

// A server that this process started, with what its other commands need.
export interface Started extends Server {
  folder: string;
  env: NodeJS.ProcessEnv;
}

export function binaryPath(): string {
  return process.env['RETELL_TEST_BINARY'] ?? fileURLToPath(new URL('../../../build/release/retell', import.meta.url));
}

const startLimitMs = 60_000;

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error())));
    });
  });
}

// A language model that speaks OpenAI's protocol and says "Fine." in two parts.
async function startModel(): Promise<{ url: string; stop(): void }> {
  const { createServer } = await import('node:http');
  const model = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const content of ['Fi', 'ne.']) {
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
      }
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`);
      response.end('data: [DONE]\n\n');
    });
  });
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  const address = model.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    stop() {
      model.close();
      model.closeAllConnections();
    },
  };
}

// A database of its own beside the one that `address` names.
function freshDatabase(address: string): string {
  const name = `contract_${process.pid}_${Date.now()}`;
  execFileSync('psql', ['-q', address, '-c', `CREATE DATABASE ${name}`]);
  const url = new URL(address);
  url.pathname = `/${name}`;
  return url.toString();
}

export async function startBinary(binary: string): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'retell-contract-'));
  const port = await freePort();
  const model = await startModel();
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    RETELL_SECURITY_ALLOW_PRIVATE_NETWORKS: 'true',
    RETELL_LOG_LEVEL: 'warn',
    RETELL_MODELS_MAX_CALLS: '100', // calls are made here, hardly held: the local engines are not what is tested
    RETELL_PROVIDERS_LLM: 'openai',
    RETELL_PROVIDERS_OPENAI_BASE_URL: model.url,
    RETELL_PROVIDERS_OPENAI_API_KEY: 'none',
  };
  if (env['RETELL_DATABASE_URL'] !== undefined) env['RETELL_DATABASE_URL'] = freshDatabase(env['RETELL_DATABASE_URL']);
  const data = ['--data-dir', folder];
  const key = execFileSync(binary, ['keys', 'create', '--quiet', ...data], { env, encoding: 'utf8' }).trim();
  const child = spawn(binary, ['serve', '--port', String(port), ...data], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (const until = Date.now() + startLimitMs; !(await answers(url)); ) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('the server did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    key,
    folder,
    env,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      model.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startServer(): Promise<Server> {
  const { RETELL_TEST_URL: url, RETELL_TEST_KEY: key } = process.env;
  if (url !== undefined && key !== undefined) return { url, key, stop: async () => {} };
  return startBinary(binaryPath());
}

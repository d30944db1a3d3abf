// The server under test: the address and key of a running one (RETELL_TEST_URL, RETELL_TEST_KEY), or else the release
// binary (another with RETELL_TEST_BINARY), started on a free port with a data folder of its own.
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

async function startBinary(binary: string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'retell-contract-'));
  const port = await freePort();
  const env = { ...process.env, RETELL_SECURITY_ALLOW_PRIVATE_NETWORKS: 'true', RETELL_LOG_LEVEL: 'warn' };
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
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startServer(): Promise<Server> {
  const { RETELL_TEST_URL: url, RETELL_TEST_KEY: key, RETELL_TEST_BINARY: binary } = process.env;
  if (url !== undefined && key !== undefined) return { url, key, stop: async () => {} };
  return startBinary(binary ?? fileURLToPath(new URL('../../../build/release/retell', import.meta.url)));
}

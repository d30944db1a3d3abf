// Starts the built binary on a free port, with a data folder of its own unless one is given, and stops it by SIGTERM.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
export const binary = process.env.RETELL_TEST_BINARY ?? join(here, '../../../build/release/retell');

export const newFolder = () => mkdtempSync(join(tmpdir(), 'retell-e2e-'));

export async function startServer(environment = {}, given = null) {
  const data = given ?? newFolder();
  const env = { ...process.env, ...environment };
  const key = execFileSync(binary, ['keys', 'create', '--quiet', '--data-dir', data], { env }).toString().trim();
  const child = spawn(binary, ['serve', '--port', '0', '--data-dir', data], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let log = '';
  child.stderr.on('data', (text) => (log += text));
  const url = await new Promise((resolve, reject) => {
    let out = '';
    const late = setTimeout(() => reject(new Error(`the server did not start: ${log}`)), 60_000);
    child.stdout.on('data', (text) => {
      out += text;
      const ready = out.match(/Ready: (http:\S+)/);
      if (ready) {
        clearTimeout(late);
        resolve(ready[1]);
      }
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${log}`)));
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await ended;
    }
    if (!given) rmSync(data, { recursive: true, force: true });
    return child.exitCode;
  };
  return { url, key, data, child, ended, stop, log: () => log };
}

// `retell call` with JSON output. Its exit status only says whether the far end was content with the pacing.
export function placeCall(server, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, ['call', '--server', server.url, '--json', ...args], {
      env: { ...process.env, RETELL_API_KEY: server.key },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    child.once('exit', (code) => {
      try {
        resolve({ code, ...JSON.parse(out) });
      } catch {
        reject(new Error(`retell call ended with ${code}: ${err || out}`));
      }
    });
  });
}

// What the local models hear in a recording: {at_s, speaker, text} of each stretch of speech.
export function transcribe(file, language = 'en-US') {
  return JSON.parse(execFileSync(binary, ['transcribe', '--json', '--language', language, file], { stdio: ['ignore', 'pipe', 'pipe'] }));
}

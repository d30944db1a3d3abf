// Loads one endpoint: as fast as it goes (wrk), or at a given rate (hey). Latencies in milliseconds.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { otherCore } from './processes.js';

const connections = 32;

function output(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', ['-c', otherCore, command, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (piece) => (text += piece));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`))));
  });
}

export async function full(here, server, { method, path, body }, seconds) {
  const env = { ...process.env, METHOD: method, API_KEY: server.key, BODY: JSON.stringify(body ?? null) };
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', join(here, 'load.lua'), server.url + path];
  const outcome = JSON.parse((await output('wrk', args, env)).trim().split('\n').at(-1));
  return {
    rate: outcome.requests / (outcome.us / 1e6),
    failed: outcome.failed,
    p50: outcome.p50 / 1e3,
    p95: outcome.p95 / 1e3,
    p99: outcome.p99 / 1e3,
  };
}

export async function steady(server, { method, path, body }, rate, seconds) {
  const args = ['-z', `${seconds}s`, '-c', String(connections), '-q', String(rate / connections), '-o', 'csv', '-m', method];
  args.push('-H', `Authorization: Bearer ${server.key}`);
  if (body) args.push('-T', 'application/json', '-d', JSON.stringify(body));
  const rows = (await output('hey', [...args, server.url + path])).trim().split('\n').slice(1).map((row) => row.split(','));
  const times = rows.map((row) => Number(row[0]) * 1e3).sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return {
    rate: rows.length / seconds,
    failed: rows.filter((row) => !row[6].startsWith('2')).length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}

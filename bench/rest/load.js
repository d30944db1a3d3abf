// Loads one endpoint with wrk: as fast as it goes, or at about a given rate. Latencies in milliseconds.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { otherCore } from './processes.js';

const connections = 32; // at full load
const patient = 64; // with pauses between their requests

function output(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn('taskset', ['-c', otherCore, command, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (piece) => (text += piece));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`))));
  });
}

async function load(here, server, { method, path, body }, seconds, count, pause) {
  const env = { ...process.env, METHOD: method, API_KEY: server.key, BODY: JSON.stringify(body ?? null), PAUSE: String(pause) };
  const args = ['-t1', `-c${count}`, `-d${seconds}s`, '-s', join(here, 'load.lua'), server.url + path];
  const outcome = JSON.parse((await output('wrk', args, env)).trim().split('\n').at(-1));
  const ms = (name) => outcome[name] / 1e3;
  const rate = outcome.requests / (outcome.us / 1e6);
  return { rate, failed: outcome.failed, mean: ms('mean'), p50: ms('p50'), p95: ms('p95'), p99: ms('p99') };
}

export const full = (here, server, endpoint, seconds) => load(here, server, endpoint, seconds, connections, 0);

// A connection's requests are its pause and its answer apart: what is left of the time for the pause is tried first.
export async function steady(here, server, endpoint, rate, seconds) {
  const apart = (patient / rate) * 1e3;
  let pause = apart;
  for (let round = 0; round < 3; ++round) {
    const tried = await load(here, server, endpoint, 1, patient, pause);
    pause = Math.max(0.1, pause + apart - (patient / tried.rate) * 1e3);
  }
  return await load(here, server, endpoint, seconds, patient, pause);
}

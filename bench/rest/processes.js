// The processes that a run needs: PostgreSQL in a folder of its own, our server, the peer. Each is pinned to a core.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const serverCore = '0'; // ours or the peer; the other is idle meanwhile
export const otherCore = '1'; // PostgreSQL and the load
const postgresBin = '/usr/lib/postgresql/15/bin';
const startLimitMs = 30_000;

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

async function until(what, condition) {
  for (const end = Date.now() + startLimitMs; !(await condition()); ) {
    if (Date.now() > end) throw new Error(`${what} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const answers = (url) => fetch(url).then(() => true, () => false);

function run(command, args, env = process.env) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    await ended;
  };
  return { child, stop };
}

// PostgreSQL as it is installed, without any tuning. It refuses to run as root, so another user runs it there.
export async function startPostgres(folder) {
  const port = await freePort();
  const data = join(folder, 'postgres');
  const asOther = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  mkdirSync(data);
  if (asOther.length) execFileSync('chown', ['-R', 'postgres', folder]);
  const call = (program, ...args) => {
    const [command, ...rest] = [...asOther, join(postgresBin, program), ...args];
    return execFileSync(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  call('initdb', '-D', data, '-U', 'bench', '--auth=trust', '-E', 'UTF8');
  const [command, ...args] = ['taskset', '-c', otherCore, ...asOther, join(postgresBin, 'postgres'), '-D', data, '-p', String(port)];
  const { stop } = run(command, [...args, '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-c', 'log_min_messages=fatal']);
  const psql = (database, ...rest) =>
    execFileSync('psql', ['-h', '127.0.0.1', '-p', String(port), '-U', 'bench', '-d', database, '-q', '-v', 'ON_ERROR_STOP=1', ...rest], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  await until('PostgreSQL', async () => {
    try {
      psql('postgres', '-c', 'SELECT 1');
      return true;
    } catch {
      return false;
    }
  });
  for (const database of ['ours', 'peer']) psql('postgres', '-c', `CREATE DATABASE ${database}`);
  return { psql, url: (database) => `postgres://bench@127.0.0.1:${port}/${database}`, stop: () => stop('SIGINT') };
}

// Stands for the vendors, to which our server connects for calls that are about to begin. Nothing is ever said.
async function startVendors() {
  const server = createHttpServer((_request, response) => response.writeHead(404).end());
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket).size && socket.on('close', () => sockets.delete(socket)));
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
    socket.on('error', () => {});
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: server.address().port, stop };
}

export async function startOurs(binary, databaseUrl, folder) {
  const port = await freePort();
  const vendors = await startVendors();
  const env = {
    ...process.env,
    RETELL_DATABASE_URL: databaseUrl,
    RETELL_DATA_DIR: join(folder, 'data'),
    RETELL_WORKERS: '1',
    RETELL_DEMO: 'false',
    RETELL_LOG_LEVEL: 'error',
    RETELL_LIMITS_MAX_CONCURRENT_CALLS: '100000',
    RETELL_PROVIDERS_STT: 'deepgram',
    RETELL_PROVIDERS_DEEPGRAM_API_KEY: 'none',
    RETELL_PROVIDERS_DEEPGRAM_BASE_URL: `ws://127.0.0.1:${vendors.port}`,
    RETELL_PROVIDERS_LLM: 'openai',
    RETELL_PROVIDERS_OPENAI_API_KEY: 'none',
    RETELL_PROVIDERS_OPENAI_BASE_URL: `http://127.0.0.1:${vendors.port}/v1`,
    RETELL_PROVIDERS_TTS: 'openai',
  };
  const key = execFileSync(binary, ['keys', 'create', '--quiet'], { env, encoding: 'utf8' }).trim();
  const { child, stop } = run('taskset', ['-c', serverCore, binary, 'serve', '--port', String(port)], env);
  const url = `http://127.0.0.1:${port}`;
  await until('our server', () => answers(`${url}/health`));
  const stopBoth = async (signal) => {
    await stop(signal);
    await vendors.stop();
  };
  return { name: 'ours', url, key, pid: child.pid, stop: stopBoth };
}

export async function startPeer(here, databaseUrl, key) {
  const port = await freePort();
  const { child, stop } = run('taskset', ['-c', serverCore, process.execPath, join(here, 'peer/server.js')], {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    PORT: String(port),
  });
  const url = `http://127.0.0.1:${port}`;
  await until('the peer', () => answers(url));
  return { name: 'Fastify', url, key, pid: child.pid, stop };
}

// User and system time so far, in seconds.
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

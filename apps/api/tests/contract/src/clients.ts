// The published clients under test, each as it was released, and what their declarations say about their methods.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Newest from 'retell-sdk';
import Third from 'retell-sdk-3';
import Fourth from 'retell-sdk-4';
import EarlyFifth from 'retell-sdk-5-9';

type Options = { apiKey: string; baseURL: string; maxRetries: number; fetch: typeof fetch };
type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

// Resources by name, methods by name: what all the versions have in common.
export type Client = Record<string, Methods>;

export interface Published {
  name: string; // the package, as package.json calls it
  version: string;
  make(options: Options): Client;
}

const constructors = { 'retell-sdk': Newest, 'retell-sdk-5-9': EarlyFifth, 'retell-sdk-4': Fourth, 'retell-sdk-3': Third };

function folderOf(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(name));
}

export const published: Published[] = Object.entries(constructors).map(([name, constructor]) => ({
  name,
  version: (JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')) as { version: string }).version,
  make: (options) => new constructor(options as never) as unknown as Client,
}));

// "agent.create" and so on, for every method of every resource of a client.
export function methodsOf(client: Client): string[] {
  const names: string[] = [];
  for (const [resource, value] of Object.entries(client)) {
    if (typeof value !== 'object' || value === null || !('_client' in value)) continue;
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(value))) {
      if (method !== 'constructor' && !method.startsWith('_')) names.push(`${resource}.${method}`);
    }
  }
  return names.sort();
}

export function declarationFile(name: string, file: string): string {
  return join(folderOf(name), 'resources', `${file}.d.ts`);
}

// The file and name of the type that a method promises; nothing for one that promises nothing.
export function promiseOf(name: string, method: string): { file: string; type: string } | undefined {
  const [resource = '', call = ''] = method.split('.');
  const file = resource.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const text = readFileSync(declarationFile(name, file), 'utf8');
  const found = new RegExp(`^ {4}${call}\\(.*Promise<(?:(\\w+)\\.)?(\\w+)>`, 'm').exec(text);
  if (found === null) throw new Error(`${name} declares no ${method}`);
  const [, alias, type = ''] = found;
  if (type === 'void') return undefined;
  if (alias === undefined) return { file, type };
  const imported = new RegExp(`import \\* as ${alias} from ["']\\./([\\w-]+)(?:\\.js)?["']`).exec(text);
  return { file: imported?.[1] ?? file, type };
}

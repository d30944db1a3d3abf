// Checks that a reply has, at run time, every field and type that the published client's declarations promise.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { createGenerator, type SchemaGenerator } from 'ts-json-schema-generator';
import { declarationFile, published } from './clients.js';

const newest = 'retell-sdk';
// Only the last one: each holds a whole compiled program.
let generator: { path: string; made: SchemaGenerator } | undefined;
const known = new Map<string, ValidateFunction>();

function generatorOf(path: string): SchemaGenerator {
  if (generator?.path !== path) {
    generator = undefined;
    generator = { path, made: createGenerator({ path, skipTypeCheck: true, additionalProperties: true }) };
  }
  return generator.made;
}

// A type as a JSON schema. Compiling a client's declarations takes minutes in all, and a release never changes: what
// came of it is kept.
const cache = join(process.env['RETELL_CACHE_DIR'] ?? join(homedir(), '.cache/retell'), 'shapes');
function schemaOf(file: string, type: string, client: string): unknown {
  const version = published.find(({ name }) => name === client)?.version;
  const kept = join(cache, `${version}.${file}.${type}.json`);
  try {
    return JSON.parse(readFileSync(kept, 'utf8'));
  } catch {
    const schema = generatorOf(declarationFile(client, file)).createSchema(type);
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(`${kept}.${process.pid}`, JSON.stringify(schema));
    renameSync(`${kept}.${process.pid}`, kept);
    return schema;
  }
}

// Promised by SDK 3 and since given up by Retell itself, which then had no engine but a WebSocket and no number but its own.
const givenUp = new Set(['llm_websocket_url', 'area_code']);

// Retell adds values to its enumerations; an earlier client's declarations cannot know those that came later.
function open(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(open);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([name, value]) => !(name === 'enum' && Array.isArray(value) && value.length > 1));
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      name === 'required' && Array.isArray(value) ? value.filter((field) => !givenUp.has(String(field))) : open(value),
    ]),
  );
}

// `type` as declared in resources/<file>.d.ts of a client.
function validator(file: string, type: string, client: string): ValidateFunction {
  const name = `${client}.${file}.${type}`;
  let validate = known.get(name);
  if (validate === undefined) {
    const schema = schemaOf(file, type, client);
    const checked = client === newest ? schema : open(schema);
    validate = new Ajv({ strict: false, allErrors: true }).compile(checked as object);
    known.set(name, validate);
  }
  return validate;
}

export function assertShape(file: string, type: string, value: unknown, client = newest): void {
  const validate = validator(file, type, client);
  if (!validate(value)) {
    const problems = (validate.errors ?? []).slice(0, 20).map((e) => `${e.instancePath || '/'} ${e.message ?? ''}`);
    throw new Error(`not a ${type}:\n${problems.join('\n')}\n${JSON.stringify(value, null, 2)}`);
  }
}

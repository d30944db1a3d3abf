// Checks that a reply has, at run time, every field and type that the published client's declarations promise.
import { Ajv, type ValidateFunction } from 'ajv';
import { createGenerator, type SchemaGenerator } from 'ts-json-schema-generator';
import { declarationFile } from './clients.js';

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

// Retell adds values to its enumerations; an earlier client's declarations cannot know those that came later.
function open(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(open);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([name, value]) => !(name === 'enum' && Array.isArray(value) && value.length > 1));
  return Object.fromEntries(entries.map(([name, value]) => [name, open(value)]));
}

// `type` as declared in resources/<file>.d.ts of a client.
function validator(file: string, type: string, client: string): ValidateFunction {
  const name = `${client}.${file}.${type}`;
  let validate = known.get(name);
  if (validate === undefined) {
    const schema = generatorOf(declarationFile(client, file)).createSchema(type);
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

// Checks that a reply has, at run time, every field and type that the published client's declarations promise.
import { Ajv, type ValidateFunction } from 'ajv';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const resources = join(dirname(createRequire(import.meta.url).resolve('retell-sdk')), 'resources');
const known = new Map<string, ValidateFunction>();

// `type` as declared in resources/<file>.d.ts of the client.
function validator(file: string, type: string): ValidateFunction {
  const name = `${file}.${type}`;
  let validate = known.get(name);
  if (validate === undefined) {
    const schema = createGenerator({
      path: join(resources, `${file}.d.ts`),
      type,
      skipTypeCheck: true,
      additionalProperties: true,
    }).createSchema(type);
    validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
    known.set(name, validate);
  }
  return validate;
}

export function assertShape(file: string, type: string, value: unknown): void {
  const validate = validator(file, type);
  if (!validate(value)) {
    const problems = (validate.errors ?? []).map((e) => `${e.instancePath || '/'} ${e.message ?? ''}`).join('\n');
    throw new Error(`not a ${type}:\n${problems}\n${JSON.stringify(value, null, 2)}`);
  }
}

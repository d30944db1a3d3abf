// Checks that a reply has, at run time, every field and type that the published client's declarations promise.
import { Ajv, type ValidateFunction } from 'ajv';
import { createGenerator, type SchemaGenerator } from 'ts-json-schema-generator';
import { declarationFile } from './clients.js';

const generators = new Map<string, SchemaGenerator>();
const known = new Map<string, ValidateFunction>();

function generator(path: string): SchemaGenerator {
  let made = generators.get(path);
  if (made === undefined) {
    made = createGenerator({ path, skipTypeCheck: true, additionalProperties: true });
    generators.set(path, made);
  }
  return made;
}

// `type` as declared in resources/<file>.d.ts of a client.
function validator(file: string, type: string, client: string): ValidateFunction {
  const name = `${client}.${file}.${type}`;
  let validate = known.get(name);
  if (validate === undefined) {
    const schema = generator(declarationFile(client, file)).createSchema(type);
    validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
    known.set(name, validate);
  }
  return validate;
}

export function assertShape(file: string, type: string, value: unknown, client = 'retell-sdk'): void {
  const validate = validator(file, type, client);
  if (!validate(value)) {
    const problems = (validate.errors ?? []).slice(0, 20).map((e) => `${e.instancePath || '/'} ${e.message ?? ''}`);
    throw new Error(`not a ${type}:\n${problems.join('\n')}\n${JSON.stringify(value, null, 2)}`);
  }
}

// docs/api-coverage.md, made of what the clients saw.
export interface Outcome {
  client: string; // version
  method: string;
  request: { method: string; path: string };
  refusal: string | undefined; // nothing: it works
}

interface OpenApi {
  paths: Record<string, Record<string, { summary: string; tags: string[]; deprecated?: boolean }>>;
}

const head = `# API coverage

Retell's REST API as this server answers it. The first table is made by \`apps/api/tests/contract\`, which drives every
method of the published client (\`retell-sdk\`: the newest, and earlier lines that are still in use) against the running
server and checks each reply against the client's own types. A refusal is a 4xx in Retell's error shape that clients do
not try again; it never pretends. The whole contract is at \`/docs\` and \`/openapi.json\` of every server.

`;

const tail = `
Webhooks: \`call_started\`, \`call_ended\`, \`call_analyzed\` and \`transcript_updated\`, signed with the workspace's webhook key
(its first secret API key, until another takes over: docs/accounts.md), tried four times (at once, then after 1, 5 and
30 s), kept over restarts. \`call_analysis\` holds what can be told without a model: whether the call ended in the ordinary
way and whether voicemail answered. Chats are not analysed, so they never send
\`chat_analyzed\`.

Worth knowing:

- What is stored is checked in full: no flow whose edges lead nowhere, no tool with parameters that are no object schema,
  no agent with a voice or an engine that does not exist, can be saved. Messages name the field, such as
  \`nodes[3].edges[0].destination_node_id\`. Members that this server does not know are kept.
- Calls run with agents of type \`retell-llm\`. Agents with a conversation flow or a custom LLM are stored, versioned and
  published; a call with one is refused until the server can run it. So is one whose LLM has several states, tools other than
  \`end_call\`, \`press_digit\` and \`custom\`, MCP servers, knowledge bases or a speech-to-speech model.
- Chats, and the playground for agents of both channels, run with \`retell-llm\` agents that have no states and no tools but
  \`end_call\`.
- \`POST /create-phone-number\` buys from the operator's Twilio account (\`RETELL_TWILIO_ACCOUNT_SID\`,
  \`RETELL_TWILIO_AUTH_TOKEN\`, \`RETELL_SERVER_PUBLIC_URL\`), which pays; without one it is refused, and so is
  \`POST /v2/create-phone-call\`. A number that was bought and could not be stored is given back within minutes, one that is
  deleted at once.
- A knowledge base keeps its sources; its status stays \`in_progress\`, because nothing retrieves from it yet.
- Environments' tags have no endpoint in Retell's API; here they are set with \`PUT /update-agent-tag/{agent_id}/{tag}\`
  and used wherever an agent's version is named.
- Imports and backfills of contacts run to their end before they answer.
- A JSON body may have at most 2 MiB and nest 64 levels deep. Uploads are as large as at Retell: 25 files of 50 MB at once
  for a knowledge base, 10 MB for an asset; a list of contacts may have 8 MiB. Bodies above 8 MiB are kept on disk
  (\`<data_dir>/incoming\`) while they come, at most four at a time, and must say their length; whoever may not send them is
  refused before they do. What is too long is answered with 400 (a file) or 413 (the body), naming the limit.
- Links to what was uploaded (\`url\`, \`file_url\`, \`content_url\`) expire (\`uploads.url_lifetime_ms\`, a day). Reading a
  knowledge base gives fresh ones; an asset opens with a key of its workspace, too: \`GET /files/{asset_id}\`.
- A prompt may have 32768 tokens, as at Retell: \`general_prompt\` (of a flow: \`global_prompt\`), alone and together with each
  state's or node's own. As models count differently, rather too few are counted than too many.
`;

// The endpoint's pattern that a path fits, such as /get-agent/{agent_id}; one without braces is preferred.
function patternOf(path: string, patterns: string[]): string {
  const fits = (pattern: string): boolean => {
    const wanted = pattern.split('/');
    const given = path.split('/');
    return wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i]);
  };
  const found = patterns.filter(fits).sort((a, b) => a.split('{').length - b.split('{').length)[0];
  if (found === undefined) throw new Error(`no endpoint for ${path}`);
  return found;
}

function table(columns: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return `${[line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}

export function coverage(outcomes: Outcome[], api: OpenApi, versions: string[]): string {
  const patterns = Object.keys(api.paths);
  const newest = versions[0];
  const rows: string[][] = [];
  const driven = new Set<string>();
  for (const { client, method, request, refusal } of outcomes) {
    const endpoint = `${request.method} ${patternOf(request.path, patterns)}`;
    driven.add(endpoint);
    if (client === newest) rows.push([`\`${method}\``, `\`${endpoint}\``, refusal === undefined ? 'works' : `refused: ${stable(refusal)}`]);
  }
  rows.sort((a, b) => (a[0] ?? '').localeCompare(b[0] ?? ''));
  const counts = versions.map((version) => {
    const own = outcomes.filter((outcome) => outcome.client === version);
    const working = own.filter((outcome) => outcome.refusal === undefined).length;
    return [`\`retell-sdk\` ${version}`, String(own.length), String(working), String(own.length - working)];
  });
  const older = patterns
    .flatMap((path) => Object.entries(api.paths[path] ?? {}).map(([verb, about]) => ({ verb: verb.toUpperCase(), path, about })))
    .filter(({ verb, path, about }) => about.deprecated === true || !driven.has(`${verb} ${path}`))
    .map(({ verb, path, about }) => [`\`${verb} ${path}\``, about.summary, about.deprecated === true ? 'for older clients' : 'this server’s own']);
  return (
    head +
    table(['client', 'methods', 'work', 'refused'], counts) +
    `\n## Every method of ${newest ?? ''}\n\n` +
    table(['method', 'request', 'outcome'], rows) +
    '\n## Other endpoints\n\n' +
    table(['endpoint', 'what it does', ''], older) +
    tail
  );
}

// A refusal without what differs from run to run.
function stable(text: string): string {
  return text.replace(/(batch|run)_none/g, '…').replaceAll('|', '\\|');
}

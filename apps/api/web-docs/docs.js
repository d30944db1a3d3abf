// Reads this server's OpenAPI document and shows it. Text only ever enters the page as text.
'use strict';

let book = {};

function node(name, attributes, ...children) {
  const element = document.createElement(name);
  Object.assign(element, attributes);
  element.append(...children);
  return element;
}

function resolve(schema) {
  return schema.$ref ? book[schema.$ref.split('/').pop()] ?? {} : schema;
}

function typeName(schema) {
  if (schema.$ref) return schema.$ref.split('/').pop();
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const options = schema.oneOf ?? schema.anyOf;
  if (options) return options.map(typeName).join(' | ');
  if (schema.type === 'array') return `${typeName(schema.items ?? {})}[]`;
  return [schema.type ?? 'anything'].flat().join(' | ');
}

// The members of an object, and those of the objects in it when they are opened.
function members(schema, depth) {
  const whole = resolve(schema);
  if (whole.type === 'array') return members(whole.items ?? {}, depth);
  const options = whole.oneOf ?? whole.anyOf;
  if (options) return node('ul', {}, ...options.map((option) => node('li', {}, named(option, depth))));
  const list = node('ul', {});
  for (const [name, member] of Object.entries(whole.properties ?? {})) {
    const required = (whole.required ?? []).includes(name);
    list.append(node('li', {}, node('code', {}, required ? `${name}*` : name), ' ', named(member, depth)));
  }
  return list;
}

function hasMembers(schema) {
  const whole = resolve(schema);
  if (whole.type === 'array') return hasMembers(whole.items ?? {});
  return Boolean(whole.properties) || (whole.oneOf ?? whole.anyOf ?? []).some(hasMembers);
}

function named(schema, depth) {
  const label = node('span', { className: 'type' }, typeName(schema));
  if (!hasMembers(schema) || depth > 8) return label;
  const details = node('details', {}, node('summary', {}, label));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(members(schema, depth + 1));
  });
  return details;
}

function body(title, content) {
  const [type, media] = Object.entries(content)[0];
  return [node('h4', {}, `${title} (${type})`), members(media.schema, 0)];
}

function inside(operation) {
  const parts = [];
  if (operation.parameters.length > 0) {
    const rows = operation.parameters.map((p) =>
      node('tr', {}, node('td', {}, node('code', {}, p.required ? `${p.name}*` : p.name)),
        node('td', {}, `${p.in}, ${p.schema.type}`), node('td', {}, p.description ?? '')));
    parts.push(node('h4', {}, 'Parameters'), node('table', {}, ...rows));
  }
  if (operation.requestBody) parts.push(...body('Body', operation.requestBody.content));
  for (const [status, reply] of Object.entries(operation.responses)) {
    if (!status.startsWith('2')) continue;
    if (reply.content) parts.push(...body(`${status}`, reply.content));
    else parts.push(node('h4', {}, `${status}, empty`));
  }
  return node('div', { className: 'inside' }, ...parts);
}

function endpoint(method, path, operation) {
  const details = node('details', { className: operation.deprecated ? 'older' : '' },
    node('summary', {}, node('span', { className: 'method' }, method.toUpperCase()), node('code', {}, path),
      node('span', {}, operation.deprecated ? `${operation.summary} (older clients)` : operation.summary)));
  details.dataset.text = `${method} ${path} ${operation.summary}`.toLowerCase();
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) details.append(inside(operation));
  });
  return details;
}

async function show() {
  const reply = await fetch('/openapi.json');
  const document_ = await reply.json();
  book = document_.components.schemas;
  document.getElementById('about').textContent = document_.info.description;
  const sections = new Map(document_.tags.map((tag) => [tag.name, node('section', { id: tag.name }, node('h2', {}, tag.name))]));
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      sections.get(operation.tags[0]).append(endpoint(method, path, operation));
    }
  }
  document.getElementById('endpoints').append(...sections.values());
  document.getElementById('tags').append(...[...sections.keys()].map((name) =>
    node('a', { href: `#${encodeURIComponent(name)}` }, name)));
}

document.getElementById('find').addEventListener('input', (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const section of document.querySelectorAll('section')) {
    let any = false;
    for (const details of section.querySelectorAll(':scope > details')) {
      details.hidden = !details.dataset.text.includes(wanted);
      any ||= !details.hidden;
    }
    section.hidden = !any;
  }
});

show().catch((error) => {
  document.getElementById('about').textContent = `The document could not be read: ${error.message}`;
});

// Judges requests and answers by an OpenAPI document, more strictly than a client may: a member that the document does
// not describe is wrong, so that what the server really says and what it is said to say cannot drift apart.
import { createRequire } from 'node:module';

// The packages are the dashboard's; one place installs them.
export const packages = createRequire(new URL('../../dashboard/package.json', import.meta.url));
const { default: Ajv } = packages('ajv/dist/2020');
const { default: add_formats } = packages('ajv-formats');

const kept_at = '#/components/schemas/';

/** What a reference within the document names; undefined when there is no such thing. */
export function resolve(document, reference) {
  if (!reference.startsWith('#/')) return undefined;
  return reference
    .slice(2)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((at, part) => at?.[part], document);
}

/** Calls visit(value, path) for each object below. */
export function each_object(value, visit, path = '#') {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) visit(value, path);
  for (const [name, member] of Object.entries(value)) each_object(member, visit, `${path}/${name}`);
}

/** The same document, in which objects have the members that are described and no others. */
function closed(document) {
  const copy = structuredClone(document);
  each_object(copy.components.schemas, (schema) => {
    if (schema.type === 'object' && schema.properties && schema.additionalProperties === undefined)
      schema.additionalProperties = false;
  });
  return copy;
}

/** A schema by itself: its references lead to those that the checker keeps. */
function rooted(schema) {
  const copy = structuredClone(schema);
  each_object(copy, (each) => {
    if (typeof each.$ref === 'string') each.$ref = each.$ref.replace(kept_at, 'kept#/$defs/');
  });
  return copy;
}

export class Contract {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false, allErrors: true, verbose: true });
    add_formats(this.ajv);
    this.strict = closed(document);
    this.ajv.addSchema({ $id: 'kept', $defs: rooted(this.strict.components.schemas) });
    this.compiled = new Map();
    this.seen = new Set();
    this.met = new Map();
    this.routes = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({
        method,
        operation,
        pointer: `#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}`,
        literals: path.split('/').filter((part) => !part.startsWith('{')).length,
        pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
      })),
    );
  }

  /** A literal segment beats a parameter, as in the router. */
  route_of(method, target) {
    const path = target.split('?')[0];
    return this.routes
      .filter((route) => route.method === method.toLowerCase() && route.pattern.test(path))
      .sort((left, right) => right.literals - left.literals)[0];
  }

  validator(schema) {
    if (!this.compiled.has(schema)) this.compiled.set(schema, this.ajv.compile(rooted(schema)));
    return this.compiled.get(schema);
  }

  /** What is wrong with `value` under the schema at `pointer`, in words; nothing: []. */
  errors(pointer, value) {
    const schema = resolve(this.strict, pointer);
    const validate = this.validator(schema);
    if (validate(value)) {
      this.note(schema, value);
      return [];
    }
    return validate.errors.slice(0, 8).map((error) => {
      const more = error.params.additionalProperty ?? error.params.allowedValues?.join(' ') ?? '';
      return `${error.instancePath || 'the body'} ${error.message} ${more}: ${JSON.stringify(error.data)?.slice(0, 120)}`;
    });
  }

  /** Remembers which described members have really come. */
  note(schema, value) {
    if (!schema || typeof schema !== 'object' || value === null || value === undefined) return;
    if (schema.$ref) this.note(resolve(this.strict, schema.$ref), value);
    for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
      if (this.validator(branch)(value)) this.note(branch, value);
    if (Array.isArray(value)) for (const item of value) this.note(schema.items, item);
    else if (typeof value === 'object')
      for (const [name, member] of Object.entries(value)) {
        const described = schema.properties?.[name];
        if (!described) continue;
        this.seen.add(described);
        this.note(described, member);
      }
  }

  /** Everything wrong with one exchange. `answer` is {status, headers, type, body, json}. */
  judge(method, target, request, answer) {
    const route = this.route_of(method, target);
    if (!route) return [`${method} ${target} is in no path of the document`];
    const { operation, pointer } = route;
    const name = `${operation.operationId} ${answer.status}`;
    this.met.set(name, (this.met.get(name) ?? 0) + 1);
    const declared = operation.responses[answer.status];
    if (!declared) return [`${name}: the document has no such answer`];
    const wrong = [];
    const described = declared.$ref ? resolve(this.document, declared.$ref) : declared;
    const media = described.content?.[answer.type] ?? described.content?.['*/*'];
    if (answer.body && !media) wrong.push(`${name}: the document has no ${answer.type}`);
    if (!answer.body && described.content && answer.status !== 304) wrong.push(`${name}: there is no body`);
    if (media && answer.json !== undefined) {
      const at = `${pointer}/responses/${answer.status}/content/${answer.type.replaceAll('/', '~1')}/schema`;
      wrong.push(...this.errors(at, answer.json).map((error) => `${name}: ${error}`));
    }
    for (const header of ['link', 'etag', 'location', 'retry-after', 'idempotent-replayed', 'www-authenticate'])
      if (answer.headers[header] && !this.has_header(described, header, answer.headers[header]))
        wrong.push(`${name}: the header ${header} is not described, or not like '${answer.headers[header]}'`);
    if (request !== undefined && answer.status < 300) {
      const at = `${pointer}/requestBody/content/application~1json/schema`;
      if (!operation.requestBody) wrong.push(`${name}: the document has no body for the request`);
      else wrong.push(...this.errors(at, request).map((error) => `${name}: the request: ${error}`));
    }
    return wrong;
  }

  has_header(answer, header, value) {
    const found = Object.entries(answer.headers ?? {}).find(([name]) => name.toLowerCase() === header);
    if (!found) return false;
    const described = found[1].$ref ? resolve(this.document, found[1].$ref) : found[1];
    return this.validator(described.schema)(value);
  }

  /** Members of answers that have been described but have never come, as paths of the document. */
  unseen(pointers) {
    const missing = new Set();
    const visited = new Set();
    const walk = (schema, name) => {
      if (!schema || typeof schema !== 'object' || visited.has(schema)) return;
      visited.add(schema);
      if (schema.$ref) walk(resolve(this.strict, schema.$ref), schema.$ref.split('/').pop());
      for (const branch of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) walk(branch, name);
      walk(schema.items, name);
      for (const [member, described] of Object.entries(schema.properties ?? {})) {
        if (!this.seen.has(described)) missing.add(`${name}.${member}`);
        walk(described, `${name}.${member}`);
      }
    };
    for (const pointer of pointers) walk(resolve(this.strict, pointer), pointer);
    return [...missing].sort();
  }
}

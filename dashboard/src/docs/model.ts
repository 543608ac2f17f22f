// The OpenAPI document as the page shows it. Pure.

export interface Schema {
  $ref?: string;
  type?: string;
  description?: string;
  enum?: string[];
  const?: unknown;
  format?: string;
  pattern?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
}
interface Media {
  schema?: Schema;
  example?: unknown;
}
export interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}
interface Header {
  $ref?: string;
  description?: string;
}
interface Answer {
  $ref?: string;
  description: string;
  headers?: Record<string, Header>;
  content?: Record<string, Media>;
}
interface WrittenOperation {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, Answer>;
  'x-required-role'?: string;
  'x-body-limit'?: number;
}
export interface Document {
  info: { title: string; version: string; summary?: string; description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, WrittenOperation>>;
  webhooks?: Record<string, Record<string, WrittenOperation>>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    headers: Record<string, Header>;
    responses: Record<string, Answer>;
  };
}

export interface Content {
  type: string;
  schema: Schema | undefined;
  example: unknown;
}
export interface ShownAnswer {
  status: string;
  description: string;
  headers: { name: string; description: string }[];
  content: Content[];
}
export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  tag: string;
  role: string;
  is_webhook: boolean;
  is_stream: boolean;
  body_limit: number | undefined;
  parameters: Parameter[];
  body: { required: boolean; content: Content[] } | undefined;
  answers: ShownAnswer[];
  /** What a search looks through, in lower case. */
  text: string;
}

type Kind = keyof Document['components'];

/** What a reference names, and its name; the thing itself where it is no reference. */
export function followed<T extends { $ref?: string }>(document: Document, kind: Kind, given: T): { name: string | undefined; value: T } {
  const name = given.$ref?.split('/').pop();
  if (name === undefined) return { name, value: given };
  const found = document.components[kind][name] as unknown as T | undefined;
  // What stands beside a reference says more about this very place.
  return { name, value: { ...found, ...given, $ref: undefined } as unknown as T };
}

const content_of = (content: Record<string, Media> | undefined): Content[] =>
  Object.entries(content ?? {}).map(([type, media]) => ({ type, schema: media.schema, example: media.example }));

function answers_of(document: Document, written: WrittenOperation): ShownAnswer[] {
  return Object.entries(written.responses).map(([status, given]) => {
    const { value } = followed(document, 'responses', given);
    const headers = Object.entries(value.headers ?? {}).map(([name, header]) => ({ name, description: followed(document, 'headers', header).value.description ?? '' }));
    return { status, description: value.description, headers, content: content_of(value.content) };
  });
}

function operation_of(document: Document, path: string, method: string, written: WrittenOperation, is_webhook: boolean): Operation {
  const parameters = (written.parameters ?? []).map((each) => followed(document, 'parameters', each).value);
  const names = parameters.map((each) => each.name).join(' ');
  const answers = answers_of(document, written);
  const types = answers.flatMap((answer) => answer.content.map((each) => each.schema?.$ref?.split('/').pop() ?? ''));
  return {
    id: written.operationId,
    method: method.toUpperCase(),
    path,
    summary: written.summary,
    description: written.description ?? '',
    tag: written.tags[0] ?? '',
    role: written['x-required-role'] ?? '',
    is_webhook,
    is_stream: answers.some((answer) => answer.status === '101'),
    body_limit: written['x-body-limit'],
    parameters,
    body: written.requestBody && { required: written.requestBody.required !== false, content: content_of(written.requestBody.content) },
    answers,
    text: [method, path, written.operationId.replaceAll('_', ' '), written.summary, written.description, written.tags.join(' '), names, types.join(' ')].join(' ').toLowerCase(),
  };
}

/** All operations in the order of the document's tags. */
export function operations_of(document: Document): Operation[] {
  const all: Operation[] = [];
  for (const [paths, is_webhook] of [[document.paths, false], [document.webhooks ?? {}, true]] as const)
    for (const [path, item] of Object.entries(paths))
      for (const [method, written] of Object.entries(item)) all.push(operation_of(document, path, method, written, is_webhook));
  const place = new Map(document.tags.map((tag, index) => [tag.name, index]));
  return all.sort((left, right) => (place.get(left.tag) ?? 0) - (place.get(right.tag) ?? 0));
}

/** Whether every word that was typed is somewhere in it. */
export function matches(operation: Operation, typed: string): boolean {
  return typed.toLowerCase().split(/\s+/).every((word) => operation.text.includes(word));
}

/** A schema's type in a few words, as in "array of task". */
export function type_of(document: Document, given: Schema | undefined): string {
  if (!given) return 'anything';
  if (given.$ref) return given.$ref.split('/').pop() ?? '';
  if (given.const !== undefined) return JSON.stringify(given.const);
  const choices = given.oneOf ?? given.anyOf;
  if (choices && !given.properties) return choices.map((each) => type_of(document, each)).join(' or ');
  if (given.type === 'array') return given.items ? `array of ${type_of(document, given.items)}` : 'array';
  if (given.type === 'string' && given.format) return given.format;
  return given.type ?? 'anything';
}

/** What is allowed beside the type, as in "1 to 1000". */
export function limits_of(schema: Schema): string[] {
  const said: string[] = [];
  const range = (least: number | undefined, most: number | undefined, unit: string) => {
    if (least !== undefined && most !== undefined) said.push(`${least} to ${most}${unit}`);
    else if (most !== undefined) said.push(`at most ${most}${unit}`);
    else if (least !== undefined && least !== 0) said.push(`at least ${least}${unit}`);
  };
  if (schema.exclusiveMinimum !== undefined) said.push(`over ${schema.exclusiveMinimum}`);
  range(schema.minimum, schema.maximum, '');
  range(schema.minLength, schema.maxLength, ' characters');
  range(schema.minItems, schema.maxItems, ' items');
  if (schema.default !== undefined) said.push(`default ${JSON.stringify(schema.default)}`);
  if (schema.pattern) said.push(`matches ${schema.pattern}`);
  return said;
}

const longest_body_in_a_line = 600;
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const variable_of = (name: string) => '$' + name.toUpperCase().replaceAll('-', '_');

/** A line for a shell; what the reader has to fill in stands as $VARIABLES. */
export function curl_of(operation: Operation, origin: string): string {
  const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => variable_of(name));
  const words = ['curl -s'];
  if (operation.is_stream) words[0] = "curl -sN -H 'Accept: text/event-stream'";
  if (operation.method !== 'GET') words.push(`-X ${operation.method}`);
  words.push(`"${origin}${path}"`);
  if (operation.role !== 'open') words.push('-H "Authorization: Bearer $PLANEXE_API_KEY"');
  const json = operation.body?.content.find((each) => each.type === 'application/json');
  if (operation.body && json && (operation.body.required || json.example !== undefined)) {
    const text = json.example === undefined ? '' : JSON.stringify(json.example);
    words.push("-H 'Content-Type: application/json'", text && text.length <= longest_body_in_a_line ? `-d ${quoted(text)}` : '-d @body.json');
  }
  return words.join(' \\\n  ');
}

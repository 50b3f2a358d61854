import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { breakingChanges } from './breaking.mjs';

const released = JSON.parse(readFileSync('../docs/openapi/released/v1/users.json', 'utf8'));

/** What breaks when the document is changed so. */
function breaks(change) {
  const current = structuredClone(released);
  change(current.paths, current.components.schemas);
  expect(current).not.toEqual(released);
  return breakingChanges(released, current);
}

const rename = (schema, from, to) => {
  const { [from]: field, ...others } = schema.properties;
  schema.properties = { ...others, [to]: field };
  schema.required = schema.required.map((name) => (name === from ? to : name));
};
const omit = (schema, field) => {
  delete schema.properties[field];
  schema.required = schema.required.filter((name) => name !== field);
};
const parameter = (paths, name) => paths['/api/users'].get.parameters.find((other) => other.name === name);

describe('the gate of the API', () => {
  it.each([
    ['a path is removed', (paths) => delete paths['/api/users']],
    ['an operation is removed', (paths) => delete paths['/api/users/{id}'].put],
    ['an answer is removed', (paths) => delete paths['/api/users'].get.responses['200']],
    ['a media type is removed', (paths) => delete paths['/api/users'].get.responses['200'].content['application/json']],
    ['a field of an answer is removed', (_, schemas) => omit(schemas.ProfileResponse, 'username')],
    ['a field of an answer is renamed', (_, schemas) => rename(schemas.ProfileResponse, 'username', 'user_name')],
    ['a field of an answer gets another type', (_, schemas) => (schemas.ProfileResponse.properties.username.type = 'integer')],
    ['a field of an answer may be null', (_, schemas) => (schemas.ProfileResponse.properties.username.type = ['null', 'string'])],
    ['a field of an answer gets another format', (_, schemas) => (schemas.AuditResponse.properties.id.format = 'int64')],
    ['a field of an answer may be absent', (_, schemas) => schemas.ProfileResponse.required.shift()],
    ['a field of a request is removed', (_, schemas) => omit(schemas.NewProfile, 'phone')],
    ['a field of a request is renamed', (_, schemas) => rename(schemas.NewProfile, 'phone', 'telephone')],
    ['a field of a request must not be null any more', (_, schemas) => (schemas.NewProfile.properties.username.type = 'string')],
    [
      'a request needs a new field',
      (_, schemas) => {
        schemas.NewProfile.properties.salutation = { type: 'string' };
        schemas.NewProfile.required.push('salutation');
      },
    ],
    ['a parameter is removed', (paths) => paths['/api/users'].get.parameters.shift()],
    ['a parameter takes less', (paths) => (parameter(paths, 'limit').schema.maximum = 10)],
    [
      'a new parameter is required',
      (paths) =>
        paths['/api/users'].get.parameters.push({ name: 'role', in: 'query', required: true, schema: { type: 'string' } }),
    ],
  ])('stays shut when %s', (_, change) => {
    expect(breaks(change)).not.toEqual([]);
  });

  it.each([
    ['an answer may have more fields', (_, schemas) => delete schemas.ProblemDetails.additionalProperties],
    ['a field is described in other words', (_, schemas) => (schemas.ProfileResponse.properties.username.description = 'Other.')],
    ['a path is added', (paths) => (paths['/api/users/new'] = { get: paths['/api/users'].get })],
    [
      'a field is added to an answer',
      (_, schemas) => {
        schemas.ProfileResponse.properties.salutation = { type: ['null', 'string'] };
        schemas.ProfileResponse.required.push('salutation');
      },
    ],
    ['a request may have a new field', (_, schemas) => (schemas.NewProfile.properties.salutation = { type: 'string' })],
    [
      'a new parameter may be given',
      (paths) => paths['/api/users'].get.parameters.push({ name: 'role', in: 'query', schema: { type: 'string' } }),
    ],
    ['a parameter takes more', (paths) => (parameter(paths, 'limit').schema.maximum = 5000)],
    ['a field of an answer is never null any more', (_, schemas) => (schemas.AuditResponse.properties.actor_id.type = 'string')],
    [
      'an example has other words',
      (paths) => (Object.values(paths['/api/users'].get.responses['401'].content)[0].example.detail = 'Other words.'),
    ],
    ['something is described in other words', (paths) => (paths['/api/users'].get.summary = 'Other words.')],
    [
      'a schema gets another name',
      (paths, schemas) => {
        schemas.ProfileView = schemas.ProfileResponse;
        delete schemas.ProfileResponse;
        Object.assign(paths, JSON.parse(JSON.stringify(paths).replaceAll('schemas/ProfileResponse', 'schemas/ProfileView')));
      },
    ],
  ])('opens when %s', (_, change) => {
    expect(breaks(change)).toEqual([]);
  });

  it('knows an alternative again that got fields, and the list of it', () => {
    const number = { type: 'number' };
    const answer = (properties, listed = true) => {
      const one = { $ref: '#/components/schemas/Range' };
      const schema = { oneOf: [one, ...(listed ? [{ type: 'array', maxItems: 100, items: one }] : [])] };
      const data = { type: 'array', items: { type: 'object', properties } };
      return {
        openapi: '3.1.1',
        info: { title: 'Ranges', version: '1' },
        paths: { '/ranges': { get: { responses: { 200: { description: '', content: { 'application/json': { schema } } } } } } },
        components: { schemas: { Range: { type: 'object', properties: { data, ...properties } } } },
      };
    };

    expect(breakingChanges(answer({ sum: number }), answer({ sum: number, cost: number, other: number }))).toEqual([]);
    expect(breakingChanges(answer({ sum: number, cost: number }), answer({ sum: number }))).not.toEqual([]);
    expect(breakingChanges(answer({ sum: number }), answer({ sum: number }, false))).not.toEqual([]);
  });

  it('says what breaks', () => {
    expect(breaks((paths) => delete paths['/api/users/{id}'].put)).toEqual(['/api/users/{id} put: removed']);
  });
});

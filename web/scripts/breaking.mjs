import { apiCompare } from 'api-smart-diff';

/**
 * What a client of the released API would stumble over: removed paths, parameters, answers and fields, other types, new duties.
 * The comparison classifies; two rules are ours: an answer keeps what it promises, and a field that is sent stays known, because
 * unknown fields are refused.
 * @param {object} released OpenAPI document of the last release.
 * @param {object} current OpenAPI document as it is now.
 * @returns {string[]} A sentence for each place.
 */
export function breakingChanges(released, current) {
  const { diffs } = apiCompare(withoutWords(released), withoutWords(current));
  const breaking = diffs.filter(({ path, action, type, before, after }) => {
    // Schemas count where they are used.
    if (path[0] !== 'paths' || type === 'annotation') return false;

    const key = path.at(-1);
    // Answers may get more fields at any time, so clients ignore those that they don't know.
    if (path.includes('responses') && key === 'additionalProperties' && before === false) return false;
    if (path.includes('responses') && action !== 'add') return key !== 'type' || !isWithin(after, before);
    if (path.includes('requestBody') && action === 'remove' && path.at(-2) === 'properties') return true;
    return type === 'breaking';
  });

  return [...new Set(breaking.map(({ path, action }) => `${path.slice(1).join(' ')}: ${actions[action]}`))];
}

const actions = { add: 'added', remove: 'removed', replace: 'changed', rename: 'renamed' };

/**
 * A document without texts and examples: the comparison would take alternatives (`oneOf`) whose texts differ for others. For the
 * same reason a list of another alternative has no items here; they are compared as that alternative.
 */
function withoutWords(part, isNames = false) {
  if (Array.isArray(part)) return part.map((item) => withoutWords(item));
  if (part === null || typeof part !== 'object') return part;

  return Object.fromEntries(
    Object.entries(part)
      .filter(([key]) => isNames || !words.has(key))
      .map(([key, value]) => [
        key,
        key === 'oneOf' && !isNames ? alternatives(value) : withoutWords(value, key === 'properties'),
      ]),
  );
}

function alternatives(all) {
  const others = new Set(all.map((one) => JSON.stringify(one)));
  return all.map(({ items, ...one }) => withoutWords(items && !others.has(JSON.stringify(items)) ? { items, ...one } : one));
}

const words = new Set(['description', 'summary', 'example', 'examples']);

/** Whether each of these types was among those. */
const isWithin = (types, among) => [types].flat().every((type) => [among].flat().includes(type));

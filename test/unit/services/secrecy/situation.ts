import fc from 'fast-check';

/** What a key of a Secret is at one side: the number of a value, or nothing. */
type Side = number | undefined;

export interface SecretKey {
  name: string;
  /** In which map Git writes it. */
  map: 'data' | 'stringData';
  before: Side;
  git: Side;
  live: Side;
}

export interface SecretSituation {
  keys: SecretKey[];
  /** How it came into the cluster. */
  delivery: 'client-side' | 'apply' | 'nowhere';
  type?: string;
  immutable: boolean;
  /** What is wrong with it in Git. */
  fault: 'none' | 'misspelt-map' | 'number' | 'not-base64' | 'list' | 'nested' | 'annotation' | 'sops';
  format: 'yaml' | 'json';
  /** Where in its text a piece is put in place of `length` characters; none where it stays as it is. */
  damage?: { at: number; length: number; text: string };
}

/** A whole situation: the values are drawn once, everything else speaks of them by number. */
export interface Situation {
  values: Uint8Array[];
  secrets: SecretSituation[];
  /** A value that a ConfigMap of Git spells out as well, so that it is no secret any more. */
  published: Side;
}

const word = fc.stringMatching(/^[A-Za-z0-9]{6,24}$/);
const hard = fc.constantFrom(
  '$&',
  '$1',
  '\\',
  '"',
  "'",
  ': ',
  ' #',
  '`',
  '\t',
  '{{',
  '}}',
  '%',
  '*',
  '|',
  '&',
  '!',
  '…',
  '\u2028',
  '🔑',
);

/** Texts that people have as secrets, and worse ones. */
export const secretText = fc
  .oneof(
    word,
    fc.tuple(word, hard, word, hard, word).map((parts) => parts.join('')),
    fc.array(word, { minLength: 2, maxLength: 6 }).map((lines) => lines.join('\n')),
    word.map(
      (inner) =>
        `-----BEGIN PRIVATE KEY-----\n${Buffer.from(inner.repeat(4)).toString('base64')}\n-----END PRIVATE KEY-----\n`,
    ),
    word.map((inner) => Buffer.from(inner).toString('base64')),
    word.map((inner) => `*${inner}`),
    word.map((inner) => `!!int ${inner}`),
    word.map((inner) => `|${inner}`),
    word.map((inner) => `@${inner}`),
    word.map((inner) => `{"auths":{"registry.example":{"pw":"${inner}"}}}`),
    word.map((inner) => `postgres://user:${inner}@db.example:5432/x`),
    fc.integer({ min: 10_000, max: 2 ** 45 }).map(String),
    fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }),
    fc.string({ minLength: 200, maxLength: 400 }),
  )
  .filter((drawn) => drawn.trim().length >= 4);

const value = fc.oneof(
  { weight: 8, arbitrary: secretText.map((drawn) => new Uint8Array(Buffer.from(drawn))) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 6, maxLength: 60 }) },
);

const count = 6;
const side = fc.option(fc.nat(count - 1), { nil: undefined, freq: 5 });
const keyName = fc.constantFrom(
  ...[
    'password',
    'a.b-c_d',
    '.dockerconfigjson',
    'tls.key',
    'constructor',
    'toString',
    'hasOwnProperty',
    'token',
    '1',
    'yes',
  ],
);

const secretKey = fc.record({
  name: keyName,
  map: fc.constantFrom<SecretKey['map']>('data', 'stringData'),
  before: side,
  git: side,
  live: side,
});

const secret = fc.record(
  {
    keys: fc.uniqueArray(secretKey, { minLength: 1, maxLength: 4, selector: ({ name }) => name }),
    delivery: fc.constantFrom<SecretSituation['delivery']>('client-side', 'apply', 'nowhere'),
    type: fc.constantFrom('Opaque', 'example.com/odd'),
    immutable: fc.boolean(),
    fault: fc.oneof(
      { weight: 6, arbitrary: fc.constant<SecretSituation['fault']>('none') },
      {
        weight: 5,
        arbitrary: fc.constantFrom<SecretSituation['fault']>(
          ...(['misspelt-map', 'number', 'not-base64', 'list', 'nested', 'annotation', 'sops'] as const),
        ),
      },
    ),
    format: fc.constantFrom<SecretSituation['format']>('yaml', 'json'),
    damage: fc.record({
      at: fc.nat(2000),
      length: fc.nat(3),
      text: fc.constantFrom(
        '',
        '"',
        "'",
        ':',
        '\t',
        '- ',
        '{',
        ']',
        '\n',
        '\n  ',
        '*',
        '&',
        '!!int ',
        '|',
        '>2',
        '%',
        '@',
        '`',
        '? ',
        '\\q',
      ),
    }),
  },
  { requiredKeys: ['keys', 'delivery', 'immutable', 'fault', 'format'] },
);

export const situation: fc.Arbitrary<Situation> = fc.record({
  values: fc.array(value, { minLength: count, maxLength: count }),
  secrets: fc.array(secret, { minLength: 1, maxLength: 3 }),
  published: side,
});

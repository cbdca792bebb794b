import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Json } from '../../../../src/core/json.ts';
import { printJson } from '../../../../src/core/jsonText.ts';
import { composePiece } from '../../../../src/core/manifest/composePiece.ts';
import { readFast } from '../../../../src/core/manifest/fastReader.ts';
import { readNodes } from '../../../../src/core/manifest/nodeReader.ts';
import { printYaml } from '../../../../src/core/manifest/printYaml.ts';
import type { YamlProfile } from '../../../../src/core/manifest/scalars.ts';
import { splitDocuments } from '../../../../src/core/manifest/splitDocuments.ts';
import { corporaSkipReason, corpus } from '../../../support/corpora.ts';
import { anyJson, hostileText } from './arbitraries.ts';

const profiles = ['raw', 'kustomize'] as const;
const bundles = ['kube-prometheus', 'podinfo', 'flux2-kustomize-helm-example'];
/** The one thing that Go and the fast reader take and the library does not. */
const lessIndented = /sufficiently indented/;

describe('fast reader', () => {
  it('agrees with the library on whatever it reads of hostile texts', () => {
    let read = 0;
    fc.assert(
      fc.property(hostileText, fc.constantFrom(...profiles), (text, profile) => {
        if (!text.includes('\r')) read += compare(text, profile).fast;
      }),
      { numRuns: 20_000 },
    );
    assert.ok(read > 1000, `only ${read} documents were read`);
  });

  it('reads what printers print, and agrees with the library', () => {
    const counted = { fast: 0, all: 0 };
    fc.assert(
      fc.property(anyJson, fc.constantFrom(...printers), fc.constantFrom(...profiles), (value, print, profile) => {
        const { fast, all } = compare(print(value), profile);
        counted.fast += fast;
        counted.all += all;
      }),
      { numRuns: 2000 },
    );
    assert.ok(counted.fast > counted.all / 2, `${counted.fast} of ${counted.all}`);
  });

  it(
    'agrees with the library on every file of the corpora',
    { skip: corporaSkipReason('kube-prometheus.bundle', 'argo-cd-testdata') },
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'plumbline-yaml-'));
      try {
        for (const name of bundles)
          execFileSync('git', ['clone', '--quiet', corpus(`${name}.bundle`), join(folder, name)]);
        const counted = { fast: 0, all: 0 };
        for (const file of [...yamlFiles(folder), ...yamlFiles(corpus('argo-cd-testdata'))]) {
          for (const profile of profiles) {
            const { fast, all } = compare(readFileSync(file, 'utf8'), profile);
            counted.fast += fast;
            counted.all += all;
          }
        }
        assert.ok(counted.fast > counted.all * 0.9, `${counted.fast} of ${counted.all} documents were read`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

const printers: ((value: Json) => string)[] = [
  printYaml,
  (value) => printJson(value, 2),
  (value) => printJson(value),
  (value) => stringify(value, { version: '1.1' }),
  (value) => stringify(value, { version: '1.1', indentSeq: false, indent: 4, singleQuote: true, lineWidth: 30 }),
  (value) => stringify(value, { version: '1.1', collectionStyle: 'flow' }),
];

/** How many documents there are, and how many of them the fast reader reads; each of those must be as the library says. */
function compare(text: string, profile: YamlProfile): { all: number; fast: number } {
  const pieces = splitDocuments(text);
  let fast = 0;
  for (const piece of pieces) {
    const read = readFast(text, piece, profile);
    if (read === undefined) continue;
    const composed = composePiece(text, piece);
    if (composed.problems.some((problem) => lessIndented.test(problem.message))) continue;
    assert.deepEqual(composed.problems, [], JSON.stringify(text));
    const slow = readNodes(text, composed, profile);
    assert.deepEqual(slow.problems, [], JSON.stringify(text));
    assert.deepEqual(read.value, slow.value, JSON.stringify(text));
    fast++;
  }
  return { all: pieces.length, fast };
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ya?ml|json)$/.test(name))
    .map((name) => join(folder, name));
}

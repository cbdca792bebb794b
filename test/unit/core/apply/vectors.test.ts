import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { applyConfiguration } from '../../../../src/core/apply/applyConfiguration.ts';
import { compareObjects } from '../../../../src/core/apply/compare.ts';
import { readFieldsV1, writeFieldsV1 } from '../../../../src/core/apply/fieldsV1.ts';
import type { ManagedSet, Managers } from '../../../../src/core/apply/managers.ts';
import { updateObject } from '../../../../src/core/apply/updateObject.ts';
import type { Json } from '../../../../src/core/json.ts';
import { parseJson } from '../../../../src/core/jsonText.ts';
import { formatServerPath } from '../../../../src/core/schema/path.ts';
import { describeFindings } from '../../../../src/core/schema/validate.ts';
import { type SmdSchema, smdNodes } from './smdSchema.ts';

interface Step {
  op: 'apply' | 'forceApply' | 'update';
  manager: string;
  object: Json;
  result: 'ok' | 'unchanged' | 'conflict' | 'invalid';
  live: Json;
  managed: Record<string, { applied: boolean; fieldsV1: Json }>;
  compare?: { added: Json; modified: Json; removed: Json };
  conflicts?: string[];
  error?: string;
}
interface Scenario {
  id: number;
  type: string;
  steps: Step[];
}
interface State {
  live: Json | undefined;
  managers: Managers;
}

const folder = process.env['PLUMBLINE_VECTORS'];
const file = folder === undefined ? undefined : join(folder, 'smd-vectors.jsonl');
const skip =
  file !== undefined && existsSync(file) ? false : 'set PLUMBLINE_VECTORS to the folder of recorded merges to run them';

/** Recorded merges of the reference implementation (semantics O-1). */
describe('recorded merges', { skip }, () => {
  if (skip !== false || folder === undefined || file === undefined) return;
  const nodes = smdNodes(JSON.parse(readFileSync(join(folder, 'smd-schema-subset.json'), 'utf8')) as SmdSchema);
  const scenarios = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseJson(line) as unknown as Scenario);
  for (const [type, ofType] of Map.groupBy(scenarios, (scenario) => scenario.type)) {
    test(`${ofType.length} scenarios of ${type}`, () => {
      for (const { id, steps } of ofType) {
        let state: State = { live: undefined, managers: new Map() };
        for (const [index, step] of steps.entries()) {
          state = play(state, step, nodes(type), `scenario ${id} step ${index} ${step.op} by ${step.manager}`);
        }
      }
    });
  }
});

function play(state: State, step: Step, node: ReturnType<ReturnType<typeof smdNodes>>, at: string): State {
  const common = { ...state, manager: step.manager, apiVersion: 'v1', node };
  let next = state;
  if (step.op === 'update') {
    assert.equal(step.result, 'ok', at);
    next = updateObject({ ...common, object: step.object });
  } else {
    const outcome = applyConfiguration({ ...common, config: step.object, force: step.op === 'forceApply' });
    assert.equal(outcome.result, step.result, at);
    if (outcome.result === 'conflict') {
      const conflicts = outcome.conflicts.map((one) => `${one.manager} ${formatServerPath(one.segments)}`).sort();
      assert.deepEqual(conflicts, step.conflicts, at);
    } else if (outcome.result === 'invalid') {
      assert.equal(describeFindings(outcome.findings), step.error, at);
    } else {
      next = outcome;
    }
  }
  assert.deepEqual(next.live ?? null, step.live, at);
  assert.deepEqual(vectorForm(next.managers), step.managed, at);
  for (const { fieldsV1 } of Object.values(step.managed)) {
    const set = readFieldsV1(fieldsV1);
    assert.ok(set !== undefined, at);
    assert.deepEqual(writeFieldsV1(set), fieldsV1, at);
  }
  if (step.compare !== undefined) {
    const { added, modified, removed } = compareObjects(state.live, next.live, node);
    const sets = { added: writeFieldsV1(added), modified: writeFieldsV1(modified), removed: writeFieldsV1(removed) };
    assert.deepEqual(sets, step.compare, at);
  }
  return { live: next.live, managers: next.managers };
}

function vectorForm(managers: Managers): Step['managed'] {
  const entry = ({ set, applied }: ManagedSet): Step['managed'][string] => ({ applied, fieldsV1: writeFieldsV1(set) });
  return Object.fromEntries([...managers].map(([manager, managed]) => [manager, entry(managed)]));
}

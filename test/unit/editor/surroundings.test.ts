import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badge, headerText, messageText } from '../../../src/editor/views/model/viewHeader.ts';
import { statusBarText } from '../../../src/editor/views/model/statusBarText.ts';
import { hoverText } from '../../../src/editor/views/model/hoverText.ts';
import { lineFindings } from '../../../src/editor/views/model/diagnostics.ts';
import { type DriftView, stateOf } from '../../../src/editor/sessions/viewState.ts';
import { application, keptView, now, object, podinfo, view, wording } from './reportFixture.ts';

const drifted = view([podinfo()]);
const clean = view([application('a', { objects: [object('Role', 'r')] })]);
const local = new Date(now.getTime() - now.getTimezoneOffset() * 0);
const clock = local.toTimeString().slice(0, 8);

function stale(base: DriftView, message: string): DriftView {
  return { ...base, snapshot: { ...base.snapshot, state: 'stale', error: new Error(message) } };
}

test('the title names the context and the time of the last good answer', () => {
  assert.equal(headerText([drifted], wording), `prod-eu · ${clock}`);
  assert.equal(headerText([], wording), '');
  assert.equal(headerText([{ ...drifted, snapshot: { ...drifted.snapshot, state: 'loading' } }], wording), 'prod-eu');
  const yesterday = view([], { at: '2026-11-20T12:00:00Z' });
  assert.match(headerText([yesterday], wording), /^prod-eu · 2026-11-\d\d \d\d:\d\d:\d\d$/);
});

test('the message says what is stale, or that all is true', () => {
  assert.equal(messageText('ready', [drifted], wording), undefined);
  assert.equal(messageText('ready', [clean], wording), 'Everything in prod-eu hangs true: 1 objects in 1 application.');
  assert.equal(
    messageText('ready', [stale(drifted, 'ECONNREFUSED')], wording),
    '⚠ connection lost, retrying: ECONNREFUSED',
  );
  assert.equal(messageText('noCluster', [], wording), undefined);
  const refused = view([application('a')], {
    problems: [
      { code: 'unreachable', severity: 'error', message: 'prod-eu did not answer.', remedy: 'Connect the VPN.' },
    ],
  });
  assert.equal(messageText('ready', [stale(refused, 'x')], wording), '⚠ prod-eu did not answer. Connect the VPN.');
  const broken = view(clean.snapshot.report.applications, {
    problems: [{ code: 'forbidden', severity: 'error', message: 'You may not read Secrets.' }],
  });
  assert.equal(messageText('ready', [broken], wording), undefined, 'what was not checked is not true');
});

test('the badge counts what a person must know', () => {
  const objects = (['drifted', 'conflict', 'missing', 'extra', 'pending', 'create', 'unknown', 'synced'] as const).map(
    (status) => object('Role', status, { status }),
  );
  assert.deepEqual(badge([view([application('a', { objects })])], wording.t), {
    value: 4,
    tooltip: '1 conflict, 1 drifted, 1 missing, 1 no longer in Git',
  });
  assert.equal(badge([clean], wording.t), undefined);
});

test('the status bar', () => {
  const text = (given: Partial<Parameters<typeof statusBarText>[0]>): string | undefined =>
    statusBarText(
      { state: 'ready', context: 'prod-eu', sandbox: false, isProtected: false, views: [drifted], ...given },
      wording,
    )?.text;
  assert.equal(text({}), '⟂ prod-eu · 1 drifted · 1 pending');
  assert.equal(text({ views: [clean] }), '⟂ prod-eu');
  assert.equal(text({ views: [clean], context: 'sandbox', sandbox: true }), '⟂ sandbox');
  assert.equal(text({ state: 'noCluster', context: undefined, views: [] }), '⟂ no cluster');
  assert.equal(text({ state: 'loading', views: [] }), '$(loading~spin) prod-eu');
  assert.equal(text({ views: [stale(drifted, 'x')] }), '$(warning) prod-eu · 1 drifted · 1 pending');
  assert.equal(text({ isProtected: true }), '⟂ $(lock) prod-eu · 1 drifted · 1 pending');
  const locked = { state: 'ready', context: 'prod-eu', sandbox: false, isProtected: true, views: [clean] } as const;
  assert.equal(statusBarText(locked, wording)?.warning, true);
  assert.equal(statusBarText(locked, wording)?.spoken, 'Plumbline: prod-eu, protected');
  assert.equal(statusBarText({ ...locked, isProtected: false }, wording)?.warning, false);
  for (const state of ['noFolder', 'untrusted', 'noManifests', 'idle'] as const)
    assert.equal(text({ state }), undefined);
});

test('while a source cannot be read nothing says that all is true', () => {
  const reason = { code: 'invalid-yaml', severity: 'error', message: 'a.yaml: no YAML', application: 'a' } as const;
  const kept = keptView(clean, 'a', reason, []);
  assert.notEqual(messageText('ready', [clean], wording), undefined);
  assert.equal(messageText('ready', [kept], wording), undefined);
  const told = { state: 'ready', context: 'prod-eu', sandbox: false, isProtected: false, views: [kept] } as const;
  const item = statusBarText(told, wording);
  assert.equal(item?.text, '$(warning) prod-eu');
  assert.equal(item.spoken, 'Plumbline: prod-eu, stale');
  assert.match(item.tooltip, /As Git was at .*: a\\.yaml: no YAML/);
});

test('the state that findings stand for', () => {
  assert.equal(stateOf([]), 'loading');
  assert.equal(stateOf([drifted]), 'ready');
  assert.equal(stateOf([view([])]), 'noManifests');
  assert.equal(stateOf([stale(view([]), 'down')]), 'ready');
  const missing = { code: 'missing-binary', severity: 'error', message: 'kustomize was not found' } as const;
  const one = view([application('a')], { problems: [{ ...missing, application: 'a' }] });
  assert.equal(stateOf([one]), 'noRenderer');
  const two = view([application('a'), podinfo()], { problems: [{ ...missing, application: 'a' }] });
  assert.equal(stateOf([two]), 'ready');
});

test('the hover shows desired and live, who and when, and links to our own commands only', () => {
  const [finding] = lineFindings([drifted]);
  assert.ok(finding);
  const text = hoverText(finding, wording);
  assert.match(
    text,
    /^\*\*spec\\\.replicas\*\* · Deployment podinfo\/podinfo · prod\\-eu\n\n\| desired \| live \|\n\|--\|--\|\n\| `3` \| `5` \|/,
  );
  assert.match(text, /Changed by \*\*kubectl\\-edit\*\* \(Update\), 14 minutes ago/);
  assert.match(text, /Flux reverts it/);
  const links = [...text.matchAll(/\]\((command:[^?]+)\?([^)]*)\)/g)];
  assert.deepEqual(
    links.map((link) => link[1]),
    ['openDiff', 'openLiveManifest', 'writeLiveValue', 'restore', 'ignoreDifference'].map(
      (name) => `command:plumbline.${name}`,
    ),
  );
  assert.deepEqual(JSON.parse(decodeURIComponent(links[0]?.[2] ?? '')), [finding.ref]);
});

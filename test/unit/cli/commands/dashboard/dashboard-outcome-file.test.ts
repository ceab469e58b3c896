import {stat} from 'node:fs/promises';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {readOutcomeFile} from '../../../../../src/cli/bulk/outcome-file.js';
import {createDashboardOutcomeFile} from '../../../../../src/cli/commands/dashboard/dashboard-outcome-file.js';
import type {BulkAction} from '../../../../../src/cluster/cluster.js';
import {stringBag} from '../../../../../src/session/session.js';
import {type TemporaryFolder, temporaryFolder} from '../../../../support/temp.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => await folder.remove());

const targets = [
  {node: 'Gate@a', id: 's1', uid: 'neo'},
  {node: 'Gate@a', id: 's2', uid: ''},
];

test.each<[BulkAction, object]>([
  [{verb: 'kick', waitMs: 5}, {}],
  [{verb: 'unbind'}, {}],
  [{verb: 'set', entries: stringBag([['room', 'a']])}, {settings: {room: 'a'}}],
  [{verb: 'unset', keys: ['room']}, {keys: ['room']}],
  [
    {verb: 'send', topic: '/t', body: Buffer.from('secret')},
    {topic: '/t', bytes: 6, sha256: '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b'},
  ],
])('--resume accepts the outcome file of the dashboard for %o', async (action, about) => {
  const deps = {stateFolder: folder.path} as Parameters<typeof createDashboardOutcomeFile>[0]['deps'];
  const write = {action, where: 'uid == "neo"', targets};
  const kept = await createDashboardOutcomeFile({deps, now: () => 1_767_268_800_123}, write);
  await kept.add({...(targets[0] as (typeof targets)[number]), state: 'done'});
  await kept.close();
  expect(kept.name).toBe(`${folder.path}/outcomes/${action.verb}-20260101T120000123Z.jsonl`);
  expect((await stat(kept.name)).mode & 0o777).toBe(0o600);
  const {header, targets: known} = await readOutcomeFile(kept.name);
  expect(header).toEqual({
    ...{version: 1, action: action.verb, about, where: 'uid == "neo"'},
    ...{at: '2026-01-01T12:00:00.123Z', count: 2},
  });
  expect([...known.values()].map(({id, state}) => [id, state])).toEqual([
    ['s1', 'done'],
    ['s2', undefined],
  ]);
});

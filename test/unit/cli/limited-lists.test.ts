import {describe, expect, test} from 'vitest';
import {openJournal} from '../../../src/cli/journal/journal.js';
import {AnomalyCollector, maxAnomaliesPerCheck} from '../../../src/cluster/anomalies/anomaly.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../src/session/session.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl, memoryJournal} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';

const id = 'f00dfeedf00dfeed';

/** Two gates of two sessions each, one uid twice, and three records. */
function world(more: CliWorld = {}): CliWorld {
  const settings = stringBag(['a', 'b', 'c'].map((key) => [key, key]));
  const one = new FakeGate('Gate@a', [
    aRow({sessionId: id, userId: 'neo', settings}),
    aRow({userId: 'trinity'}),
  ]);
  const other = new FakeGate('Gate@b', [
    aRow({userId: 'neo'}),
    aRow({userId: 'smith', network: 'websocket'}),
  ]);
  for (const uid of ['u1', 'u2', 'u3'])
    one.records.set(uid, {uid, value: encodeSession(aSession({userId: uid})), revision: '1', expiresAt: 0});
  return {gates: [one, other], ...more};
}

/** Commands that list, and how many rows they have without a limit; null where nobody can count them. */
const lists: readonly (readonly [line: string, total: number | null])[] = [
  ['sessions list', 4],
  ['sessions list --network tcp', 3],
  ['sessions top', 4],
  ['sessions find neo', 2],
  ['sessions count --by uid', 3],
  ['sessions count', 2],
  ['settings list f00dfeedf00dfeed', 3],
  ['records list', null],
  ['records list --uid u*', null],
  ['records list --sort uid', 3],
  ['records list --uid u* --sort expires:asc', 3],
  ['gates list', 2],
  ['gates info', 2],
  ['gates ping', 2],
  ['gates resume Gate@a Gate@b', 2],
  ['anomalies --checks duplicate-uid,no-server', 5],
  ['context list', 2],
];

describe('C12: a truncated list', () => {
  const contexts = {one: {}, two: {}};

  test.each(lists)('%s says so, and how many there are', async (line, total) => {
    const cut = {limited: true, total};
    const json = await gatectl(`${line} --limit 1 -o json`, world({contexts}));
    expect(JSON.parse(json.out)).toMatchObject({...cut, complete: true, items: [expect.anything()]});
    const yaml = await gatectl(`${line} --limit 1 -o yaml`, world({contexts}));
    expect(yaml.out).toContain('\nlimited: true\n');
    const jsonl = await gatectl(`${line} --limit 1 -o jsonl`, world({contexts}));
    expect(JSON.parse(jsonl.out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      summary: {count: 1, ...cut},
    });
    for (const format of ['csv', 'tsv', 'ids', 'table']) {
      const {err} = await gatectl(`${line} --limit 1 -o ${format}`, world({contexts}));
      expect(err).toMatch(total === null ? 'showing 1: there may be more' : `showing 1 of ${total}`);
    }
  });

  test.each(lists.filter(([, total]) => total !== null))(
    '%s says nothing where all are shown',
    async (line, total) => {
      const {out, err} = await gatectl(`${line} --limit ${total} -o json`, world({contexts}));
      expect(JSON.parse(out)).toMatchObject({limited: false});
      expect(err).not.toContain('showing');
    },
  );

  test.each(['sessions list --columns uid', 'records list --columns uid,expires'])(
    '%s is refused with -o ids, which has no columns',
    async (line) => {
      const {code, out, err} = await gatectl(`${line} -o ids`, world());
      expect([code, out]).toEqual([2, '']);
      expect(err).toContain('conflicting flags --columns and "-o ids"');
      expect(err).toMatch(/-o tsv --columns uid/);
    },
  );

  test('top reports its default limit', async () => {
    const gate = new FakeGate(
      'Gate@a',
      Array.from({length: 21}, () => aRow()),
    );
    const {out} = await gatectl('sessions top -o json', {gates: [gate]});
    expect(JSON.parse(out)).toMatchObject({limited: true, total: 21});
  });

  test('audit list, snapshot list and snapshot diff report it', async () => {
    await using folder = await temporaryFolder();
    const some = world({journal: memoryJournal(), stateFolder: folder.path});
    for (const key of ['x', 'y']) await gatectl(`settings set ${id} ${key}=1`, some);
    const [before, after] = ['before', 'after'].map((name) => `${folder.path}/snapshots/${name}.jsonl`);
    await gatectl(`snapshot save ${before}`, some);
    await gatectl(`snapshot save ${after}`, {gates: [new FakeGate('Gate@a'), new FakeGate('Gate@b')]});
    for (const [line, total] of [
      ['audit list', 2],
      ['snapshot list', 2],
      [`snapshot diff ${before} ${after}`, 4],
    ] as const) {
      const {out} = await gatectl(`${line} --limit 1 -o json`, some);
      expect(JSON.parse(out), line).toMatchObject({limited: true, total, items: [expect.anything()]});
      const {err} = await gatectl(`${line} --limit 1 -o csv`, some);
      expect(err).toContain(`showing 1 of ${total} (--limit)`);
    }
    const exported = await gatectl('audit export --limit 1', some);
    expect(exported.out.trimEnd().split('\n')).toHaveLength(1);
    expect(exported.out).toContain('y=1'); // the newest
    expect(exported.err).toContain('showing 1 of 2 (--limit)');
    expect(openJournal(folder.path).name).toBe(folder.path);
  });

  test('anomalies counts all findings, not only those shown', async () => {
    const findings = new AnomalyCollector(['old-guest']);
    const one = {
      check: 'old-guest',
      severity: 'low',
      subject: 's',
      evidence: [],
      sessions: [],
      next: '',
    } as const;
    for (let at = 0; at < maxAnomaliesPerCheck + 5; at += 1) findings.add(one as never);
    expect(findings.bySeverity.low).toBe(maxAnomaliesPerCheck + 5);
    const guests = Array.from({length: maxAnomaliesPerCheck + 5}, () => aRow({}, {connectedAt: 1}));
    const gate = new FakeGate('Gate@a', guests);
    gate.now = () => 100_000_000;
    const {out, err} = await gatectl('anomalies --checks old-guest -o json', {
      gates: [gate],
      now: 100_000_000,
    });
    const report = JSON.parse(out);
    const [{check, found}] = report.checks;
    expect({check, found}).toEqual({check: 'old-guest', found: maxAnomaliesPerCheck + 5});
    expect(report).toMatchObject({limited: true, total: found});
    expect(report.high + report.medium + report.low).toBe(found);
    expect(report.items).toHaveLength(maxAnomaliesPerCheck);
    expect(err).toContain(`showing ${maxAnomaliesPerCheck} of ${found}`);
  });
});

test.each([
  ['--sort age', 'oldest first; for the newest: --sort age:asc'],
  ['--sort=-age', 'newest first; for the oldest: --sort age:desc'],
  ['--sort uid', undefined],
])('sessions list %s --limit 1 says which end is shown', async (sort, direction) => {
  const gate = new FakeGate('Gate@a1');
  for (const sessionId of ['5f0084b6970dc312', '77aa84b6970dc399']) gate.add(aRow({sessionId}));
  const {err} = await gatectl(`sessions list ${sort} --limit 1`, {gates: [gate]});
  expect(err).toBe(`showing 1 of 2 (--limit)\n${direction === undefined ? '' : `${direction}\n`}`);
});

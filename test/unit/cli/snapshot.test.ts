import {promises as fs} from 'node:fs';
import path from 'node:path';
import {gunzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {CallError} from '../../../src/base/errors.js';
import {catalogue} from '../../../src/cli/catalogue.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {dangersIn, evilSession} from '../../support/evil.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {type CliOutcome, type CliWorld, gatectl} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const inFolder = (name: string): string => path.join(folder.path, name);

function cluster(): readonly FakeGate[] {
  const a = new FakeGate('Gate@a', [
    aRow({sessionId: 's1', serverId: 'Gate@a', userId: 'u1', settings: stringBag([['vip', '1']])}),
    aRow({sessionId: 's2', serverId: 'Gate@a', userId: ''}, {received: 90}),
    aRow({...evilSession('s3', 'Gate@a')}),
  ]);
  return [a, new FakeGate('Gate@b', [aRow({sessionId: 's4', serverId: '', userId: 'u1'})])];
}

function silence(gate: FakeGate | undefined): void {
  if (gate === undefined) throw new Error('no gate');
  gate.before = (fn) => {
    throw new CallError({reason: 'timeout', node: gate.nodeId, fn}, `${gate.nodeId} did not answer`);
  };
}

/** Nobody may be asked. */
const nobody: CliWorld = {
  openCluster: async () => {
    throw new Error('the cluster was opened');
  },
};

async function save(gates: readonly FakeGate[], name: string, ...more: readonly string[]) {
  return await gatectl(['snapshot', 'save', inFolder(name), '-o', 'json', ...more], {gates});
}

describe('snapshot save', () => {
  test('writes a header and one session per line, readable by the owner only', async () => {
    const {code, out} = await save(cluster(), 'one.jsonl');
    expect({code, said: JSON.parse(out)}).toMatchObject({
      code: 0,
      said: {sessions: 4, complete: true, file: inFolder('one.jsonl'), savedAt: '2026-01-01T12:00:00.000Z'},
    });
    const text = await fs.readFile(inFolder('one.jsonl'), 'utf8');
    expect(dangersIn(text)).toEqual([]);
    const [header, ...rows] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(header.snapshot).toMatchObject({
      ...{version: 1, server: 'nats://127.0.0.1:4222', where: null, sessions: 4, complete: true},
      gates: [
        {node: {id: 'Gate@a'}, outcome: {status: 'ok', count: 3}, info: {sessions: 3}, stats: {connects: 3}},
        {node: {id: 'Gate@b'}, outcome: {status: 'ok', count: 1}},
      ],
    });
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatchObject({id: 's1', gate: 'Gate@a', uid: 'u1', settings: {vip: '1'}});
    expect((await fs.stat(inFolder('one.jsonl'))).mode & 0o777).toBe(0o600);
    expect(await fs.readdir(folder.path)).toEqual(['one.jsonl']);
  });

  test('gzips by file name, to the same lines', async () => {
    await save(cluster(), 'one.jsonl', '--force');
    await save(cluster(), 'one.jsonl.gz');
    const unzipped = gunzipSync(await fs.readFile(inFolder('one.jsonl.gz'))).toString();
    expect(unzipped).toBe(await fs.readFile(inFolder('one.jsonl'), 'utf8'));
  });

  test('refuses to overwrite a file without --force', async () => {
    await fs.writeFile(inFolder('mine.jsonl'), 'precious');
    expect(await save(cluster(), 'mine.jsonl')).toMatchObject({
      code: 2,
      err: expect.stringContaining('already exists'),
    });
    expect(await fs.readFile(inFolder('mine.jsonl'), 'utf8')).toBe('precious');
    expect((await save(cluster(), 'mine.jsonl', '--force')).code).toBe(0);
    await fs.rm(inFolder('mine.jsonl'));
  });

  test('exits 74 for an unwritable folder and leaves nothing behind', async () => {
    expect(await gatectl('snapshot save /dev/null/x.jsonl', {gates: cluster()})).toMatchObject({
      code: 74,
      err: expect.stringContaining('cannot write "/dev/null/x.jsonl"'),
    });
  });

  test('saves to the snapshot folder by default, where it is listed and found by name', async () => {
    const world = {gates: cluster(), stateFolder: inFolder('state'), contexts: {prod: {}}, selected: 'prod'};
    expect((await gatectl('snapshot save', world)).code).toBe(0);
    const {out} = await gatectl('snapshot list', world);
    expect(out.split('\t').slice(0, 6)).toEqual([
      'prod-20260101T120000Z.jsonl.gz',
      '2026-01-01T12:00:00.000Z',
      'prod',
      '4',
      '2',
      'yes',
    ]);
    const {code} = await gatectl('sessions count --snapshot prod-20260101T120000Z', {...world, ...nobody});
    expect(code).toBe(0);
    await fs.writeFile(inFolder('state/snapshots/broken.jsonl'), '{"a":1}\n');
    const listed = await gatectl('snapshot list -o json', world);
    expect(JSON.parse(listed.out).items[1]).toMatchObject({
      name: 'broken.jsonl',
      fault: expect.stringContaining('is not a gatectl snapshot'),
    });
  });
});

/** An outcome without the order of the gates, and how far each was read for a limit. */
function told({code, out}: CliOutcome, isLimited: boolean): {readonly code: number; readonly out: unknown} {
  if (!out.startsWith('{')) return {code, out};
  const {gates, ...rest} = JSON.parse(out) as {readonly gates?: readonly {node: string; count: number}[]};
  const sorted = gates?.toSorted((left, right) => (left.node < right.node ? -1 : 1));
  return {
    code,
    out: {...rest, gates: sorted?.map(({count, ...gate}) => (isLimited ? gate : {...gate, count}))},
  };
}

describe('reading a snapshot', () => {
  const reads = [
    'sessions list',
    'sessions list --where guest',
    'sessions list --uid u1 --sort -id',
    'sessions list --gate Gate@b',
    'sessions list --gate Gate@a --limit 2', // of several gates the first to answer would be listed
    'sessions count',
    'sessions count --by network',
    'sessions count --setting vip=1',
    'sessions top --by received --limit 2',
    'sessions get s1',
    'sessions get Gate@b/s4',
    'sessions get nobody',
    'sessions find u1',
    'sessions find nobody',
    'settings list s1',
    'settings get s1 vip',
    'gates list',
    'gates info',
    'gates info Gate@b',
    'gates info Gate@x',
    'anomalies --checks duplicate-uid,old-guest,no-server',
  ];

  test.each(reads)('"%s" says of a snapshot what it says of the cluster', async (line) => {
    await save(cluster(), 'reads.jsonl.gz', '--force');
    for (const format of / (?:find|get) /.test(line) ? ['json', 'tsv'] : ['json', 'tsv', 'table']) {
      const live = await gatectl([...line.split(' '), '-o', format], {gates: cluster()});
      const saved = await gatectl(
        [...line.split(' '), '-o', format, '--snapshot', inFolder('reads.jsonl.gz')],
        nobody,
      );
      const isLimited = line.includes('--limit');
      expect(told(saved, isLimited)).toEqual(told(live, isLimited));
    }
  });

  test('shows a gate that was silent as silent', async () => {
    const gates = cluster();
    silence(gates[1]);
    const {code, err} = await save(gates, 'partial.jsonl');
    expect({code, err}).toEqual({code: 3, err: expect.stringContaining('Gate@b did not answer')});
    const from = ['--snapshot', inFolder('partial.jsonl')];
    for (const line of ['sessions list', 'sessions count', 'sessions find u1', 'gates info']) {
      const read = await gatectl([...line.split(' '), ...from], nobody);
      expect(read, line).toMatchObject({code: 3, err: expect.stringContaining('Gate@b did not answer')});
    }
    expect((await gatectl(['sessions', 'get', 'nobody', ...from], nobody)).code).toBe(3);
    expect((await gatectl(['sessions', 'list', '--allow-partial', ...from], nobody)).code).toBe(0);
  });

  test('prints its age, and computes ages for its time', async () => {
    await save(cluster(), 'old.jsonl');
    const world = {...nobody, now: Date.UTC(2026, 0, 2, 12), terminal: 'all' as const};
    const {out, err} = await gatectl(['sessions', 'get', 's1', '--snapshot', inFolder('old.jsonl')], world);
    expect(err).toBe('as of 2026-01-01T12:00:00.000Z (1d ago), from nats://127.0.0.1:4222\n');
    expect(out).toContain('s1');
    const listed = await gatectl(['sessions', 'list', '--snapshot', inFolder('old.jsonl')], world);
    expect(listed.out).toMatch(/s1 .* 2s +1s/);
  });

  const writes = catalogue.filter(({risk}) => risk !== 'read');

  test.each(writes.map(({path: name}) => name))('"%s" is refused: exit 4', async (name) => {
    await save(cluster(), 'writes.jsonl', '--force');
    const targets = ['s1', name === 'records expire' ? '10m' : 'a=b', 'c'].slice(
      0,
      (await argumentsOf(name)) ?? 0,
    );
    const {code, err} = await gatectl(
      [...name.split(' '), ...targets, '--yes', '--snapshot', inFolder('writes.jsonl')],
      nobody,
    );
    expect({code, err}).toEqual({code: 4, err: expect.stringContaining('is read-only')});
  });

  test.each([
    ['sessions watch', 'cannot run "sessions watch" on the snapshot'],
    ['gates ping', 'it needs the live cluster'],
    ['trace', 'it needs the live cluster'],
    ['records list', 'has no records'],
    ['sessions list --records', 'contains only sessions that gates listed'],
    ['sessions find u1 --tap 1s', 'contains only sessions that gates listed'],
  ])('"%s" exits 2 for a snapshot', async (line, fault) => {
    await save(cluster(), 'cannot.jsonl', '--force');
    const {code, err} = await gatectl([...line.split(' '), '--snapshot', inFolder('cannot.jsonl')], nobody);
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining(fault)});
  });

  describe('a snapshot with records', () => {
    const record = (uid: string, settings: Readonly<Record<string, string>>) => ({
      uid,
      value: encodeSession(
        newSession({userId: uid, sessionId: `of ${uid}`, settings: stringBag(Object.entries(settings))}),
      ),
      revision: '7',
      expiresAt: 1_767_300_000_000,
    });
    function withRecords(): readonly FakeGate[] {
      const gates = cluster();
      gates[0]?.records.set('u1', record('u1', {level: '41'}));
      gates[0]?.records.set('\u001bu2', {...record('\u001bu2', {}), value: Buffer.from([0xff])});
      gates[1]?.records.set('u3', record('u3', {}));
      return gates;
    }
    const from = (line: readonly string[], name: string) =>
      gatectl([...line, '--snapshot', inFolder(name)], nobody);

    test.each(['records.jsonl', 'records.jsonl.gz'])('%s answers as the cluster did', async (name) => {
      const gates = withRecords();
      const saved = await save(gates, name, '--records', '--force');
      expect({code: saved.code, said: JSON.parse(saved.out)}).toMatchObject({
        code: 0,
        said: {sessions: 4, records: 3},
      });
      for (const line of [
        ['records', 'list', '-o', 'jsonl'],
        ['records', 'list', '--gate', 'Gate@b', '-o', 'ids'],
        ['records', 'list', '--setting', 'level=41', '-o', 'ids'],
        ['records', 'get', 'u1', '-o', 'json'],
        ['records', 'get', 'u3'],
        ['records', 'diff', 'u1', '-o', 'json'],
        ['records', 'export'],
        ['sessions', 'count'],
      ]) {
        const [then, live] = [await from(line, name), await gatectl(line, {gates: withRecords()})];
        expect({line, code: then.code, out: then.out.replaceAll(/"ms": ?[\d.]+/g, '')}).toEqual({
          line,
          code: live.code,
          out: live.out.replaceAll(/"ms": ?[\d.]+/g, ''),
        });
      }
      const nobodys = await from(['records', 'get', 'u9'], name);
      expect({code: nobodys.code, err: nobodys.err}).toMatchObject({
        code: 1,
        err: expect.stringContaining('no record for uid "u9" was on any of 2 gates'),
      });
    });

    test('names a gate whose records could not be read', async () => {
      const gates = withRecords();
      const [, second] = gates;
      if (second === undefined) throw new Error('two gates');
      second.before = (fn) => {
        if (fn !== 'GatectlRecordList') return;
        throw new CallError({reason: 'timeout', node: 'Gate@b', fn}, 'Gate@b did not answer');
      };
      const saved = await save(gates, 'records-partial.jsonl', '--records');
      expect(saved.code).toBe(3);
      expect((await from(['records', 'list'], 'records-partial.jsonl')).code).toBe(3);
      expect((await from(['records', 'get', 'u3'], 'records-partial.jsonl')).code).toBe(3);
      expect((await from(['sessions', 'list'], 'records-partial.jsonl')).code).toBe(0);
    });

    test('exits 9 for a missing or invalid record', async () => {
      await save(withRecords(), 'cut-records.jsonl', '--records');
      const lines = (await fs.readFile(inFolder('cut-records.jsonl'), 'utf8')).trimEnd().split('\n');
      for (const [content, fault] of [
        [lines.slice(0, -1), '2 of 3 records'],
        [[...lines.slice(0, -1), '{"record":{"uid":7}}'], 'is not a record'],
      ] as const) {
        await fs.writeFile(inFolder('cut-records.jsonl'), `${content.join('\n')}\n`);
        const {code, err} = await from(['records', 'list'], 'cut-records.jsonl');
        expect({code, err}).toEqual({code: 9, err: expect.stringContaining(fault)});
      }
    });
  });

  test('rejects a file that is not a complete snapshot', async () => {
    await save(cluster(), 'whole.jsonl');
    await save(cluster(), 'whole.jsonl.gz');
    const [text, zipped] = [
      await fs.readFile(inFolder('whole.jsonl'), 'utf8'),
      await fs.readFile(inFolder('whole.jsonl.gz')),
    ];
    const lines = text.trimEnd().split('\n');
    for (const [content, code, fault] of [
      ['', 2, 'is empty'],
      ['{}\n', 2, 'is not a gatectl snapshot'],
      ['garbage\n', 2, 'is not a gatectl snapshot'],
      [text.replace('"version":1', '"version":9'), 2, 'has snapshot format 9'],
      [text.replace('"sessions":4', '"sessions":"4"'), 2, 'is damaged'],
      [lines.slice(0, -1).join('\n'), 9, 'is truncated: 3 of 4 sessions'],
      [`${lines.slice(0, 2).join('\n')}\n{"id":1}\n`, 9, 'line 3 in snapshot'],
      [zipped.subarray(0, -20), 9, 'is damaged'],
    ] as const) {
      await fs.writeFile(inFolder('bad'), content);
      const read = await gatectl(['sessions', 'list', '--snapshot', inFolder('bad')], nobody);
      expect({code: read.code, err: read.err}).toEqual({code, err: expect.stringContaining(fault)});
    }
    expect(await gatectl('sessions list --snapshot nowhere', nobody)).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot read "nowhere": no such file'),
    });
  });
});

/** How many arguments the command must have. */
async function argumentsOf(name: string): Promise<number | undefined> {
  const {out} = await gatectl([...name.split(' '), '--help']);
  return /Usage: .*/.exec(out)?.[0].match(/<[^>]+>/g)?.length;
}

describe('snapshot diff', () => {
  const at = (gate: string, sessionId: string, userId: string, settings: Record<string, string> = {}) =>
    aRow({sessionId, userId, serverId: gate, settings: stringBag(Object.entries(settings))});

  const earlier = (): readonly FakeGate[] => [
    new FakeGate('Gate@a', [
      at('Gate@a', 'same', 'u0', {a: '1'}),
      at('Gate@a', 'left', 'u1'),
      at('Gate@a', 'old', 'mover'),
      at('Gate@a', 'old2', 'again'),
      at('Gate@a', 'rebound', 'was'),
      at('Gate@a', 'set', 'u2', {keep: '1', change: 'x', drop: 'y'}),
    ]),
    new FakeGate('Gate@b', []),
  ];
  const later = (): readonly FakeGate[] => [
    new FakeGate('Gate@a', [
      at('Gate@a', 'same', 'u0', {a: '1'}),
      at('Gate@a', 'new2', 'again'),
      at('Gate@a', 'rebound', 'is'),
      at('Gate@a', 'set', 'u2', {keep: '1', change: 'z', add: 'w'}),
      at('Gate@a', 'joined', ''),
    ]),
    new FakeGate('Gate@b', [at('Gate@b', 'new', 'mover')]),
  ];

  test('reports joined, left, moved, reconnected, rebound and settings', async () => {
    await save(earlier(), 'before.jsonl');
    await save(later(), 'after.jsonl.gz');
    const line = ['snapshot', 'diff', inFolder('before.jsonl'), inFolder('after.jsonl.gz')];
    const {code, out, err} = await gatectl([...line, '-o', 'json'], nobody);
    const {items, ...about} = JSON.parse(out);
    expect({code, about}).toMatchObject({
      code: 0,
      about: {
        ...{joined: 1, left: 1, moved: 1, reconnected: 1, rebound: 1, settings: 1, unknown: 0},
        ...{sessionsBefore: 6, sessionsAfter: 6, complete: true},
      },
    });
    expect(items.map((item: {change: string}) => item.change).sort()).toEqual([
      'joined',
      'left',
      'moved',
      'rebound',
      'reconnected',
      'settings',
    ]);
    const of = (kind: string) => items.find((item: {change: string}) => item.change === kind);
    expect(of('moved')).toMatchObject({
      before: {gate: 'Gate@a', id: 'old', uid: 'mover'},
      after: {gate: 'Gate@b', id: 'new', uid: 'mover'},
    });
    expect(of('settings').settings).toEqual({
      change: {before: 'x', after: 'z'},
      drop: {before: 'y', after: null},
      add: {before: null, after: 'w'},
    });
    expect(err).toBe('6 → 6 sessions: 1 joined, 1 left, 1 moved, 1 reconnected, 1 rebound, 1 settings\n');
    const table = await gatectl(line, {...nobody, terminal: 'all'});
    expect(table.out).toContain('was on Gate@a; was old');
  });

  test('compares with the live cluster', async () => {
    await save(earlier(), 'until-now.jsonl');
    const {code, err} = await gatectl(['snapshot', 'diff', inFolder('until-now.jsonl')], {gates: later()});
    expect({code, err}).toMatchObject({code: 0, err: expect.stringContaining('1 joined, 1 left, 1 moved')});
    const same = await gatectl(['snapshot', 'diff', inFolder('until-now.jsonl'), '-o', 'ids'], {
      gates: earlier(),
    });
    expect(same.out).toBe('');
  });

  test('reports no change for sessions of a silent gate', async () => {
    const gates = later();
    silence(gates[0]);
    await save(earlier(), 'b.jsonl');
    await save(gates, 'a.jsonl');
    const {code, out} = await gatectl(
      ['snapshot', 'diff', inFolder('b.jsonl'), inFolder('a.jsonl'), '-o', 'json'],
      nobody,
    );
    expect({code, about: JSON.parse(out)}).toMatchObject({
      code: 3,
      about: {left: 0, joined: 1, moved: 0, unknown: 6, complete: false},
    });
  });
});

import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {CallError} from '../../../src/base/errors.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {dangersIn} from '../../support/evil.js';
import {FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const inFolder = (name: string): string => path.join(folder.path, name);
const evilUid = 'u\u001b]0;evil\u0007';

interface Stored {
  readonly session?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly revision?: string;
  readonly expiresAt?: number;
  readonly value?: Buffer;
}

/** Two gates with a store each; of each uid what its record holds. */
function cluster(
  onA: Readonly<Record<string, Stored>>,
  onB: Readonly<Record<string, Stored>> = {},
): FakeGate[] {
  return [onA, onB].map((stored, at) => {
    const gate = new FakeGate(`Gate@${'ab'[at]}`, []);
    for (const [uid, record] of Object.entries(stored)) {
      const {session = 's', settings = {}, revision = '1', expiresAt = 0} = record;
      const about = {userId: uid, sessionId: session, serverId: gate.nodeId, ip: '10.0.0.1:1'};
      const encoded = encodeSession(newSession({...about, settings: stringBag(Object.entries(settings))}));
      gate.records.set(uid, {uid, value: record.value ?? encoded, revision, expiresAt});
    }
    return gate;
  });
}

const save = (gates: readonly FakeGate[], name: string) =>
  gatectl(['snapshot', 'save', inFolder(name), '--records', '--force'], {gates});

const diff = (line: readonly string[], gates?: readonly FakeGate[]) =>
  gatectl(['snapshot', 'diff', ...line, '--records'], gates === undefined ? {} : {gates});

const earlier = () =>
  cluster({
    same: {settings: {a: '1'}},
    renewed: {revision: '1', expiresAt: 1_767_300_000_000},
    removed: {session: 'r1'},
    settings: {settings: {keep: '1', change: 'x', drop: 'y'}},
    session: {session: 'old'},
    damaged: {},
    [evilUid]: {},
  });
const later = () =>
  cluster(
    {
      same: {settings: {a: '1'}},
      renewed: {revision: '9', expiresAt: 1_767_400_000_000},
      settings: {settings: {keep: '1', change: 'z\u001b[2J', add: 'w'}},
      damaged: {value: Buffer.from([0xff])},
    },
    {session: {session: 'new'}, added: {session: 'a1'}},
  );

describe('snapshot diff --records', () => {
  test('reports added, removed and changed records by uid, and ignores other revisions and times', async () => {
    await save(earlier(), 'before.jsonl');
    await save(later(), 'after.jsonl.gz');
    const line = [inFolder('before.jsonl'), inFolder('after.jsonl.gz')];
    const {code, out, err} = await diff([...line, '-o', 'json']);
    const {items, ...about} = JSON.parse(out);
    expect({code, about}).toMatchObject({
      code: 0,
      about: {
        added: 1,
        removed: 2,
        changed: 3,
        unknown: 0,
        recordsBefore: 7,
        recordsAfter: 6,
        complete: true,
      },
    });
    const of = (uid: string) => items.find((item: {uid: string}) => item.uid === uid);
    expect(of('added')).toMatchObject({change: 'added', before: null, after: {gate: 'Gate@b', id: 'a1'}});
    expect(of('removed')).toMatchObject({change: 'removed', before: {gate: 'Gate@a', id: 'r1'}, after: null});
    expect(of('session')).toMatchObject({
      change: 'changed',
      before: {gate: 'Gate@a', id: 'old', ip: '10.0.0.1:1'},
      after: {gate: 'Gate@b', id: 'new'},
      settings: {},
    });
    expect(of('settings').settings).toEqual({
      change: {before: 'x', after: 'z\u001b[2J'},
      drop: {before: 'y', after: null},
      add: {before: null, after: 'w'},
    });
    expect(of('damaged').after).toMatchObject({gate: null, id: null, bytes: 1});
    expect(of('damaged').after.undecodable).not.toBeNull();
    expect(err).toBe('7 → 6 records: 1 added, 2 removed, 3 changed\n');
    const table = await diff(line);
    expect(table.out).toContain('was on Gate@a; was old');
    expect(table.out).toContain('is undecodable: ');
    expect(dangersIn(table.out)).toEqual([]);
  });

  test('compares with the live cluster, and prints nothing without a change', async () => {
    await save(earlier(), 'until-now.jsonl');
    const now = await diff([inFolder('until-now.jsonl'), '-o', 'ids'], later());
    expect({code: now.code, uids: now.out.trim().split('\n').sort()}).toMatchObject({
      code: 0,
      uids: ['added', 'damaged', 'removed', 'session', 'settings', expect.stringContaining('u')],
    });
    const same = await diff([inFolder('until-now.jsonl'), '-o', 'ids'], earlier());
    expect({code: same.code, out: same.out}).toEqual({code: 0, out: ''});
  });

  test('reports no change for records of an unreadable gate', async () => {
    await save(cluster({u1: {}}, {u2: {}, u3: {}}), 'whole.jsonl');
    const gates = cluster({u1: {}, u4: {}}, {u2: {}, u3: {}});
    const [, second] = gates;
    if (second === undefined) throw new Error('two gates');
    second.before = (fn) => {
      if (fn !== 'GatectlRecordList') return;
      throw new CallError({reason: 'timeout', node: 'Gate@b', fn}, 'Gate@b did not answer');
    };
    await save(gates, 'partial.jsonl');
    const there = await diff([inFolder('whole.jsonl'), inFolder('partial.jsonl'), '-o', 'json']);
    expect({code: there.code, about: JSON.parse(there.out)}).toMatchObject({
      code: 3,
      about: {added: 1, removed: 0, unknown: 2, complete: false},
    });
    const back = await diff([inFolder('partial.jsonl'), inFolder('whole.jsonl'), '-o', 'json']);
    expect({code: back.code, about: JSON.parse(back.out)}).toMatchObject({
      code: 3,
      about: {added: 0, removed: 1, unknown: 2},
    });
  });

  test.each([0, 1])('a snapshot without records is named, whichever of the two it is: exit 2', async (at) => {
    await save(earlier(), 'with.jsonl');
    await gatectl(['snapshot', 'save', inFolder('without.jsonl'), '--force'], {gates: earlier()});
    const names = ['with.jsonl', 'with.jsonl'].with(at, 'without.jsonl').map(inFolder);
    const {code, err} = await diff(names);
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining('without.jsonl" has no records')});
    expect(err).toContain('snapshot save --records');
  });
});

import {describe, expect, test} from 'vitest';
import {toCamelCase} from '../../../src/cli/line/flag-names.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../src/session/session.js';
import {callBytes, caller, resultBytes, span, text} from '../../support/envelopes.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl, memoryJournal} from '../../support/run-cli.js';
import {TapBus} from '../../support/tap-bus.js';
import {temporaryFolder} from '../../support/temp.js';

const [id, guest, trinity] = ['f00dfeedf00dfeed', 'f00dfeedf00dfee0', 'f00dfeedf00dfee1'];

function world(more: CliWorld = {}): CliWorld {
  const settings = stringBag([['room', 'lobby']]);
  const one = new FakeGate('Gate@a', [
    aRow({sessionId: id, userId: 'neo', settings}),
    aRow({sessionId: guest}),
  ]);
  const other = new FakeGate('Gate@b', [aRow({sessionId: trinity, userId: 'trinity'})]);
  one.records.set('neo', {
    ...{uid: 'neo', revision: '1', expiresAt: 1},
    value: encodeSession(aSession({userId: 'neo'})),
  });
  const {info} = one;
  const admission = {
    ...{
      authenticate: 'none',
      limits: {maxSessions: 9},
      warmUpMs: 0,
      origins: ['https://a'],
      certificates: [],
    },
  };
  const health = {waitingBytes: 1, loopDelayMs: 1, residentBytes: 2, heapBytes: 1, heapLimitBytes: 2};
  one.info = async () => {
    const {storage, ...whole} = await info.call(one);
    return {...whole, admission, health, storage: {...storage, failure: 'connection refused'}};
  };
  const tapBus = new TapBus([
    ['mqant.gate.Gate.a', callBytes('1', 'Update', [span, text(id)])],
    [caller, resultBytes('1')],
  ]);
  const contexts = {prod: {server: 'nats://prod:4222', readOnly: true}};
  return {gates: [one, other], contexts, tapBus, ...more};
}

/** Columns that show a member in another form: an age for a timestamp, or a text made of several members. */
const madeOf: Readonly<Record<string, readonly string[]>> = {
  AGE: ['connectedAt', 'at'],
  IDLE: ['lastActiveAt'],
  UPTIME: ['startedAt'],
  SOFTWARE: ['softwareVersion'],
  DETAIL: ['why', 'outcome', 'before', 'state'],
  MEMORY: ['residentBytes'],
  TARGET: ['changes', 'input'],
  OUTCOME: ['exitCode'],
};

/** Names of members, and of those inside them: a record has the `id` of its session, a summary the `p50` of `ms`. */
function membersOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(membersOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    name,
    ...membersOf(inner).flatMap((below) => [below, toCamelCase(`${name}-${below}`)]),
  ]);
}

/** Columns without a member of their name, which may end with `At`, `Ms` or `Bytes`. */
function unnamed(columns: readonly string[], item: unknown): readonly string[] {
  const members = membersOf(item);
  return columns.filter((column) => {
    const name = toCamelCase(column.toLowerCase().replaceAll(' ', '-'));
    const names = [name, `${name}At`, `${name}Ms`, `${name}Bytes`, ...(madeOf[column] ?? [])];
    return !names.some((one) => members.includes(one));
  });
}

async function columnsOf(line: string, some: CliWorld): Promise<readonly string[]> {
  const {out} = await gatectl(`${line} -o csv`, some);
  return out.split('\n', 1)[0]?.replaceAll('"', '').split(',') ?? [];
}

async function firstItem(line: string, some: CliWorld): Promise<unknown> {
  const {out} = await gatectl(`${line} -o json`, some);
  const [item] = JSON.parse(out).items;
  expect(item).toBeDefined();
  return item;
}

const lists = [
  ...['sessions list', 'sessions top', 'sessions find neo', 'sessions count', `settings list ${id}`],
  ...['sessions kick --all --dry-run', 'sessions kick --all --yes', 'broadcast /t hello --yes'],
  ...['records list', 'records diff neo', `bind ${id} neo3 ${trinity} neo4 --dry-run`],
  ...['gates list', 'gates list --all-types', 'gates info', 'gates ping', 'gates drain Gate@a --dry-run'],
  ...['gates drain Gate@a --dry-run', 'gates drain Gate@a --yes', 'gates resume Gate@a'],
  ...['doctor', 'anomalies --severity low', 'trace --summary --for 30ms', 'context list', 'context show'],
];

describe('a column and its JSON member have the same name', () => {
  test.each(lists)('%s', async (line) => {
    expect(unnamed(await columnsOf(line, world()), await firstItem(line, world()))).toEqual([]);
  });

  test.each(['sessions watch --for 100ms', 'trace --for 30ms'])('%s', async (line) => {
    const {out} = await gatectl(`${line} -o jsonl`, world());
    const items = out
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one));
    expect(items.length).toBeGreaterThan(1);
    const event = {kind: 'bound', id: '', uid: '', gate: '', why: ''}; // a quiet watch has no event
    expect(unnamed(await columnsOf(line, world()), [event, ...items])).toEqual([]);
  });

  test('in the journal and in snapshots', async () => {
    await using folder = await temporaryFolder();
    const some = world({journal: memoryJournal(), stateFolder: folder.path});
    await gatectl(`sessions kick ${id} --yes --reason test`, some);
    for (const name of ['before', 'after']) {
      await gatectl(`snapshot save ${folder.path}/snapshots/${name}.jsonl --records`, some);
      some.gates?.[1]?.rows.clear();
      some.gates?.[0]?.records.clear();
    }
    const files = ['before', 'after'].map((name) => `${folder.path}/snapshots/${name}.jsonl`).join(' ');
    const diff = `snapshot diff ${files}`;
    for (const line of ['audit list', 'snapshot list', diff, `${diff} --records`])
      expect(unnamed(await columnsOf(line, some), await firstItem(line, some)), line).toEqual([]);
  });

  test('and the check finds a column without a member', () => {
    expect(unnamed(['ID', 'UP', 'EXPIRES', 'MS P50'], {id: '', expiresAt: '', ms: {p50: 1}})).toEqual(['UP']);
  });
});

test('--header names the columns of a trace summary in tsv too', async () => {
  const line = 'trace --summary --for 30ms -o tsv';
  expect((await gatectl(line, world())).out).toMatch(/^Update\t/);
  expect((await gatectl(`${line} --header`, world())).out).toMatch(/^FN\tTYPE\t.*\nUpdate\t/);
});

describe('columns, sort fields, selector fields and JSON members of a session have the same names', () => {
  const listed = async (rest: string) => await gatectl(`sessions list ${rest}`, world());

  test('every sort field is a column, and every column can be sorted by', async () => {
    const columns = (await columnsOf('sessions list', world())).map((name) => name.toLowerCase());
    const {err} = await listed('--sort nothing');
    const fields = /sort by (.*);/.exec(err)?.[1]?.split(', ') ?? [];
    expect([...fields].sort()).toEqual(
      [...columns.filter((name) => name !== 'settings'), 'settings.<key>'].sort(),
    );
  });

  test('every selector field is a column or a JSON member', async () => {
    const {err} = await gatectl(['sessions', 'list', '--where', 'zzzzzz'], world());
    const fields = /the fields are ([^;]*);/.exec(err)?.[1]?.split(', ') ?? [];
    expect(fields.length).toBeGreaterThan(8);
    const columns = fields.filter((name) => name !== 'guest').map((name) => name.toUpperCase());
    expect(await columnsOf('sessions list', world())).toEqual(expect.arrayContaining(columns));
    expect(await firstItem('sessions list', world())).toHaveProperty('guest');
  });

  test.each([
    ['--columns id,up --sort session', '--columns id,age --sort id'],
    ['--columns SESSION,uid --sort -up', '--columns id,uid --sort -age'],
    ['--columns Session --sort up:asc', '--columns id --sort age:asc'],
  ])('the older names still work: %s', async (older, today) => {
    const [one, other] = [await listed(older), await listed(today)];
    expect(one.code).toBe(0);
    expect(one).toEqual(other);
  });
});

import {promises as fs} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {CallError, ExitCode, OutcomeUnknownError, UnreachableError} from '../../../src/base/errors.js';
import {catalogue} from '../../../src/cli/catalogue.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const id = 'f00dfeedf00dfeed';
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
  const value = encodeSession(aSession({userId: 'neo'}));
  const line = {uid: 'neo', value: Buffer.from(value).toString('base64'), expiresAt: null};
  await fs.writeFile(`${folder.path}/records.jsonl`, `${JSON.stringify(line)}\n`);
  await gatectl(`snapshot save ${folder.path}/before.jsonl`, {gates: [new FakeGate('Gate@a')]});
  const planned = await gatectl(`sessions kick --all --plan ${folder.path}/plan`, {
    gates: [new FakeGate('Gate@a', [aRow()])],
  });
  expect(planned.code, planned.err).toBe(0);
});
afterAll(async () => await folder.remove());

/** A gate that is in the registry, and that nobody hears. */
function silentGate(reason: 'timeout' | 'no-responders' = 'timeout'): FakeGate {
  const gate = new FakeGate('Gate@a', [aRow({sessionId: id, userId: 'neo'})]);
  gate.before = (fn) => {
    throw new CallError({reason, node: 'Gate@a', fn}, 'Gate@a did not answer within 2000 ms');
  };
  return gate;
}

const editor = {edit: async () => {}, env: {EDITOR: 'ed'}};

/** A line for each command that asks gates. */
const asking: Readonly<Record<string, string>> = {
  'sessions list': '',
  'sessions get': id,
  'sessions find': 'neo',
  'sessions count': '',
  'sessions top': '',
  'sessions kick': `${id} --yes`,
  send: `${id} topic hello`,
  broadcast: 'topic hello --yes',
  bind: `${id} trinity`,
  unbind: id,
  'settings list': id,
  'settings get': `${id} room`,
  'settings set': `${id} a=b`,
  'settings unset': `${id} a`,
  'settings edit': id,
  'records list': '',
  'records get': 'neo',
  'records delete': 'neo --yes',
  'records set': 'neo a=b --yes',
  'records diff': 'neo',
  'records expire': 'neo 10m --yes',
  'records export': '',
  'records import': 'FOLDER/records.jsonl --yes',
  'gates list': '',
  'gates info': '',
  'gates ping': '',
  'gates drain': 'Gate@a --yes',
  'gates resume': 'Gate@a',
  anomalies: '',
  metrics: '',
  'snapshot save': 'FOLDER/silent.jsonl --force',
  'snapshot diff': 'FOLDER/before.jsonl',
};

/** Commands that ask no gate, have an end of their own, or are tested on processes. */
const others: readonly string[] = [
  ...['sessions watch', 'apply', 'settings undo', 'trace', 'doctor', 'dashboard', 'records probe'],
  ...[
    'decode',
    'encode',
    'snapshot list',
    'gate run',
    'gate passwd',
    'audit list',
    'audit export',
    'addon install',
    'plugin list',
    'completion',
    'dev',
    'demo',
  ],
  ...[
    'context list',
    'context add',
    'context edit',
    'context use',
    'context show',
    'context import-nats',
    'context remove',
  ],
];

const lineOf = (path: string, rest: string): string => `${path} ${rest.replaceAll('FOLDER', folder.path)}`;

describe('C8: exit codes of all commands', () => {
  test('every command is in this table or has a test of its own', () => {
    const paths = catalogue.map(({path}) => path);
    expect([...Object.keys(asking), ...others].sort()).toEqual([...paths].sort());
  });

  describe.each(Object.entries(asking))('%s', (path, rest) => {
    test.each(['', ' --allow-partial'])('is 8 when every gate is silent%s', async (more) => {
      for (const reason of ['timeout', 'no-responders'] as const) {
        const line = lineOf(path, rest) + more;
        const {code, err} = await gatectl(line, {gates: [silentGate(reason)], ...editor});
        expect(code, `${line}: ${err}`).toBe(ExitCode.unreachable);
        expect(err).toMatch(/(error|warning): /);
      }
    });

    test('is 8 when NATS cannot be reached', async () => {
      const openCluster = () => Promise.reject(new UnreachableError('cannot reach NATS'));
      const {code, err} = await gatectl(lineOf(path, rest), {openCluster, ...editor});
      expect(code, err).toBe(ExitCode.unreachable);
    });
  });

  /** Writes that were sent and not answered. */
  test.each([
    'sessions kick f00dfeedf00dfeed --yes',
    'sessions kick --all --yes',
    'send f00dfeedf00dfeed topic hello',
    'broadcast topic hello --yes',
    'broadcast topic hello --yes --allow-partial',
    'bind f00dfeedf00dfeed trinity',
    'unbind f00dfeedf00dfeed',
    'settings set f00dfeedf00dfeed a=b',
    'settings unset f00dfeedf00dfeed a',
    'records delete smith --yes',
    'records delete smith --yes --allow-partial',
    'records set smith a=b --yes',
    'records import FOLDER/records.jsonl --while-online --yes',
    'records import FOLDER/records.jsonl --while-online --overwrite --yes',
  ])('%s is 7 when the write timed out', async (line) => {
    const gate = new FakeGate('Gate@a', [aRow({sessionId: id, userId: 'neo'})]);
    gate.records.set('smith', {
      ...{uid: 'smith', value: encodeSession(aSession({userId: 'smith'})), revision: '1', expiresAt: 0},
    });
    gate.before = (fn) => {
      const isWrite = /Close|Send|BroadCast|Bind|Push|Set|Remove|Edit|Put|Delete/.test(fn);
      if (isWrite) throw new OutcomeUnknownError('Gate@a did not answer within 2000 ms');
    };
    const {code, err} = await gatectl(line.replace('FOLDER', folder.path), {gates: [gate]});
    expect(code, err).toBe(ExitCode.outcomeUnknown);
  });

  test('is 7 for a delete that one gate did and another did not answer', async () => {
    const record = {
      uid: 'smith',
      value: encodeSession(aSession({userId: 'smith'})),
      revision: '1',
      expiresAt: 0,
    };
    const gates = ['Gate@a', 'Gate@b'].map((node) => new FakeGate(node));
    for (const gate of gates) gate.records.set('smith', record);
    const [, other] = gates;
    if (other !== undefined)
      other.before = (fn) => {
        if (fn === 'GatectlRecordDelete') throw new OutcomeUnknownError('Gate@b did not answer');
      };
    const {code, err} = await gatectl('records delete smith --yes', {gates});
    expect(code, err).toBe(ExitCode.outcomeUnknown);
  });

  test('--allow-partial turns 3 into 0 only if a gate answered', async () => {
    const answering = (): FakeGate => new FakeGate('Gate@b', [aRow({userId: 'smith'})]);
    const world = (): CliWorld => ({gates: [silentGate(), answering()]});
    for (const line of [
      'sessions list',
      'sessions count',
      'records list',
      'gates list',
      'gates info',
      'anomalies --checks ghost',
    ]) {
      expect((await gatectl(line, world())).code, line).toBe(ExitCode.partial);
      expect((await gatectl(`${line} --allow-partial`, world())).code, line).toBe(ExitCode.done);
    }
    const stock = Object.assign(new FakeGate('Gate@a'), {stock: true});
    expect((await gatectl('sessions list --allow-partial', {gates: [stock]})).code).toBe(ExitCode.partial);
    const kick = 'sessions kick --all --yes --allow-partial';
    expect((await gatectl(kick, {gates: [silentGate()]})).code).toBe(ExitCode.unreachable);
  });

  test('is 3 for a watch with a gap, and 8 for one that reached no gate', async () => {
    const watch = async (gates: readonly FakeGate[], more = '') =>
      await gatectl(`sessions watch --for 300ms -o jsonl${more}`, {gates});
    const lossy = new FakeGate('Gate@a', [aRow()]);
    lossy.onWatched = () => lossy.emit({kind: 'connected'}, 3);
    expect(await watch([lossy])).toMatchObject({
      code: ExitCode.partial,
      err: expect.stringContaining('the watch is incomplete: 1 gap'),
    });
    const again = new FakeGate('Gate@a', [aRow()]);
    again.onWatched = () => again.emit({kind: 'connected'}, 3);
    expect((await watch([again], ' --allow-partial')).code).toBe(ExitCode.done);
    expect((await watch([new FakeGate('Gate@a')])).code).toBe(ExitCode.done);
    for (const more of ['', ' --allow-partial'])
      expect((await watch([silentGate()], more)).code).toBe(ExitCode.unreachable);
    expect((await watch([silentGate(), new FakeGate('Gate@b')])).code).toBe(ExitCode.partial);
    for (const more of ['', ' --allow-partial'])
      expect(await watch([], more)).toMatchObject({
        code: ExitCode.unreachable,
        err: expect.stringContaining('no gate was registered'),
      });
  });

  test.each([
    ...['help nosuch', 'help sessions nosuch', 'help sessions list extra', 'help exit-codes extra'],
    ...['nosuch --help', 'sessions nosuch --help', 'nosuch -h'],
  ])('%s is 2', async (line) => {
    expect(await gatectl(line)).toMatchObject({
      code: ExitCode.usage,
      out: '',
      err: expect.stringContaining('unknown'),
    });
  });

  test.each([
    'help',
    'help sessions',
    'help sessions list',
    'help exit-codes',
    'sessions list --help',
    'send x --help',
  ])('%s is 0', async (line) => {
    expect((await gatectl(line)).code).toBe(ExitCode.done);
  });
});

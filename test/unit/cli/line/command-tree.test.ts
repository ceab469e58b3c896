import {describe, expect, test} from 'vitest';
import {CallError} from '../../../../src/base/errors.js';
import {catalogue} from '../../../../src/cli/catalogue.js';
import {commandNouns} from '../../../../src/cli/command-identity.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {planFile} from '../../../support/plan-file.js';
import {gatectl} from '../../../support/run-cli.js';

const paths = catalogue.map(({path}) => path);
const id = 'f00dfeedf00dfeed';
const aGate = () => new FakeGate('Gate@a', [aRow({sessionId: id, userId: 'neo'})]);

const plan = planFile({action: 'kick', about: {}}, [{gate: 'Gate@a', id, uid: 'neo'}]);

/** A good line of each command that changes something. */
const writes: Readonly<Record<string, readonly string[]>> = {
  'sessions kick': ['sessions', 'kick', id, '--yes'],
  apply: ['apply', plan, '--yes'],
  send: ['send', id, '/t', 'x'],
  broadcast: ['broadcast', '/t', 'x', '--yes'],
  bind: ['bind', id, 'trinity'],
  unbind: ['unbind', id],
  'settings set': ['settings', 'set', id, 'a=b'],
  'settings unset': ['settings', 'unset', id, 'a'],
  'settings edit': ['settings', 'edit', id],
  'settings undo': ['settings', 'undo', id],
  'records set': ['records', 'set', 'neo', 'a=b'],
  'records expire': ['records', 'expire', 'neo', '10m'],
  'records import': ['records', 'import', '-'],
  'records delete': ['records', 'delete', 'neo', '--yes'],
  'gates drain': ['gates', 'drain', 'Gate@a', '--yes'],
  'gates resume': ['gates', 'resume', 'Gate@a'],
};
const reads = new Set([
  'Update',
  'IsConnect',
  'GatectlList',
  'GatectlFind',
  'GatectlCount',
  'GatectlInfo',
  'GatectlRecordGet',
  'GatectlRecordList',
]);

describe('every command', () => {
  test.each(paths)(
    '%s: its help has a usage line, its summary and two examples that begin with it',
    async (path) => {
      const {code, out} = await gatectl([...path.split(' '), '--help']);
      expect(code).toBe(0);
      expect(out).toContain(`gatectl ${path}`);
      const examples = out
        .split('\n')
        .filter((line) => line.startsWith('  ') && line.includes(`gatectl ${path}`));
      expect(examples.length).toBeGreaterThanOrEqual(2);
    },
  );

  test('is listed in the help, and every noun has a description', async () => {
    const {out} = await gatectl('--help');
    for (const path of paths) expect(out).toContain(path.split(' ')[0]);
    for (const about of Object.values(commandNouns)) expect(out).toContain(about);
  });

  test.each(catalogue.filter(({risk}) => risk !== 'read').map(({path}) => path))(
    '%s: is refused when read-only, by a flag, the environment or a context, and no gate is asked to write',
    async (path) => {
      const line = writes[path];
      expect(line, `a line for ${path}`).toBeDefined();
      for (const world of [
        {env: {GATECTL_READ_ONLY: '1'}},
        {contexts: {prod: {readOnly: true}}, selected: 'prod'},
      ]) {
        const gate = aGate();
        const {code, err} = await gatectl(line ?? [], {gates: [gate], ...world});
        expect(code).toBe(4);
        expect(err).toContain('read-only');
        expect(gate.calls.filter((fn) => !reads.has(fn))).toEqual([]);
      }
      expect((await gatectl([...(line ?? []), '--read-only'], {gates: [aGate()]})).code).toBe(4);
    },
  );

  test.each(catalogue.filter(({risk}) => risk === 'destroy').map(({path}) => path))(
    '%s: asks first; without a terminal and --yes it does nothing',
    async (path) => {
      const asked = (writes[path] ?? []).filter((word) => word !== '--yes');
      const line = path === 'records delete' ? [...asked, '--kick'] : asked; // else refused, as the user is online
      const gate = aGate();
      const {code, err} = await gatectl(line, {gates: [gate]});
      expect(code).toBe(2);
      expect(err).toContain('--yes');
      for (const answer of ['no\n', 'n\n', '\n', '']) {
        expect((await gatectl(line, {gates: [gate], terminal: 'all', stdin: answer})).code).toBe(6);
      }
      expect(gate.calls.filter((fn) => !reads.has(fn))).toEqual([]);
      expect(gate.rows.size).toBe(1);
    },
  );
});

describe('an unknown name', () => {
  test.each([
    ['sesions list', 'sessions'],
    ['sessions lst', 'list'],
    ['drop u42 --yes', 'did you mean: gatectl sessions kick uid:u42 --yes --all-sessions'],
    ['nonsense', 'hint: gatectl --help'],
    ['settings set 5f008e4b69780dc3 level', 'hint: write it as level=<value>'],
    ['sessions list --ouptut json', '--output'],
    ['sessions list --output jsno', 'did you mean json?'],
    ['sessions list --where uidd=="a"', `did you mean: gatectl sessions list --where 'uid == "a"'`],
    ['sessions list --sort recieved', 'did you mean received?'],
    ['sessions list --columns id,uiid', 'did you mean uid?'],
  ])('%s: exits 2 and suggests %s', async (line, meant) => {
    const {code, out, err} = await gatectl(line);
    expect({code, out}).toEqual({code: 2, out: ''});
    expect(err).toContain(meant);
  });

  test('suggests the similar gate or context', async () => {
    const world = {gates: [new FakeGate('Gate@a1')], contexts: {prod: {}}};
    expect((await gatectl('gates info Gate@a2', world)).err).toContain('did you mean Gate@a1?');
    expect((await gatectl('sessions get Gate@aa1/00', world)).err).toContain('did you mean Gate@a1?');
  });

  test('suggests uid: for a uid in place of a session id', async () => {
    const gates = [new FakeGate('Gate@a1', [aRow({userId: 'u42'})])];
    for (const [line, meant] of [
      ['sessions get u42', 'sessions get uid:u42'],
      ['settings set u42 room=a password=b -o json', "settings set uid:u42 room=a 'password=…' -o json"],
      ['sessions kick u42 --yes', 'sessions kick uid:u42 --yes'],
    ] as const) {
      const {code, err} = await gatectl(line, {gates});
      expect(code).toBe(1);
      expect(err).toContain('u42\\" has one session'.slice(line.includes('json') ? 0 : 5));
      expect(err).toContain(`gatectl ${meant}`);
    }
    gates[0]?.add(aRow({userId: 'u42'}));
    const several = await gatectl('sessions get u42', {gates});
    expect(several.err).toMatch(
      /has 2 sessions\nhint: gatectl sessions get Gate@\S+, or gatectl sessions get Gate@\S+\n$/,
    );
    const nobody = await gatectl('sessions get u43', {gates});
    expect({code: nobody.code, err: nobody.err}).toEqual({
      code: 1,
      err: 'error: no session "u43" on the one gate\nhint: gatectl sessions list\n',
    });
  });

  test('an empty command line shows the help', async () => {
    const {code, out} = await gatectl('');
    expect(code).toBe(0);
    expect(out).toContain('sessions');
  });
});

describe('partial results', () => {
  const halves = () => {
    const [good, bad] = [aGate(), new FakeGate('Gate@b')];
    bad.stock = true;
    return [good, bad];
  };

  test('print the rows of gates that answered, name the others on stderr, and exit 3, or 0 with --allow-partial', async () => {
    const {code, out, err} = await gatectl('sessions list -o ids', {gates: halves()});
    expect({code, out}).toEqual({code: 3, out: `Gate@a/${id}\n`});
    expect(err).toContain('1 of 2 gates cannot tell (Gate@b is a stock mqant gate');
    expect((await gatectl('sessions list -o ids --allow-partial', {gates: halves()})).code).toBe(0);
  });

  test.each([
    ['timeout', 8],
    ['no-responders', 8],
    ['not-permitted', 4],
    ['bad-reply', 3],
  ] as const)('when no gate at all answered, because of %s, it is exit %s', async (reason, expected) => {
    const gates = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    for (const gate of gates) {
      gate.before = (fn) => {
        throw new CallError({reason, node: gate.nodeId, fn}, `${gate.nodeId}: ${reason}`);
      };
    }
    expect((await gatectl('sessions list', {gates})).code).toBe(expected);
    gates.push(aGate());
    expect((await gatectl('sessions list', {gates})).code).toBe(3);
  });

  test('are not reported as empty', async () => {
    const gate = new FakeGate('Gate@b');
    gate.stock = true;
    const {code, err} = await gatectl('sessions list', {gates: [gate, new FakeGate('Gate@a')]});
    expect(code).toBe(3);
    expect(err).not.toContain('nothing found');
    expect((await gatectl('sessions list', {gates: [new FakeGate('Gate@a')]})).err).toContain(
      'nothing found on 1 gate',
    );
  });
});

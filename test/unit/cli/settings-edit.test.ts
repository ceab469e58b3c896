import {promises as fs} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {DeclinedError} from '../../../src/base/errors.js';
import {stringBag} from '../../../src/session/session.js';
import {dangersIn, evilText} from '../../support/evil.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl, memoryJournal} from '../../support/run-cli.js';

const id = 'f00dfeedf00dfeed';
const start = [
  ['room', 'lobby'],
  ['level', '7'],
  ['note', '// not a comment\n"# nor this"'],
] as const;

/** A gate with one session, and an editor that does one thing after another. */
function world(
  edits: readonly ((text: string, gate: FakeGate) => string | Promise<string>)[],
  {stock = false}: {readonly stock?: boolean} = {},
): CliWorld & {readonly gate: FakeGate; readonly seen: string[]; readonly files: string[]} {
  const gate = new FakeGate('Gate@a', [aRow({sessionId: id, settings: stringBag(start)})]);
  gate.stock = stock;
  const [seen, files]: string[][] = [[], []];
  return {
    gate,
    gates: [gate],
    seen: seen ?? [],
    files: files ?? [],
    env: {EDITOR: 'ed'},
    edit: async (file) => {
      const text = await fs.readFile(file, 'utf8');
      seen?.push(text);
      files?.push(file);
      expect((await fs.stat(file)).mode & 0o777).toBe(0o600);
      expect((await fs.stat(path.dirname(file))).mode & 0o777).toBe(0o700);
      const edit = edits[(seen?.length ?? 0) - 1];
      if (edit === undefined) throw new Error('opened once too often');
      await fs.writeFile(file, await edit(text, gate));
    },
  };
}

const settingsOf = (gate: FakeGate) => ({...gate.rows.get(id)?.session.settings});
const exists = (file: string | undefined) =>
  fs.stat(file ?? '').then(
    () => true,
    () => false,
  );
const writesOf = (gate: FakeGate) => gate.calls.filter((fn) => !['Update', 'GatectlEdit'].includes(fn));
const run = (some: CliWorld, ...flags: string[]) => gatectl(['settings', 'edit', id, ...flags], some);
const change = (from: string, to: string) => (text: string) => {
  expect(text).toContain(from);
  return text.replace(from, to);
};

describe.each([
  {name: 'on a gate that edits at once', stock: false},
  {name: 'on a stock gate', stock: true},
])('D13: settings edit $name', (options) => {
  test('sends only the changes and removes the text', async () => {
    const some = world(
      [(text) => change('"lobby"', '"arena"')(text).replace('  "level": "7",\n', '')],
      options,
    );
    const {code, out, err} = await run(some);
    expect({code, err}).toEqual({code: 0, err: ''});
    expect(out).toContain('lobby -> arena');
    expect(settingsOf(some.gate)).toEqual({room: 'arena', note: start[2][1]});
    expect(await exists(some.files[0])).toBe(false);
    if (options.stock) expect(writesOf(some.gate)).toEqual(['Push', 'Remove']);
    else expect(writesOf(some.gate)).toEqual([]);
  });

  test('sends nothing for an unchanged text', async () => {
    const some = world([(text) => text], options);
    expect(await run(some)).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('nothing was sent'),
    });
    expect(some.gate.calls).toEqual(['Update']);
    expect(await exists(some.files[0])).toBe(false);
  });

  test('exits 6 for an empty text; an empty object removes all settings', async () => {
    const some = world([() => '// only this\n\n', () => '{}'], options);
    expect(await run(some)).toMatchObject({code: 6, err: expect.stringContaining('the document is empty')});
    expect(settingsOf(some.gate)).toEqual(Object.fromEntries(start));
    expect((await run(some)).code).toBe(0);
    expect(settingsOf(some.gate)).toEqual({});
  });

  test('sends nothing when the editor fails; keeps a changed text and prints its path', async () => {
    const fail = (): never => {
      throw new DeclinedError('the editor "ed" exited with 1; nothing was sent');
    };
    const untouched = world([fail], options);
    expect(await run(untouched)).toMatchObject({code: 6});
    expect(await exists(untouched.files[0])).toBe(false);
    const touched = world([], options);
    let kept = '';
    const edit = async (file: string) => {
      kept = file;
      await fs.appendFile(file, '// mine');
      fail();
    };
    const {code, err} = await run({...touched, edit});
    expect(code).toBe(6);
    expect(err).toContain(`saved in ${kept}`);
    expect(await fs.readFile(kept, 'utf8')).toContain('// mine');
    await fs.rm(path.dirname(kept), {recursive: true});
    expect(writesOf(touched.gate)).toEqual([]);
  });

  test('reopens an invalid text with the error until it is valid', async () => {
    const some = world(
      [
        change('"lobby"', 'lobby'),
        change('"room": lobby', '"room": 7'),
        change('"room": 7', '"room": "\\ud800"'),
        change('"\\ud800"', '"arena"'),
      ],
      options,
    );
    const {gate} = some;
    expect((await run(some)).code).toBe(0);
    expect(some.seen[1]).toMatch(/^\/\/ NOT SENT: invalid JSON in line 5: /);
    expect(some.seen[1]).toContain('"room": lobby');
    expect(some.seen[2]).toMatch(/^\/\/ NOT SENT: invalid value of "room": expected a string, not 7\n/);
    expect(some.seen[2]).not.toContain('invalid JSON');
    expect(some.seen[3]).toContain('contains a lone surrogate');
    expect(settingsOf(gate)).toMatchObject({room: 'arena', level: '7'});
  });

  test('exits 2 and keeps the text when an invalid text is left', async () => {
    const some = world([change('"lobby"', 'lobby'), (text) => text], options);
    const {code, err} = await run(some);
    expect(code).toBe(2);
    expect(err).toContain('invalid JSON');
    expect(err).toContain(`your edit is saved in ${some.files[0]}`);
    expect(await fs.readFile(some.files[0] ?? '', 'utf8')).toContain('"room": lobby');
    await fs.rm(path.dirname(some.files[0] ?? ''), {recursive: true});
    expect(settingsOf(some.gate)).toEqual(Object.fromEntries(start));
  });

  test('D12: keeps concurrent changes by others', async () => {
    const some = world(
      [
        async (text, gate) => {
          await gate.push(
            id,
            stringBag([
              ['level', '8'],
              ['fresh', evilText],
            ]),
          );
          return change('"lobby"', '"arena"')(text);
        },
      ],
      options,
    );
    expect((await run(some)).code).toBe(0);
    expect(settingsOf(some.gate)).toEqual({room: 'arena', level: '8', fresh: evilText, note: start[2][1]});
  });

  test('reopens a conflicting edit with both values, to choose one', async () => {
    const some = world(
      [
        async (text, gate) => {
          await gate.push(
            id,
            stringBag([
              ['room', `roof${evilText}`],
              ['level', '8'],
            ]),
          );
          return change('"lobby"', '"arena"')(text);
        },
        (text) => {
          const {room, level} = JSON.parse(text.slice(text.indexOf('\n{') + 1));
          expect(room).toEqual({mine: 'arena', gate: `roof${evilText}`});
          expect(level).toBe('8');
          return (
            text.slice(0, text.indexOf('\n{') + 1) + JSON.stringify({room: room.mine, level, added: '1'})
          );
        },
      ],
      options,
    );
    expect((await run(some)).code).toBe(0);
    expect(some.seen[1]).toMatch(/^\/\/ CHANGED CONCURRENTLY, nothing was sent:\n/);
    expect(some.seen[1]).toContain('"room" was "lobby", you set "arena", the gate has "roof');
    expect(dangersIn(some.seen[1] ?? '')).toEqual([]);
    expect(settingsOf(some.gate)).toEqual({room: 'arena', level: '8', added: '1'});
  });

  test('exits 5, prints both values and keeps the text when a conflict is left', async () => {
    const some = world(
      [
        async (text, gate) => {
          await gate.push(id, stringBag([['room', 'roof']]));
          return change('"lobby"', '"arena"')(text);
        },
        (text) => text,
      ],
      options,
    );
    const {code, err} = await run(some);
    expect(code).toBe(5);
    expect(err).toContain('you set "arena", the gate has "roof"');
    expect(await fs.readFile(some.files[0] ?? '', 'utf8')).toContain('arena');
    await fs.rm(path.dirname(some.files[0] ?? ''), {recursive: true});
    expect(settingsOf(some.gate)).toMatchObject({room: 'roof'});
  });

  test('keeps the text when the session ended or the reply is missing', async () => {
    const some = world(
      [
        (text, gate) => {
          gate.rows.clear();
          return change('"lobby"', '"arena"')(text);
        },
      ],
      options,
    );
    const {code, err} = await run(some);
    expect(code).toBe(1);
    expect(err).toContain(`your edit is saved in ${some.files[0]}`);
    await fs.rm(path.dirname(some.files[0] ?? ''), {recursive: true});
  });
});

describe('settings set --if', () => {
  test.each([
    ['room=lobby', 0],
    ['!muted', 0],
    ['room=roof', 5],
    ['!room', 5],
    ['muted=1', 5],
  ])('%s: exit %i', async (condition, code) => {
    const some = world([]);
    const outcome = await gatectl(['settings', 'set', id, 'room=arena', '--if', condition], some);
    expect(outcome.code).toBe(code);
    expect(settingsOf(some.gate)['room']).toBe(code === 0 ? 'arena' : 'lobby');
    if (condition === 'room=roof') expect(outcome.err).toContain('"room" is "lobby", expected "roof"');
    if (condition === 'muted=1') expect(outcome.err).toContain('"muted" is unset, expected "1"');
  });

  test('requires one named session', async () => {
    const line = ['settings', 'set', '--all', 'room=arena', '--if', 'room=lobby', '--yes'];
    expect(await gatectl(line, world([]))).toMatchObject({code: 2, err: expect.stringContaining('--if')});
  });
});

describe('settings edit', () => {
  test('--dry-run shows the change and sends nothing', async () => {
    const some = world([change('"lobby"', '"arena"')]);
    const {code, out} = await run(some, '--dry-run', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({would: true, after: {settings: {room: 'arena'}}});
    expect(some.gate.calls).toEqual(['Update']);
  });

  test('is journaled with before and after, and can be undone', async () => {
    const some = {...world([change('"lobby"', '"arena"')]), journal: memoryJournal()};
    await run(some, '--reason', 'ticket 4711');
    expect(some.journal.lines).toMatchObject([
      {phase: 'intent', command: 'settings edit', reason: 'ticket 4711'},
      {phase: 'result', exitCode: 0, changes: [{before: {settings: {room: 'lobby'}}}]},
    ]);
    expect((await gatectl(['settings', 'undo', id], some)).code).toBe(0);
    expect(settingsOf(some.gate)).toEqual(Object.fromEntries(start));
  });

  test('prefers VISUAL to EDITOR; fails without either and without a terminal', async () => {
    const asked: string[] = [];
    const edit = async (_: string, editor: string) => void asked.push(editor);
    await run({...world([]), edit, env: {VISUAL: 'code --wait', EDITOR: 'ed'}});
    await run({...world([]), edit, env: {}, terminal: 'all'});
    expect(asked).toEqual(['code --wait', 'vi']);
    expect(await run({...world([]), edit, env: {}})).toMatchObject({
      code: 2,
      err: expect.stringContaining('set VISUAL or EDITOR'),
    });
  });
});

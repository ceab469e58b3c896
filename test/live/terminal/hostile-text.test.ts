import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {dangersIn, evilSession, evilText} from '../../support/evil.js';
import {type EvilCluster, startEvilCluster} from '../../support/evil-cluster.js';
import {aSession} from '../../support/fake-gate.js';
import {describeOnScreen} from '../../support/on-screen.js';
import {openScreen, type Screen} from '../../support/screen.js';
import {describeWith} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';
import {startTmux, type Tmux} from '../../support/tmux.js';

const program = path.resolve('bin/gatectl.js');
let cluster: EvilCluster;
let folder: TemporaryFolder;

beforeAll(async () => {
  cluster = await startEvilCluster();
  folder = await temporaryFolder('gatectl-hostile-');
  await writeFile(path.join(folder.path, 'raw'), evilText);
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await folder?.remove();
});

const environment = (): Record<string, string> => ({
  GATECTL_SERVER: cluster.url,
  XDG_CONFIG_HOME: folder.path,
  XDG_STATE_HOME: folder.path,
});

const blob = Buffer.from(encodeSession(aSession(evilSession('f00dfeedf00dfeed', 'Gate@evil')))).toString(
  'hex',
);
const formats = ['table', 'wide', 'json', 'jsonl', 'yaml', 'csv', 'tsv', 'ids'];

/** Command lines that print what others have chosen, and that complain about it. */
const commands = (): readonly (readonly string[])[] => [
  ...formats.map((format) => ['sessions', 'list', '-o', format]),
  ['sessions', 'get', cluster.sessionId],
  ['sessions', 'get', cluster.sessionId, '-o', 'json'],
  ['sessions', 'find', cluster.uid],
  ['sessions', 'count', '--by', 'settings.User-Agent'],
  ['sessions', 'get', evilText],
  ['sessions', 'list', '--where', evilText],
  ['settings', 'list', cluster.sessionId],
  ['records', 'list'],
  ['records', 'get', cluster.uid],
  ['records', 'diff', cluster.uid],
  ['gates', 'list', '-o', 'wide'],
  ['gates', 'info'],
  ['anomalies'],
  ['decode', blob],
  ['doctor'],
  ['sessions', 'kick', cluster.sessionId, '--dry-run'],
];

const ownColour = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');
const untouched = {titles: [], bells: 0, clipboard: [], osc: [], replies: ''};

function expectUntouched(screen: Screen): void {
  expect(screen.effects).toEqual(untouched);
  expect(screen.modes()).toEqual({
    alternate: false,
    mouse: 'none',
    bracketedPaste: false,
    cursorHidden: false,
    wraps: true,
  });
}

describeOnScreen('A03 hostile text on a real terminal', () => {
  test('raw text does take over the terminal', async () => {
    await using screen = openScreen('cat', [path.join(folder.path, 'raw')]);
    await screen.ended();
    expect(screen.effects.titles).toContain('OWNED');
    expect(screen.effects.clipboard).toEqual(['evil']);
    expect(screen.effects.bells).toBeGreaterThan(0);
    expect(screen.effects.replies).not.toBe('');
    expect(screen.modes().alternate).toBe(true);
  });

  test('no command lets the text affect it', {timeout: 120_000}, async () => {
    for (const argv of commands()) {
      await using screen = openScreen(process.execPath, [program, ...argv], {
        columns: 200,
        rows: 60,
        env: environment(),
      });
      const {signal} = await screen.ended();
      expect(signal).toBe(0);
      expect(screen.raw().length, argv.join(' ')).toBeGreaterThan(20);
      expectUntouched(screen);
      const ownColours = screen.raw().replaceAll('\r\n', '\n').replaceAll(ownColour, '');
      expect(dangersIn(ownColours), argv.join(' ').slice(0, 60)).toEqual([]);
    }
  });

  test('A09: a confirmation shows hidden characters', async () => {
    await using screen = openScreen(process.execPath, [program, 'sessions', 'kick', cluster.sessionId], {
      columns: 200,
      env: environment(),
    });
    await screen.shows(/\[y\/N\]|y\/N/);
    await screen.shows('\\u{202e}');
    screen.press('n', 'enter');
    expect((await screen.ended()).code).toBe(6);
    expectUntouched(screen);
  });
});

describeWith('tmux')('A04: hostile text in tmux', () => {
  const state = (tmux: Tmux): Record<string, string | undefined> => ({
    title: tmux.ask('#{pane_title}'),
    window: tmux.ask('#{window_name}'),
    modes: tmux.ask('#{alternate_on}#{mouse_any_flag}#{cursor_flag}'),
    clipboard: tmux.clipboard(),
  });

  test('raw text does take over tmux', async () => {
    await using tmux = await startTmux();
    await tmux.shows('prompt>');
    tmux.type(`cat ${folder.path}/raw; printf 'all-%s\\n' read`); // what is typed does not hold what it prints
    await tmux.shows('all-read');
    expect(state(tmux)).toMatchObject({title: 'apc', clipboard: 'evil', modes: '101'}); // APC names a tmux pane too
  });

  test('commands leave title, window, clipboard and modes unchanged', {timeout: 60_000}, async () => {
    await using tmux = await startTmux({columns: 160, rows: 50, env: environment()});
    await tmux.shows('prompt>');
    const before = state(tmux);
    for (const [at, command] of [
      'sessions list',
      'sessions list -o wide',
      `sessions get ${cluster.sessionId}`,
      'records list',
      'gates list',
    ].entries()) {
      tmux.type(`clear; ${process.execPath} ${program} ${command}; echo ended ${at}-$?`);
      await tmux.shows(new RegExp(`ended ${at}-\\d`));
      expect(tmux.screen()).toContain('\\u{1b}');
    }
    expect(state(tmux)).toEqual(before);
    expect(before).toMatchObject({modes: '001', clipboard: undefined, window: 'window'});
  });
});

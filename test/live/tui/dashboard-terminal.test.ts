import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type EvilCluster, startEvilCluster} from '../../support/evil-cluster.js';
import {describeOnScreen} from '../../support/on-screen.js';
import {asAShellWantsIt, expectRestored} from '../../support/restored.js';
import {cleanEnvironment} from '../../support/run-cli.js';
import {openScreen, type Screen, type ScreenOptions} from '../../support/screen.js';
import {describeWith} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';
import {startTmux, type Tmux} from '../../support/tmux.js';

const program = 'bin/gatectl.js';
let cluster: EvilCluster;
let folder: TemporaryFolder;

beforeAll(async () => {
  cluster = await startEvilCluster();
  folder = await temporaryFolder('gatectl-dashboard-');
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await folder?.remove();
});

const environment = (): Record<string, string> => ({
  XDG_CONFIG_HOME: folder.path,
  XDG_STATE_HOME: folder.path,
});

/** The built program on the cluster, once it is live. */
async function openDashboard(
  url: string,
  {env = {}, ...options}: ScreenOptions = {},
  live: string | RegExp = 'live',
): Promise<Screen> {
  const screen = openScreen(process.execPath, [program, 'dashboard', '--server', url], {
    ...options,
    env: {...environment(), ...env},
  });
  await screen.shows(live);
  return screen;
}

describeOnScreen('H04 H05 the end of the dashboard', () => {
  test.each([
    ['q', 0],
    ['ctrl-c', 130],
  ])('%s leaves the terminal as it was', async (key, code) => {
    await using screen = await openDashboard(cluster.url);
    expect(screen.modes()).toMatchObject({alternate: true, mouse: 'vt200', cursorHidden: true});
    screen.press(key);
    expect(await screen.ended()).toEqual({code, signal: 0});
    await expectRestored(screen);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('%s leaves the terminal as it was', async (signal, code) => {
    await using screen = await openDashboard(cluster.url);
    screen.signal(signal);
    expect(await screen.ended()).toEqual({code, signal: 0});
    await expectRestored(screen);
  });

  test('a closed window ends the program', async () => {
    await using screen = await openDashboard(cluster.url);
    screen.hangUp();
    expect(await screen.ended()).toEqual({code: 129, signal: 0});
  });
});

describeOnScreen('H07 where no screen can be', () => {
  async function refused(script: string): Promise<{code: number; out: string}> {
    const child = spawn('bash', ['-c', script], {
      env: {...cleanEnvironment(), ...environment(), GATECTL_SERVER: cluster.url},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code] = (await once(child, 'close')) as [number];
    return {code, out: Buffer.concat(chunks).toString()};
  }

  test('is refused without a terminal, with an alternative', async () => {
    const {code, out} = await refused(`"${process.execPath}" ${program} dashboard </dev/null`);
    expect(code).toBe(2);
    expect(out).toContain('error: cannot open the dashboard: ');
    expect(out).toContain('hint: gatectl sessions watch -o jsonl');
    expect(out).not.toContain('\u001b');
  });

  test.each([
    [{CI: '1'}, 'CI is set'],
    [{TERM: 'dumb'}, 'TERM is "dumb"'],
  ])('%j is refused without an escape sequence', async (env, reason) => {
    await using screen = openScreen(process.execPath, [program, 'dashboard', '--server', cluster.url], {
      env: {...environment(), ...env},
    });
    expect((await screen.ended()).code).toBe(2);
    await screen.shows(reason);
    expect(screen.raw()).not.toContain('\u001b');
  });
});

describeOnScreen('H08 sizes of the dashboard', () => {
  test.each([
    [20, 5],
    [40, 10],
    [60, 15],
    [80, 24],
    [200, 50],
    [300, 100],
  ])('%i×%i: opens, shows every view, quits', async (columns, rows) => {
    await using screen = await openDashboard(cluster.url, {columns, rows}, /gatectl/);
    for (const key of ['1', '2', '3', '4', '5', '?', 'esc']) screen.press(key);
    screen.press('2');
    await screen.becomes('drawn', () => screen.row(0).includes('gatectl'));
    screen.press('q');
    expect(await screen.ended()).toEqual({code: 0, signal: 0});
    expect(screen.modes()).toEqual(asAShellWantsIt);
  });

  test('header and footer keep their place in both directions', async () => {
    await using screen = await openDashboard(cluster.url, {columns: 120, rows: 40});
    screen.press('2');
    for (const [columns, rows] of [
      [60, 15],
      [200, 50],
      [80, 24],
    ] as const) {
      screen.resize(columns, rows);
      await screen.becomes(
        `right at ${columns}×${rows}`,
        () => screen.row(0).includes('gatectl') && screen.row(rows - 1).includes('quit'),
      );
      expect(screen.text().match(/gatectl/g)?.length, screen.text()).toBe(1);
    }
  });
});

const untouched = {titles: [], bells: 0, clipboard: [], osc: [], replies: ''};

/** Keys that lead from one view or dialog to the next, and a text that is there then. */
const views: readonly (readonly [keys: readonly string[], text: string | RegExp])[] = [
  [['1'], 'GATE'],
  [['2'], 'f00dfeedf00dfeed'],
  [['end', 'enter'], 'EVENTS'],
  [['s'], /── send/],
  [['esc'], /EVENTS/],
  [['K'], /── kick/],
  [['esc'], /EVENTS/],
  [['3'], 'KIND'],
  [['4'], '2 records'],
  [['enter'], 'read by'],
  [['5'], /journal|nothing/i],
  [['?'], 'View'],
  [['esc', '2'], 'UID'],
  [['/', 'u', 'i', 'd'], 'uid'],
];

describeOnScreen('A05 hostile text on the dashboard', () => {
  test('no view lets hostile text affect the terminal', async () => {
    await using screen = await openDashboard(cluster.url, {columns: 200, rows: 50});
    for (const [keys, text] of views) {
      screen.press(...keys);
      await screen.shows(text);
      expect(screen.effects).toEqual(untouched);
      expect(screen.row(0)).toMatch(/^ ?gatectl/);
    }
    await screen.shows('\\u{1b}]52');
    screen.press('ctrl-c');
    expect((await screen.ended()).code).toBe(130);
    expect(screen.effects).toEqual(untouched);
    expect(screen.modes()).toEqual(asAShellWantsIt);
  });
});

describeWith('tmux')('A04: the dashboard in tmux', () => {
  const state = (tmux: Tmux): Record<string, string | undefined> => ({
    title: tmux.ask('#{pane_title}'),
    window: tmux.ask('#{window_name}'),
    modes: tmux.ask('#{alternate_on}#{mouse_any_flag}#{cursor_flag}'),
    clipboard: tmux.clipboard(),
  });

  test.each([
    [80, 24],
    [200, 50],
  ])('%i×%i: hostile text changes nothing, and quitting restores it', async (columns, rows) => {
    await using tmux = await startTmux({columns, rows, env: environment()});
    await tmux.shows('prompt>');
    const before = state(tmux);
    tmux.type(`${process.execPath} ${program} dashboard --server ${cluster.url}; echo ended $?`);
    await tmux.shows('live');
    expect(state(tmux)).toEqual({...before, modes: '110'});
    for (const key of ['2', '3', '4', '5', '2']) tmux.keys(key);
    await tmux.shows('IDLE');
    await tmux.shows('\\u{1b}');
    expect(state(tmux)).toEqual({...before, modes: '110'});
    tmux.keys('q');
    await tmux.shows('ended 0');
    expect(state(tmux)).toEqual(before);
  });
});

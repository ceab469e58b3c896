import path from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {connectSimulatedClient, type SimulatedClient} from '../../../src/dev/clients/simulated-client.js';
import type {SimulatedPlayer} from '../../../src/dev/clients/simulated-players.js';
import {type DevGate, type DevProcess, startDev} from '../../support/dev-process.js';
import {startNats} from '../../support/nats.js';
import {describeOnScreen} from '../../support/on-screen.js';
import {until} from '../../support/poll.js';
import {cleanEnvironment} from '../../support/run-cli.js';
import {openScreen, type Screen} from '../../support/screen.js';
import {describeWith, findProgram} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';

const portOf = (url: string): number => Number(new URL(url).port);

async function enter(uid: string, gate: DevGate | undefined, room = 'hall'): Promise<SimulatedClient> {
  if (gate === undefined) throw new Error('there is no gate');
  const person: SimulatedPlayer = {
    clientId: `${uid}-phone`,
    uid,
    network: 'tcp',
    protocolVersion: 4,
    room,
    gateShare: 0,
  };
  const client = await connectSimulatedClient(person, {tcpPort: portOf(gate.tcp), wsPort: portOf(gate.ws)});
  await client.ask('HD_login', {uid});
  await client.ask('HD_room', {room});
  return client;
}

/** The built program in a terminal, on what the operator of `env` has selected. */
function openDashboard(
  env: Readonly<Record<string, string>>,
  size: {readonly columns: number; readonly rows: number},
  ...args: readonly string[]
): Screen {
  return openScreen(process.execPath, [path.resolve('bin/gatectl.js'), ...args], {
    ...size,
    env: {...cleanEnvironment(), ...env, CI: undefined},
  });
}

const sizes = [
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
  {columns: 200, rows: 50},
];

/** Nothing sticks out of the screen and nothing of an earlier frame is left: the frame is as it was drawn anew. */
async function expectRight(screen: Screen, what: string): Promise<void> {
  const {rows} = screen.xterm;
  await screen.becomes(`whole: ${what}`, () => {
    const lines = Array.from({length: rows}, (_, at) => screen.row(at));
    return lines[0]?.startsWith(' gatectl ') === true && lines[rows - 1]?.includes('q quit') === true;
  });
}

describeOnScreen('the dashboard on a real terminal', () => {
  let dev: DevProcess;
  const clients: SimulatedClient[] = [];
  const people = ['ann', 'bob', 'cid'];

  beforeAll(async () => {
    dev = await startDev('--embedded-bus');
    for (const [at, uid] of people.entries()) clients.push(await enter(uid, dev.gates[at]));
  });

  afterAll(async () => {
    for (const client of clients) await client.leave();
    await dev?.[Symbol.asyncDispose]();
  });

  test.each(sizes)(
    'shows every view, filters, sorts, cancels and confirms an action at $columns x $rows',
    async (size) => {
      const uid = `guest${size.columns}`;
      const visitor = await enter(uid, dev.gates[0], 'attic');
      await using screen = openDashboard(dev.env, size);
      await screen.shows('3 gates');
      await screen.shows('all gates');
      await expectRight(screen, 'overview');

      screen.press('2');
      for (const name of [...people, uid]) await screen.shows(name);
      screen.press('/');
      screen.send('uidd == "x"');
      await screen.shows('means uid == "x"');
      screen.press('ctrl-u');
      screen.send(`uid == "${uid}"`);
      await screen.becomes(
        'filtered',
        () => screen.text().includes('1 session') && !screen.text().includes('ann'),
      );
      screen.press('enter');
      await screen.shows('where uid ==');
      screen.press('esc');
      await screen.shows('ann');
      screen.press('o', 'ctrl-u', 'u', 'i', 'd', 'enter');
      await screen.shows('by uid');
      const order = () => [...screen.text().matchAll(/\b(ann|bob|cid)\b/g)].map(([name]) => name);
      await screen.becomes('sorted', () => order().join() === people.join());
      await expectRight(screen, 'sessions');

      screen.press('/');
      screen.send(`uid == "${uid}"`);
      screen.press('enter');
      await screen.becomes(
        'filtered',
        () => screen.text().includes('1 session') && !screen.text().includes('ann'),
      );
      screen.press('K');
      await screen.shows('kick');
      await screen.shows('y yes');
      screen.press('n');
      await screen.shows('cancelled: nothing was sent');
      expect(visitor.connected).toBe(true);
      screen.press('enter');
      await screen.shows('attic');
      screen.press('e');
      await screen.shows('> value');
      screen.press('shift-tab', 'ctrl-u');
      screen.send('mood');
      screen.press('enter');
      screen.send('fine');
      await screen.shows('settings.mood: (none) -> fine');
      screen.press('enter');
      await screen.becomes(
        'set',
        () => screen.text().includes('mood') && !screen.text().includes('$ gatectl'),
      );
      await expectRight(screen, 'a session');
      screen.press('K', 'y');
      await screen.shows('closed, session removed');
      await screen.shows('GONE');
      await until(() => !visitor.connected, {what: 'the client to be closed'});

      for (const [key, text] of [
        ['3', 'KIND'],
        ['4', 'UID'],
        ['5', 'COMMAND'],
        ['6', 'OUTCOME'],
        ['1', 'all gates'],
      ] as const) {
        screen.press(key);
        await screen.shows(text);
        await expectRight(screen, key);
      }
      screen.press('5');
      await screen.shows('settings set');
      screen.press('?');
      await screen.shows('Act on sessions and records');
      await expectRight(screen, 'help');
      screen.press('q');
      const {code} = await screen.ended();
      expect(code, screen.text()).toBe(0);
      expect(screen.modes()).toMatchObject({alternate: false, mouse: 'none', cursorHidden: false});
    },
  );

  test('exits with 0 from any view at any moment', async () => {
    const views = ['all gates', 'UID', 'KIND', 'REVISION', 'COMMAND', 'OUTCOME'] as const;
    for (const [at, text] of [...views, ...views].entries()) {
      await using screen = openDashboard(dev.env, {columns: 120, rows: 30});
      await screen.shows('3 gates');
      screen.press(String((at % views.length) + 1));
      await screen.shows(text);
      if (at >= views.length) screen.press('1');
      screen.press('q');
      const {code} = await screen.ended();
      expect(code, screen.text()).toBe(0);
    }
  });

  test('redraws after a resize in both directions', async () => {
    await using screen = openDashboard(dev.env, {columns: 80, rows: 24});
    screen.press('2');
    await screen.shows('ann');
    for (const {columns, rows} of [
      ...sizes,
      {columns: 60, rows: 15},
      {columns: 300, rows: 100},
      {columns: 80, rows: 24},
    ]) {
      screen.resize(columns, rows);
      await screen.becomes(
        `drawn for ${columns} x ${rows}`,
        () =>
          screen.row(rows - 1).includes('q quit') &&
          screen.text().includes('ann') &&
          screen.text().split('q quit').length === 2,
      );
    }
  });

  test('the mouse selects tabs and rows, and the wheel scrolls', async () => {
    await using screen = openDashboard(dev.env, {columns: 80, rows: 24});
    await screen.shows('[1 Overview]');
    screen.send('\u001b[<0;16;2M');
    await screen.shows('[2 Sessions]');
    await screen.shows('cid');
    const row = () =>
      Array.from({length: 24}, (_, at) => screen.row(at)).findIndex((text) => text.includes('bob'));
    screen.send(`\u001b[<0;5;${row() + 1}M`);
    await screen.becomes('on bob', () => screen.row(row()).startsWith('>'));
    screen.send(`\u001b[<0;5;${row() + 1}M`);
    await screen.shows('SETTING');
    await screen.shows('bob');
  });

  test('y prints on exit without a clipboard', async () => {
    await using screen = openDashboard(dev.env, {columns: 80, rows: 24}, 'dashboard', '--timeout', '3s');
    await screen.shows('3 gates');
    screen.press('2', 'y');
    await screen.shows('printed when you quit');
    expect(screen.effects.clipboard).toEqual([]);
    screen.press('q');
    expect((await screen.ended()).code).toBe(0);
    expect(screen.text()).toMatch(/gatectl --timeout 3s sessions list --sort (age|uid)/); // a test above may have kept an order
  });

  test('y copies with a clipboard', async () => {
    await using screen = openDashboard(dev.env, {columns: 80, rows: 24}, 'dashboard', '--clipboard');
    await screen.shows('3 gates');
    screen.press('y');
    await screen.shows('copied: gatectl gates info');
    expect(screen.effects.clipboard).toEqual(['gatectl gates info']);
  });

  test("ends with the command line's exit code without answers, and restores the terminal", async () => {
    await using screen = openDashboard({GATECTL_SERVER: 'nats://127.0.0.1:1'}, {columns: 80, rows: 24});
    expect(await screen.ended()).toEqual({code: 8, signal: 0});
    expect(screen.text()).toContain('error: cannot reach NATS');
    expect(screen.modes()).toMatchObject({alternate: false, cursorHidden: false});
  });
});

describeOnScreen('B6: the dashboard while one gate is stopped', () => {
  test('keeps other gates live, and shows a new client at once', async () => {
    await using dev = await startDev('--embedded-bus', '--processes');
    const [first, stopped, last] = dev.gates;
    if (stopped === undefined || last === undefined) throw new Error('there are not three gates');
    const ann = await enter('ann', first);
    const bob = await enter('bob', stopped);
    await using screen = openDashboard(dev.env, {columns: 100, rows: 30});
    await screen.shows('live, 3 gates  2 sessions');
    screen.press('2');
    await screen.shows('bob');
    screen.press('1');
    process.kill(stopped.pid, 'SIGSTOP');
    try {
      await screen.shows(new RegExp(`${stopped.nodeId} +silent +1 `));
      await screen.shows('2 sessions (1 last known)');
      screen.press('2');
      await screen.shows('bob');
      const started = performance.now();
      const eve = await enter('eve', last); // the youngest: at the end of the table
      await screen.shows('eve');
      expect(performance.now() - started).toBeLessThan(8000);
      await screen.shows('bob');
      screen.press('1');
      await screen.shows(new RegExp(`${last.nodeId} +live`));
      expect(screen.text()).not.toMatch(new RegExp(`(${first?.nodeId}|${last.nodeId}) +(stale|silent)`));
      await eve.leave();
    } finally {
      process.kill(stopped.pid, 'SIGCONT');
    }
    await screen.shows('live, 3 gates');
    await ann.leave();
    await bob.leave();
  }, 120_000);
});

describeWith('nats-server')('the dashboard during outages', () => {
  const isWaived = findProgram('nats-server') === undefined;

  test.skipIf(isWaived)(
    'recovers when the bus is killed and restarted, and when a gate is killed',
    async () => {
      await using nats = await startNats();
      await using dev = await startDev('--processes', '--server', nats.url);
      await using folder = await temporaryFolder();
      const ann = await enter('ann', dev.gates[0]);
      const cid = await enter('cid', dev.gates[2]);
      const env = {XDG_CONFIG_HOME: folder.path, GATECTL_SERVER: nats.url};
      await using screen = openDashboard(env, {columns: 80, rows: 24});
      await screen.shows('live, 3 gates');
      screen.press('2');
      await screen.shows('ann');
      await screen.shows('cid');

      await nats.stop();
      await screen.shows('RECONNECTING');
      await screen.shows('ann'); // what is known stays
      await nats.restart();
      await screen.shows('live, 3 gates');
      screen.press('3');
      await screen.shows(/~.*GAP|!.*(silent|watching)/);
      screen.press('2');
      await screen.shows('ann');

      const gate = dev.gates[2];
      if (gate === undefined) throw new Error('there is no third gate');
      process.kill(gate.pid, 'SIGKILL');
      await screen.shows(/PARTIAL|2 gates/);
      await screen.shows(new RegExp(`! ${gate.nodeId} (silent|left|stale)`), 60_000);
      await screen.becomes(
        'without the rows of the gate that is gone',
        () => !screen.text().includes('cid'),
        90_000,
      );
      await screen.shows('ann');
      await ann.leave();
      await cid.leave().catch(() => {});
    },
    300_000,
  );
});

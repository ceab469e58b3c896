import path from 'node:path';
import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {describeOnScreen} from '../../support/on-screen.js';
import {until} from '../../support/poll.js';
import {alive, joinRoom} from '../../support/room-clients.js';
import {cleanEnvironment} from '../../support/run-cli.js';
import {openScreen, type Screen} from '../../support/screen.js';
import {nextMessage} from '../../support/test-gate.js';

interface Entry {
  readonly command: string;
  readonly exitCode: number;
  readonly input: Readonly<Record<string, unknown>>;
  readonly counts: {readonly targets: number; readonly done: number; readonly unknown: number};
}

describeOnScreen('D08: a write on all that match a filter, from the screen of a real cluster', () => {
  let dev: DevProcess;
  const clients = new MqttClients();

  beforeAll(async () => {
    dev = await startDev('--embedded-bus', '--gates', '2');
  });
  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    await dev?.[Symbol.asyncDispose]();
  });

  const join = (count: number, room: string): Promise<readonly MqttClient[]> =>
    joinRoom(dev, clients, count, room);

  /** The sessions of a room, all chosen by `*`. */
  async function chosen(room: string, ...args: readonly string[]): Promise<Screen> {
    const screen = openScreen(process.execPath, [path.resolve('bin/gatectl.js'), 'dashboard', ...args], {
      columns: 110,
      rows: 30,
      env: {...cleanEnvironment(), ...dev.env, CI: undefined},
    });
    await screen.shows('2 gates');
    screen.press('2', '/');
    screen.send(`settings.roomName == "${room}"`);
    await screen.shows(/\| {2}where settings\.roomName|Enter applies/);
    screen.press('enter');
    await screen.shows('where settings.roomName');
    screen.press('*');
    await screen.shows(/ALL .*selected/);
    return screen;
  }

  const newest = async (): Promise<Entry> => {
    const {out} = await dev.gatectl('audit', 'list', '-o', 'json');
    const {items} = JSON.parse(out) as {readonly items: readonly Entry[]};
    const last = items.at(-1);
    if (last === undefined) throw new Error('the journal is empty');
    return last;
  };

  /** As many are gone as the journal says, and not all. */
  async function agrees(some: readonly MqttClient[], {command, counts}: Entry): Promise<void> {
    expect(command).toBe('sessions kick');
    expect(counts.targets).toBe(some.length);
    expect(counts.done).toBeGreaterThan(0);
    expect(counts.done + counts.unknown).toBeLessThan(some.length);
    // one that was under way and not yet verified when it was stopped may be gone or not
    await until(
      () => {
        const gone = some.length - alive(some);
        return gone >= counts.done && gone <= counts.done + counts.unknown;
      },
      {what: 'the clients to see what was done'},
    );
  }

  test('is planned, counted by gate, confirmed by its number, executed and journaled', async () => {
    const [wanted, others] = await Promise.all([join(40, 'closing'), join(6, 'open')]);
    await using screen = await chosen('closing');
    screen.press('K');
    await screen.shows('kick 40 sessions where settings.roomName == "closing"');
    for (const {nodeId} of dev.gates) await screen.shows(`${nodeId}: 20`);
    screen.press('ctrl-u');
    screen.send('40');
    screen.press('enter');
    await screen.shows('type "kick 40"');
    screen.press('enter');
    await screen.shows('type "kick 40", or Esc');
    expect(alive(wanted)).toBe(40);
    screen.send('kick 40');
    screen.press('enter');
    await screen.shows('40 done of 40 sessions');
    await until(() => alive(wanted) === 0, {what: 'every kicked client to see it'});
    expect(alive(others)).toBe(6);
    expect(await newest()).toMatchObject({
      command: 'sessions kick',
      exitCode: 0,
      input: {where: ['settings.roomName == "closing"'], matched: 40},
      counts: {targets: 40, done: 40},
    });
  });

  test('sends a message to each, and Esc stops a kick of all', async () => {
    const listeners = await join(12, 'chat');
    const heard = Promise.all(listeners.map((client) => nextMessage(client, '/chat/news')));
    await using screen = await chosen('chat');
    screen.press('s');
    await screen.shows('send to 12 sessions');
    screen.send('/chat/news');
    screen.press('enter');
    screen.send('closing soon');
    screen.press('enter', 'enter');
    await screen.shows('type "send 12"');
    screen.send('send 12');
    screen.press('enter');
    await screen.shows('12 done of 12 sessions');
    expect((await heard).map(String)).toEqual(listeners.map(() => 'closing soon'));

    screen.press('*', 'K');
    await screen.shows('kick 12 sessions');
    screen.press('ctrl-u');
    screen.send('1');
    screen.press('enter');
    await screen.shows('type "kick 12"');
    screen.send('kick 12');
    screen.press('enter');
    await until(() => alive(listeners) < 12, {what: 'the first to be kicked'});
    screen.press('esc');
    await screen.shows('not started');
    const stopped = await newest();
    await agrees(listeners, stopped);
    const names = /outcomes: (\S+\.jsonl)/;
    await screen.shows(names);
    const [, file = ''] = names.exec(screen.text()) ?? [];
    const left = String(listeners.length - stopped.counts.done);
    expect(await dev.gatectl('sessions', 'kick', '--resume', file, '--yes', '--expect', left)).toMatchObject({
      code: 0,
      err: expect.stringContaining(`of ${left} session`),
    });
    await until(() => alive(listeners) === 0, {what: 'those that were left to be kicked'});
  });

  test('saves its progress when the dashboard is ended in the middle', async () => {
    const wanted = await join(20, 'ended');
    await using screen = await chosen('ended');
    screen.press('K');
    await screen.shows('kick 20 sessions');
    screen.press('ctrl-u');
    screen.send('1');
    screen.press('enter');
    screen.send('kick 20');
    screen.press('enter');
    await until(() => alive(wanted) < 20, {what: 'the first to be kicked'});
    screen.signal('SIGTERM');
    expect(await screen.ended()).toMatchObject({code: 143});
    await agrees(wanted, await newest());
  });

  test('is refused when read-only, before asking', async () => {
    const wanted = await join(12, 'safe');
    await using screen = await chosen('safe', '--read-only');
    screen.press('K');
    await screen.shows('K: --read-only forbids writes');
    expect(alive(wanted)).toBe(12);
  });
});

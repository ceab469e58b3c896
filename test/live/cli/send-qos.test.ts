import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {until} from '../../support/poll.js';
import {joinRoom} from '../../support/room-clients.js';
import {RawClient} from '../../support/test-gate.js';

/** Clients that acknowledge, and in the same room some that read nothing more, or never send a PUBACK. */
describe('send --qos 1 on a real cluster', () => {
  let dev: DevProcess;
  const clients = new MqttClients();
  const raws: RawClient[] = [];
  let honest: readonly MqttClient[] = [];

  beforeAll(async () => {
    dev = await startDev('--gates', '2');
    honest = await joinRoom(dev, clients, 95, 'qos');
    for (const at of [0, 1, 2, 3, 4]) await stalled(at);
  });
  afterAll(async () => {
    for (const raw of raws) raw.destroy();
    await clients[Symbol.asyncDispose]();
    await dev?.[Symbol.asyncDispose]();
  });

  async function stalled(at: number): Promise<void> {
    const {port} = new URL(dev.gates[at % 2]?.tcp ?? '');
    const raw = await RawClient.connect(Number(port));
    raws.push(raw);
    raw.connect();
    const payload = JSON.stringify({room: 'qos', stalled: at});
    raw.send({cmd: 'publish', topic: 'HelloWorld/HD_room/1', payload, qos: 0, dup: false, retain: false});
    await raw.packet('publish');
    if (at % 2 === 0) raw.socket.pause();
  }

  test('acknowledged and not acknowledged sessions are named, and the exit code is 7', async () => {
    let heard = 0;
    for (const client of honest)
      client.on('message', (topic) => {
        if (topic === 'news') heard += 1;
      });
    const select = ['--setting', 'roomName=qos', '--rate', '0', '--yes', '--expect', '100'];
    const sent = await dev.gatectl(
      ...['send', 'news', 'hello', ...select, '--qos', '1', '--wait', '1s', '-o', 'json'],
    );
    expect(sent.err).toContain('send: 95 done, 5 pending of 100 sessions');
    expect(sent.code).toBe(7);
    const {items} = JSON.parse(sent.out) as {items: {id: string; state: string; detail?: string}[]};
    const pending = items.filter(({state}) => state === 'pending');
    expect(pending).toHaveLength(5);
    for (const {detail} of pending) expect(detail).toBe('not acknowledged: no PUBACK in time');
    await until(() => heard === 95, {what: 'every honest client to have it once'});
    const again = await dev.gatectl(
      ...['send', pending[0]?.id ?? '', 'news', 'hello', '--qos', '1', '--wait', '200ms', '-o', 'json'],
    );
    expect({code: again.code, ...JSON.parse(again.out)}).toMatchObject({
      ...{code: 7, qos: 1, state: 'unacknowledged', detail: 'no PUBACK in time'},
    });
  });
});

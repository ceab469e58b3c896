import {type ChildProcess, spawn} from 'node:child_process';
import {setTimeout as delay} from 'node:timers/promises';
import {generate} from 'mqtt-packet';
import {until} from './poll.js';
import type {RawClient} from './test-gate.js';

export const connectPacket = (clientId: string, keepalive = 0): Buffer =>
  generate({cmd: 'connect', clientId, clean: true, keepalive, protocolId: 'MQTT', protocolVersion: 4});

const script = `
  const [port, hello, message] = process.argv.slice(1);
  const socket = require('net').connect(Number(port), '127.0.0.1');
  const chunk = Buffer.concat(Array.from({length: 64}, () => Buffer.from(message, 'hex')));
  socket.write(Buffer.from(hello, 'hex'));
  socket.resume();
  const go = () => { while (socket.write(chunk)); };
  socket.on('drain', go); go();`;

/** Publishes messages of 1 KiB as fast as they are taken, in a process of its own. */
export function startFlood(port: number): ChildProcess {
  const message = generate({
    cmd: 'publish',
    topic: 'Nobody/HD_x/1',
    payload: Buffer.alloc(1024),
    qos: 0,
    dup: false,
    retain: false,
  });
  const bytes = [connectPacket('flood'), message].map((packet) => packet.toString('hex'));
  return spawn(process.execPath, ['-e', script, String(port), ...bytes]);
}

const leastPings = 30;

/**
 * Milliseconds from PINGREQ to PINGRESP, one client after the other for `ms`, with a pause after each round; thirty at the
 * least, so that one moment in which all stood still does not weigh much.
 */
export async function pings(clients: readonly RawClient[], ms: number, pauseMs = 0): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + ms;
  while (performance.now() < end || times.length < leastPings) {
    for (const one of clients) {
      const heard = one.packets.length;
      const started = performance.now();
      one.send({cmd: 'pingreq'});
      await until(() => one.packets.length > heard, {everyMs: 1});
      times.push(performance.now() - started);
    }
    if (pauseMs > 0) await delay(pauseMs);
  }
  return times;
}

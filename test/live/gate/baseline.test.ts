import {setTimeout as delay} from 'node:timers/promises';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {expect, test} from 'vitest';
import {until} from '../../support/poll.js';
import {openFiles} from '../../support/proc.js';
import {RawClient, startTestGate, type TestGate} from '../../support/test-gate.js';

/** A run of all tests does with fewer; 10,000 are asked for by hand with GATECTL_COMINGS. */
const comings = Number(process.env['GATECTL_COMINGS'] ?? 1000);
const atOnce = Math.min(comings, 5000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function heapAfterCollection(): Promise<number> {
  await delay(1500); // a client that was told to go has a second for its last bytes
  for (let again = 0; again < 3; again += 1) {
    collect();
    await delay(20);
  }
  return process.memoryUsage().heapUsed;
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

async function comeAndGo(it: TestGate): Promise<void> {
  for (let from = 0; from < comings; from += atOnce) {
    const some: RawClient[] = [];
    for (let at = 0; at < atOnce; at += 250) {
      const few = await Promise.all(
        Array.from({length: Math.min(250, atOnce - at)}, () => RawClient.connect(it.gate.tcpPort ?? 0)),
      );
      for (const raw of few) raw.connect(5, {keepalive: 60});
      await Promise.all(few.map((raw) => raw.packet('connack')));
      some.push(...few);
    }
    expect((await it.gate.api.count()).sessions).toBe(atOnce);
    for (const [at, raw] of some.entries()) {
      if (at % 2 === 0) raw.destroy();
      else raw.send({cmd: 'disconnect'}, 5);
    }
    await Promise.all(some.map((raw) => raw.ended()));
    await until(async () => (await it.gate.api.count()).sessions === 0);
  }
}

test(
  `F14: returns to its memory, files and timers after ${comings} clients have come and gone`,
  async () => {
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', onRejection);
    await using it = await startTestGate();
    await comeAndGo(it); // code is compiled, tables have their size
    const before = {heap: await heapAfterCollection(), files: openFiles('self'), timers: timers()};
    await comeAndGo(it);
    await until(() => openFiles('self') <= before.files, {what: 'all sockets to be gone'});
    const heap = await heapAfterCollection();
    expect(heap / before.heap).toBeLessThan(1.05);
    await until(() => timers() <= before.timers, {what: 'all timers to be gone'}); // the runner has some of its own
    expect(rejections).toEqual([]);
    process.off('unhandledRejection', onRejection);
  },
  30_000 + comings * 20,
);

import {generate} from 'mqtt-packet';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type Malformed, malformed} from '../../support/malformed.js';
import {until} from '../../support/poll.js';
import {RawClient, sessionIdOf, startTestGate, type TestGate} from '../../support/test-gate.js';

let it: TestGate;
beforeAll(async () => {
  it = await startTestGate();
});
afterAll(async () => {
  await it[Symbol.asyncDispose]();
});

/** Sends it, and says whether the gate has closed. */
async function isClosedAfter({after, bytes}: Malformed): Promise<boolean> {
  const raw = await RawClient.connect(it.gate.tcpPort ?? 0);
  try {
    if (after !== undefined) {
      raw.connect(after);
      await raw.packet('connack');
    }
    raw.send(bytes, after ?? 4);
    await until(() => raw.isClosed, {timeoutMs: 5000}); // half of what it has for its CONNECT
    const connack = raw.packets.filter(({cmd}) => cmd === 'connack').at(-1);
    if (
      after === undefined &&
      connack?.cmd === 'connack' &&
      connack.returnCode === 0 &&
      connack.reasonCode === undefined
    )
      return false;
    return true;
  } catch {
    return false;
  } finally {
    raw.destroy();
  }
}

describe('F02: invalid MQTT bytes', () => {
  test(`disconnect at once, each of ${malformed.length}, and affect nobody else`, async () => {
    const other = await it.client();
    const stillOpen: string[] = [];
    for (let from = 0; from < malformed.length; from += 20) {
      const some = malformed.slice(from, from + 20);
      const closed = await Promise.all(some.map(isClosedAfter));
      stillOpen.push(
        ...some.filter((_, at) => closed[at] !== true).map(({name, after}) => `${name} (after ${after})`),
      );
    }
    expect(stillOpen).toEqual([]);
    expect(await sessionIdOf(other)).toMatch(/^[0-9a-f]{16}$/);
    await until(async () => (await it.gate.api.count()).sessions === 1);
  }, 180_000);
});

test.each([1, 2, 10])(
  'D3: disconnects a client whose Maximum Packet Size of %i holds no CONNACK',
  async (size) => {
    const raw = await RawClient.connect(it.gate.tcpPort ?? 0);
    const properties = {maximumPacketSize: size};
    raw.send(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 5,
        clean: true,
        clientId: 'c',
        properties,
      }),
      5,
    );
    await until(() => raw.isClosed, {timeoutMs: 5000});
    expect(raw.packets).toEqual([]);
    raw.destroy();
  },
);

import {readFileSync} from 'node:fs';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {until} from '../../support/poll.js';
import {type RawClient, startTestGate, type TestGate} from '../../support/test-gate.js';

const sessions = async (it: TestGate): Promise<number> => (await it.gate.api.count()).sessions;

/** Real sockets and real time for everything but the gate's timers, which begin after this. */
function holdTimers(): void {
  vi.useFakeTimers({toFake: ['setTimeout', 'clearTimeout']});
}

async function connected(it: TestGate, version: 4 | 5, keepalive: number): Promise<RawClient> {
  const raw = await it.raw();
  raw.connect(version, {keepalive});
  await raw.packet('connack');
  await until(async () => (await sessions(it)) === 1);
  return raw;
}

describe('F05: a missed keep-alive', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([
    [1, 4],
    [5, 4],
    [60, 4],
    [65_535, 4],
    [5, 5],
    [60, 5],
    [65_535, 5],
  ] as const)('of %i s, MQTT %i: disconnects after 1.5 keep-alives, within a second', async (k, version) => {
    await using it = await startTestGate();
    holdTimers();
    const raw = await connected(it, version, k);
    await vi.advanceTimersByTimeAsync(k * 1500 + 400);
    expect(await sessions(it)).toBe(1);
    expect(raw.isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(await sessions(it)).toBe(0); // at once, and so within the second that it has
    expect((await it.gate.api.list({})).rows).toEqual([]);
    await raw.ended();
    const last = raw.packets.at(-1);
    if (version === 5) expect(last?.cmd === 'disconnect' && last.reasonCode).toBe(0x8d);
    else expect(last?.cmd).toBe('connack');
  });

  test.each([5, 60, 65_535])('of %i s: is extended by any packet', async (k) => {
    await using it = await startTestGate();
    holdTimers();
    const raw = await connected(it, 4, k);
    for (let round = 1; round <= 3; round += 1) {
      await vi.advanceTimersByTimeAsync(k * 1500 + 10); // as late as Paho in Go sends it
      raw.send({cmd: 'pingreq'});
      await until(() => raw.packets.filter(({cmd}) => cmd === 'pingresp').length === round);
    }
    await vi.advanceTimersByTimeAsync(k * 1500 + 400);
    expect(await sessions(it)).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await sessions(it)).toBe(0);
  });

  test('after a stall of the gate: reads pending pings before disconnecting', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.connect(4, {keepalive: 1});
    await raw.packet('connack');
    raw.send({cmd: 'pingreq'});
    const end = performance.now() + 2200;
    while (performance.now() < end); // one and a half keep-alives and the grace
    await raw.packet('pingresp');
    expect([await sessions(it), raw.isClosed]).toEqual([1, false]);
  });

  test("of 0: is unlimited, or the gate's limit if there is one", async () => {
    await using it = await startTestGate();
    await using strict = await startTestGate({limits: {maxKeepAliveSeconds: 300}});
    holdTimers();
    const raw = await connected(it, 4, 0);
    await connected(strict, 4, 0);
    await vi.advanceTimersByTimeAsync(300 * 1500 + 400);
    expect(await sessions(strict)).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await sessions(strict)).toBe(0);
    await vi.advanceTimersByTimeAsync(20 * 24 * 3600 * 1000);
    expect([await sessions(it), raw.isClosed]).toEqual([1, false]);
  });

  test.runIf(process.platform === 'linux')('of 0: lets TCP find a lost client', async () => {
    await using it = await startTestGate();
    const raw = await connected(it, 4, 0);
    const seconds = keepAliveSecondsOf(it.gate.tcpPort ?? 0, raw.socket.localPort ?? 0);
    expect(seconds).toBeGreaterThan(40);
    expect(seconds).toBeLessThanOrEqual(60);
  });
});

/** Seconds until the kernel's keep-alive timer of a connection is due; NaN if it has none. */
function keepAliveSecondsOf(localPort: number, remotePort: number): number {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const ends = `${hex(localPort)} 0100007F:${hex(remotePort)} 01 `;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  const hundredths = / 02:([0-9A-F]{8}) /.exec(rows.find((row) => row.includes(ends)) ?? '')?.[1];
  return Number.parseInt(hundredths ?? '', 16) / 100;
}

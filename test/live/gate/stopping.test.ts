import {expect} from 'vitest';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {GateProcess} from '../../support/gate-process.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {testWith} from '../../support/servers.js';
import {RawClient} from '../../support/test-gate.js';

/** A gate as a process, clients on it, and a watch over the registry. */
async function scene(count: number, ...more: readonly string[]) {
  const nats = await startNats();
  const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: true});
  const registry = new NatsDiscovery({bus});
  const gate = await GateProcess.start('stopping', nats.url, ...more);
  const port = Number(new URL(gate.tcp).port);
  const clients: {readonly raw: RawClient; closedAt: number}[] = [];
  for (let from = 0; from < count; from += 100) {
    const some = await Promise.all(Array.from({length: 100}, () => RawClient.connect(port)));
    for (const raw of some) {
      const one = {raw, closedAt: 0};
      raw.socket.once('close', () => {
        one.closedAt = performance.now();
      });
      raw.connect(5);
      clients.push(one);
    }
    await Promise.all(some.map((raw) => raw.packet('connack')));
  }
  const watching = new AbortController();
  let goneAt = 0;
  let wasThere = false;
  void (async () => {
    for await (const nodes of registry.watch('Gate', watching.signal)) {
      const isThere = nodes.some(({id}) => id === gate.nodeId);
      if (wasThere && !isThere) goneAt = performance.now();
      wasThere ||= isThere;
    }
  })();
  await until(() => wasThere, {what: 'the watch to see the gate'});
  return {
    gate,
    clients,
    goneAt: () => goneAt,
    async [Symbol.asyncDispose]() {
      watching.abort();
      for (const {raw} of clients) raw.destroy();
      await gate.kill();
      await bus.close();
      await nats[Symbol.asyncDispose]();
    },
  };
}

testWith('nats-server')(
  'F17: SIGTERM with 1,000 clients leaves the registry, closes them at a pace, exits 0',
  async () => {
    await using it = await scene(1000);
    const started = performance.now();
    it.gate.signal('SIGTERM');
    const code = await it.gate.ended();
    await until(() => it.clients.every(({closedAt}) => closedAt > 0));
    const times = it.clients.map(({closedAt}) => closedAt).sort((a, b) => a - b);
    await until(() => it.goneAt() > 0, {what: 'the registry to tell that it has gone'});
    // it says so before it closes the first, but that comes here by another way, and may overtake it
    expect(it.goneAt()).toBeLessThan(times[750] ?? 0);
    // 500 a second, and never faster; a busy machine makes it slower
    for (const [at, closed] of times.entries()) expect(closed - started).toBeGreaterThan(at * 2 - 100);
    expect(times.at(-1) ?? 0).toBeLessThan(started + 20_000);
    for (const {raw} of it.clients) {
      const told = raw.packets.at(-1);
      expect(told?.cmd === 'disconnect' && told.reasonCode).toBe(0x8b);
    }
    expect(code).toBe(0);
  },
  60_000,
);

testWith('nats-server')(
  'F17: a shorter --drain closes faster, and a second SIGTERM ends it at once',
  async () => {
    {
      await using it = await scene(1000, '--drain', '200ms');
      it.gate.signal('SIGTERM');
      await it.gate.ended();
      await until(() => it.clients.every(({closedAt}) => closedAt > 0));
      const times = it.clients.map(({closedAt}) => closedAt).sort((a, b) => a - b);
      const gaps = times.slice(1).map((closed, at) => closed - (times[at] ?? 0));
      // 500 a second would be two seconds; we, or the gate, may have been held up once
      const longest = Math.max(...gaps);
      expect((times.at(-1) ?? 0) - (times[0] ?? 0) - longest).toBeLessThan(1500);
    }
    await using it = await scene(2500); // five seconds of closing, for whoever is held up before the second one
    it.gate.signal('SIGTERM');
    await until(() => it.clients.some(({closedAt}) => closedAt > 0));
    it.gate.signal('SIGTERM');
    await it.gate.ended();
    await until(() => it.clients.every(({raw}) => raw.isClosed));
    // those whose turn would have come later were not told any more
    expect(it.clients.filter(({raw}) => raw.packets.at(-1)?.cmd !== 'disconnect').length).toBeGreaterThan(0);
  },
  60_000,
);

import {describe, expect, test} from 'vitest';
import {UnreachableError} from '../../../src/base/errors.js';
import {connectBus} from '../../../src/bus/connect/connect.js';
import {findNatsServer, startNatsServer} from '../../../src/dev/nats-server.js';

const program = await findNatsServer(process.env['PATH'] ?? '');

describe('a nats-server of our own', () => {
  test.skipIf(program === undefined && process.env['CI'] === undefined)(
    'is found on PATH, listens on a free loopback port and ends when told',
    async () => {
      const server = await startNatsServer(program ?? 'nats-server');
      const bus = await connectBus({server: server.url, timeoutMs: 20_000, reconnect: false});
      expect(bus.connected).toBe(true);
      await bus.close();
      await server.stop();
      await expect(connectBus({server: server.url, timeoutMs: 500, reconnect: false})).rejects.toThrow(
        UnreachableError,
      );
    },
  );

  test('a PATH without it finds nothing', async () => {
    expect(await findNatsServer('/nonexistent:relative:')).toBeUndefined();
  });

  test.each(['/bin/true', '/nonexistent/nats-server'])('%s is told to be none', async (other) => {
    await expect(startNatsServer(other)).rejects.toThrow(`"${other}" did not start`);
  });
});

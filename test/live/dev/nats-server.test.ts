import {describe, expect, test} from 'vitest';
import {UnreachableError} from '../../../src/base/errors.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {findNatsServer, startNatsServer} from '../../../src/dev/nats-server.js';

const program = await findNatsServer(process.env['PATH'] ?? '');

describe('starting nats-server', () => {
  test.skipIf(program === undefined && process.env['CI'] === undefined)(
    'finds it on PATH, listens on a free loopback port and stops on request',
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

  test('finds nothing on a PATH without it', async () => {
    expect(await findNatsServer('/nonexistent:relative:')).toBeUndefined();
  });

  test.each(['/bin/true', '/nonexistent/nats-server'])('rejects %s as a nats-server', async (other) => {
    await expect(startNatsServer(other)).rejects.toThrow(`"${other}" did not start`);
  });
});

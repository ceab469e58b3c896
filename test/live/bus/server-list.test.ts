import {expect, test} from 'vitest';
import {PermissionError} from '../../../src/base/errors.js';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {describeWith, freePort, type TestServer} from '../../support/servers.js';

const users = (user: string, password: string): string =>
  `authorization { user: ${user}, password: "${password}" }`;

/** The server's URL with a sign-in in it. */
const at = (server: TestServer, userinfo: string): string => server.url.replace('://', `://${userinfo}@`);

const open = (server: string, reconnect = true): Promise<Bus> =>
  connectBus({server, timeoutMs: 10_000, reconnect});

/** The server that answers on this connection now. */
async function portOf(bus: Bus): Promise<number> {
  await bus.flush();
  const {connection} = bus as unknown as {readonly connection: {readonly info: {readonly port: number}}};
  return connection.info.port;
}

describeWith('nats-server')('B2: sign-ins of each URL in a list', () => {
  test.each([
    ['user and password at both', 'b:pb', users('b', 'pb')],
    ['a token at the second', 'tok', 'authorization { token: tok }'],
  ])('%s: uses its own sign-in, also after failover and back', async (_name, userinfo, conf) => {
    await using one = await startNats(users('a', 'pa'));
    await using two = await startNats(conf);
    const bus = await open(`${at(one, 'a:pa')},${at(two, userinfo)}`);
    expect(await portOf(bus)).toBe(one.port);
    await one.stop();
    await until(async () => (await portOf(bus)) === two.port, {what: 'the failover'});
    await one.restart();
    await two.stop();
    await until(async () => (await portOf(bus)) === one.port, {what: 'the way back'});
    await bus.close();
  });

  test.each([true, false])(
    'connects when the first server is down or refuses the sign-in (reconnecting: %s)',
    async (reconnect) => {
      await using one = await startNats(users('a', 'pa'));
      await using two = await startNats(users('b', 'pb'));
      const down = `nats://a:pa@127.0.0.1:${await freePort()}`;
      for (const first of [down, at(one, 'a:wrong')]) {
        const bus = await open(`${first},${at(two, 'b:pb')}`, reconnect);
        await bus.flush();
        await bus.close();
      }
      await expect(open(`${at(one, 'a:wrong')},${down}`, reconnect)).rejects.toBeInstanceOf(PermissionError);
    },
  );

  test('accepts one address with two sign-ins', async () => {
    let password = 'pa';
    await using server = await startNats(() => users('a', password));
    const bus = await open(`${at(server, 'a:pa')},${at(server, 'a:pb')}`);
    password = 'pb';
    await server.restart();
    await until(async () => (await portOf(bus)) === server.port, {what: 'the second sign-in'});
    await bus.close();
  });

  test('inherits the sign-in of the previous URL', async () => {
    await using one = await startNats(users('a', 'pa'));
    await using two = await startNats(users('a', 'pa'));
    const bus = await open(`${at(one, 'a:pa')},${two.url}`);
    await one.stop();
    await until(async () => (await portOf(bus)) === two.port, {what: 'the failover'});
    await bus.close();
  });

  test('signs in to servers announced by the cluster like to the announcing one', async () => {
    const [routeOne, routeTwo] = [await freePort(), await freePort()];
    const cluster = (own: number, other: number): string =>
      `${users('b', 'pb')}\ncluster { name: c, listen: "127.0.0.1:${own}", routes: ["nats://127.0.0.1:${other}"] }`;
    await using one = await startNats(cluster(routeOne, routeTwo));
    await using two = await startNats(cluster(routeTwo, routeOne));
    const away = `nats://a:pa@127.0.0.1:${await freePort()}`;
    const bus = await open(`${away},${at(one, 'b:pb')}`);
    const {connection} = bus as unknown as {
      readonly connection: {readonly info: {readonly connect_urls?: string[]}};
    };
    await until(() => connection.info.connect_urls?.some((url) => url.endsWith(`:${two.port}`)), {
      what: 'news of the other server',
    });
    await one.stop();
    await until(async () => (await portOf(bus)) === two.port, {what: 'the failover'});
    await bus.close();
  });
});

import {generate} from 'mqtt-packet';
import {expect, test} from 'vitest';
import type {ClientLink, ClientLinkEvents} from '../../../../src/gate/listen/client-link.js';
import {ClientConnection} from '../../../../src/gate/mqtt/client-connection.js';
import type {ConnectionHost} from '../../../../src/gate/mqtt/connection-host.js';
import {defaultLimits} from '../../../../src/gate/node/gate-options.js';
import {until} from '../../../support/poll.js';

test('an error of the gate while a client connects closes only its connection, and is reported', async () => {
  const seen: string[] = [];
  let events: ClientLinkEvents | undefined;
  const host: Partial<ConnectionHost> = {
    limits: defaultLimits,
    now: () => 0,
    authenticate: () => ({allow: true}),
    admit: () => {
      throw new Error('a bug');
    },
    failed: (error) => {
      seen.push(String(error));
      return 'an error in the gate';
    },
    closed: (_connection, _live, why) => seen.push(why),
  };
  const link: Partial<ClientLink> = {
    network: 'tcp',
    ip: '127.0.0.1',
    queuedBytes: 0,
    listen: (listener) => {
      events = listener;
    },
    destroy: () => seen.push('destroyed'),
  };
  new ClientConnection(link as ClientLink, host as ConnectionHost);
  events?.received(
    generate({cmd: 'connect', clientId: 'c', clean: true, protocolId: 'MQTT', protocolVersion: 4}),
  );
  await until(() => seen.length === 3);
  expect(seen).toEqual(['Error: a bug', 'an error in the gate', 'destroyed']);
});

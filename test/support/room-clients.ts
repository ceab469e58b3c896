import type {MqttClient} from 'mqtt';
import type {DevProcess} from './dev-process.js';
import type {MqttClients} from './mqtt-clients.js';
import {ask} from './test-gate.js';

/** Clients on the gates of a cluster in turns, in a room of the demo module: their setting `roomName` says which. */
export function joinRoom(
  {gates}: DevProcess,
  clients: MqttClients,
  count: number,
  room: string,
): Promise<readonly MqttClient[]> {
  return Promise.all(
    Array.from({length: count}, async (_, at) => {
      const client = await clients.open(gates[at % gates.length]?.tcp ?? '');
      await ask(client, 'HelloWorld/HD_room/1', JSON.stringify({room}));
      return client;
    }),
  );
}

/** How many are connected still. */
export const alive = (some: readonly MqttClient[]): number => some.filter(({connected}) => connected).length;

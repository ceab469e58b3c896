import type {Bus} from '../../src/bus/bus.js';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {until} from './poll.js';

/** The ids of the peers that a node names to whoever asks it, in order; none when it does not answer. */
export async function namedBy(bus: Bus, nodeId: string): Promise<readonly string[]> {
  const [type, id] = nodeId.split('@');
  const answer = new Promise<string>((resolve) => {
    const inbox = bus.newInbox();
    const subscription = bus.subscribe(inbox, ({data}) => {
      subscription.unsubscribe();
      resolve(Buffer.from(data).toString());
    });
    bus.publish(`$SRV.PING.mqant-${type}.${id}`, new Uint8Array(0), inbox);
  });
  const {metadata} = JSON.parse((await answer) || '{}') as {readonly metadata?: {readonly peers?: string}};
  return (JSON.parse(metadata?.peers ?? '[]') as {readonly id: string}[]).map((peer) => peer.id).sort();
}

/** Resolves when each of them names all the others: from then on a listing misses none of them, however late it answers. */
export async function untilAcquainted(server: string, ...nodeIds: readonly string[]): Promise<void> {
  const bus = await connectBus({server, timeoutMs: 5000, reconnect: false});
  for (const id of nodeIds) {
    const others = nodeIds.filter((other) => other !== id);
    const knowsAll = async (): Promise<boolean> => {
      const named = await namedBy(bus, id);
      return others.every((other) => named.includes(other));
    };
    await until(knowsAll, {what: `${id} to name ${others.join(' and ')}`});
  }
  await bus.close();
}

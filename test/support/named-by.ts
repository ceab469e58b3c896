import type {Bus} from '../../src/bus/bus.js';

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

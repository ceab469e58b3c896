import {NegativeError} from '../../base/errors.js';
import {checkTopic} from '../../bus/rpc/message-check.js';
import {encodePush, type ProtocolVersion} from '../mqtt/codec.js';
import type {GateCounters} from '../node/counters.js';
import type {GateHooks} from '../node/gate-options.js';
import type {LiveSession} from './live-session.js';

/** Packets of one message, made once a protocol version: the two older ones share theirs. */
type Encoded = Map<'v5' | 'older', Buffer>;

/** Sends to clients: QoS 0, whatever they subscribed to, as in mqant. */
export class Pushes {
  constructor(
    private readonly beforeSend: GateHooks['beforeSend'],
    private readonly counters: GateCounters,
    private readonly log: (line: string) => void,
  ) {}

  /** Throws NegativeError when the client can't get it, and what the hook throws. */
  send(live: LiveSession, topic: string, body: Uint8Array): void {
    checkTopic(topic);
    this.hand(live, topic, body);
  }

  /** How many it was handed to. One who can't get it is skipped, and the log says so. */
  sendAll(lives: readonly LiveSession[], topic: string, body: Uint8Array): number {
    checkTopic(topic);
    const encoded: Encoded = new Map();
    let handed = 0;
    for (const live of lives) {
      try {
        this.hand(live, topic, body, encoded);
        handed += 1;
      } catch (error) {
        this.log(`push to session ${live.id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return handed;
  }

  private hand(live: LiveSession, topic: string, body: Uint8Array, encoded?: Encoded): void {
    const {connection} = live;
    const {version} = connection;
    const own = this.beforeSend === undefined ? body : this.beforeSend(live.session, topic, body);
    const isShared = encoded !== undefined && own === body;
    const bytes = isShared ? shared(encoded, topic, body, version) : encodePush(topic, own, version);
    if (bytes.length > connection.maximumPacketBytes) {
      throw new NegativeError(
        `the packet is ${bytes.length} bytes, more than the ${connection.maximumPacketBytes} that the client takes`,
      );
    }
    if (!connection.write(bytes)) throw new NegativeError('the client does not read, it was disconnected');
    live.sent += 1;
    this.counters.sent += 1;
  }
}

function shared(encoded: Encoded, topic: string, body: Uint8Array, version: ProtocolVersion): Buffer {
  const form = version === 5 ? 'v5' : 'older';
  let bytes = encoded.get(form);
  if (bytes === undefined) {
    bytes = encodePush(topic, body, version);
    encoded.set(form, bytes);
  }
  return bytes;
}

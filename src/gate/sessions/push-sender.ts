import {errorMessage} from '../../base/error-details.js';
import {NegativeError} from '../../base/errors.js';
import {checkTopic} from '../../bus/rpc/message-check.js';
import {encodePush, type ProtocolVersion, type PushFields} from '../mqtt/packet-codec.js';
import type {GateHooks} from '../node/gate-options.js';
import type {GateCounters} from './gate-counters.js';
import type {LiveSession} from './live-session.js';

/** Encoded packets of one message by protocol version. MQTT 3.1 and 3.1.1 share one. */
type Encoded = Map<'v5' | 'older', Buffer>;

/** Sends messages to clients, whatever they have subscribed to, as in mqant. */
export class PushSender {
  constructor(
    private readonly beforeSend: GateHooks['beforeSend'],
    private readonly counters: GateCounters,
    private readonly log: (line: string) => void,
  ) {}

  /**
   * Sends a message to a client, with QoS 1 if there is a packet id. Throws NegativeError if the client can't receive
   * it, and rethrows errors of the hook.
   */
  send(live: LiveSession, topic: string, body: Uint8Array, fields?: PushFields): void {
    checkTopic(topic);
    this.write(live, topic, body, {fields});
  }

  /** Sends a message to all clients. Returns how many it was handed to; failures are logged. */
  sendAll(lives: readonly LiveSession[], topic: string, body: Uint8Array): number {
    checkTopic(topic);
    const encoded: Encoded = new Map();
    let handed = 0;
    for (const live of lives) {
      try {
        this.write(live, topic, body, {encoded});
        handed += 1;
      } catch (error) {
        this.log(`push to session ${live.id}: ${errorMessage(error)}`);
      }
    }
    return handed;
  }

  private write(
    live: LiveSession,
    topic: string,
    body: Uint8Array,
    {encoded, fields}: {readonly encoded?: Encoded; readonly fields?: PushFields | undefined},
  ): void {
    const {connection} = live;
    const {version} = connection;
    const own = this.beforeSend === undefined ? body : this.beforeSend(live.session, topic, body);
    const isShared = encoded !== undefined && own === body;
    const bytes = isShared ? shared(encoded, topic, body, version) : encodePush(topic, own, version, fields);
    if (bytes.length > connection.maximumPacketBytes) {
      throw new NegativeError(
        `the packet is ${bytes.length} bytes, more than the ${connection.maximumPacketBytes} that the client accepts`,
      );
    }
    if (!connection.write(bytes)) throw new NegativeError('the client read too slowly and was disconnected');
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

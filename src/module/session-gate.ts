import type {TraceSpan} from '../bus/arguments.js';
import type {GateApi} from '../session/gate-api.js';

/** What a session asks of its gate: mqant's functions, and a Send that wants no answer. */
export interface SessionGate
  extends Pick<
    GateApi,
    'update' | 'bind' | 'unbind' | 'push' | 'set' | 'remove' | 'send' | 'sendBatch' | 'isConnect' | 'close'
  > {
  sendNR(sessionId: string, topic: string, body: Uint8Array): void;
}

/** Makes the gate of a node, speaking under the trace of one session. */
export type OpenGate = (
  node: {readonly id: string; readonly address: string},
  trace: TraceSpan,
) => SessionGate;

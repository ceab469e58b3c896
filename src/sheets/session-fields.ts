import type {Session} from '../session/session.js';
import type {Fields} from './fields.js';

/** One session in full. */
export function sessionFields(gate: string, session: Session): Fields {
  return {
    id: `${gate}/${session.sessionId}`,
    fields: [
      ['session', session.sessionId],
      ['gate', gate],
      ['uid', session.userId === '' ? '- (guest)' : session.userId],
      ['network', session.network],
      ['ip', session.ip],
      ['trace', session.traceId],
      ...Object.entries(session.settings).map(([key, value]) => [`settings.${key}`, value] as const),
    ],
    record: {
      id: session.sessionId,
      gate,
      uid: session.userId,
      guest: session.userId === '',
      network: session.network,
      ip: session.ip,
      traceId: session.traceId,
      spanId: session.spanId,
      settings: session.settings,
    },
  };
}

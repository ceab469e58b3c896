import type {CallEnvelope, ResultEnvelope} from '../../bus/rpc/envelope.js';
import type {RecordPage, SessionPage} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';

/** Kinds of data that can be decoded. */
export const dataKinds = ['session', 'call', 'result', 'page', 'records', 'msgpack', 'json'] as const;
export type DataKind = (typeof dataKinds)[number];

export type DecodedData =
  | {readonly kind: 'session'; readonly form: 'protobuf' | 'msgpack' | 'json'; readonly session: Session}
  | {readonly kind: 'call'; readonly call: CallEnvelope}
  | {readonly kind: 'result'; readonly result: ResultEnvelope}
  | {readonly kind: 'page'; readonly page: SessionPage}
  | {readonly kind: 'records'; readonly page: RecordPage}
  /** A value that is not a session. msgpack maps become Map. */
  | {readonly kind: 'msgpack' | 'json'; readonly value: unknown};

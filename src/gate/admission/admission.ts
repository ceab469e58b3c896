import {UsageError} from '../../base/errors.js';
import {checkEncodableText} from '../../bus/rpc/message-check.js';
import type {ClientCertificate} from '../listen/listener-certificates.js';

/** Credentials and other properties of a client that sends CONNECT. */
export interface ConnectingClient {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly ip: string;
  readonly network: string;
  readonly userAgent: string | undefined;
  /** The client's certificate, if it sent one that the listener's `ca` has signed. */
  readonly certificate: ClientCertificate | undefined;
}

const refusals = ['badCredentials', 'notAuthorized', 'unavailable', 'useAnotherServer'] as const;

/** Why a client is refused. The connection chooses the code for the client's MQTT version. */
export type AdmissionRefusal = (typeof refusals)[number];

/** The decision on a client. */
export interface Admission {
  readonly allow: boolean;
  /** User id to bind the session to, before the client gets its CONNACK. */
  readonly userId?: string | undefined;
  /** Initial settings of the session. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** When to close the connection, in Unix milliseconds. */
  readonly expiresAt?: number | undefined;
  /** `notAuthorized` by default. */
  readonly refusal?: AdmissionRefusal | undefined;
}

/** Decides whether a client may connect. If it rejects, the client is refused. */
export type Authenticate = (client: ConnectingClient) => boolean | Admission | Promise<boolean | Admission>;

export interface Authenticator {
  readonly authenticate: Authenticate;
  /** Reads its files again. Rejects if they can't be used; the previous contents then remain in use. */
  reload(): Promise<void>;
}

/**
 * Checks a decision, which may come from another program or from a client's token. Throws UsageError for one that no
 * session can have: a gate could keep such a session, but neither list nor send it. `maxBytes` is for the settings.
 */
export function checkedAdmission(decision: unknown, maxBytes: number): Admission {
  if (typeof decision === 'boolean') return {allow: decision};
  if (typeof decision !== 'object' || decision === null || !('allow' in decision))
    throw new UsageError('expected true, false or an object with "allow"');
  const {allow, userId, settings = {}, expiresAt, refusal = 'notAuthorized'} = decision as Admission;
  if (!refusals.includes(refusal)) throw new UsageError(`unknown refusal ${JSON.stringify(refusal)}`);
  if (allow !== true) return refusedAdmission(refusal);
  const texts = [...(userId === undefined ? [] : ['user id', userId]), ...Object.entries(settings).flat()];
  let bytes = 0;
  for (const text of texts) {
    if (typeof text !== 'string') throw new UsageError('the user id or a setting is not a text');
    checkEncodableText(text, 'the user id or a setting');
    bytes += Buffer.byteLength(text) + bytesPerText;
  }
  if (bytes > maxBytes) throw new UsageError(`the settings take ${bytes} bytes, more than ${maxBytes}`);
  if (expiresAt !== undefined && !Number.isFinite(expiresAt))
    throw new UsageError(`invalid expiresAt ${String(expiresAt)}: expected Unix milliseconds`);
  return decision as Admission;
}

/** Bytes that a text takes in an encoded session beside its own. */
const bytesPerText = 8;

export const refusedAdmission = (refusal: AdmissionRefusal): Admission => ({allow: false, refusal});

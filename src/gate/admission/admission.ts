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

/** Why a client is refused. The connection chooses the code for the client's MQTT version. */
export type AdmissionRefusal = 'badCredentials' | 'notAuthorized' | 'unavailable' | 'useAnotherServer';

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

export const refusedAdmission = (refusal: AdmissionRefusal): Admission => ({allow: false, refusal});

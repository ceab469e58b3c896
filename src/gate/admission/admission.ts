import type {ClientCertificate} from '../listen/tls.js';

/** Credentials and properties of a client in CONNECT. */
export interface ConnectingClient {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly ip: string;
  readonly network: string;
  readonly userAgent: string | undefined;
  /** The certificate that the client showed and `ca` of the listener signed. */
  readonly certificate: ClientCertificate | undefined;
}

/** Why a client is refused; the connection chooses the code for the client's MQTT version. */
export type AdmissionRefusal = 'badCredentials' | 'notAuthorized' | 'unavailable' | 'useAnotherServer';

/** The answer to a client that wants to connect. */
export interface Admission {
  readonly allow: boolean;
  /** User id that the session is bound to before the client hears that it is connected. */
  readonly userId?: string | undefined;
  /** Settings that the session starts with. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Unix milliseconds at which the connection is closed. */
  readonly expiresAt?: number | undefined;
  /** `notAuthorized` by default. */
  readonly refusal?: AdmissionRefusal | undefined;
}

/** Decides about a client. A rejection counts as a refusal. */
export type Authenticate = (client: ConnectingClient) => boolean | Admission | Promise<boolean | Admission>;

export interface Authenticator {
  readonly authenticate: Authenticate;
  /** Reads the files again. Rejects when they can't be used; the old content then stays in force. */
  reload(): Promise<void>;
}

export const refused = (refusal: AdmissionRefusal): Admission => ({allow: false, refusal});

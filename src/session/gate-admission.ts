/** What can turn clients away, by its key in the config of a gate. */
export const admissionKeys = [
  'maxSessions',
  'connectionsPerAddress',
  'connectsPerAddressPerSecond',
  'sessionsPerUser',
  'requestsPerClient',
  'authenticate',
  'trustedProxies',
] as const;
export type LimitName = (typeof admissionKeys)[number];

/** How often a limit applied since the start of a gate. */
export interface LimitHits {
  readonly count: number;
  /** Unix milliseconds by the gate's clock. */
  readonly lastAt: number;
}

export type HitsByLimit = Readonly<Partial<Record<LimitName, LimitHits>>>;

export interface ListenerCertificate {
  readonly listener: 'tcp' | 'ws';
  /** Lowest TLS version that a client may use, such as `TLSv1.2`. */
  readonly minVersion: string;
  /** When the first of the listener's certificates expires, Unix milliseconds. */
  readonly expiresAt: number;
}

/** Which clients a gate admits. */
export interface GateAdmission {
  /** How clients sign in: none, module, password-file, jwt, certificate, or custom for a function of the program. */
  readonly authenticate: string;
  /** Values of the limits; 0 is no limit. */
  readonly limits: Readonly<Partial<Record<LimitName, number>>>;
  readonly warmUpMs: number;
  /** Empty without TLS. */
  readonly certificates: readonly ListenerCertificate[];
}

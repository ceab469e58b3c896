/** Limits and checks that can turn clients away, by their keys in a gate's configuration. */
export const admissionLimitNames = [
  'maxSessions',
  'connectionsPerAddress',
  'connectsPerAddressPerSecond',
  'sessionsPerUser',
  'requestsPerClient',
  'authenticate',
  'trustedProxies',
  'origins',
] as const;
export type LimitName = (typeof admissionLimitNames)[number];

/** How often a limit was reached since the gate started. */
export interface LimitHits {
  readonly count: number;
  /** Unix milliseconds by the gate's clock. */
  readonly lastAt: number;
}

export type HitsByLimit = Readonly<Partial<Record<LimitName, LimitHits>>>;

export interface ListenerCertificate {
  readonly listener: 'tcp' | 'ws';
  /** Lowest TLS version that clients may use, such as `TLSv1.2`. */
  readonly minVersion: string;
  /** When the first of the listener's certificates expires, in Unix milliseconds. */
  readonly expiresAt: number;
}

/** How a gate authenticates and limits clients. */
export interface GateAdmission {
  /**
   * How clients are authenticated: `none`, `module`, `password-file`, `jwt`, `certificate`, or `custom` for a
   * function in the gate's program.
   */
  readonly authenticate: string;
  /** Values of the limits; 0 for no limit. */
  readonly limits: Readonly<Partial<Record<LimitName, number>>>;
  readonly warmUpMs: number;
  /** Origins of web pages that may open a WebSocket; undefined if any may. */
  readonly origins?: readonly string[] | undefined;
  /** Empty if TLS is not used. */
  readonly certificates: readonly ListenerCertificate[];
}

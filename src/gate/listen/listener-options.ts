export interface ListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** If the certificate is invalid, the listener does not start; it never falls back to plain text. */
  readonly tls?: ListenerTls | undefined;
  /**
   * Every connection must start with a PROXY protocol header, version 1 or 2, from a trusted proxy; others are
   * closed. Requires `trustedProxies`.
   */
  readonly proxyProtocol?: boolean | undefined;
}

/** A certificate and its key, as PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

export const tlsVersions = ['TLSv1.2', 'TLSv1.3'] as const;

export interface ListenerTls extends CertificatePair {
  /** The authorities that sign client certificates, as PEM. If set, clients are asked for a certificate. */
  readonly ca?: string | undefined;
  /**
   * Lists of certificates that `ca` has revoked (CRL), as PEM: one of each authority. Once a list has expired, no
   * certificate of its authority is accepted.
   */
  readonly crl?: string | undefined;
  /** Refuses clients without a certificate signed by `ca`. */
  readonly requireCertificate?: boolean | undefined;
  /** TLSv1.2 by default. */
  readonly minVersion?: (typeof tlsVersions)[number] | undefined;
  /** Certificates for other server names (SNI), such as `game.example.com` or `*.example.com`. */
  readonly names?: Readonly<Record<string, CertificatePair>> | undefined;
}

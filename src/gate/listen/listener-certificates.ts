import {X509Certificate} from 'node:crypto';
import {createSecureContext, type SecureContext, type TlsOptions} from 'node:tls';
import {UsageError} from '../../base/errors.js';
import type {ListenerCertificate} from '../../session/gate-admission.js';
import type {ListenerOptions, ListenerTls} from './listener-options.js';

/** A client's certificate that a configured authority has signed. */
export interface ClientCertificate {
  /** Common name of the subject; undefined if there is none or more than one. */
  readonly commonName: string | undefined;
  /** The subject, such as `CN=neo,O=Zion`, in the certificate's order. */
  readonly subject: string;
  /** SHA-256 in upper-case hex with colons, as openssl prints it. */
  readonly fingerprint: string;
}

export type CertificateInUse = Pick<ListenerCertificate, 'minVersion' | 'expiresAt'>;

/** The certificates of a listener. Replacing them affects new connections only. */
export class ListenerCertificates {
  private named = new Map<string, SecureContext>();

  /** Throws UsageError for an invalid certificate. */
  constructor(
    private tls: ListenerTls,
    private readonly listener: Pick<ListenerOptions, 'host' | 'port'>,
  ) {
    this.replace(tls);
  }

  /** Replaces the certificates. Throws UsageError if one is invalid; the current ones then stay in use. */
  replace(tls: ListenerTls): void {
    const {host, port} = this.listener;
    if (tls.ca !== undefined && !tls.ca.includes('CERTIFICATE-----'))
      throw new UsageError(`tls.ca of ${host}:${port} contains no certificate in PEM`);
    try {
      createSecureContext(contextOptions(tls));
      const pairs = Object.entries(tls.names ?? {});
      this.named = new Map(
        pairs.map(([name, pair]) => [
          name.toLowerCase(),
          createSecureContext({...contextOptions(tls), ...pair}),
        ]),
      );
      this.tls = tls;
    } catch (cause) {
      throw new UsageError(
        `cannot use the TLS certificate for ${host}:${port}: ${(cause as Error).message}`,
        {
          hint: 'check that the certificate and its key belong together: openssl x509 -noout -modulus, openssl rsa -noout -modulus',
          cause,
        },
      );
    }
  }

  /** The lowest TLS version, and when the first of the certificates expires, in Unix milliseconds. */
  get inUse(): CertificateInUse {
    const {cert, names = {}, minVersion = lowestVersion} = this.tls;
    const certs = [cert, ...Object.values(names).map((pair) => pair.cert)];
    const expiries = certs.map((pem) => Date.parse(new X509Certificate(pem).validTo));
    return {minVersion, expiresAt: Math.min(...expiries)};
  }

  /** Options for node:tls and node:https. */
  get options(): TlsOptions {
    const {ca, requireCertificate = false} = this.tls;
    return {
      ...contextOptions(this.tls),
      ...(ca !== undefined && {requestCert: true, rejectUnauthorized: requireCertificate}),
      SNICallback: (name, done) => done(null, this.contextFor(name.toLowerCase())),
    };
  }

  /** Returns the certificate for a server name; undefined for names that use the default certificate. */
  private contextFor(name: string): SecureContext | undefined {
    return this.named.get(name) ?? this.named.get(name.replace(/^[^.]+/, '*'));
  }
}

const lowestVersion = 'TLSv1.2';

function contextOptions({cert, key, ca, crl, minVersion = lowestVersion}: ListenerTls) {
  return {cert, key, minVersion, ...(ca !== undefined && {ca}), ...(crl !== undefined && {crl})};
}

/** Returns the client's certificate; undefined if it sent none, or none signed by a configured authority. */
export function verifiedClientCertificate(socket: unknown): ClientCertificate | undefined {
  const {authorized, getPeerCertificate} = socket as Partial<import('node:tls').TLSSocket>;
  if (authorized !== true || getPeerCertificate === undefined) return undefined;
  const {subject, fingerprint256} = getPeerCertificate.call(socket as import('node:tls').TLSSocket, false);
  if (subject === undefined) return undefined;
  const {CN: commonName} = subject;
  return {
    commonName: typeof commonName === 'string' ? commonName : undefined,
    subject: Object.entries(subject)
      .flatMap(([name, value]) => [value].flat().map((one) => `${name}=${one}`))
      .join(','),
    fingerprint: fingerprint256,
  };
}

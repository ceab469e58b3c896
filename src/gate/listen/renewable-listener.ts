import type {Server as TlsServer} from 'node:tls';
import type {CertificateInUse, ListenerCertificates} from './listener-certificates.js';
import type {ListenerTls} from './listener-options.js';
import type {Listener} from './socket-server.js';

/** A listener whose certificates can be replaced while it runs. */
export interface RenewableListener extends Listener {
  /**
   * Replaces the certificates for new connections. Throws UsageError if one is invalid; the current ones then stay in
   * use.
   */
  renew(tls: ListenerTls): void;
  /** Undefined without TLS. */
  certificate(): CertificateInUse | undefined;
}

interface Secured {
  readonly certificates: ListenerCertificates;
  readonly server: Pick<TlsServer, 'setSecureContext'>;
}

/** Creates a renewable listener. Without `secured` it has no certificates, and `renew` does nothing. */
export function createRenewableListener(listener: Listener, secured?: Secured): RenewableListener {
  return {
    ...listener,
    certificate: () => secured?.certificates.inUse,
    renew: (tls) => {
      secured?.certificates.replace(tls);
      secured?.server.setSecureContext(secured.certificates.options);
    },
  };
}

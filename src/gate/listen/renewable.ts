import type {Server as TlsServer} from 'node:tls';
import type {ListenerTls} from '../node/gate-options.js';
import type {Listener} from './intake.js';
import type {ListenerCertificates} from './tls.js';

/** A listener that takes new certificates while it runs. */
export interface RenewableListener extends Listener {
  /** For connections from now on. Throws UsageError when a certificate can't be used; the old ones then stay. */
  renew(tls: ListenerTls): void;
}

interface Secured {
  readonly certificates: ListenerCertificates;
  readonly server: Pick<TlsServer, 'setSecureContext'>;
}

/** Without `secured` the listener has no certificates, and a renewal does nothing. */
export function renewable(listener: Listener, secured?: Secured): RenewableListener {
  return {
    ...listener,
    renew: (tls) => {
      secured?.certificates.replace(tls);
      secured?.server.setSecureContext(secured.certificates.options);
    },
  };
}

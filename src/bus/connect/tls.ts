import {isIP} from 'node:net';
import {checkServerIdentity, type PeerCertificate} from 'node:tls';
import type {TlsOptions} from 'nats';
import type {BusTls} from './bus-options.js';
import type {ServerUrl} from './server-url.js';

interface TlsOptionsOfNode extends TlsOptions {
  readonly checkServerIdentity: typeof checkServerIdentity;
}

/** Returns TLS options for nats.js, with the identity check that it lacks for servers named by IP address. */
export function tlsFor({ca, cert, key, first}: BusTls, urls: readonly ServerUrl[]): TlsOptions {
  const options: TlsOptionsOfNode = {
    ...(ca === undefined ? {} : {caFile: ca}),
    ...(cert === undefined ? {} : {certFile: cert}),
    ...(key === undefined ? {} : {keyFile: key}),
    ...(first === true ? {handshakeFirst: true} : {}),
    checkServerIdentity: identityCheck(urls.map(({host}) => host)),
  };
  return options;
}

/**
 * For an IP address nats.js sets no server name, and Node then checks the certificate against "localhost". Instead, the
 * certificate must contain one of the configured addresses.
 */
function identityCheck(hosts: readonly string[]): typeof checkServerIdentity {
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (host: string, certificate: PeerCertificate) => {
    if (host !== 'localhost' || hosts.includes('localhost')) return checkServerIdentity(host, certificate);
    const failures = addresses.map((address) => checkServerIdentity(address, certificate));
    return failures.includes(undefined) ? undefined : (failures[0] ?? checkServerIdentity(host, certificate));
  };
}

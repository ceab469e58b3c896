import {isIP} from 'node:net';
import {checkServerIdentity, type PeerCertificate} from 'node:tls';
import type {TlsOptions} from 'nats';
import type {BusTls} from './bus-options.js';
import type {ServerUrl} from './server-url.js';

interface TlsOptionsOfNode extends TlsOptions {
  readonly checkServerIdentity: typeof checkServerIdentity;
}

/**
 * Returns TLS options for nats.js. They include an identity check for servers given by IP address, which nats.js
 * lacks.
 */
export function natsTlsOptions({ca, cert, key, first}: BusTls, urls: readonly ServerUrl[]): TlsOptions {
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
 * Returns the certificate check. For an IP address, nats.js sets no server name, so Node would check for "localhost".
 * Instead, the certificate must contain one of the configured addresses.
 */
function identityCheck(hosts: readonly string[]): typeof checkServerIdentity {
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (host: string, certificate: PeerCertificate) => {
    if (host !== 'localhost' || hosts.includes('localhost')) return checkServerIdentity(host, certificate);
    const failures = addresses.map((address) => checkServerIdentity(address, certificate));
    return failures.includes(undefined) ? undefined : (failures[0] ?? checkServerIdentity(host, certificate));
  };
}

import {isIP, SocketAddress} from 'node:net';

/** What addresses in their canonical form never have: upper case, a group with a leading zero, a mapped prefix. */
const unusual = /[A-F]|ffff|(?:^|:)0/;

/**
 * One spelling per address: an IPv4 address that is mapped into IPv6 (RFC 4291, 2.5.5.2) as IPv4, any other IPv6 address
 * as RFC 5952 writes it. Anything else is returned as it is.
 */
export function canonicalAddress(text: string): string {
  if (!text.includes(':') || !unusual.test(text) || isIP(text) !== 6) return text;
  const [bare = '', zone] = text.split('%');
  const {address} = new SocketAddress({address: bare, family: 'ipv6'});
  return mappedIPv4(address) ?? (zone === undefined ? address : `${address}%${zone}`);
}

/** The IPv4 address in an address of the canonical form `::ffff:1.2.3.4`. */
const mappedIPv4 = (address: string): string | undefined => /^::ffff:(\d+(?:\.\d+){3})$/.exec(address)?.[1];

/** An address as a gate reports it: what a socket of a dual-stack listener calls `::ffff:1.2.3.4` is `1.2.3.4`. */
export function plainAddress(text: string): string {
  const address = canonicalAddress(text);
  return isIP(address) === 4 ? address : text;
}

/** `1.2.3.4:50` and `[::1]:50`, as Go's net.JoinHostPort, which is what mqant shows. */
export function hostAndPort(host: string, port: number): string {
  const address = plainAddress(host);
  // joined into one piece: a template keeps its parts
  return [address.includes(':') ? `[${address}]` : address, port].join(':');
}

/** The canonical address of a client in a session's `ip`, without its port. */
export function clientAddressIn(ip: string, network: string): string {
  const colon = ip.indexOf(':');
  if (colon < 0) return ip;
  if (colon === ip.lastIndexOf(':')) return ip.slice(0, colon);
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(ip)?.[1];
  return canonicalAddress(bracketed ?? withoutPort(ip, network));
}

/** Earlier gates of ours put the port of a TCP client behind an IPv6 address without brackets. */
function withoutPort(ip: string, network: string): string {
  const at = ip.lastIndexOf(':');
  const host = ip.slice(0, at);
  const hasPort = (network === 'tcp' || isIP(ip) === 0) && /^\d{1,5}$/.test(ip.slice(at + 1));
  return hasPort && isIP(host) === 6 ? host : ip;
}

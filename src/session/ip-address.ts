import {isIP, SocketAddress} from 'node:net';

/**
 * Matches addresses that may not be canonical: with upper-case letters, a leading zero in a group, or a mapped
 * prefix.
 */
const unusual = /[A-F]|ffff|(?:^|:)0/;

/**
 * Returns the canonical spelling of an address: IPv4 for an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2), RFC 5952
 * for other IPv6 addresses. Returns other strings unchanged.
 */
export function canonicalIpAddress(text: string): string {
  if (!text.includes(':') || !unusual.test(text) || isIP(text) !== 6) return text;
  const [bare = '', zone] = text.split('%');
  const {address} = new SocketAddress({address: bare, family: 'ipv6'});
  return mappedIPv4(address) ?? (zone === undefined ? address : `${address}%${zone}`);
}

/** Returns the IPv4 address in the canonical form `::ffff:1.2.3.4`; undefined for other addresses. */
const mappedIPv4 = (address: string): string | undefined => /^::ffff:(\d+(?:\.\d+){3})$/.exec(address)?.[1];

/**
 * Returns a socket's address as a gate reports it: `::ffff:1.2.3.4`, from a dual-stack listener, becomes `1.2.3.4`.
 */
export function unmappedIpAddress(text: string): string {
  const address = canonicalIpAddress(text);
  return isIP(address) === 4 ? address : text;
}

/** Formats `1.2.3.4:50` and `[::1]:50` like Go's net.JoinHostPort, which mqant uses. */
export function joinHostPort(host: string, port: number): string {
  const address = unmappedIpAddress(host);
  // join makes one flat string; a template would keep its parts alive
  return [address.includes(':') ? `[${address}]` : address, port].join(':');
}

/** Returns the canonical client address in a session's `ip`, without the port. */
export function clientAddressOfSession(ip: string, network: string): string {
  const colon = ip.indexOf(':');
  if (colon < 0) return ip;
  if (colon === ip.lastIndexOf(':')) return ip.slice(0, colon);
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(ip)?.[1];
  return canonicalIpAddress(bracketed ?? withoutPort(ip, network));
}

/** Removes the port that earlier TypeScript gates appended to an IPv6 address without brackets. */
function withoutPort(ip: string, network: string): string {
  const at = ip.lastIndexOf(':');
  const host = ip.slice(0, at);
  const hasPort = (network === 'tcp' || isIP(ip) === 0) && /^\d{1,5}$/.test(ip.slice(at + 1));
  return hasPort && isIP(host) === 6 ? host : ip;
}

/**
 * Returns the block that an address is in, such as `10.0.4.0/24`. Returns the address itself if it has fewer than
 * `bits` bits.
 */
export function cidrBlock(address: string, bits: number): string {
  const family = isIP(address);
  if (family === 0 || bits > (family === 4 ? 32 : 128)) return address;
  const groups = family === 4 ? address.split('.').map(Number) : groupsOf(address);
  const size = family === 4 ? 8 : 16;
  const masked = groups.map((group, at) => {
    const kept = Math.max(0, Math.min(size, bits - at * size));
    return group & (((1 << kept) - 1) << (size - kept));
  });
  if (family === 4) return `${masked.join('.')}/${bits}`;
  const {address: start} = new SocketAddress({
    address: masked.map((group) => group.toString(16)).join(':'),
    family: 'ipv6',
  });
  return `${start}/${bits}`;
}

/** Returns the eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [bare = ''] = address.split('%');
  const [head = '', tail] = bare.split('::');
  const parse = (text: string): number[] =>
    text === ''
      ? []
      : text
          .split(':')
          .flatMap((group) => (group.includes('.') ? dotted(group) : [Number.parseInt(group, 16)]));
  const [first, last] = [parse(head), parse(tail ?? '')];
  return tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
}

/** Returns the two groups for the IPv4 address at the end of an IPv6 address. */
function dotted(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

import {isIP} from 'node:net';
import {unmappedIpAddress} from '../../session/ip-address.js';
import type {TrustedProxies} from './trusted-proxies.js';

/**
 * Headers of a WebSocket upgrade that may contain the client's address. The values of a repeated header are joined
 * with commas.
 */
interface ForwardingHeaders {
  readonly forwardedFor: string | undefined;
  readonly forwarded: string | undefined;
}

/**
 * Returns the address of a WebSocket client. Headers count only if a trusted proxy sent them. The client is then the
 * last address that is not a trusted proxy, because each proxy appends the address that connected to it. If the two
 * headers disagree, both are ignored: a proxy sets only one of them and may pass on the other from the client.
 */
export function clientAddress(
  peer: string,
  {forwardedFor, forwarded}: ForwardingHeaders,
  proxies: TrustedProxies,
): string {
  const own = unmappedIpAddress(peer);
  if (!proxies.has(own)) return own;
  const claims = [
    forwardedFor === undefined ? undefined : forwardedFor.split(','),
    forwarded === undefined ? undefined : forwardedHops(forwarded),
  ]
    .filter((hops) => hops !== undefined)
    .map((hops) => lastUntrusted(hops.map(addressOf), proxies));
  const [first] = claims;
  return first === undefined || claims.some((claim) => claim !== first) ? own : first;
}

/**
 * Returns the last hop that is not a trusted proxy; undefined if that hop has no address, such as "unknown" or
 * "_hidden" (RFC 7239).
 */
function lastUntrusted(hops: readonly (string | undefined)[], proxies: TrustedProxies): string | undefined {
  const at = hops.findLastIndex((hop) => hop === undefined || !proxies.has(hop));
  return hops[Math.max(at, 0)];
}

/** Returns the `for` parameter of each hop (RFC 7239, section 4). */
function forwardedHops(header: string): readonly string[] {
  const hops: string[] = [];
  for (const [hop] of header.matchAll(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g)) {
    const value = /(?:^|;)\s*for\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s]*))/i.exec(hop);
    hops.push(value?.[1] ?? value?.[2] ?? '');
  }
  return hops;
}

/**
 * Parses `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1` and `[2001:db8::1]:80`. Returns undefined for anything else, such as
 * an address with a zone.
 */
function addressOf(hop: string): string | undefined {
  const text = hop.trim();
  const bare = /^\[([^\]]*)\](?::\w+)?$/.exec(text)?.[1] ?? /^([\d.]+):\w+$/.exec(text)?.[1] ?? text;
  return bare.includes('%') || isIP(bare) === 0 ? undefined : unmappedIpAddress(bare);
}

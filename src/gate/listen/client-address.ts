import {BlockList, isIP} from 'node:net';
import {plainAddress} from '../../session/ip-address.js';

const privateRanges = new BlockList();
privateRanges.addSubnet('10.0.0.0', 8);
privateRanges.addSubnet('172.16.0.0', 12);
privateRanges.addSubnet('192.168.0.0', 16);
privateRanges.addSubnet('127.0.0.0', 8);
privateRanges.addSubnet('169.254.0.0', 16);
privateRanges.addSubnet('fc00::', 7, 'ipv6');
privateRanges.addSubnet('fe80::', 10, 'ipv6');
privateRanges.addAddress('::1', 'ipv6');

/**
 * mqant's rule for WebSocket clients (utils/ip/iptool.go): the first entry of X-Forwarded-For that is an address and
 * not private, else the peer. Any client can write that header, so the value is a claim unless a proxy sets it.
 */
export function clientAddress(forwardedFor: string | undefined, peer: string | undefined): string {
  const claimed = (forwardedFor ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .find((entry) => isPublic(entry));
  return plainAddress(claimed ?? peer ?? '');
}

/** Go's net.ParseIP, which mqant uses, takes no zone. */
function isPublic(address: string): boolean {
  const family = address.includes('%') ? 0 : isIP(address);
  return family !== 0 && !privateRanges.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

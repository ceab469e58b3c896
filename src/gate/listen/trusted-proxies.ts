import {BlockList, isIP} from 'node:net';
import {UsageError} from '../../base/errors.js';

/** Proxies that are trusted to report a client's address. */
export class TrustedProxies {
  private readonly ranges = new BlockList();
  private readonly isEmpty: boolean;

  /** Accepts addresses and CIDR ranges. Throws UsageError for anything else. */
  constructor(ranges: readonly string[]) {
    this.isEmpty = ranges.length === 0;
    for (const range of ranges) this.add(range);
  }

  has(address: string): boolean {
    if (this.isEmpty) return false; // a BlockList creates an object for each check
    const family = isIP(address);
    return family !== 0 && this.ranges.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }

  private add(range: string): void {
    const [address = '', bits, ...more] = range.split('/');
    const family = address.includes('%') ? 0 : isIP(address);
    const most = family === 4 ? 32 : 128;
    const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (family === 0 || more.length > 0 || !(length <= most))
      throw new UsageError(`invalid trusted proxy "${range}": expected an address or a CIDR range`, {
        hint: 'for example 10.0.0.0/8 or fd00::/8',
      });
    this.ranges.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  }
}

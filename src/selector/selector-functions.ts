import {BlockList, isIP} from 'node:net';
import {canonicalIpAddress} from '../session/ip-address.js';

/** Creates a test from its literal argument. Throws an Error that explains why a literal is invalid. */
type MakeTest = (literal: string) => (text: string) => boolean;

/** Functions that gatectl adds to CEL, by name. */
export type SelectorFunctions = Readonly<Record<'re' | 'cidr', MakeTest>>;

/** Returns the functions for a selector. `re` matches in linear time (RE2); its package is loaded only if needed. */
export async function loadSelectorFunctions(text: string): Promise<SelectorFunctions> {
  const re = /\bre\s*\(/.test(text) ? makeRe(await import('re2js')) : unused;
  return {re, cidr: makeCidr};
}

const unused: MakeTest = () => () => false;

function makeRe({RE2JS}: typeof import('re2js')): MakeTest {
  return (literal) => {
    if (literal.length > 1000) throw new Error('the pattern is longer than 1,000 characters');
    const pattern = RE2JS.compile(literal);
    return (text) => pattern.test(text);
  };
}

const makeCidr: MakeTest = (literal) => {
  const {address, bits} = blockOf(literal);
  const family = isIP(address);
  const block = new BlockList();
  block.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  return (text) => {
    const tested = canonicalIpAddress(text);
    const kind = isIP(tested);
    return kind === family && block.check(tested, kind === 4 ? 'ipv4' : 'ipv6');
  };
};

/** Parses an address or CIDR block. A block of IPv4-mapped IPv6 addresses becomes a block of IPv4 addresses. */
function blockOf(literal: string): {readonly address: string; readonly bits: number} {
  const [written = '', length, ...rest] = literal.split('/');
  const family = isIP(written);
  const bits = length === undefined ? widest(family) : Number(/^\d{1,3}$/.exec(length)?.[0] ?? Number.NaN);
  if (family === 0 || rest.length > 0 || !(bits <= widest(family))) {
    throw new Error(`invalid address block "${literal}": expected a form such as 10.0.0.0/8`);
  }
  const address = canonicalIpAddress(written);
  const isMapped = family === 6 && isIP(address) === 4 && bits >= mappedPrefixBits;
  return isMapped ? {address, bits: bits - mappedPrefixBits} : {address: written, bits};
}

/** Length of the prefix of IPv4-mapped addresses, `::ffff:0:0`. */
const mappedPrefixBits = 96;

const widest = (family: number): number => (family === 6 ? 128 : 32);

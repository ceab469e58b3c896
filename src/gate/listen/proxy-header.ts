import {isIP} from 'node:net';

/** A client behind a proxy. */
export interface ProxiedPeer {
  readonly address: string;
  readonly port: number;
}

/**
 * A PROXY protocol header at the start of a connection: its length in bytes, and the client in it. `peer` is
 * undefined for a connection of the proxy itself, such as a health check.
 */
interface ProxyHeader {
  readonly length: number;
  readonly peer: ProxiedPeer | undefined;
}

/**
 * Maximum length of a header. Version 1: including its CRLF. Version 2: 16 bytes, the addresses, and 2 KB of TLVs.
 */
const maxV1Bytes = 107;
const maxV2Bytes = 16 + 2_048;
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/**
 * Parses a header of HAProxy's PROXY protocol, version 1 or 2. Returns undefined if it is incomplete. Throws for any
 * other data, because the protocol forbids guessing.
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  const start = bytes.subarray(0, signature.length);
  if (start.equals(signature.subarray(0, start.length)))
    return start.length < signature.length ? undefined : parseBinary(bytes);
  return parseText(bytes);
}

function parseText(bytes: Buffer): ProxyHeader | undefined {
  const prefix = bytes.toString('latin1', 0, 6);
  if (!'PROXY '.startsWith(prefix)) throw new Error('no PROXY header');
  const end = bytes.subarray(0, maxV1Bytes).indexOf('\r\n');
  if (end < 0) {
    if (bytes.length >= maxV1Bytes) throw new Error('unterminated PROXY header');
    return undefined;
  }
  const [, family, source = '', target = '', port = '', targetPort = '', ...more] = bytes
    .toString('latin1', 0, end)
    .split(' ');
  if (family === 'UNKNOWN') return {length: end + 2, peer: undefined};
  const wanted = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : -1;
  const areValid = isIP(source) === wanted && isIP(target) === wanted && isPort(port) && isPort(targetPort);
  const hasZone = source.includes('%'); // which isIP accepts
  if (!areValid || hasZone || more.length > 0) throw new Error('faulty PROXY header');
  return {length: end + 2, peer: {address: source, port: Number(port)}};
}

const isPort = (text: string): boolean => /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;

/** Length of an address in bytes, by the address family in version 2. */
const addressBytes: Readonly<Record<number, number>> = {1: 4, 2: 16};

function parseBinary(bytes: Buffer): ProxyHeader | undefined {
  if (bytes.length < 16) return undefined;
  const [command, family, size] = [bytes.readUInt8(12), bytes.readUInt8(13), bytes.readUInt16BE(14)];
  const length = 16 + size;
  if (command >> 4 !== 2 || length > maxV2Bytes) throw new Error('faulty PROXY header');
  if (bytes.length < length) return undefined;
  if ((command & 0x0f) === 0) return {length, peer: undefined}; // LOCAL
  if ((command & 0x0f) !== 1) throw new Error('faulty PROXY header');
  const width = addressBytes[family >> 4];
  if (width === undefined) return {length, peer: undefined}; // AF_UNSPEC and AF_UNIX have no address
  if (size < 2 * width + 4) throw new Error('faulty PROXY header');
  const port = bytes.readUInt16BE(16 + 2 * width);
  return {length, peer: {address: addressText(bytes.subarray(16, 16 + width)), port}};
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({length: 8}, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return groups.join(':');
}

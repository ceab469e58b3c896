import {deflateSync, inflateSync} from 'node:zlib';
import {tryParseJson} from '../node-record.js';

/** Maximum size of a decompressed tag, as a protection against decompression bombs. */
const maxTagBytes = 64 * 1024;

/**
 * Encodes mqant's tags (registry/encoding.go): `t-` or `v-` and zlib-compressed JSON in hex. Each metadata entry has
 * a tag of its own.
 */
export function encodeConsulTags(metadata: Readonly<Record<string, string>>, version: string): string[] {
  const entries = Object.entries(metadata).map(([key, value]) => `t-${pack(JSON.stringify({[key]: value}))}`);
  return [...entries, `v-${pack(version)}`];
}

interface TagContents {
  readonly metadata: Readonly<Record<string, string>>;
  readonly version: string;
}

/** Decodes mqant's tags; ignores all others. */
export function decodeConsulTags(tags: readonly unknown[]): TagContents {
  const metadata: Record<string, string> = {};
  let version = '';
  for (const tag of tags) {
    if (typeof tag !== 'string') continue;
    if (tag.startsWith('v-')) version = unpack(tag.slice(2)) ?? version;
    if (!tag.startsWith('t-')) continue;
    const entry = tryParseJson(unpack(tag.slice(2)) ?? '');
    if (typeof entry !== 'object' || entry === null) continue;
    for (const [key, value] of Object.entries(entry)) if (typeof value === 'string') metadata[key] = value;
  }
  return {metadata, version};
}

const pack = (text: string): string => deflateSync(text).toString('hex');

function unpack(hex: string): string | undefined {
  try {
    return inflateSync(Buffer.from(hex, 'hex'), {maxOutputLength: maxTagBytes}).toString();
  } catch {
    return undefined;
  }
}

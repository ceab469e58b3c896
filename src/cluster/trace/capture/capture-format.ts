import {parseBoundedJson} from '../../../base/bounded-json.js';
import {DecodeError} from '../../../base/errors.js';
import type {ClusterNode} from '../../../registry/registry.js';

/** A frame of a capture file. docs/reference/output.md describes the bytes. */
export type CaptureFrame =
  | {readonly kind: 'message'; readonly at: number; readonly subject: string; readonly data: Uint8Array}
  | {readonly kind: 'gap'; readonly at: number; readonly why: string}
  | {
      readonly kind: 'nodes';
      readonly at: number;
      readonly nodes: readonly Pick<ClusterNode, 'id' | 'address'>[];
    }
  | {readonly kind: 'end'; readonly at: number; readonly notSaved: number};

const captureVersion = 1;
const magic = 'gatectl capture';
const frameHeaderBytes = 4 + 1 + 8;
/** Larger than any frame: a NATS message has at most 64 MiB. */
const maxFrameBytes = 80 * 1024 * 1024;
const kinds = ['message', 'gap', 'nodes', 'end'] as const;

/** The first line of a capture file. */
export function captureHeader(fields: {readonly at: string; readonly server: string}): Buffer {
  return Buffer.from(`${JSON.stringify({format: magic, version: captureVersion, ...fields})}\n`);
}

export function encodeCaptureFrame(frame: CaptureFrame): Buffer {
  if (frame.kind === 'message') return encodeMessage(frame.at, frame.subject, frame.data);
  const {kind, at, ...fields} = frame;
  const text = Buffer.from(JSON.stringify(fields));
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + text.length);
  writeFrameHeader(bytes, kind, at);
  text.copy(bytes, frameHeaderBytes);
  return bytes;
}

function encodeMessage(at: number, subject: string, data: Uint8Array): Buffer {
  const subjectBytes = Buffer.byteLength(subject);
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + 2 + subjectBytes + data.length);
  writeFrameHeader(bytes, 'message', at);
  bytes.writeUInt16LE(subjectBytes, frameHeaderBytes);
  bytes.write(subject, frameHeaderBytes + 2);
  bytes.set(data, frameHeaderBytes + 2 + subjectBytes);
  return bytes;
}

function writeFrameHeader(bytes: Buffer, kind: CaptureFrame['kind'], at: number): void {
  bytes.writeUInt32LE(bytes.length - 4, 0);
  bytes.writeUInt8(kinds.indexOf(kind), 4);
  bytes.writeDoubleLE(at, 5);
}

/**
 * Parses the frames of a capture from chunks of bytes. Rejects with DecodeError for an unknown format or version, or
 * a damaged frame. If the last frame is truncated, as after a killed trace, calls `onCut` and ends.
 */
export async function* parseCaptureFrames(
  pieces: AsyncIterable<Uint8Array>,
  onCut: () => void,
): AsyncGenerator<CaptureFrame, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let held: Buffer[] = [];
  let heldBytes = 0;
  let wanted = 1;
  let hasHeader = false;
  let offset = 0;
  for await (const piece of pieces) {
    held.push(Buffer.from(piece));
    heldBytes += piece.length;
    if (heldBytes < wanted) continue; // join the chunks of a long frame only once
    rest = held.length === 1 ? Buffer.from(piece) : Buffer.concat(held, heldBytes);
    held = [rest];
    if (!hasHeader) {
      const end = rest.indexOf(10);
      if (end < 0 && rest.length < 4096) continue;
      checkHeader(rest.subarray(0, Math.max(0, end)).toString());
      hasHeader = true;
      offset = end + 1;
      rest = rest.subarray(end + 1);
    }
    for (let size = sizeOf(rest, offset); size !== undefined && rest.length >= 4 + size; ) {
      yield decodeFrame(rest.subarray(4, 4 + size), offset);
      offset += 4 + size;
      rest = rest.subarray(4 + size);
      size = sizeOf(rest, offset);
    }
    held = [rest];
    heldBytes = rest.length;
    wanted = 4 + (sizeOf(rest, offset) ?? 0);
  }
  if (!hasHeader) checkHeader(rest.toString());
  if (heldBytes > 0) onCut();
}

function sizeOf(bytes: Buffer, offset: number): number | undefined {
  if (bytes.length < 4) return undefined;
  const size = bytes.readUInt32LE(0);
  if (size >= frameHeaderBytes - 4 && size <= maxFrameBytes) return size;
  throw new DecodeError(`the capture is damaged: invalid frame size ${size}`, {offset});
}

function checkHeader(line: string): void {
  let header: {readonly format?: unknown; readonly version?: unknown} = {};
  try {
    header = JSON.parse(line) as typeof header;
  } catch {
    // reported below
  }
  if (header?.format !== magic) throw new DecodeError('the file is not a capture from gatectl trace --save');
  if (header.version !== captureVersion)
    throw new DecodeError(`cannot read capture version ${String(header.version)}: expected version 1`);
}

function decodeFrame(bytes: Buffer, offset: number): CaptureFrame {
  const kind = kinds[bytes.readUInt8(0)];
  const at = bytes.readDoubleLE(1);
  const body = bytes.subarray(9);
  if (kind === undefined || !Number.isFinite(at))
    throw new DecodeError('the capture is damaged: invalid kind or time of a frame', {offset});
  if (kind !== 'message') return {kind, at, ...fieldsOf(kind, body, offset)} as CaptureFrame;
  const subjectBytes = body.length < 2 ? Number.POSITIVE_INFINITY : body.readUInt16LE(0);
  if (2 + subjectBytes > body.length)
    throw new DecodeError('the capture is damaged: a message has no subject', {offset});
  return {
    kind,
    at,
    subject: body.toString('utf8', 2, 2 + subjectBytes),
    data: body.subarray(2 + subjectBytes),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(kind: 'gap' | 'nodes' | 'end', body: Buffer, offset: number): Fields {
  let fields: Fields;
  try {
    fields = (parseBoundedJson(body.toString()) ?? {}) as Fields;
  } catch (cause) {
    throw new DecodeError(`the capture is damaged: a frame "${kind}" is not JSON`, {offset, cause});
  }
  if (kind === 'gap') return {why: String(fields['why'])};
  if (kind === 'end') return {notSaved: Number(fields['notSaved'] ?? 0)};
  const nodes: readonly unknown[] = Array.isArray(fields['nodes']) ? fields['nodes'] : [];
  return {nodes: nodes.flatMap(nodeOf)};
}

function nodeOf(value: unknown): {readonly id: string; readonly address: string}[] {
  const {id, address} = (value ?? {}) as Fields;
  return typeof id === 'string' && typeof address === 'string' ? [{id, address}] : [];
}

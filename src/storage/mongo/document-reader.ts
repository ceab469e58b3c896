import {Binary, BSON, type Document, ObjectId} from 'mongodb';

/** Types of BSON values that are decoded here (bsonspec.org). */
const Type = {text: 2, binary: 5, objectId: 7, date: 9} as const;
const genericBinary = 0;
/** The character that replaces invalid UTF-8 in a string. */
const replacement = '\ufffd';

/**
 * Decodes the documents of a listing. Documents with only the expected fields, in the usual types,
 * are decoded here much faster than by the driver; the driver decodes the others. Binary values
 * share the memory of the reply.
 */
export class DocumentReader {
  private readonly names: readonly {readonly name: string; readonly bytes: Buffer}[];

  constructor(names: readonly string[]) {
    this.names = names.map((name) => ({name, bytes: Buffer.from(`${name}\0`)}));
  }

  /** Decodes a document. Throws the driver's error if the bytes are not a document. */
  read(bytes: Uint8Array): Document {
    return this.plain(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) ?? decoded(bytes);
  }

  /** Decodes a document; returns undefined if it has other fields or types. */
  private plain(bytes: Buffer): Document | undefined {
    const document: Document = {};
    const end = bytes.length - 1;
    if (bytes.length < 5 || bytes.readInt32LE(0) !== bytes.length || bytes[end] !== 0) return undefined;
    for (let at = 4; at < end; ) {
      const type = bytes[at];
      const field = this.fieldAt(bytes, at + 1);
      if (field === undefined) return undefined;
      at += 1 + field.bytes.length;
      const size = sizeAt(bytes, type, at);
      if (size === undefined || at + size > end) return undefined;
      const value = valueAt(bytes, type, at, size);
      if (value === undefined) return undefined;
      document[field.name] = value;
      at += size;
    }
    return document;
  }

  private fieldAt(bytes: Buffer, at: number) {
    for (const field of this.names) if (startsWith(bytes, at, field.bytes)) return field;
    return undefined;
  }
}

const decoded = (bytes: Uint8Array): Document => BSON.deserialize(bytes, {useBigInt64: true});

function startsWith(bytes: Buffer, at: number, start: Buffer): boolean {
  for (let index = 0; index < start.length; index += 1) if (bytes[at + index] !== start[index]) return false;
  return true;
}

/** Returns the size of a value in bytes; undefined for other types, or at the end of the document. */
function sizeAt(bytes: Buffer, type: number | undefined, at: number): number | undefined {
  if (type === Type.objectId) return 12;
  if (type === Type.date) return 8;
  if (at + 5 > bytes.length) return undefined;
  const length = bytes.readInt32LE(at);
  if (type === Type.text && length > 0) return 4 + length;
  if (type === Type.binary && length >= 0 && bytes[at + 4] === genericBinary) return 5 + length;
  return undefined;
}

function valueAt(bytes: Buffer, type: number | undefined, at: number, size: number): unknown {
  switch (type) {
    case Type.text: {
      if (bytes[at + size - 1] !== 0) return undefined;
      const text = bytes.toString('utf8', at + 4, at + size - 1);
      return text.includes(replacement) ? undefined : text;
    }
    case Type.binary:
      return new Binary(bytes.subarray(at + 5, at + size));
    case Type.objectId:
      return new ObjectId(bytes.subarray(at, at + size));
    default:
      return new Date(bytes.readUInt32LE(at) + bytes.readInt32LE(at + 4) * 2 ** 32);
  }
}

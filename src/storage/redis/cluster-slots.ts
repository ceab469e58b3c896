import {deflateRawSync, inflateRawSync} from 'node:zlib';

const slotCount = 16_384;
const bytes = slotCount / 8;

/** A range of slots and the master that serves it, from CLUSTER SLOTS. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly host: string;
  readonly port: number;
  /** Node id of the master. */
  readonly id: string;
}

/** A set of a cluster's 16,384 slots. */
export class SlotSet {
  private constructor(private readonly bits: Uint8Array) {}

  static empty(): SlotSet {
    return new SlotSet(new Uint8Array(bytes));
  }

  static of(ranges: readonly Pick<SlotRange, 'from' | 'to'>[]): SlotSet {
    const {bits} = SlotSet.empty();
    for (const {from, to} of ranges)
      for (let slot = Math.max(0, from); slot <= Math.min(to, slotCount - 1); slot += 1)
        bits[slot >> 3] = (bits[slot >> 3] ?? 0) | (1 << (slot & 7));
    return new SlotSet(bits);
  }

  /** Parses the output of `toString`; returns undefined for other strings. */
  static parse(text: string): SlotSet | undefined {
    try {
      const bits = inflateRawSync(Buffer.from(text, 'base64url'), {maxOutputLength: bytes});
      return bits.length === bytes ? new SlotSet(bits) : undefined;
    } catch {
      return undefined;
    }
  }

  toString(): string {
    return deflateRawSync(this.bits).toString('base64url');
  }

  and(other: SlotSet): SlotSet {
    return new SlotSet(this.bits.map((byte, at) => byte & (other.bits[at] ?? 0)));
  }

  or(other: SlotSet): SlotSet {
    return new SlotSet(this.bits.map((byte, at) => byte | (other.bits[at] ?? 0)));
  }

  has(slot: number): boolean {
    return ((this.bits[slot >> 3] ?? 0) & (1 << (slot & 7))) !== 0;
  }

  get isEmpty(): boolean {
    return this.bits.every((byte) => byte === 0);
  }

  /** The first slot that is not in the set; undefined if all are. */
  get firstMissing(): number | undefined {
    for (let slot = 0; slot < slotCount; slot += 1) if (!this.has(slot)) return slot;
    return undefined;
  }
}

/** Parses the reply to CLUSTER SLOTS, which is untrusted. */
export function parseSlotRanges(reply: unknown): readonly SlotRange[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((range: unknown): SlotRange[] => {
    if (!Array.isArray(range)) return [];
    const [from, to, master]: unknown[] = range;
    if (typeof from !== 'number' || typeof to !== 'number' || !Array.isArray(master)) return [];
    const [host, port, id]: unknown[] = master;
    return [{from, to, host: String(host ?? ''), port: Number(port), id: String(id ?? '')}];
  });
}

import {UsageError} from '../../base/errors.js';

const place = '{uid}';

/** Where a store keeps the record of a uid: `session:{uid}`. */
export class KeyTemplate {
  private readonly before: string;
  private readonly behind: string;

  constructor(template: string) {
    const at = template.indexOf(place);
    if (at < 0 || template.indexOf(place, at + 1) >= 0) {
      throw new UsageError(`"${template}" is no key template`, {
        hint: `it names ${place} once: session:${place}`,
      });
    }
    this.before = template.slice(0, at);
    this.behind = template.slice(at + place.length);
  }

  /** Throws UsageError for what is no uid. */
  keyOf(uid: string): string {
    if (uid === '' || !uid.isWellFormed()) throw new UsageError('a record needs a uid that is valid UTF-8');
    return `${this.before}${uid}${this.behind}`;
  }

  /** As SCAN takes it. */
  get pattern(): string {
    const escaped = (text: string) => text.replace(/[\\*?[\]^-]/g, '\\$&');
    return `${escaped(this.before)}*${escaped(this.behind)}`;
  }

  /** The uid in a key that fits the pattern. Bytes that are not UTF-8 are no uid that a gate made; they are shown in hex. */
  uidOf(key: Buffer): string {
    const bytes = key.subarray(Buffer.byteLength(this.before), key.length - Buffer.byteLength(this.behind));
    const uid = bytes.toString();
    return Buffer.from(uid).equals(bytes) ? uid : `bytes:${bytes.toString('hex')}`;
  }
}

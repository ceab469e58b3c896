import {UsageError} from '../../base/errors.js';

const place = '{uid}';

/** Template of record keys, such as `session:{uid}`. */
export class KeyTemplate {
  private readonly before: string;
  private readonly behind: string;

  constructor(template: string) {
    const at = template.indexOf(place);
    if (at < 0 || template.indexOf(place, at + 1) >= 0) {
      throw new UsageError(`invalid key template "${template}"`, {
        hint: `it must contain ${place} once: session:${place}`,
      });
    }
    this.before = template.slice(0, at);
    this.behind = template.slice(at + place.length);
  }

  /** Returns the key of a uid. Throws UsageError for an invalid uid. */
  keyOf(uid: string): string {
    if (uid === '' || !uid.isWellFormed()) throw new UsageError('a record needs a uid that is valid UTF-8');
    return `${this.before}${uid}${this.behind}`;
  }

  /** Whether the text is a key of some uid. */
  matches(text: string): boolean {
    const {before, behind} = this;
    return text.length > before.length + behind.length && text.startsWith(before) && text.endsWith(behind);
  }

  /** Pattern for SCAN. */
  get pattern(): string {
    const escaped = (text: string) => text.replace(/[\\*?[\]^-]/g, '\\$&');
    return `${escaped(this.before)}*${escaped(this.behind)}`;
  }

  /** Extracts the uid from a matching key. Keys that are not UTF-8 can't come from a gate; their uid is shown in hex. */
  uidOf(key: Buffer): string {
    const bytes = key.subarray(Buffer.byteLength(this.before), key.length - Buffer.byteLength(this.behind));
    const uid = bytes.toString();
    return Buffer.from(uid).equals(bytes) ? uid : `bytes:${bytes.toString('hex')}`;
  }
}

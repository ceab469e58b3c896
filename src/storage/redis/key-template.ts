import {UsageError} from '../../base/errors.js';

const placeholder = '{uid}';

/** Template for the keys of records, such as `session:{uid}`. */
export class KeyTemplate {
  private readonly before: string;
  private readonly behind: string;

  constructor(template: string) {
    const at = template.indexOf(placeholder);
    if (at < 0 || template.indexOf(placeholder, at + 1) >= 0) {
      throw new UsageError(`invalid key template "${template}"`, {
        hint: `it must contain ${placeholder} once: session:${placeholder}`,
      });
    }
    this.before = template.slice(0, at);
    this.behind = template.slice(at + placeholder.length);
  }

  /** Returns the key for a uid. Throws UsageError for an invalid uid. */
  keyOf(uid: string): string {
    if (uid === '' || !uid.isWellFormed()) throw new UsageError('a record needs a uid that is valid UTF-8');
    return `${this.before}${uid}${this.behind}`;
  }

  /** Returns true if the string is the key of some uid. */
  matches(text: string): boolean {
    const {before, behind} = this;
    return text.length > before.length + behind.length && text.startsWith(before) && text.endsWith(behind);
  }

  /** Glob pattern for SCAN that matches all keys of the template. */
  get pattern(): string {
    const escaped = (text: string) => text.replace(/[\\*?[\]^-]/g, '\\$&');
    return `${escaped(this.before)}*${escaped(this.behind)}`;
  }

  /** Returns the uid in a matching key. A key that is not UTF-8 can't come from a gate; its uid is shown in hex. */
  uidOf(key: Buffer): string {
    const bytes = key.subarray(Buffer.byteLength(this.before), key.length - Buffer.byteLength(this.behind));
    const uid = bytes.toString();
    return Buffer.from(uid).equals(bytes) ? uid : `bytes:${bytes.toString('hex')}`;
  }
}

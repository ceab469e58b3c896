import {errorCodeOrText} from '../base/error-details.js';
import {UsageError} from '../base/errors.js';
import {readBoundedFileSync} from '../base/files/bounded-file.js';

/**
 * Returns a function that reads a password from a file, without the final line break. Both throw UsageError if the
 * file can't be read.
 */
export function createPasswordFileReader(file: string): () => string {
  const read = (): string => {
    try {
      return readBoundedFileSync(file)
        .toString()
        .replace(/\r?\n$/, '');
    } catch (cause) {
      throw new UsageError(`cannot read the store's password file "${file}": ${errorCodeOrText(cause)}`, {
        cause,
      });
    }
  };
  read();
  return read;
}

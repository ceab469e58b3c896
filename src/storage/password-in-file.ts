import {errorCodeOrText} from '../base/error-details.js';
import {UsageError} from '../base/errors.js';
import {readBoundedFileSync} from '../base/files/bounded-file.js';

/** Reads a password file without the line end. Throws UsageError when it can't be read. */
export function passwordInFile(file: string): () => string {
  const read = (): string => {
    try {
      return readBoundedFileSync(file)
        .toString()
        .replace(/\r?\n$/, '');
    } catch (cause) {
      throw new UsageError(
        `cannot read the password file "${file}" of the store: ${errorCodeOrText(cause)}`,
        {
          cause,
        },
      );
    }
  };
  read();
  return read;
}

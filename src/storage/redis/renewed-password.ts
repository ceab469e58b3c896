import {readBoundedFileSync} from '../../base/bounded-file.js';
import {UsageError} from '../../base/errors.js';
import {Reread, type Secret, secretText} from '../../bus/connect/sign-in.js';

/** The part of a Redis client whose options hold the password for the next connection attempt. */
interface PasswordHolder {
  readonly options: {password?: string | undefined};
}

/** Reads a password again for each connection attempt. */
export class RenewedPassword {
  private readonly password: Reread<string | undefined>;

  constructor(secret: Secret) {
    this.password = new Reread(() => secretText(secret));
  }

  /** Returns the URL with the current password. */
  into(url: string): string {
    const text = encodeURIComponent(this.password.get() ?? '');
    return url.replace(
      /^(\w+:\/\/)(?:([^@/?:]*)(?::[^@/?]*)?@)?/,
      (_, scheme, user = '') => `${scheme}${user}:${text}@`,
    );
  }

  renew({options}: PasswordHolder): void {
    options.password = this.password.get();
  }
}

/** Reads a password file without the line end. Throws UsageError when it can't be read. */
export function passwordInFile(file: string): () => string {
  const read = (): string => {
    try {
      return readBoundedFileSync(file)
        .toString()
        .replace(/\r?\n$/, '');
    } catch (cause) {
      throw new UsageError(`cannot read the password file "${file}" of the store`, {cause});
    }
  };
  read();
  return read;
}

/** Returns a reader of the URL's password, which requests the URL each time. */
export function passwordInUrl(url: () => string): () => string {
  return () => {
    const [, password = ''] = /^\w+:\/\/[^@/?:]*:([^@/?]*)@/.exec(url()) ?? [];
    return decodeURIComponent(password);
  };
}

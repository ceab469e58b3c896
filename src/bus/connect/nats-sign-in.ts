import {type Auth, type Authenticator, credsAuthenticator, jwtAuthenticator, nkeyAuthenticator} from 'nats';
import {errorMessage} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {readBoundedFileSync} from '../../base/files/bounded-file.js';
import type {BusOptions} from './bus-options.js';
import type {ServerUrl} from './server-url.js';
import {Reread, secretText, signInOf} from './sign-in.js';

/**
 * Signs in to each server with the credentials of its own URL. Files are read at each attempt, synchronously
 * because the `nats` package asks synchronously; they are small and attempts are rare.
 */
export class NatsSignIns {
  private readonly password: Reread<string | undefined>;
  private readonly token: Reread<string | undefined>;
  private readonly key: Reread<Authenticator | undefined>;

  constructor(private readonly options: BusOptions) {
    const {password, token, notice = () => {}} = options;
    const failed = (error: unknown): void =>
      notice(`${errorMessage(error)}; using the credentials read before`);
    this.password = new Reread(() => secretText(password), failed);
    this.token = new Reread(() => secretText(token), failed);
    this.key = new Reread(() => keyAuthenticator(options), failed);
  }

  /** Returns the credentials for a server. Throws UsageError or the package's error if they were never usable. */
  answer(url: ServerUrl, nonce?: string): Auth {
    const own = {user: this.options.user, password: this.password.get(), token: this.token.get()};
    const {user, password, token} = signInOf(own, url);
    return {
      ...this.key.get()?.(nonce),
      ...(user === undefined ? {} : {user, pass: secretText(password) ?? ''}),
      ...(token === undefined ? {} : {auth_token: secretText(token)}),
    } as Auth;
  }
}

/** Reads and tries the key, so that a half-written file counts as unreadable. */
function keyAuthenticator(options: BusOptions): Authenticator | undefined {
  const authenticator = readKey(options);
  authenticator?.('probe');
  return authenticator;
}

/** A user name in the options implies a password instead of a key. */
function readKey({user, creds, nkey, jwt, seed}: BusOptions): Authenticator | undefined {
  if (user !== undefined) return undefined;
  const ownSeed = secretText(seed);
  if (jwt !== undefined)
    return jwtAuthenticator(secretText(jwt) ?? '', ownSeed === undefined ? undefined : Buffer.from(ownSeed));
  if (creds !== undefined) return credsAuthenticator(readSecret(creds, 'credentials'));
  const keySeed = nkey === undefined ? ownSeed : readSecret(nkey, 'nkey seed').toString('latin1').trim();
  return keySeed === undefined ? undefined : nkeyAuthenticator(Buffer.from(keySeed));
}

function readSecret(path: string, what: string): Buffer {
  try {
    return readBoundedFileSync(path);
  } catch (cause) {
    throw new UsageError(`cannot read the ${what} file "${path}"`, {cause});
  }
}

import {type Auth, type Authenticator, credsAuthenticator, jwtAuthenticator, nkeyAuthenticator} from 'nats';
import {errorCodeOrText, errorMessage} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {readBoundedFileSync} from '../../base/files/bounded-file.js';
import type {BusOptions} from './bus-options.js';
import {credentialsForServer, currentSecret, LastReadableValue} from './credentials.js';
import type {ServerUrl} from './server-url.js';

/**
 * Provides each server's credentials: those in its own URL, or those in the options. Files are read at each attempt,
 * and synchronously, because the `nats` package requires that; they are small and attempts are rare.
 */
export class NatsServerCredentials {
  private readonly password: LastReadableValue<string | undefined>;
  private readonly token: LastReadableValue<string | undefined>;
  private readonly key: LastReadableValue<Authenticator | undefined>;

  constructor(private readonly options: BusOptions) {
    const {password, token, notice = () => {}} = options;
    const failed = (error: unknown): void =>
      notice(`${errorMessage(error)}; using the credentials read before`);
    this.password = new LastReadableValue(() => currentSecret(password), failed);
    this.token = new LastReadableValue(() => currentSecret(token), failed);
    this.key = new LastReadableValue(() => keyAuthenticator(options), failed);
  }

  /** Returns the credentials for a server. Throws UsageError or an error of the package if they were never usable. */
  answer(url: ServerUrl, nonce?: string): Auth {
    const own = {user: this.options.user, password: this.password.get(), token: this.token.get()};
    const {user, password, token} = credentialsForServer(own, url);
    return {
      ...this.key.get()?.(nonce),
      ...(user === undefined ? {} : {user, pass: currentSecret(password) ?? ''}),
      ...(token === undefined ? {} : {auth_token: currentSecret(token)}),
    } as Auth;
  }
}

/** Reads the key and signs with it once, so that a half-written file counts as unreadable. */
function keyAuthenticator(options: BusOptions): Authenticator | undefined {
  const authenticator = readKey(options);
  authenticator?.('probe');
  return authenticator;
}

/** Reads the key. A user name in the options means that a password is used instead. */
function readKey({user, creds, nkey, jwt, seed}: BusOptions): Authenticator | undefined {
  if (user !== undefined) return undefined;
  const ownSeed = currentSecret(seed);
  if (jwt !== undefined)
    return jwtAuthenticator(
      currentSecret(jwt) ?? '',
      ownSeed === undefined ? undefined : Buffer.from(ownSeed),
    );
  if (creds !== undefined) return credsAuthenticator(readSecret(creds, 'credentials'));
  const keySeed = nkey === undefined ? ownSeed : readSecret(nkey, 'nkey seed').toString('latin1').trim();
  return keySeed === undefined ? undefined : nkeyAuthenticator(Buffer.from(keySeed));
}

function readSecret(path: string, what: string): Buffer {
  try {
    return readBoundedFileSync(path);
  } catch (cause) {
    throw new UsageError(`cannot read the ${what} file "${path}": ${errorCodeOrText(cause)}`, {cause});
  }
}

import type {ServerUrl} from './server-url.js';

/** A secret, or a function that reads it before each connection attempt, so that a renewed file takes effect. */
export type Secret = string | (() => string);

/** Returns the current value of a secret. Rethrows errors of its function. */
export function currentSecret(secret: Secret | undefined): string | undefined {
  return typeof secret === 'function' ? secret() : secret;
}

/** Credentials for a server. */
interface Credentials {
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
}

/** Returns the credentials for one server. Options take precedence over the URL. */
export function credentialsForServer(
  {user, password, token}: Credentials,
  url: Pick<ServerUrl, 'user' | 'password' | 'token'>,
): Credentials {
  return {
    user: user ?? url.user,
    password: user === undefined ? url.password : password,
    token: token ?? url.token,
  };
}

/**
 * Reads a value on each call, and returns the last readable one if reading fails: a file that is being replaced must
 * not end a connection that worked before. Throws only if the value was never readable.
 */
export class LastReadableValue<T> {
  private last: {readonly value: T} | undefined;
  private isFailing = false;

  constructor(
    private readonly read: () => T,
    /** Called once when reading starts to fail. */
    private readonly onFailure: (error: unknown) => void = () => {},
  ) {}

  get(): T {
    try {
      const value = this.read();
      this.last = {value};
      this.isFailing = false;
      return value;
    } catch (error) {
      if (this.last === undefined) throw error;
      if (!this.isFailing) this.onFailure(error);
      this.isFailing = true;
      return this.last.value;
    }
  }
}

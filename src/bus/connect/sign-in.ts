import type {ServerUrl} from './server-url.js';

/** A secret, or a function that reads it: called before each attempt to sign in, so that a renewed file takes effect. */
export type Secret = string | (() => string);

/** Returns the secret's current text. Throws what its function throws. */
export function secretText(secret: Secret | undefined): string | undefined {
  return typeof secret === 'function' ? secret() : secret;
}

/** Credentials for one server. */
interface SignIn {
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
}

/** Returns user, password and token for one server. Options win over the URL. */
export function signInOf(
  {user, password, token}: SignIn,
  url: Pick<ServerUrl, 'user' | 'password' | 'token'>,
): SignIn {
  return {
    user: user ?? url.user,
    password: user === undefined ? url.password : password,
    token: token ?? url.token,
  };
}

/**
 * Reads a value and falls back to the last one that could be read: a file that is being replaced must not end a connection
 * that worked before. Each attempt reads again. Throws only when nothing was ever read.
 */
export class Reread<T> {
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

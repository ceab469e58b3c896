import type {ServerUrl} from './server-url.js';

/** A secret, or a function that reads it: called before each attempt to sign in, so that a renewed file takes effect. */
export type Secret = string | (() => string);

/** The text of a secret now. Throws what its function throws. */
export function secretText(secret: Secret | undefined): string | undefined {
  return typeof secret === 'function' ? secret() : secret;
}

/** How to sign in to one server. */
export interface SignIn {
  readonly user?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
}

/** User, password and token for one server. Values of the options win over those in its URL. */
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
 * Reads a value and keeps the last one that could be read. A file that is being replaced must not end a connection that
 * was let in before: the last value is used, and the next attempt reads again. Throws only when nothing was ever read.
 */
export class Reread<T> {
  private last: {readonly value: T} | undefined;
  private isFailing = false;

  constructor(
    private readonly read: () => T,
    /** Called once each time that reading begins to fail. */
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

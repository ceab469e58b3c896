import {homedir, userInfo} from 'node:os';
import path from 'node:path';
import type {Environment} from './layers.js';

/**
 * The operator's home, always an absolute path: `$HOME`, or the system's entry for the user where that is empty, relative or
 * not set. Undefined where there is neither, as in a container with a user that the system does not know.
 */
export function homeFolder(
  env: Environment,
  ofSystem: () => string = () => (env['HOME'] === undefined ? homedir() : userInfo().homedir),
): string | undefined {
  const named = env['HOME'];
  if (named && path.isAbsolute(named)) return named;
  try {
    const known = ofSystem();
    return path.isAbsolute(known) ? known : undefined;
  } catch {
    return undefined;
  }
}

/** A folder of `$XDG_…`, or below the home; undefined where there is neither. A relative variable counts as not set. */
export function userFolder(
  env: Environment,
  home: string | undefined,
  {variable, below}: {readonly variable: string; readonly below: readonly string[]},
): string | undefined {
  const named = env[variable];
  if (named && path.isAbsolute(named)) return named;
  return home === undefined ? undefined : path.join(home, ...below);
}

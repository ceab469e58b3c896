import {homedir, userInfo} from 'node:os';
import path from 'node:path';
import type {Environment} from './settings-layers.js';

/**
 * Returns the operator's home folder as an absolute path: `$HOME`, or the system's entry for the user if `$HOME` is unset,
 * empty or relative. Undefined if there is neither, as for an unknown user in a container.
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

/** Returns the folder in an `$XDG_…` variable, or a default below the home folder. A relative value counts as unset. */
export function xdgFolder(
  env: Environment,
  home: string | undefined,
  {variable, below}: {readonly variable: string; readonly below: readonly string[]},
): string | undefined {
  const named = env[variable];
  if (named && path.isAbsolute(named)) return named;
  return home === undefined ? undefined : path.join(home, ...below);
}

import path from 'node:path';
import {UsageError} from '../../base/errors.js';
import {userFolder} from '../settings/home-folder.js';
import type {Environment} from '../settings/layers.js';

/** Returns `$XDG_STATE_HOME/gatectl` or `~/.local/state/gatectl`. Throws UsageError if there is no home folder. */
export function stateFolder(env: Environment, home: string | undefined): string {
  const folder = userFolder(env, home, {variable: 'XDG_STATE_HOME', below: ['.local', 'state']});
  if (folder !== undefined) return path.join(folder, 'gatectl');
  throw new UsageError('cannot locate the state folder: no home folder', {
    hint: 'set HOME or XDG_STATE_HOME to an absolute path',
  });
}

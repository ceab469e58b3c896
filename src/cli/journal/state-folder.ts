import path from 'node:path';
import {UsageError} from '../../base/errors.js';
import {xdgFolder} from '../settings/home-folder.js';
import type {Environment} from '../settings/settings-layers.js';

/** Returns `$XDG_STATE_HOME/gatectl` or `~/.local/state/gatectl`. Throws UsageError if there is no home folder. */
export function stateFolder(env: Environment, home: string | undefined): string {
  const folder = xdgFolder(env, home, {variable: 'XDG_STATE_HOME', below: ['.local', 'state']});
  if (folder !== undefined) return path.join(folder, 'gatectl');
  throw new UsageError('cannot locate the state folder: no home folder', {
    hint: 'set HOME or XDG_STATE_HOME to an absolute path',
  });
}

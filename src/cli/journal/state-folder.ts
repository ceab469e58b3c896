import path from 'node:path';
import {UsageError} from '../../base/errors.js';
import {userFolder} from '../settings/home-folder.js';
import type {Environment} from '../settings/layers.js';

/**
 * The program's folder for what it remembers: `$XDG_STATE_HOME/gatectl`, or `~/.local/state/gatectl`. Throws UsageError where
 * there is no home.
 */
export function stateFolder(env: Environment, home: string | undefined): string {
  const folder = userFolder(env, home, {variable: 'XDG_STATE_HOME', below: ['.local', 'state']});
  if (folder !== undefined) return path.join(folder, 'gatectl');
  throw new UsageError('no folder for the journal and what gatectl remembers: there is no home folder', {
    hint: 'set HOME or XDG_STATE_HOME to an absolute path',
  });
}

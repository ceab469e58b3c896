import path from 'node:path';
import {parseBoundedJson} from '../../../base/bounded-json.js';
import {errorCode} from '../../../base/error-details.js';
import {readBoundedFile} from '../../../base/files/bounded-file.js';
import type {DashboardConfigFile} from '../../../tui/dashboard-deps.js';
import type {CliDeps} from '../../cli-deps.js';
import {configFolder} from '../../settings/context-store.js';
import {homeFolder} from '../../settings/home-folder.js';

const maxBytes = 256 * 1024;

/** Reads `$XDG_CONFIG_HOME/gatectl/dashboard.json`; undefined if there is no such file. */
export async function readUserConfig({env}: Pick<CliDeps, 'env'>): Promise<DashboardConfigFile | undefined> {
  const folder = configFolder(env, homeFolder(env));
  if (folder === undefined) return undefined;
  const file = path.join(folder, 'dashboard.json');
  try {
    return {file, value: parseBoundedJson((await readBoundedFile(file, maxBytes)).toString())};
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    return {file, fault: error instanceof Error ? error.message : String(error)};
  }
}

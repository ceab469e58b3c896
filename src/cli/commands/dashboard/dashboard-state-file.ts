import path from 'node:path';
import {parseBoundedJson} from '../../../base/bounded-json.js';
import {readBoundedFile} from '../../../base/files/bounded-file.js';
import {writePrivateFile} from '../../../base/files/private-files.js';
import type {StateFile} from '../../../tui/dashboard-deps.js';

const maxBytes = 1024 * 1024;

/** Opens `$XDG_STATE_HOME/gatectl/dashboard/<context or server>.json`. The first write creates the file. */
export function openDashboardStateFile(stateFolder: string, cluster: string): StateFile {
  const file = path.join(stateFolder, 'dashboard', `${encodeURIComponent(cluster).slice(0, 150)}.json`);
  let last: Promise<unknown> = Promise.resolve();
  const sections = async (): Promise<Readonly<Record<string, unknown>>> => {
    try {
      const value = parseBoundedJson((await readBoundedFile(file, maxBytes)).toString());
      return typeof value === 'object' && value !== null ? {...value} : {};
    } catch {
      return {}; // the dashboard also starts with a missing or damaged file
    }
  };
  return {
    read: async (section) => (await sections())[section],
    write(section, value) {
      const writing = last.then(async () => {
        const all = {...(await sections()), version: 1, [section]: value};
        await writePrivateFile(file, `${JSON.stringify(all, null, 2)}\n`);
      });
      last = writing.catch(() => {}); // the caller reports the error
      return writing;
    },
  };
}

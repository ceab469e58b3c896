import {goProgram} from './go-program.js';
import {mqantProgram, mqantVersions} from './mqant.js';
import {findProgram} from './servers.js';

/** Compiles the programs in Go before the first test, so that no test's time limit has to allow for a cold cache. */
export default async function setup(): Promise<void> {
  if (findProgram('go') === undefined) return;
  const programs = [...mqantVersions.map(mqantProgram), {folder: 'test/interop/paho'}];
  for (const program of programs) await goProgram(program); // go itself uses all cores
}

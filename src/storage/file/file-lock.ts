import {open, rm, stat} from 'node:fs/promises';
import {setTimeout as delay} from 'node:timers/promises';

/** An older lock was left by a killed process, because the guarded work takes milliseconds. */
const staleMs = 5_000;
const timeoutMs = 10_000;

/** Runs `work` while holding the lock file exclusively. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await acquire(file);
  try {
    return await work();
  } finally {
    await rm(file, {force: true});
  }
}

async function acquire(file: string): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      await (await open(file, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (performance.now() > end) throw new Error(`another process holds the lock "${file}"`);
    if (await isStale(file)) await rm(file, {force: true});
    else await delay(pauseMs * (0.5 + Math.random()));
  }
}

async function isStale(file: string): Promise<boolean> {
  const made = await stat(file).then(
    ({mtimeMs}) => mtimeMs,
    () => undefined,
  );
  return made !== undefined && Date.now() - made > staleMs;
}

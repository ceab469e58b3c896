import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {access, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {startProgram} from '../../../src/dev/start-program.js';
import {until} from '../../support/poll.js';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Says by a file that it has stopped listening. */
const deafToTerm = 'trap "" TERM; : > "$1"; while :; do sleep 0.1; done';

describe('a child process', () => {
  test('runs until it is stopped', async () => {
    const child = await startProgram(['/bin/sleep', '60']);
    expect(isAlive(child.pid)).toBe(true);
    await child.stop();
    expect([isAlive(child.pid), child.ended.aborted]).toEqual([false, true]);
    await child.stop();
  });

  test('is reported when it ends', async () => {
    const child = await startProgram(['/bin/true']);
    await until(() => child.ended.aborted, {what: 'its end'});
    await child.stop();
  });

  test('is reported when it is killed', async () => {
    const child = await startProgram(['/bin/sleep', '60']);
    process.kill(child.pid, 'SIGKILL');
    await until(() => child.ended.aborted, {what: 'its end'});
  });

  test('ends after SIGSTOP', async () => {
    const child = await startProgram(['/bin/sleep', '60']);
    process.kill(child.pid, 'SIGSTOP');
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
  });

  test('ends when it ignores SIGTERM', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'gatectl-test-'));
    const sign = path.join(folder, 'deaf');
    const child = await startProgram(['/bin/sh', '-c', deafToTerm, 'sh', sign]);
    await until(() => access(sign).then(() => true), {what: 'its sign'});
    const before = performance.now();
    await child.stop();
    expect(performance.now() - before).toBeGreaterThan(2000);
    await rm(folder, {recursive: true});
    expect(isAlive(child.pid)).toBe(false);
  });

  test('ends when its parent is killed', async () => {
    const script = `
      import {startProgram} from './src/dev/start-program.ts';
      const child = await startProgram(['/bin/sleep', '60']);
      console.log(child.pid);`;
    const {build} = await import('esbuild');
    const {outputFiles} = await build({
      stdin: {contents: script, resolveDir: process.cwd(), loader: 'ts'},
      bundle: true,
      platform: 'node',
      format: 'esm',
      write: false,
    });
    const parent = spawn(process.execPath, ['--input-type=module', '-e', outputFiles[0]!.text]);
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid), {what: 'its end'});
  });
});

import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {transformSync} from 'esbuild';
import {expect, test} from 'vitest';
import {afterTimeout, onAbort, settlesWithinMs, timeoutSignal} from '../../../src/base/abort-signals.js';

test('a deadline aborts with a TimeoutError', async () => {
  const signal = timeoutSignal(1);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  expect(signal.reason).toMatchObject({name: 'TimeoutError', message: 'timed out after 1 ms'});
});

test('reads pending data after a stall before its timeout fires', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  const told: string[] = [];
  near.on('data', () => told.push('answer'));
  const over = new Promise<void>((resolve) => {
    afterTimeout(5, () => {
      told.push('over');
      resolve();
    });
  });
  const callOff = afterTimeout(5, () => told.push('called off'));
  far.write('x');
  const end = performance.now() + 50;
  while (performance.now() < end); // held up
  callOff();
  await over;
  expect(told).toEqual(['answer', 'over']);
  near.destroy();
  server.close();
});

test('a deadline inside AbortSignal.any fires after a garbage collection', () => {
  const {code} = transformSync(readFileSync('src/base/abort-signals.ts', 'utf8'), {loader: 'ts'});
  const script = `${code}
    const combined = AbortSignal.any([new AbortController().signal, timeoutSignal(60)]);
    combined.addEventListener('abort', () => console.log('fired'), {once: true});
    for (const ms of [5, 15, 30]) setTimeout(gc, ms);
    setTimeout(() => {}, 500);`;
  const argv = ['--expose-gc', '--input-type=module', '-e', script];
  expect(execFileSync(process.execPath, argv, {encoding: 'utf8'})).toBe('fired\n');
});

test('no source uses AbortSignal.timeout', () => {
  const files = readdirSync('src', {recursive: true, encoding: 'utf8'}).filter((name) =>
    /\.tsx?$/.test(name),
  );
  expect(files.filter((name) => /AbortSignal\.timeout\(/.test(readFileSync(`src/${name}`, 'utf8')))).toEqual(
    [],
  );
});

test('D7: a listener of an aborted signal is called at once, and a removed one never', () => {
  const stop = new AbortController();
  const called: string[] = [];
  onAbort(stop.signal, () => called.push('before'));
  onAbort(stop.signal, () => called.push('removed'))();
  stop.abort();
  onAbort(stop.signal, () => called.push('after'))();
  expect(called).toEqual(['before', 'after']);
});

/** Files that check the signal before they add a listener, each with its reason. */
const ownChecks: Readonly<Record<string, string>> = {
  'base/abort-signals.ts': 'onAbort itself',
  'bus/rpc/caller.ts': 'a call keeps its listener, to remove it without another function',
  'registry/wake-signal.ts': 'next() checks the signal before it waits',
};

test('D7: every listener of an abort is added by onAbort', () => {
  const files = readdirSync('src', {recursive: true, encoding: 'utf8'}).filter((name) =>
    /\.tsx?$/.test(name),
  );
  const own = files.filter((name) =>
    readFileSync(`src/${name}`, 'utf8').includes("addEventListener('abort'"),
  );
  expect(own.sort()).toEqual(Object.keys(ownChecks).sort());
});

test('waits for work no longer than allowed', async () => {
  const never = new Promise<void>(() => {});
  expect(await settlesWithinMs(1, never)).toBe(false);
  expect(await settlesWithinMs(60_000, Promise.resolve())).toBe(true);
  await expect(settlesWithinMs(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

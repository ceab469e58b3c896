import type {AddressInfo} from 'node:net';
import {createServer, type Server} from 'node:net';
import {afterEach, describe, expect, test} from 'vitest';
import {gatectl} from '../../support/run-cli.js';

let server: Server | undefined;

afterEach(() => void server?.close());

const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

/** A Redis whose SCAN answers as it is told; it says that it has five keys. */
async function startRedis(scan: (at: number) => {readonly cursor: string; readonly keys: readonly string[]}) {
  let scans = 0;
  const answerTo = (command: string): string => {
    if (command === 'SCAN') {
      const {cursor, keys} = scan(scans++);
      return `*2\r\n${bulk(cursor)}*${keys.length}\r\n${keys.map(bulk).join('')}`;
    }
    if (command === 'INFO') return bulk('redis_version:7.0.0\r\nloading:0');
    if (command === 'DBSIZE') return ':5\r\n';
    if (command === 'PTTL') return ':-1\r\n';
    return command === 'GET' ? bulk('x') : '+OK\r\n';
  };
  const started = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const commands = data.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g);
      for (const [, command = ''] of commands) socket.write(answerTo(command.toUpperCase()));
    });
  }).listen(0, '127.0.0.1');
  server = started;
  await new Promise((resolve) => started.once('listening', resolve));
  return `redis://127.0.0.1:${(started.address() as AddressInfo).port}/0`;
}

describe('D2: an endless SCAN', () => {
  test.each([
    ['one cursor', (_: number) => ({cursor: '17', keys: ['session:a']})],
    ['cursors in turns', (at: number) => ({cursor: at % 2 === 0 ? '17' : '18', keys: []})],
    ['ever new cursors without keys', (at: number) => ({cursor: String(at + 1), keys: []})],
    ['ever new cursors with the same key', (at: number) => ({cursor: String(at + 1), keys: ['session:a']})],
    ['ever new keys', (at: number) => ({cursor: String(at + 1), keys: [`session:${at}`]})],
  ])(
    '%s',
    async (_, scan) => {
      const outcome = await gatectl(['records', 'list', '--store', await startRedis(scan), '-o', 'ids']);
      expect(outcome.code, outcome.err).toBe(3);
      expect(outcome.err).toMatch(
        /returned (the same cursor twice|\d+ pages without rows|\d+ rows, but reports)/,
      );
    },
    60_000,
  ); // thousands of round trips, half a millisecond or more each
});

import {connect} from 'node:net';
import {text as textOf} from 'node:stream/consumers';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type MetricsServer, serveMetrics} from '../../../src/cli/commands/metrics/metrics-server.js';
import {gatectl} from '../../support/run-cli.js';

/** Sends the lines of one request as they are; resolves with the status of the answer. */
async function statusOf(server: MetricsServer, lines: readonly string[]): Promise<number> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  return Number((await textOf(socket)).split(' ', 2)[1]);
}

describe('D5: the metrics server answers for loopback names only', () => {
  let strict: MetricsServer;
  let open: MetricsServer;
  beforeAll(async () => {
    const address = {host: '127.0.0.1', port: 0};
    const text = async () => 'up 1\n';
    strict = await serveMetrics({address, text});
    open = await serveMetrics({address, text, allowedHosts: ['metrics.example.com', 'proxy:8080']});
  });
  afterAll(async () => {
    await strict.close();
    await open.close();
  });

  test.each([
    'localhost',
    'LocalHost:9464',
    '127.0.0.1',
    '127.0.0.1:1',
    '127.8.9.10',
    '[::1]',
    '[::1]:9464',
    '[0:0:0:0:0:0:0:1]',
  ])('Host: %s is answered', async (host) => {
    expect(await statusOf(strict, ['GET /metrics HTTP/1.1', `Host: ${host}`])).toBe(200);
  });

  test.each([
    'evil.example',
    'evil.example:9464',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'localhost@evil.example',
    '10.0.0.1',
    '0.0.0.0',
    '[::2]',
    '[::ffff:10.0.0.1]',
    'localhost, evil.example',
    'localhost/evil',
    'metrics.example.com',
    '127.0.0.256',
    '',
  ])('Host: %s is refused', async (host) => {
    expect(await statusOf(strict, ['GET /metrics HTTP/1.1', `Host: ${host}`])).toBe(403);
  });

  test.each([
    ['no Host in HTTP/1.0', ['GET /metrics HTTP/1.0'], 403],
    ['no Host in HTTP/1.1', ['GET /metrics HTTP/1.1'], 400],
    ['two Host headers', ['GET /metrics HTTP/1.1', 'Host: localhost', 'Host: evil.example'], 403],
    ['two equal Host headers', ['GET /metrics HTTP/1.1', 'Host: localhost', 'Host: localhost'], 403],
    ['an absolute target', ['GET http://localhost:1/metrics?x=1 HTTP/1.1', 'Host: localhost'], 200],
    ['a foreign absolute target', ['GET http://evil.example/metrics HTTP/1.1', 'Host: localhost'], 403],
    [
      'an absolute target, foreign Host',
      ['GET http://localhost/metrics HTTP/1.1', 'Host: evil.example'],
      403,
    ],
    [
      'an Origin of this machine',
      ['GET /metrics HTTP/1.1', 'Host: localhost', 'Origin: http://127.0.0.1:3'],
      200,
    ],
    ['a foreign Origin', ['GET /metrics HTTP/1.1', 'Host: localhost', 'Origin: http://evil.example'], 403],
    ['an opaque Origin', ['GET /metrics HTTP/1.1', 'Host: localhost', 'Origin: null'], 403],
    ['another path of a foreign host', ['GET / HTTP/1.1', 'Host: evil.example'], 403],
    ['another method of a foreign host', ['POST /metrics HTTP/1.1', 'Host: evil.example'], 403],
  ])('%s', async (_, lines, status) => {
    expect(await statusOf(strict, lines)).toBe(status);
  });

  test.each([
    ['metrics.example.com', 200],
    ['METRICS.example.com:443', 200],
    ['proxy:8080', 200],
    ['proxy:8081', 403],
    ['proxy', 403],
    ['localhost', 200],
    ['sub.metrics.example.com', 403],
  ])('with names allowed, Host: %s gets %d', async (host, status) => {
    expect(await statusOf(open, ['GET /metrics HTTP/1.1', `Host: ${host}`])).toBe(status);
  });

  test.each([
    [['metrics', '--listen', '127.0.0.1:0', '--allow-host', 'http://x'], 'invalid host "http://x"'],
    [['metrics', '--allow-host', 'x'], '--allow-host requires --listen'],
  ])('%j is a usage error', async (argv, words) => {
    expect(await gatectl(argv, {gates: []})).toMatchObject({code: 2, err: expect.stringContaining(words)});
  });
});

import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {CertificateFiles} from './authority.js';
import {otherPorts, requireServer, startServer, type TestServer} from './servers.js';

export interface ConsulServerOptions {
  /** Over TLS; clients need a certificate of the authority where it is given. */
  readonly tls?: CertificateFiles & {readonly clientCa?: string};
  /** An ACL that denies what it does not allow; this token may everything. */
  readonly managementToken?: string;
}

/** A real consul agent that is a cluster of its own; `url` is `http://127.0.0.1:<port>`, or https. */
export async function startConsul(options: ConsulServerOptions = {}): Promise<TestServer> {
  const program = requireServer('consul');
  const others = otherPorts(['server', 'lan', 'wan', 'plain']);
  const {tls} = options;
  return await startServer({
    name: 'consul',
    logFile: 'log',
    url: (port) => `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    async command(folder, port) {
      const {server, lan, wan, plain} = await others(port);
      const config = path.join(folder, 'test.json');
      await writeFile(config, configText(options));
      const ports = ['-server-port', `${server}`, '-serf-lan-port', `${lan}`, '-serf-wan-port', `${wan}`];
      const off = ['-dns-port', '-1', '-grpc-port', '-1'];
      const http =
        tls === undefined ? ['-http-port', `${port}`] : ['-http-port', `${plain}`, '-https-port', `${port}`];
      const here = ['-bind', '127.0.0.1', '-client', '127.0.0.1', ...http];
      const files = ['-config-file', config, '-log-file', `${folder}/log`];
      return [program, 'agent', '-dev', ...here, ...ports, ...off, ...files];
    },
    async serves(_folder, port) {
      const http = tls === undefined ? port : (await others(port)).plain;
      const response = await fetch(`http://127.0.0.1:${http}/v1/status/leader`, {
        signal: AbortSignal.timeout(1000),
      });
      return ((await response.json()) as string) !== '';
    },
  });
}

/** In the words of consul 1.9, which later ones still understand. */
function configText({tls, managementToken: token}: ConsulServerOptions): string {
  const mutual = tls?.clientCa === undefined ? {} : {ca_file: tls.clientCa, verify_incoming_https: true};
  const acl = {enabled: true, default_policy: 'deny', tokens: {master: token, agent: token}};
  return JSON.stringify({
    ...(token === undefined ? {} : {acl}),
    ...(tls === undefined ? {} : {cert_file: tls.cert, key_file: tls.key, ...mutual}),
  });
}

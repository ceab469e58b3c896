import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {until} from '../../support/poll.js';

/** Three gates with made-up sessions in one process, on a real nats-server. */
export interface BenchCluster extends AsyncDisposable {
  readonly url: string;
  /** For programs that must not meet the operator's own contexts. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function startBenchCluster(options: {
  readonly sessions: number;
  /** Changes a second on each gate. */
  readonly churn: number;
}): Promise<BenchCluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-bench-'));
  const server = spawn('nats-server', ['-a', '127.0.0.1', '-p', '-1', '--ports_file_dir', folder], {
    stdio: 'ignore',
  });
  const url = await until(() => portsIn(folder), {what: 'nats-server to listen', timeoutMs: 10_000});
  const each = String(Math.floor(options.sessions / 3));
  const gates = spawn(
    process.execPath,
    ['test/bench/run.mjs', 'gates', '--server', url, '--sessions', each, '--churn', String(options.churn)],
    {stdio: ['pipe', 'pipe', 'inherit']},
  );
  await firstLine(gates);
  return {
    url,
    env: {XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder, NODE_EXTRA_CA_CERTS: undefined},
    async [Symbol.asyncDispose]() {
      gates.stdin?.end();
      await once(gates, 'exit');
      server.kill();
      await once(server, 'exit');
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

function portsIn(folder: string): string | undefined {
  const file = readdirSync(folder).find((name) => name.endsWith('.ports'));
  if (file === undefined) return undefined;
  const ports = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as {
    readonly nats: readonly string[];
  };
  return ports.nats[0];
}

async function firstLine(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('no pipe');
  for await (const _ of createInterface({input: child.stdout})) break;
  child.stdout.resume();
}

// Those who look on: gatectl as a program, listings without end, a watch, and a delete that is interrupted.
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import {until} from '../../support/poll.js';
import {cleanEnvironment, type SpawnOutcome, spawnGatectl} from '../../support/run-cli.js';
import {RawClient} from '../../support/test-gate.js';
import {type ChaosCluster, type ChaosGate, sessionOf} from './cluster.js';
import type {Ledger} from './promises.js';
import type {World} from './user.js';

const documented = [0, 1, 3, 8];

export function gatectl(
  cluster: ChaosCluster,
  argv: readonly string[],
  onStart: (child: ChildProcess) => void = () => {},
): Promise<SpawnOutcome> {
  return spawnGatectl([...argv, '--server', cluster.nats.url, '--timeout', '2s'], {onStart});
}

/** A silent gate is named. */
export async function expectNamed(cluster: ChaosCluster, gate: ChaosGate, ledger: Ledger): Promise<void> {
  const {code, out, err} = await gatectl(cluster, ['sessions', 'list', '-o', 'json']);
  const isNamed = code === 3 && (out + err).includes(`Gate@${gate.id}`);
  ledger.check('named', isNamed, () => `exit ${code}: ${out.slice(-300)} ${err.slice(0, 300)}`);
}

/** G17: a force-delete that is killed somewhere on its way, and then run again. */
export async function deleteTwice(
  cluster: ChaosCluster,
  uid: string,
  ledger: Ledger,
  random: () => number,
): Promise<void> {
  const [gate] = cluster.gates;
  if (gate === undefined) return;
  const raw = await RawClient.connect(Number(new URL(gate.process.tcp).port));
  try {
    raw.connect(4, {clientId: uid});
    await raw.packet('connack');
    const id = await sessionOf(gate, raw);
    if (id === undefined) return;
    await gate.client.bind(id, uid);
    await gate.client.set(id, 'n', '1');
    const argv = ['records', 'delete', uid, '--kick', '--yes'];
    await gatectl(cluster, argv, (child) => setTimeout(() => child.kill('SIGKILL'), 100 + random() * 600));
    const {code, out, err} = await gatectl(cluster, argv);
    const record = await cluster.records.get(uid);
    ledger.check(
      'again',
      (code === 0 || code === 1) && record === undefined,
      () => `exit ${code}, the record is ${record === undefined ? 'gone' : 'there'}: ${out} ${err}`,
    );
    await until(() => raw.isClosed).catch(() => {});
    ledger.check('again', raw.isClosed, () => `the client of ${uid} is still connected`);
    await delay(1000);
    const later = await cluster.records.get(uid);
    ledger.check('deleted', later === undefined, () => `the record of ${uid} came back`);
  } finally {
    raw.destroy();
  }
}

/** Counts with the built program, again and again: a silent gate is named, and nothing else is ever printed. */
export async function countForEver(cluster: ChaosCluster, world: World, ledger: Ledger): Promise<void> {
  while (!world.isOver) {
    const before = cluster.gates.filter(({isTroubled}) => isTroubled).map(({id}) => id);
    const wasAway = world.busAway;
    const {code, out, err} = await gatectl(cluster, ['sessions', 'count', '-o', 'json']);
    ledger.check(
      'exit',
      documented.includes(code) && isDocument(out, code),
      () => `sessions count ended with ${code}: ${out.slice(0, 200)} ${err.slice(0, 200)}`,
    );
    const after = cluster.gates.filter(({isTroubled}) => isTroubled).map(({id}) => id);
    const isSteady = !wasAway && !world.busAway && before.join() === after.join();
    if (isSteady && before.length === 0 && code === 0) {
      const {gates} = JSON.parse(out) as {readonly gates?: readonly unknown[]};
      ledger.check(
        'exit',
        (gates ?? []).length === cluster.gates.length,
        () => `complete with ${gates?.length} gates: ${out.slice(0, 300)}`,
      );
    }
    await delay(300);
  }
}

function isDocument(out: string, code: number): boolean {
  if (out === '') return code !== 0;
  try {
    JSON.parse(out);
    return true;
  } catch {
    return false;
  }
}

/** Clients that stay: whoever was connected all the time is in a complete listing of his gate once. */
export class Stayers {
  readonly clients = new Map<RawClient, ChaosGate>();

  constructor(
    private readonly cluster: ChaosCluster,
    private readonly ledger: Ledger,
  ) {}

  async join(gate: ChaosGate): Promise<void> {
    for (let at = 0; at < 30; at += 1) {
      const raw = await RawClient.connect(Number(new URL(gate.process.tcp).port));
      raw.connect(4, {clientId: `stay-${gate.id}-${at}`});
      await raw.packet('connack');
      this.clients.set(raw, gate);
      raw.socket.once('close', () => this.clients.delete(raw));
    }
  }

  async listForEver(world: World): Promise<void> {
    while (!world.isOver) {
      for (const gate of this.cluster.gates) await this.list(gate).catch(() => {});
      await delay(50);
    }
  }

  private async list(gate: ChaosGate): Promise<void> {
    const before = [...this.clients].filter(([, on]) => on === gate).map(([raw]) => raw);
    const seen = new Map<string, number>();
    for (let after = ''; ; ) {
      const page = await gate.client.list({after, limit: 7});
      for (const {session} of page.rows) seen.set(session.ip, (seen.get(session.ip) ?? 0) + 1);
      after = page.next;
      if (after === '') break;
    }
    for (const raw of before) {
      if (!this.clients.has(raw)) continue;
      const times = seen.get(`127.0.0.1:${raw.socket.localPort}`) ?? 0;
      this.ledger.check('once', times === 1, () => `a client of ${gate.id} is ${times} times in a listing`);
    }
  }

  /** Round trips to a gate that has no trouble of its own while its store is away. */
  async ping(gate: ChaosGate): Promise<void> {
    const raw = [...this.clients].find(([, on]) => on === gate)?.[0];
    if (raw === undefined) return;
    const heard = raw.packets.length;
    const started = performance.now();
    raw.send({cmd: 'pingreq'});
    const isAnswered = await until(() => raw.packets.length > heard, {timeoutMs: 2000}).catch(() => false);
    if (!this.clients.has(raw)) return;
    this.ledger.check(
      'serves',
      isAnswered !== false,
      () => `no PINGRESP of ${gate.id} in ${(performance.now() - started).toFixed(0)} ms`,
    );
    raw.packets.length = 0;
  }
}

/** `sessions watch` as a program from the beginning to the end. */
export class Watch {
  private readonly child: ChildProcess;
  private text = '';
  private events = 0;
  private gaps = 0;

  constructor(cluster: ChaosCluster) {
    const argv = ['bin/gatectl.js', 'sessions', 'watch', '-o', 'jsonl', '--server', cluster.nats.url];
    this.child = spawn(process.execPath, argv, {
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.child.stdout?.on('data', (bytes: Buffer) => this.heard(bytes.toString()));
  }

  private heard(text: string): void {
    const lines = (this.text + text).split('\n');
    this.text = lines.pop() ?? '';
    this.events += lines.length;
    this.gaps += lines.filter((line) => line.startsWith('{"type":"gap"')).length;
  }

  /** Sees something new within some seconds. */
  async judge(ledger: Ledger): Promise<void> {
    const before = this.events;
    const isAlive = await until(() => this.events > before, {timeoutMs: 20_000}).catch(() => false);
    ledger.check(
      'watch',
      isAlive !== false && this.child.exitCode === null,
      () => `exit code ${this.child.exitCode}, ${this.events} lines`,
    );
    ledger.check(
      'watch',
      this.gaps > 0,
      () => `${this.events} lines and no gap among them, after all that happened`,
    );
    console.log(`  sessions watch: ${this.events} lines, ${this.gaps} gaps`);
    this.child.kill('SIGKILL');
    await once(this.child, 'close').catch(() => {});
  }
}

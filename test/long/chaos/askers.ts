// Clients that ask the module, one on each gate, the next question when the last is answered.
import {setTimeout as delay} from 'node:timers/promises';
import {until} from '../../support/poll.js';
import {RawClient} from '../../support/test-gate.js';
import {type ChaosCluster, type ChaosGate, requestTimeoutMs} from './cluster.js';
import type {Ledger} from './promises.js';
import type {World} from './user.js';

/** Room for a busy machine beside the deadline of a request. */
const graceMs = 2000;

interface Answer {
  readonly Error: string;
  readonly Result: {readonly said?: unknown} | null;
}

export class Asker {
  answered = 0;
  refused = 0;

  constructor(
    private readonly gate: ChaosGate,
    private readonly world: World,
    private readonly ledger: Ledger,
  ) {}

  async live(): Promise<void> {
    while (!this.world.isOver) {
      if (!this.gate.isTroubled) await this.visit().catch(() => {});
      await delay(100);
    }
  }

  private async visit(): Promise<void> {
    const raw = await RawClient.connect(Number(new URL(this.gate.process.tcp).port));
    try {
      raw.connect(4, {clientId: `asker-${this.gate.id}`});
      await raw.packet('connack');
      for (let number = 0; !this.world.isOver && !raw.isClosed; number += 1) {
        await this.ask(raw, String(number));
        await delay(50);
      }
    } finally {
      raw.destroy();
    }
  }

  private async ask(raw: RawClient, name: string): Promise<void> {
    const {world, gate} = this;
    const topic = `HelloWorld/HD_echo/${name}`;
    const payload = JSON.stringify({name});
    const wasTroubled = gate.isTroubled;
    raw.send({cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false});
    const body = await until(
      () => raw.isClosed || raw.packets.find((packet) => packet.cmd === 'publish' && packet.topic === topic),
      {timeoutMs: requestTimeoutMs + graceMs},
    ).catch(() => undefined);
    raw.packets.length = 0;
    if (body === true || wasTroubled || gate.isTroubled) return; // whose gate is stopped waits
    const answer = body?.cmd === 'publish' ? (JSON.parse(String(body.payload)) as Answer) : undefined;
    const isAnswer = answer?.Error === '' && answer.Result?.said === name;
    this.ledger.check(
      'told',
      isAnswer || (answer !== undefined && answer.Error !== ''),
      () => `${gate.id}, question ${name}: ${JSON.stringify(answer)}, module away: ${world.moduleAway}`,
    );
    if (isAnswer) this.answered += 1;
    else this.refused += 1;
  }
}

/** After a fault each gate's client gets an answer again. */
export async function expectAnswers(
  cluster: ChaosCluster,
  askers: readonly Asker[],
  ledger: Ledger,
  fault: string,
): Promise<void> {
  const before = askers.map(({answered}) => answered);
  for (const [at, asker] of askers.entries()) {
    const isServed = await until(() => asker.answered > (before[at] ?? 0), {timeoutMs: 20_000}).catch(
      () => false,
    );
    ledger.check(
      'asked',
      isServed !== false,
      () => `no answer on gate ${cluster.gates[at]?.id} after "${fault}"`,
    );
  }
}

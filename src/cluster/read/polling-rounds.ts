import {setTimeout as sleep} from 'node:timers/promises';
import {CallError} from '../../base/errors.js';
import type {GateOutcome, Gathered} from '../result-types.js';
import {failedOutcome} from './gather.js';

interface PollingRoundsOptions<T> {
  /** Calls one gate. */
  readonly ask: (gate: string) => Promise<Gathered<T>>;
  readonly now: () => number;
  /** How long a round waits for a gate that replied in the last round. */
  readonly timeoutMs?: number | undefined;
  /** How long a round waits for a gate that did not reply in the last round. */
  readonly silentTimeoutMs?: number | undefined;
}

/** A gate's pending call, and a reply that no round has used yet. */
interface PendingCall<T> {
  readonly startedAt: number;
  answer: Gathered<T> | undefined;
  readonly done: Promise<void>;
}

/**
 * Polls gates with the same call. A round does not wait for a silent gate's full timeout; a late reply counts in the
 * next round.
 */
export class PollingRounds<T> {
  private readonly asked = new Map<string, PendingCall<T>>();
  private readonly silent = new Set<string>();

  constructor(private readonly options: PollingRoundsOptions<T>) {}

  /** Runs one round and returns the replies, with one outcome per gate. Rejects if no gate can be called at all. */
  async round(gates: readonly string[]): Promise<Omit<Gathered<T>, 'expected'>> {
    const answers = await Promise.all(gates.map(async (gate) => [gate, await this.answerOf(gate)] as const));
    for (const gate of this.asked.keys()) if (!gates.includes(gate)) this.asked.delete(gate);
    return {
      results: new Map(answers.flatMap(([, answer]) => [...answer.results])),
      outcomes: answers.flatMap(([, answer]) => answer.outcomes),
    };
  }

  private async answerOf(gate: string): Promise<Omit<Gathered<T>, 'expected'>> {
    const {timeoutMs = 3000, silentTimeoutMs = 500, now} = this.options;
    const asked = this.asked.get(gate) ?? this.start(gate);
    const timeout = this.silent.has(gate) ? silentTimeoutMs : timeoutMs;
    const left = asked.startedAt + timeout - now();
    if (asked.answer === undefined && left > 0) await within(asked.done, left);
    const {answer} = asked;
    if (answer === undefined) {
      this.silent.add(gate);
      return {results: new Map(), outcomes: [noAnswerYet(gate, now() - asked.startedAt)]};
    }
    this.asked.delete(gate);
    if (answer.outcomes.some(isSilent)) this.silent.add(gate);
    else this.silent.delete(gate);
    return answer;
  }

  private start(gate: string): PendingCall<T> {
    const answering = this.options.ask(gate).then((answer) => {
      asked.answer = answer;
    });
    const asked: PendingCall<T> = {startedAt: this.options.now(), answer: undefined, done: answering};
    answering.catch(() => this.asked.delete(gate)); // the round that waits for it reports the error
    this.asked.set(gate, asked);
    return asked;
  }
}

const isSilent = ({status, reason}: GateOutcome): boolean => status === 'failed' && reason === 'timeout';

function noAnswerYet(gate: string, ms: number): GateOutcome {
  const failure = {reason: 'timeout', node: gate, fn: ''} as const;
  const error = new CallError(failure, `${gate} has not answered for ${Math.round(ms)} ms`);
  return failedOutcome({id: gate}, error, ms);
}

async function within(done: Promise<void>, ms: number): Promise<void> {
  const stop = new AbortController();
  const late = sleep(ms, undefined, {signal: stop.signal}).catch(() => {});
  try {
    await Promise.race([done, late]);
  } finally {
    stop.abort();
  }
}

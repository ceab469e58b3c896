import {messageAndHint} from '../../base/error-details.js';
import {
  CallError,
  type CallFailureReason,
  GatectlError,
  OutcomeUnknownError,
  UnreadableRecordError,
} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import {UnsupportedError} from '../../session/node-kind.js';
import type {GateOutcome, Gathered} from '../result-types.js';

/** Returns why a call to a gate failed; undefined if the error did not come from the gate. */
export function callFailureReasonOf(error: unknown): CallFailureReason | undefined {
  if (error instanceof CallError) return error.reason;
  if (error instanceof OutcomeUnknownError)
    return error.cause instanceof CallError ? error.cause.reason : 'timeout';
  if (error instanceof UnreadableRecordError) return 'refused';
  if (error instanceof GatectlError && error.name === 'DecodeError') return 'bad-reply';
  return undefined;
}

/** The node that an outcome belongs to. */
export type OutcomeNode = Pick<ClusterNode, 'id'> & Partial<Pick<ClusterNode, 'source'>>;

/** Members of an outcome that name its node. */
export const outcomeNodeFields = ({id, source}: OutcomeNode): Pick<GateOutcome, 'node' | 'isStore'> =>
  source === 'store' ? {node: id, isStore: true} : {node: id};

export function failedOutcome(node: OutcomeNode, error: unknown, ms: number, count = 0): GateOutcome {
  const message = messageAndHint(error);
  return {
    ...outcomeNodeFields(node),
    status: 'failed',
    reason: callFailureReasonOf(error) ?? 'refused',
    message,
    ms: Math.round(ms),
    count,
    ...(error instanceof OutcomeUnknownError ? {isUnknown: true} : {}),
    ...(error instanceof UnsupportedError ? {role: error.kind.role} : {}),
    ...(error instanceof UnreadableRecordError && {unread: {count: 1, first: []}}),
  };
}

/**
 * Returns the outcome of a successful call. It is a failure if several processes share the id, because each knows
 * only its own sessions.
 */
export function okOutcome(node: ClusterNode, ms: number, count: number): GateOutcome {
  const duplicate = duplicateNodeError(node);
  return duplicate === undefined
    ? {...outcomeNodeFields(node), status: 'ok', ms: Math.round(ms), count}
    : failedOutcome(node, duplicate, ms, count);
}

/** Returns the error for a node id that several processes share; undefined for other nodes. */
export function duplicateNodeError({id, processes = []}: ClusterNode, fn = ''): CallError | undefined {
  if (processes.length < 2) return undefined;
  return new CallError({reason: 'duplicate-id', node: id, fn}, `${id} is ${duplicateNodeText(processes)}`, {
    hint: 'stop all but one of them, or give each its own id',
  });
}

/** Detects node ids that several processes answer to although the registry has one entry. */
export interface DuplicateNodeIds {
  /** Resolves when pending replies have arrived. */
  settle(): Promise<void>;
  isDuplicate(node: string): boolean;
}

/** Marks the outcomes of duplicate nodes as failed. */
export function failDuplicateNodes(
  outcomes: readonly GateOutcome[],
  isDuplicate: (node: string) => boolean,
): readonly GateOutcome[] {
  return outcomes.map((outcome) =>
    outcome.status === 'ok' && isDuplicate(outcome.node)
      ? {...outcome, status: 'failed', reason: 'duplicate-id', message: `${outcome.node} ${twiceText}`}
      : outcome,
  );
}

const twiceText = 'answered a call twice: more than one process has its id';

export const duplicateNodeText = (processes: readonly string[]): string =>
  `${processes.length} processes that answer in turns: ${processes.join(', ')}`;

interface GatherOptions<T> {
  readonly countOf?: ((result: T) => number) | undefined;
  readonly now: () => number;
}

/**
 * Calls all nodes at once. Resolves when each has replied or failed: expected = answered + failed. Each call has its
 * own timeout. Rejects for errors that did not come from a gate (a bad argument, a bug).
 */
export async function gather<T>(
  expected: readonly ClusterNode[],
  call: (node: ClusterNode) => Promise<T>,
  {countOf = () => 0, now}: GatherOptions<T>,
): Promise<Gathered<T>> {
  const answers = new Map<string, T>();
  const outcomes = await Promise.all(
    expected.map(async (node) => {
      const started = now();
      try {
        const result = await call(node);
        answers.set(node.id, result);
        return okOutcome(node, now() - started, countOf(result));
      } catch (error) {
        if (callFailureReasonOf(error) === undefined) throw error;
        return failedOutcome(node, error, now() - started);
      }
    }),
  );
  // in request order, however fast each was
  const results = new Map(
    [...answers].sort((one, other) => place(expected, one[0]) - place(expected, other[0])),
  );
  return {expected, results, outcomes};
}

const place = (expected: readonly ClusterNode[], id: string): number =>
  expected.findIndex((node) => node.id === id);

/** Verb phrases by failure reason. For all other reasons, the gate did not answer. */
const verbs: Partial<Record<CallFailureReason, string>> = {
  refused: 'refused',
  'bad-reply': 'sent an unreadable reply',
  'too-large': 'had too large a reply',
  'not-permitted': 'may not be called',
  'duplicate-id': 'answered more than once',
  unsupported: 'cannot tell',
};

/**
 * Describes the gates that are missing from a result: `1 of 3 gates did not answer (Gate@b did not answer within 2000
 * ms)`, `1 of 1 gate cannot tell (Gate@c is a stock mqant gate: …)`.
 */
export function missingGatesText(outcomes: readonly GateOutcome[]): string {
  const failed = outcomes.filter(({status, unread}) => status === 'failed' && unread === undefined);
  const unread = outcomes.filter((outcome) => outcome.unread !== undefined);
  const group = (verb: string, some: readonly GateOutcome[]): string[] =>
    some.length === 0
      ? []
      : [`${some.length} of ${nodeCountText(outcomes)} ${verb} (${some.map(whatHappened).join('; ')})`];
  const verbOf = ({reason, isUnknown}: GateOutcome): string => {
    const verb = isUnknown && reason === 'refused' ? verbs.unsupported : reason && verbs[reason];
    return verb ?? 'did not answer';
  };
  return [
    ...['did not answer', ...Object.values(verbs)].flatMap((verb) =>
      group(
        verb,
        failed.filter((outcome) => verbOf(outcome) === verb),
      ),
    ),
    ...unread.map(whatHappened),
  ].join(', ');
}

function whatHappened({node, message = 'failed'}: GateOutcome): string {
  return message.startsWith(`${node} `) ? message : `${node}: ${message}`;
}

/** `3 gates`, or `1 store` for one that was opened directly. */
export function nodeCountText(outcomes: readonly GateOutcome[]): string {
  const stores = outcomes.filter(({isStore}) => isStore === true).length;
  const storeText = stores === 1 ? '1 store' : `${stores} stores`;
  if (stores === 0) return gateCountText(outcomes.length);
  return stores === outcomes.length
    ? storeText
    : `${gateCountText(outcomes.length - stores)} and ${storeText}`;
}

export const gateCountText = (count: number): string => (count === 1 ? '1 gate' : `${count} gates`);

/** Completes a phrase with "on" or "behind": `the one gate`, `any of 3 gates`. */
export const anyOfGatesText = (count: number): string =>
  count === 1 ? 'the one gate' : `any of ${count} gates`;

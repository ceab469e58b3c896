import {
  CallError,
  type ErrorOptions,
  GatectlError,
  NegativeError,
  NoGateError,
  NoSessionError,
  PartialError,
  UnreachableError,
  UsageError,
} from '../../../base/errors.js';
import type {Cluster, LocatedRecord} from '../../../cluster/cluster.js';
import type {CommandContext} from '../../command-context.js';
import {notice, warn} from '../../show/notices.js';
import type {OnlineCheckInput} from './record-flags.js';

interface OnlineCheckOptions extends OnlineCheckInput {
  /** Whether to warn and continue when no gate can be reached. */
  readonly lenient?: boolean | undefined;
}

/**
 * Checks with the gates whether a user is online, because their gate could overwrite a changed record. With --store, the check
 * passes if the cluster has no gates. If the cluster can't be reached, it fails, unless --offline is given.
 */
export class OnlineCheck {
  private gates: Promise<boolean> | undefined;

  constructor(
    private readonly context: CommandContext,
    private readonly options: OnlineCheckOptions,
  ) {
    if (options.offline === true && options.store === undefined)
      throw new UsageError('--offline requires --store: without it, the record is read through the gates', {
        hint: 'pass --store <url>, or remove --offline',
      });
  }

  /** Whether there are gates to check with. If not, prints a notice or warning. Rejects with PartialError if that is unknown. */
  hasGates(): Promise<boolean> {
    this.gates ??= this.findGates();
    return this.gates;
  }

  /** Returns the gates on which the user is online, including the gate of the session in `record`. Rejects with PartialError. */
  async gatesWithUser(uid: string, record?: LocatedRecord): Promise<readonly string[]> {
    if (!(await this.hasGates())) return [];
    const cluster = await this.context.openCluster();
    const online = await this.orUnknown(cluster.online(uid));
    if (online.length > 0) return online;
    const named = await this.orUnknown(gateOfRecordedSession(cluster, uid, record));
    return named === undefined ? [] : [named];
  }

  /** Rejects with NegativeError if the user is online. The options name the flag with which the write works. */
  async refuseOnline(
    uid: string,
    record: LocatedRecord | undefined,
    options: Pick<ErrorOptions, 'hint' | 'retryWith'>,
  ): Promise<void> {
    const online = await this.gatesWithUser(uid, record);
    if (online.length > 0) throw new NegativeError(`"${uid}" is online on ${online.join(', ')}`, options);
  }

  private async findGates(): Promise<boolean> {
    const {context, options} = this;
    if (options.offline === true) return false;
    try {
      await (await context.openCluster()).gates();
      return true;
    } catch (error) {
      if (error instanceof NoGateError && options.store !== undefined) {
        await notice(context, `${error.message}: cannot check who is online`);
        return false;
      }
      if (!(error instanceof UnreachableError)) throw error;
      if (options.lenient !== true) throw this.unknownError(error);
      await warn(context, `cannot check who is online: ${error.message}`);
      return false;
    }
  }

  private async orUnknown<T>(work: Promise<T>): Promise<T> {
    return await work.catch((error: unknown) => {
      throw error instanceof UnreachableError || error instanceof PartialError
        ? this.unknownError(error)
        : error;
    });
  }

  private unknownError(cause: Error): PartialError {
    const text =
      cause instanceof PartialError ? cause.message : `cannot check who is online: ${cause.message}`;
    const hint = this.options.store === undefined ? 'gatectl gates ping' : 'pass --offline to skip the check';
    const exitCode = cause instanceof GatectlError ? cause.exitCode : undefined;
    return new PartialError(text, {hint, cause, exitCode});
  }
}

/** Returns the gate of the session in the record if that session is live and still the user's. Works on stock gates. */
async function gateOfRecordedSession(
  cluster: Cluster,
  uid: string,
  record: LocatedRecord | undefined,
): Promise<string | undefined> {
  const {serverId = '', sessionId = ''} = record?.session ?? {};
  const node = (await cluster.gates()).find(({id}) => id === serverId);
  if (node === undefined || sessionId === '') return undefined;
  try {
    const session = await cluster.gate(node).update(sessionId);
    return session.userId === uid ? node.id : undefined;
  } catch (error) {
    if (error instanceof NoSessionError) return undefined;
    if (!(error instanceof CallError)) throw error;
    const {exitCode} = error;
    throw new PartialError(`cannot check whether "${uid}" is online: ${error.message}`, {
      cause: error,
      exitCode,
    });
  }
}

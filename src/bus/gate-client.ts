import {CallError, ConflictError, DecodeError, NoSessionError, SettingsConflictError} from '../errors.js';
import {fillRandomly} from '../random.js';
import {
  type CallOptions,
  type CountQuery,
  type GateApi,
  type GateFunction,
  type GateInfo,
  type GateStats,
  type ListQuery,
  type RecordPage,
  type RecordPut,
  type SessionCount,
  type SessionPage,
  type SessionQuery,
  type StoredRecord,
  stockFunctions,
  type WatchLease,
  type WatchQuery,
} from '../session/gate-api.js';
import {decodeRecordPage, decodeSessionPage, observedRows} from '../session/page.js';
import type {ObservedRow, Session, StringBag} from '../session/session.js';
import type {SettingsEdit} from '../session/settings-edit.js';
import {type Argument, decodeArgument, encodeArgument, outgoing} from './arguments.js';
import type {Caller, CallTarget} from './caller.js';
import type {ResultEnvelope} from './envelope.js';
import {bytesOf, countIn, countOf, leaseIn, mapOf, statsIn} from './gate-answers.js';
import {GateText, gateFunctions} from './gate-functions.js';
import {gateInfoOf} from './gate-info.js';
import {checkBody, checkSetting, checkTopic, checkUserId} from './message-check.js';
import {SessionQueue} from './session-queue.js';

export interface GateTarget extends CallTarget {
  /** Use `<address>.<Fn>`, so that NATS permissions can tell the verbs apart. */
  readonly subjectPerFunction: boolean;
}

export interface GateClientOptions {
  readonly caller: Caller;
  readonly target: GateTarget;
  readonly maxPayloadBytes: number;
  /** Shared by all clients that may touch the same sessions. */
  readonly queue?: SessionQueue | undefined;
}

const maxErrorText = 2048;

/** GateApi over the bus: works on stock mqant gates, on gates with the add-on and on ours. */
export class GateClient implements GateApi {
  readonly nodeId: string;
  private readonly queue: SessionQueue;

  constructor(private readonly options: GateClientOptions) {
    this.nodeId = options.target.node;
    this.queue = options.queue ?? new SessionQueue();
  }

  update(sessionId: string, options?: CallOptions): Promise<Session> {
    return this.onSession('Update', sessionId, [], options);
  }

  async bind(sessionId: string, userId: string, options?: CallOptions): Promise<Session> {
    checkUserId(userId);
    return await this.onSession('Bind', sessionId, [string(userId)], options);
  }

  unbind(sessionId: string, options?: CallOptions): Promise<Session> {
    return this.onSession('UnBind', sessionId, [], options);
  }

  async push(sessionId: string, settings: StringBag, options?: CallOptions): Promise<Session> {
    for (const [key, value] of Object.entries(settings)) checkSetting(key, value);
    return await this.onSession('Push', sessionId, [{type: 'mapstr', value: settings}], options);
  }

  async set(sessionId: string, key: string, value: string, options?: CallOptions): Promise<Session> {
    checkSetting(key, value);
    return await this.onSession('Set', sessionId, [string(key), string(value)], options);
  }

  async remove(sessionId: string, key: string, options?: CallOptions): Promise<Session> {
    checkSetting(key, '');
    return await this.onSession('Remove', sessionId, [string(key)], options);
  }

  async edit(sessionId: string, edit: SettingsEdit, options?: CallOptions): Promise<Session> {
    const {set, unset, expected} = edit;
    for (const key of [...unset, ...Object.keys(expected)]) checkSetting(key, '');
    for (const [key, value] of Object.entries(set)) checkSetting(key, value);
    const query = map({session: sessionId, set, unset, expected});
    const value = await this.queue.run(sessionId, () =>
      this.call('GatectlEdit', [query], options, sessionId),
    );
    return this.sessionIn('GatectlEdit', value);
  }

  async send(sessionId: string, topic: string, body: Uint8Array, options?: CallOptions): Promise<void> {
    this.checkMessage(topic, body);
    await this.queue.run(sessionId, () =>
      this.call('Send', [string(sessionId), string(topic), {type: 'bytes', value: body}], options, sessionId),
    );
  }

  async sendBatch(
    sessionIds: readonly string[],
    topic: string,
    body: Uint8Array,
    options?: CallOptions,
  ): Promise<number> {
    this.checkMessage(topic, body);
    const ids = string(sessionIds.join(','));
    return countOf(await this.call('SendBatch', [ids, string(topic), {type: 'bytes', value: body}], options));
  }

  async broadcast(topic: string, body: Uint8Array, options?: CallOptions): Promise<number> {
    this.checkMessage(topic, body);
    return countOf(await this.call('BroadCast', [string(topic), {type: 'bytes', value: body}], options));
  }

  async isConnect(userId: string, options?: CallOptions): Promise<boolean> {
    const answer = await this.read('IsConnect', [string(''), string(userId)], options);
    // mqant says no by an error text beside a bool
    if (answer.error === GateText.notConnected(userId)) return false;
    const value = this.valueOf('IsConnect', answer);
    return value.type === 'bool' && value.value;
  }

  async close(sessionId: string, options?: CallOptions): Promise<void> {
    await this.queue.run(sessionId, () => this.call('Close', [string(sessionId)], options, sessionId));
  }

  async info(options?: CallOptions): Promise<GateInfo> {
    const value = await this.call('GatectlInfo', [], options);
    return gateInfoOf(mapOf(value), this.nodeId);
  }

  async list(query: SessionQuery, options?: CallOptions): Promise<SessionPage> {
    return decodeSessionPage(bytesOf(await this.call('GatectlList', [map(defined({...query}))], options)));
  }

  async find(userId: string, options?: CallOptions): Promise<readonly ObservedRow[]> {
    return observedRows(bytesOf(await this.call('GatectlFind', [map({uid: userId})], options)));
  }

  async count(query: CountQuery = {}, options?: CallOptions): Promise<SessionCount> {
    return countIn(mapOf(await this.call('GatectlCount', [map(defined({...query}))], options)));
  }

  async stats(options?: CallOptions): Promise<GateStats> {
    return statsIn(mapOf(await this.call('GatectlStats', [], options)));
  }

  async watch(query: WatchQuery, options?: CallOptions): Promise<WatchLease> {
    return leaseIn(mapOf(await this.call('GatectlWatch', [map(defined({...query}))], options)));
  }

  async recordGet(userId: string, options?: CallOptions): Promise<StoredRecord | undefined> {
    return decodeRecordPage(bytesOf(await this.call('GatectlRecordGet', [map({uid: userId})], options)))
      .records[0];
  }

  async recordPut(
    userId: string,
    value: Uint8Array,
    put: RecordPut = {},
    options?: CallOptions,
  ): Promise<string> {
    const query = map({uid: userId, ...defined({...put})});
    const answer = await this.call('GatectlRecordPut', [query, {type: 'bytes', value}], options);
    return String(mapOf(answer)['revision'] ?? '');
  }

  async recordDelete(userId: string, revision?: string, options?: CallOptions): Promise<boolean> {
    const query = map({uid: userId, ...defined({revision})});
    return mapOf(await this.call('GatectlRecordDelete', [query], options))['deleted'] === true;
  }

  async recordList(query: ListQuery, options?: CallOptions): Promise<RecordPage> {
    return decodeRecordPage(bytesOf(await this.call('GatectlRecordList', [map({...query})], options)));
  }

  /** Hands a message over without asking what became of it (mqant's SendNR). */
  sendNoReply(sessionId: string, topic: string, body: Uint8Array): void {
    this.checkMessage(topic, body);
    const args = [trace(), string(sessionId), string(topic), {type: 'bytes', value: body} as const];
    this.options.caller.send(this.targetOf('Send'), 'Send', args.map(encodeArgument));
  }

  private async onSession(
    fn: GateFunction,
    sessionId: string,
    rest: readonly Argument[],
    options: CallOptions | undefined,
  ): Promise<Session> {
    const value = await this.queue.run(sessionId, () =>
      this.call(fn, [string(sessionId), ...rest], options, sessionId),
    );
    return this.sessionIn(fn, value);
  }

  private sessionIn(fn: GateFunction, value: Argument): Session {
    if (value.type === 'SESSION') return value.value;
    throw this.failure('bad-reply', fn, `answered ${fn} with "${value.type}" instead of a session`);
  }

  private async call(
    fn: GateFunction,
    args: readonly Argument[],
    options: CallOptions | undefined,
    sessionId?: string,
  ): Promise<Argument> {
    const answer = gateFunctions[fn].write
      ? await this.once(fn, args, options)
      : await this.read(fn, args, options);
    if (answer.error !== '') throw this.refusal(fn, answer.error, sessionId);
    return this.valueOf(fn, answer);
  }

  /** A read may be asked once more when nobody was there: a gate that restarts is back in a moment. */
  private async read(
    fn: GateFunction,
    args: readonly Argument[],
    options: CallOptions | undefined,
  ): Promise<ResultEnvelope> {
    try {
      return await this.once(fn, args, options);
    } catch (error) {
      if (!(error instanceof CallError) || error.reason !== 'disconnected') throw error;
      return await this.once(fn, args, options);
    }
  }

  private once(
    fn: GateFunction,
    args: readonly Argument[],
    options: CallOptions = {},
  ): Promise<ResultEnvelope> {
    return this.options.caller.call(this.targetOf(fn), {
      fn,
      args: [trace(), ...args].map(outgoing),
      write: gateFunctions[fn].write,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
    });
  }

  private targetOf(fn: GateFunction): CallTarget {
    const {node, address, subjectPerFunction} = this.options.target;
    return {node, address: subjectPerFunction ? `${address}.${fn}` : address};
  }

  private valueOf(fn: GateFunction, answer: ResultEnvelope): Argument {
    try {
      return decodeArgument(answer.resultType, answer.result);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      throw this.failure(
        'bad-reply',
        fn,
        `answered ${fn} with bytes that are no ${answer.resultType}`,
        cause,
      );
    }
  }

  private refusal(fn: GateFunction, text: string, sessionId: string | undefined): Error {
    if (/^No Sess+ion found$/.test(text)) return new NoSessionError(sessionId ?? '');
    if (text === GateText.revisionConflict) {
      return new ConflictError('the record was changed meanwhile', {
        hint: 'read it again: gatectl records get <uid>',
      });
    }
    if (text === GateText.settingsConflict) return new SettingsConflictError(sessionId ?? '');
    const [first = ''] = text.split('\n ----Stack----');
    if (first === GateText.noFunction(fn)) return this.failure('unsupported', fn, this.unsupportedText(fn));
    const whole = text === cut(first) ? undefined : new Error(text); // for who asks with --verbose
    if (tooLarge.test(first))
      return this.failure('too-large', fn, `has too much to answer ${fn}: ${cut(first)}`, whole);
    return this.failure('refused', fn, `refused ${fn}: ${cut(first)}`, whole);
  }

  private unsupportedText(fn: GateFunction): string {
    const stock = (stockFunctions as readonly string[]).includes(fn);
    return stock ? `has no function ${fn}: it is no mqant gate` : `is a stock mqant gate: it has no ${fn}`;
  }

  private failure(reason: CallError['reason'], fn: string, what: string, cause?: unknown): CallError {
    return new CallError({reason, node: this.nodeId, fn}, `${this.nodeId} ${what}`, {cause});
  }

  private checkMessage(topic: string, body: Uint8Array): void {
    checkTopic(topic);
    checkBody(body, topic, this.options.maxPayloadBytes);
  }
}

const string = (value: string): Argument => ({type: 'string', value});
const map = (value: Readonly<Record<string, unknown>>): Argument => ({type: 'map', value});

/** What is undefined is not said. */
function defined(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** A fresh trace for every call: what mqant sends, so that a project's logging hooks see one. */
function trace(): Argument {
  if (traceAt === randomness.length) traceAt = 0;
  if (traceAt === 0) fillRandomly(randomness);
  const hex = randomness.toString('hex', traceAt, traceAt + traceBytes);
  traceAt += traceBytes;
  return {type: 'trace', value: {trace: hex.slice(0, 16), span: hex.slice(16)}};
}

/** Random bytes are asked for in stock: one question costs as much as a whole call. */
const traceBytes = 16;
const randomness = Buffer.allocUnsafeSlow(256 * traceBytes);
let traceAt = 0;

/** The words of a gate, of ours or of the add-on, whose answer the bus would not take. */
const tooLarge = /larger than max_payload|maximum payload/i;

function cut(text: string): string {
  return text.length <= maxErrorText
    ? text
    : `${text.slice(0, maxErrorText)}… (${text.length - maxErrorText} characters more, --verbose)`;
}

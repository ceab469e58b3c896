import {isUtf8} from 'node:buffer';
import {CallError} from '../../base/errors.js';
import type {Caller} from '../../bus/rpc/caller.js';
import {decodeArgument, encodeArgument} from '../../bus/rpc/rpc-arguments.js';
import type {NodeDirectory} from '../../registry/node-directory.js';
import {clientAddressOfSession} from '../../session/ip-address.js';
import type {ConnectingClient} from './admission.js';
import {type Admission, type AdmissionRefusal, type Authenticator, refusedAdmission} from './admission.js';

export interface ModuleAuthenticatorOptions {
  /** `Type/Function`, or `Type@id/Function`: a function for other modules, called with a map as its only argument. */
  readonly function: string;
  readonly timeoutMs?: number | undefined;
}

export interface ModuleAuthenticatorDeps {
  readonly caller: Pick<Caller, 'call'>;
  readonly directory: Pick<NodeDirectory, 'find' | 'ofType'>;
  readonly log: (line: string) => void;
}

const defaultTimeoutMs = 3_000;

/**
 * Lets a function of a backend module decide. Refuses the client if the module can't be reached, is too late, or
 * returns something unexpected.
 */
export function moduleAuthenticator(
  {function: name, timeoutMs = defaultTimeoutMs}: ModuleAuthenticatorOptions,
  {caller, directory, log}: ModuleAuthenticatorDeps,
): Authenticator {
  const [node = '', fn = ''] = name.split('/');
  const candidates = async () => {
    if (!node.includes('@')) return shuffled(await directory.ofType(node));
    const found = await directory.find(node);
    return found === undefined ? [] : [found];
  };
  const ask = async (args: ReturnType<typeof encodeArgument>[]): Promise<Admission> => {
    for (const {id, address} of (await candidates()).slice(0, 2)) {
      try {
        const answer = await caller.call({node: id, address}, {fn, args, write: false, timeoutMs});
        if (answer.error !== '') return refusedFor(log, name, answer.error);
        return admissionOf(
          decodeArgument(answer.resultType === '' ? 'null' : answer.resultType, answer.result),
        );
      } catch (error) {
        // the node is not running; another one of the same type may answer
        if (!(error instanceof CallError && error.reason === 'no-responders')) throw error;
      }
    }
    return refusedFor(log, name, 'no such module', 'unavailable');
  };
  return {
    reload: async () => {},
    authenticate: async (client) => {
      try {
        return await ask([encodeArgument({type: 'map', value: argumentOf(client)})]);
      } catch (error) {
        const isLate = error instanceof CallError;
        return refusedFor(log, name, (error as Error).message, isLate ? 'unavailable' : 'notAuthorized');
      }
    },
  };
}

function refusedFor(
  log: (line: string) => void,
  name: string,
  why: string,
  refusal: AdmissionRefusal = 'notAuthorized',
): Admission {
  log(`authentication by ${name}: ${JSON.stringify(why.slice(0, 200))}`);
  return refusedAdmission(refusal);
}

/** Returns the argument for the module. A password that is not UTF-8 is sent as base64 in `passwordBase64`. */
function argumentOf({clientId, username, password, ip, network, userAgent, certificate}: ConnectingClient) {
  return {
    clientId,
    ip: clientAddressOfSession(ip, network),
    network,
    ...(username !== undefined && {username}),
    ...(password !== undefined && passwordOf(Buffer.from(password))),
    ...(userAgent !== undefined && {userAgent}),
    ...(certificate !== undefined && {certificate: {...certificate}}),
  };
}

const passwordOf = (bytes: Buffer): Readonly<Record<string, string>> =>
  isUtf8(bytes) ? {password: bytes.toString()} : {passwordBase64: bytes.toString('base64')};

const refusals: Readonly<Record<string, AdmissionRefusal>> = {
  'bad credentials': 'badCredentials',
  'not authorized': 'notAuthorized',
  unavailable: 'unavailable',
};

/**
 * Parses true, false, or `{allow, uid, settings, reason}`. Throws for anything else, so that a typo admits no client.
 */
function admissionOf(answer: ReturnType<typeof decodeArgument>): Admission {
  if (answer.type === 'bool') return {allow: answer.value};
  if (answer.type !== 'map')
    throw new Error(`expected true, false or a map in the reply, not ${answer.type}`);
  const {allow, uid, settings = {}, reason = 'not authorized'} = answer.value;
  if (typeof allow !== 'boolean') throw new Error('"allow" in the reply is not true or false');
  if (!allow) return refusedAdmission(refusals[String(reason)] ?? 'notAuthorized');
  if (uid !== undefined && typeof uid !== 'string') throw new Error('"uid" in the reply is not a string');
  if (
    typeof settings !== 'object' ||
    settings === null ||
    Object.values(settings).some((value) => typeof value !== 'string')
  )
    throw new Error('"settings" in the reply is not a map of strings');
  return {allow, userId: uid, settings: settings as Readonly<Record<string, string>>};
}

function shuffled<T>(nodes: readonly T[]): readonly T[] {
  const first = Math.floor(Math.random() * nodes.length);
  return [...nodes.slice(first), ...nodes.slice(0, first)];
}

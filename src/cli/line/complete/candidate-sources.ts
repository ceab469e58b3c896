import type {ClusterReader, LocatedRow} from '../../../cluster/cluster.js';
import {recordOrderNames} from '../../../cluster/records/record-order.js';
import {outputFormats} from '../../../output/formats/presenter.js';
import {sessionPresenter} from '../../../presentation/session-presenter.js';
import {groupingNames} from '../../../selector/grouping.js';
import {findSelectorField, networkNames} from '../../../selector/selector-fields.js';
import {sessionSortKeyNames} from '../../../selector/sort-order.js';
import {extensionFunctions, stockFunctions} from '../../../session/gate-api.js';
import {catalogue} from '../../catalogue.js';
import type {ExpectedWord} from './expected-word.js';

export interface Candidate {
  readonly value: string;
  readonly about?: string | undefined;
}

/** Sources of live names. A source that fails or takes too long offers nothing. */
export interface CompletionDeps {
  readonly contexts: () => Promise<readonly string[]>;
  /** Names of natscli's contexts. */
  readonly natsContexts: () => Promise<readonly string[]>;
  /** Names of the files in the snapshot folder. */
  readonly snapshots: () => Promise<readonly string[]>;
  readonly cluster: () => Promise<ClusterReader>;
  /** Words of each plugin command, such as `foo bar`. */
  readonly plugins: () => Promise<readonly string[]>;
}

type Source = (expected: ExpectedWord, deps: CompletionDeps) => Promise<readonly Candidate[]>;

const maxRows = 500;

const named = (values: readonly string[]): readonly Candidate[] => values.map((value) => ({value}));

async function rowsOf({cluster}: CompletionDeps, where: string | undefined, gates?: readonly string[]) {
  const [{parseSelector}, open] = await Promise.all([import('../../../selector/selector.js'), cluster()]);
  const selector = where === undefined ? undefined : await parseSelector(where);
  const rows: LocatedRow[] = [];
  for await (const row of (await open.list({where: selector, limit: maxRows, gates})).rows) rows.push(row);
  return rows;
}

const beginsWith = (field: string, prefix: string): string | undefined =>
  prefix === '' ? undefined : `${field}.startsWith(${JSON.stringify(prefix)})`;

const gates: Source = async (_, {cluster}) => named((await (await cluster()).gates()).map(({id}) => id));

/** Completes node ids of every type, and node types. */
const nodes: Source = async (_, {cluster}) => {
  const all = await (await cluster()).allNodes();
  return [...named(all.map(({id}) => id)), ...named(all.map(({type}) => type))];
};

/** Completes session ids; after `Gate@…`, gates and then `<gate>/<session id>`; after `uid:`, uids. */
const sessions: Source = async (expected, deps) => {
  const {prefix} = expected;
  if (prefix !== '' && 'uid:'.startsWith(prefix)) return [{value: 'uid:', about: 'session of this uid'}];
  if (prefix.includes('@') && !prefix.includes('/'))
    return (await gates(expected, deps)).map(({value}) => ({value: `${value}/`}));
  if (prefix.startsWith('uid:')) {
    const found = await uids({...expected, prefix: prefix.slice('uid:'.length)}, deps);
    return found.map(({value, about}) => ({value: `uid:${value}`, about}));
  }
  const slash = prefix.indexOf('/');
  const gate = slash < 0 ? undefined : prefix.slice(0, slash);
  const rows = await rowsOf(
    deps,
    beginsWith('id', prefix.slice(slash + 1)),
    gate === undefined ? [] : [gate],
  );
  return rows.map(({node, session}) => ({
    value: gate === undefined ? session.sessionId : `${node}/${session.sessionId}`,
    about: `${session.userId || 'guest'} on ${node}`,
  }));
};

const uids: Source = async ({prefix}, deps) => {
  const rows = await rowsOf(deps, beginsWith('uid', prefix));
  return rows
    .filter(({session}) => session.userId !== '')
    .map(({node, session}) => ({value: session.userId, about: node}));
};

/** Completes uids of stored records, including those of offline users. */
const recordUids: Source = async (_, {cluster}) => {
  const uids: Candidate[] = [];
  const {rows} = await (await cluster()).records.list({limit: maxRows, expiry: false});
  for await (const {uid, session} of rows) uids.push({value: uid, about: session?.serverId});
  return uids;
};

/** Completes the last element of a comma-separated list. Leaves out values that the list already has. */
const commas =
  (source: Source): Source =>
  async (expected, deps) => {
    const {prefix} = expected;
    const head = prefix.slice(0, prefix.lastIndexOf(',') + 1);
    const given = head.split(',');
    const found = await source({...expected, prefix: prefix.slice(head.length)}, deps);
    return found
      .filter(({value}) => !given.includes(value))
      .map(({value, about}) => ({value: head + value, about}));
  };

/** Completes fixed values. Once `settings` is typed, lists sessions to add `settings.<key>`. */
const orSettings =
  (...values: readonly string[]): Source =>
  async ({prefix}, deps) => {
    const found = values.map((value) => ({value, about: fieldAbout(value)}));
    if (!prefix.startsWith('settings')) return found;
    const keys = (await rowsOf(deps, undefined)).flatMap(keysOf);
    return [...found, ...named(keys.map((key) => `settings.${key}`))];
  };

const fieldAbout = (name: string): string | undefined => findSelectorField(name)?.about;

/** Completes sort fields; after a colon, directions. */
const orders =
  (names: readonly string[]): Source =>
  async (expected, deps) => {
    const colon = expected.prefix.indexOf(':');
    if (colon < 0) return await orSettings(...names)(expected, deps);
    const name = expected.prefix.slice(0, colon);
    return named(['asc', 'desc'].map((direction) => `${name}:${direction}`));
  };

/** Completes the setting keys of the given session; without a session, those of the first 500 sessions. */
const settingKeys: Source = async ({positionals}, deps) => {
  const [reference] = positionals;
  if (reference === undefined) return named((await rowsOf(deps, undefined)).flatMap(keysOf));
  return named(keysOf(await (await deps.cluster()).locate(reference)));
};
const keysOf = ({session}: Pick<LocatedRow, 'session'>): readonly string[] => Object.keys(session.settings);

const withEquals =
  (source: Source): Source =>
  async (expected, deps) =>
    (await source(expected, deps)).map(({value, about}) => ({value: `${value}=`, about}));

const ofSession =
  (rest: Source): Source =>
  async (expected, deps) =>
    await (expected.positionals.length === 0 ? sessions : rest)(expected, deps);

const words =
  (...values: readonly string[]): Source =>
  async () =>
    named(values);

const none: Source = async () => [];
const contexts: Source = async (_, deps) => named(await deps.contexts());
const natsContexts: Source = async (_, deps) => named(await deps.natsContexts());
const snapshots: Source = async (_, deps) => named(await deps.snapshots());

/** Completes pairs: a session, then its uid, and so on. */
const pairs: Source = async (expected, deps) =>
  await (expected.positionals.length % 2 === 0 ? sessions : uids)(expected, deps);

const columns = (): readonly string[] =>
  sessionPresenter(() => '').columns.map(({header}) => header.toLowerCase());

const writes: Source = async () =>
  catalogue.flatMap(({path, risk, summary}) => (risk === 'read' ? [] : [{value: path, about: summary}]));

/** Sources by argument or option name. The command path comes first where a name has several meanings. */
const sources: Readonly<Record<string, Source>> = {
  'settings set args': ofSession(withEquals(settingKeys)),
  'settings unset args': ofSession(settingKeys),
  'send args': ofSession(none),
  'bind pair': pairs,
  'encode session': none,
  'context add name': none,
  'gate run id': none,
  'gate passwd name': none,
  'context import-nats name': natsContexts,
  'nats-context': natsContexts,
  'records get uid': recordUids,
  'records set uid': recordUids,
  'records diff uid': recordUids,
  'records delete uid': recordUids,
  'records list uid': recordUids,
  'records expire args': recordUids,
  'trace session': async ({prefix}, deps) =>
    named((await rowsOf(deps, beginsWith('id', prefix))).map(({session}) => session.sessionId)),
  fn: words(...stockFunctions, ...extensionFunctions),
  node: nodes,
  command: writes,
  before: snapshots,
  after: snapshots,
  snapshot: snapshots,
  columns: commas(async (expected, deps) => await orSettings(...columns())(expected, deps)),
  session: sessions,
  target: sessions,
  uid: uids,
  user: none,
  key: settingKeys,
  setting: withEquals(settingKeys),
  if: withEquals(settingKeys),
  unset: settingKeys,
  gate: gates,
  name: contexts,
  context: contexts,
  output: words(...outputFormats),
  color: words('auto', 'always', 'never'),
  network: words(...networkNames),
  registry: words('nats://', 'etcd://', 'consul://', 'static:'),
  'records list sort': orders(recordOrderNames),
  sort: orders(sessionSortKeyNames),
  by: orSettings(...groupingNames, 'ip/24'),
};

/** Returns the candidate source for an argument or option of a command. Without one, there are no candidates. */
export function candidateSource(path: string, name: string): Source {
  return sources[`${path} ${name}`] ?? sources[name] ?? none;
}

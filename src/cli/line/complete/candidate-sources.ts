import type {ClusterReader, LocatedRow} from '../../../cluster/cluster.js';
import {formats} from '../../../output/formats/presenter.js';
import {fields, networks} from '../../../selector/fields.js';
import type {ExpectedWord} from './expected-word.js';

export interface Candidate {
  readonly value: string;
  readonly about?: string | undefined;
}

/** Sources of live names. A source that fails or takes too long offers no candidates. */
export interface CompletionDeps {
  readonly contexts: () => Promise<readonly string[]>;
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

/** Session ids; after `Gate@id/`, references of that gate only; after `uid:`, uids. */
const sessions: Source = async (expected, deps) => {
  const {prefix} = expected;
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

/** Setting keys of the named session, or of the first 500 sessions if none is named. */
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
const fieldNames: Source = async () => Object.entries(fields).map(([value, {about}]) => ({value, about}));

/** By name of an argument or option, with the command before it where one name has several meanings. */
const sources: Readonly<Record<string, Source>> = {
  'settings set word': ofSession(withEquals(settingKeys)),
  'settings unset word': ofSession(settingKeys),
  'send word': ofSession(none),
  'bind pair': ofSession(uids),
  'encode session': none,
  'context add name': none,
  'gate run id': none,
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
  output: words(...formats),
  color: words('auto', 'always', 'never'),
  network: words(...networks),
  registry: words('nats://', 'etcd://', 'consul://', 'static:'),
  sort: fieldNames,
  by: fieldNames,
};

/** Returns the source of candidates for an argument or option of a command. */
export function candidateSource(path: string, name: string): Source {
  return sources[`${path} ${name}`] ?? sources[name] ?? none;
}

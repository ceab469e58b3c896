import type {Cluster, LocatedRow} from '../../../cluster/cluster.js';
import {formats} from '../../../output/formats/presenter.js';
import {fields, networks} from '../../../selector/fields.js';
import type {ExpectedWord} from './expected-word.js';

export interface Candidate {
  readonly value: string;
  readonly about?: string | undefined;
}

/** Where live names come from. Each may fail, or take too long: then there are none. */
export interface CompletionDeps {
  readonly contexts: () => Promise<readonly string[]>;
  readonly cluster: () => Promise<Cluster>;
}

type Source = (wanted: ExpectedWord, doors: CompletionDeps) => Promise<readonly Candidate[]>;

const mostRows = 500;

const named = (values: readonly string[]): readonly Candidate[] => values.map((value) => ({value}));

async function rowsOf({cluster}: CompletionDeps, where: string | undefined, gates?: readonly string[]) {
  const [{parseSelector}, open] = await Promise.all([import('../../../selector/selector.js'), cluster()]);
  const selector = where === undefined ? undefined : await parseSelector(where);
  const rows: LocatedRow[] = [];
  for await (const row of (await open.list({where: selector, limit: mostRows, gates})).rows) rows.push(row);
  return rows;
}

const beginsWith = (field: string, prefix: string): string | undefined =>
  prefix === '' ? undefined : `${field}.startsWith(${JSON.stringify(prefix)})`;

const gates: Source = async (_, {cluster}) => named((await (await cluster()).gates()).map(({id}) => id));

/** Ids; behind `Gate@id/` the references on that gate. */
const sessions: Source = async ({prefix}, doors) => {
  const slash = prefix.indexOf('/');
  const gate = slash < 0 ? undefined : prefix.slice(0, slash);
  const rows = await rowsOf(
    doors,
    beginsWith('id', prefix.slice(slash + 1)),
    gate === undefined ? [] : [gate],
  );
  return rows.map(({node, session}) => ({
    value: gate === undefined ? session.sessionId : `${node}/${session.sessionId}`,
    about: `${session.userId || 'guest'} on ${node}`,
  }));
};

const uids: Source = async ({prefix}, doors) => {
  const rows = await rowsOf(doors, beginsWith('uid', prefix));
  return rows
    .filter(({session}) => session.userId !== '')
    .map(({node, session}) => ({value: session.userId, about: node}));
};

/** Names of settings: of the session that is named, else of some of all. */
const settingKeys: Source = async ({positionals}, doors) => {
  const [reference] = positionals;
  if (reference === undefined) return named((await rowsOf(doors, undefined)).flatMap(keysOf));
  return named(keysOf(await (await doors.cluster()).locate(reference)));
};
const keysOf = ({session}: Pick<LocatedRow, 'session'>): readonly string[] => Object.keys(session.settings);

const withEquals =
  (source: Source): Source =>
  async (wanted, doors) =>
    (await source(wanted, doors)).map(({value, about}) => ({value: `${value}=`, about}));

const ofSession =
  (rest: Source): Source =>
  async (wanted, doors) =>
    await (wanted.positionals.length === 0 ? sessions : rest)(wanted, doors);

const words =
  (...values: readonly string[]): Source =>
  async () =>
    named(values);

const none: Source = async () => [];
const contexts: Source = async (_, doors) => named(await doors.contexts());
const fieldNames: Source = async () => Object.entries(fields).map(([value, {about}]) => ({value, about}));

/** By the name of an argument or an option, and where the same name means several things by the command before it. */
const sources: Readonly<Record<string, Source>> = {
  'settings set word': ofSession(withEquals(settingKeys)),
  'settings unset word': ofSession(settingKeys),
  'send word': ofSession(none),
  'encode session': none,
  'context add name': none,
  'gate run id': none,
  session: sessions,
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

/** The live names that may stand where the cursor is. */
export function candidateSource(path: string, name: string): Source {
  return sources[`${path} ${name}`] ?? sources[name] ?? none;
}

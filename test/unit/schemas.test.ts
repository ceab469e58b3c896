import {readdirSync, readFileSync} from 'node:fs';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Ajv2020} from 'ajv/dist/2020.js';
import {describe, expect, test} from 'vitest';
import {CallError} from '../../src/base/errors.js';
import {catalogue} from '../../src/cli/catalogue.js';
import {encodeSession} from '../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../src/session/session.js';
import {makeSchemas, schemaFolder} from '../docs/schema/schemas.js';
import {callBytes, caller, resultBytes, span, text} from '../support/envelopes.js';
import {aRow, aSession, FakeGate} from '../support/fake-gate.js';
import {type CliWorld, gatectl, memoryJournal} from '../support/run-cli.js';
import {TapBus} from '../support/tap-bus.js';
import {temporaryFolder} from '../support/temp.js';

type Json = Readonly<Record<string, unknown>>;

const published = (name: string): Json =>
  JSON.parse(readFileSync(path.join(schemaFolder, `${name}.json`), 'utf8'));

test('docs/schema is what `npm run docs` writes', () => {
  const made = makeSchemas();
  expect([...made.keys()].sort()).toEqual(readdirSync(schemaFolder).sort());
  for (const [name, schema] of made) expect(published(name.slice(0, -'.json'.length)), name).toEqual(schema);
}, 60_000);

const id = 'f00dfeedf00dfeed';

function world(more: CliWorld = {}): CliWorld {
  const settings = stringBag([['room', 'lobby']]);
  const one = new FakeGate('Gate@a', [aRow({sessionId: id, userId: 'neo', settings}), aRow()]);
  const other = new FakeGate('Gate@b', [aRow({userId: 'trinity'})]);
  const value = encodeSession(aSession({userId: 'neo'}));
  one.records.set('neo', {uid: 'neo', value, revision: '1', expiresAt: 0});
  one.records.set('u2', {uid: 'u2', value: Buffer.from('ff'), revision: '1', expiresAt: 1});
  return {gates: [one, other], contexts: {prod: {server: 'nats://prod:4222', readOnly: true}}, ...more};
}

/** Objects may have no member that the schema does not name, so that a new member must reach the schema. */
function strict(schema: unknown, isTop = true): unknown {
  if (Array.isArray(schema)) return schema.map((one) => strict(one, isTop));
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === 'properties' ? strictMembers(value) : strict(value, false),
    ]),
  );
  const closes = !isTop && 'properties' in schema && !('additionalProperties' in schema);
  return closes ? {...inner, additionalProperties: false} : inner;
}

const strictMembers = (members: object): object =>
  Object.fromEntries(Object.entries(members).map(([name, schema]) => [name, strict(schema, false)]));

function faultsOf(name: string, value: unknown): string {
  const ajv = new Ajv2020({strict: false, allErrors: true});
  const validate = ajv.compile(strict(published(name)) as object);
  validate(value);
  return ajv.errorsText(validate.errors);
}

const lists: readonly (readonly [line: string, schema: string])[] = [
  ['sessions list', 'sessions-list'],
  ['sessions top', 'sessions-list'],
  ['sessions find neo', 'sessions-list'],
  ['sessions count', 'sessions-count'],
  ['sessions count --by uid', 'sessions-count-by'],
  ['sessions count --by settings.room', 'sessions-count-by'],
  [`sessions get ${id}`, 'sessions-get'],
  [`sessions get ${id} --record`, 'sessions-get'],
  [`settings list ${id}`, 'settings-list'],
  [`settings set ${id} a=b`, 'session-change'],
  [`bind ${id} other`, 'session-change'],
  ['broadcast /t hello --yes', 'broadcast'],
  ['sessions kick --all --dry-run', 'write-targets'],
  ['sessions kick --all --yes', 'write-outcomes'],
  [`sessions kick ${id} --yes`, 'sessions-kick'],
  [`sessions kick ${id} --dry-run`, 'write-plan'],
  [`send ${id} /t hello`, 'send'],
  [`bind ${id} other --dry-run`, 'bind-plan'],
  [`unbind ${id}`, 'session-change'],
  [`settings get ${id} room`, 'settings-get'],
  [`settings unset ${id} room`, 'session-change'],
  ['encode {"sessionId":"5f00","userId":"u1"}', 'encode'],
  ['records delete neo --kick --yes', 'records-delete'],
  ['records delete neo u2 --yes', 'write-outcomes'],
  ['records set neo a=b --while-online', 'records-get'],
  ['records expire neo never --while-online', 'records-get'],
  ['records get neo u2', 'records-list'],
  ['records list', 'records-list'],
  ['gates list --all-types', 'gates-list-all-types'],
  ['records get neo', 'records-get'],
  ['records diff neo', 'records-diff'],
  ['gates list', 'gates-list'],
  ['gates info', 'gates-info'],
  ['gates ping', 'gates-ping'],
  ['gates drain Gate@a --dry-run', 'gates-drain-plan'],
  ['gates drain Gate@a --yes', 'gates-drain'],
  ['gates resume Gate@a', 'gates-resume'],
  ['doctor', 'doctor'],
  ['anomalies --severity low', 'anomalies'],
  ['context list', 'context-list'],
  ['context show', 'context-show'],
];

/** Commands whose output other tests here or elsewhere compare with a schema, and those that print no JSON of their own. */
const others: Readonly<Record<string, string>> = {
  'sessions watch': 'lines, below',
  trace: 'lines and a summary, below',
  apply: 'write-outcomes, as the command that made the plan',
  'settings edit': 'session-change, as settings set',
  'settings undo': 'session-change, as settings set',
  'records export': 'lines, below',
  'records import': 'below',
  'records probe': 'needs a server; its schema is held by the type alone',
  'snapshot save': 'below',
  'snapshot list': 'below',
  'snapshot diff': 'below',
  'audit list': 'below',
  'audit export': 'lines, below',
  'context import-nats': 'below',
  'addon install': 'below',
  decode: 'a document of its own for each kind of bytes',
  'gate run': 'a process of its own; its schema is held by the type alone',
  'gates drain': 'drains a running gate',
  'gates resume': 'drains a running gate',
  'plugin list': 'plugins of the PATH',
  dashboard: 'full screen',
  metrics: 'Prometheus text',
  completion: 'a script',
  dev: 'interactive',
  demo: 'interactive',
  'gate passwd': 'reports on stderr',
  'context add': 'reports on stderr',
  'context edit': 'reports on stderr',
  'context use': 'reports on stderr',
  'context remove': 'reports on stderr',
};

test('every command has a schema or a reason to have none here', () => {
  const covered = (path: string): boolean => lists.some(([line]) => `${line} `.startsWith(`${path} `));
  const missing = catalogue.map(({path}) => path).filter((path) => !covered(path) && !(path in others));
  expect(missing).toEqual([]);
});

test('of stores, exports, snapshots of records, contexts and the add-on is as the schemas say', async () => {
  await using folder = await temporaryFolder();
  const some = world({journal: memoryJournal(), stateFolder: folder.path});
  const linesOf = (out: string): readonly Json[] =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json)
      .filter((line) => !('summary' in line));
  const exported = await gatectl('records export', some);
  expect(linesOf(exported.out)).toHaveLength(2);
  for (const line of linesOf(exported.out)) expect(faultsOf('records-export', line)).toBe('No errors');
  const store = `file:${folder.path}`;
  const [first = ''] = exported.out.split('\n');
  const imported = await gatectl(`records import - --store ${store} --offline -o json`, {stdin: first});
  expect(faultsOf('records-import', JSON.parse(imported.out))).toBe('No errors');
  await gatectl(`settings set ${id} a=b --reason test`, some);
  const [written = {}] = linesOf((await gatectl('audit export', some)).out);
  expect(faultsOf('audit-export', written)).toBe('No errors');
  const files = ['before', 'after'].map((name) => `${folder.path}/${name}.jsonl`);
  for (const file of files) {
    const saved = JSON.parse((await gatectl(`snapshot save ${file} --records -o json`, some)).out);
    expect(faultsOf('snapshot-save', saved)).toBe('No errors');
    some.gates?.[0]?.records.delete('neo');
  }
  const diff = JSON.parse((await gatectl(`snapshot diff ${files.join(' ')} --records -o json`, some)).out);
  expect(diff.items).toHaveLength(1);
  expect(faultsOf('snapshot-diff-records', diff)).toBe('No errors');
  const named = JSON.parse((await gatectl('context import-nats missing -o json', some)).out);
  expect(named.items).toMatchObject([{name: 'missing', state: 'failed'}]);
  expect(faultsOf('context-import-nats', named)).toBe('No errors');
  await writeFile(
    `${folder.path}/go.mod`,
    'module example.com/game\n\ngo 1.18\n\nrequire github.com/liangdas/mqant v1.4.0\n',
  );
  const planned = JSON.parse((await gatectl(`addon install ${folder.path} --dry-run -o json`, some)).out);
  expect(planned.items.length).toBeGreaterThan(0);
  expect(faultsOf('addon-install', planned)).toBe('No errors');
});

describe('the output of a command', () => {
  test.each(lists)('%s is as %s says', async (line, name) => {
    const {out} = await gatectl(`${line} -o json`, world());
    const value = JSON.parse(out);
    if (Array.isArray(value.items)) expect(value.items.length).toBeGreaterThan(0);
    expect(faultsOf(name, value)).toBe('No errors');
  });

  test('matches its schema for a silent gate, the journal and snapshots', async () => {
    await using folder = await temporaryFolder();
    const some = world({journal: memoryJournal(), stateFolder: folder.path});
    const {gates = []} = some;
    await gatectl(`settings set ${id} a=b --reason test`, some);
    await gatectl(`sessions kick missing --yes`, some);
    expect(faultsOf('audit-list', JSON.parse((await gatectl('audit list -o json', some)).out))).toBe(
      'No errors',
    );
    const [before, after] = ['before', 'after'].map((name) => `${folder.path}/snapshots/${name}.jsonl`);
    await gatectl(`snapshot save ${before}`, some);
    gates[0]?.rows.delete(id);
    await gatectl(`snapshot save ${after}`, some);
    const saved = JSON.parse((await gatectl('snapshot list -o json', some)).out);
    expect(saved.items).toHaveLength(2);
    expect(faultsOf('snapshot-list', saved)).toBe('No errors');
    const compared = JSON.parse((await gatectl(`snapshot diff ${before} ${after} -o json`, some)).out);
    expect(compared.items).toHaveLength(1);
    expect(faultsOf('snapshot-diff', compared)).toBe('No errors');
    if (gates[1] !== undefined)
      gates[1].before = (fn) => {
        throw new CallError({reason: 'timeout', node: 'Gate@b', fn}, 'no answer');
      };
    const partial = JSON.parse((await gatectl('sessions list -o json', some)).out);
    expect(partial).toMatchObject({complete: false, total: null});
    expect(faultsOf('sessions-list', partial)).toBe('No errors');
  });

  test('matches its schema line by line for a watch', async () => {
    const {out} = await gatectl('sessions watch --for 200ms -o jsonl', world());
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    const entries = lines.filter((line) => !('summary' in line));
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) expect(faultsOf('sessions-watch', entry)).toBe('No errors');
  });
});

test('the output of a trace matches its schemas', async () => {
  const traced = () => ({
    gates: [new FakeGate('Gate@a')],
    tapBus: new TapBus([
      ['mqant.gate.Gate.a', callBytes('1', 'Update', [span, text(id)])],
      [caller, resultBytes('1')],
    ]),
  });
  const {out} = await gatectl('trace --for 30ms -o jsonl', traced());
  const [call = {}] = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  expect(call).toMatchObject({type: 'call', fn: 'Update'});
  expect(faultsOf('trace', call)).toBe('No errors');
  const summary = JSON.parse((await gatectl('trace --summary --for 30ms -o json', traced())).out);
  expect(summary.items).toHaveLength(1);
  expect(faultsOf('trace-summary', summary)).toBe('No errors');
});

test('the schemas reject an invalid document', () => {
  expect(faultsOf('gates-ping', {version: 1, items: [{gate: 'Gate@a', ms: '3'}]})).toContain(
    'ms must be number',
  );
  expect(faultsOf('gates-ping', {version: 1, items: [{gate: 'Gate@a', ms: 3, more: 1}]})).toContain(
    'additional',
  );
});

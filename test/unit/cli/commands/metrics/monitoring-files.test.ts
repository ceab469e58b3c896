import {beforeAll, describe, expect, test} from 'vitest';
import yaml from 'yaml';
import {metricDefinitions} from '../../../../../src/cli/commands/metrics/gate-metrics.js';
import {aRow, FakeGate} from '../../../../support/fake-gate.js';
import {type ParsedSample, parsePrometheus} from '../../../../support/prometheus.js';
import {gatectl} from '../../../../support/run-cli.js';

interface Panel {
  readonly title: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets: readonly {readonly expr: string}[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: {readonly list: readonly {readonly query: string}[]};
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly annotations: Readonly<Record<string, string>>;
}

let dashboard: Dashboard;
let rules: readonly Rule[];
let samples: readonly ParsedSample[];

beforeAll(async () => {
  const stock = new FakeGate('Gate@stock');
  stock.stock = true;
  const world = {gates: [openGate(), stock]};
  samples = parsePrometheus((await gatectl('metrics', world)).out);
  dashboard = JSON.parse((await gatectl('metrics --grafana')).out);
  const parsed = yaml.parse((await gatectl('metrics --alerts')).out, {version: '1.1'});
  rules = parsed.groups.flatMap((group: {rules: readonly Rule[]}) => group.rules);
});

/** A gate that reports its limits. */
function openGate(): FakeGate {
  const gate = new FakeGate('Gate@a', [aRow()]);
  const {info, stats} = gate;
  const certificates = [{listener: 'tcp', minVersion: 'TLSv1.2', expiresAt: 1}] as const;
  const admission = {authenticate: 'none', limits: {maxSessions: 1}, warmUpMs: 0, certificates};
  gate.info = async () => ({...(await info.call(gate)), admission});
  gate.stats = async () => ({...(await stats.call(gate)), limitHits: {maxSessions: {count: 1, lastAt: 1}}});
  return gate;
}

const expressions = (): readonly string[] => [
  ...rules.map(({expr}) => expr),
  ...dashboard.panels.flatMap(({targets}) => targets.map(({expr}) => expr)),
  ...dashboard.templating.list.map(({query}) => query).filter((query) => query !== 'prometheus'),
];

const namesIn = (expr: string): readonly string[] => expr.match(/\bgatectl_\w+/g) ?? [];

/** Labels that Prometheus adds to every series. */
const ofPrometheus = ['job', 'instance'];

/** Labels of a metric; of one that these gates do not have by its name. */
const labelsOf = (name: string): readonly string[] =>
  Object.keys(
    samples.find((one) => one.name === name)?.labels ?? (/^gatectl_gate_/.test(name) ? {gate: ''} : {}),
  );

describe('the dashboard and the alert rules', () => {
  test('name only metrics that exist', () => {
    const known = new Set(metricDefinitions().map(({name}) => name));
    expect(expressions().length).toBeGreaterThan(20);
    for (const expr of expressions()) {
      expect(namesIn(expr), expr).not.toEqual([]);
      expect(
        namesIn(expr).filter((name) => !known.has(name)),
        expr,
      ).toEqual([]);
    }
  });

  test('name only labels of their metrics', () => {
    for (const expr of expressions())
      for (const [, name, matchers = ''] of expr.matchAll(/(gatectl_\w+)\{([^}]*)\}/g)) {
        const labels = [...matchers.matchAll(/(\w+)!?=/g)].map(([, label]) => label);
        expect([...ofPrometheus, ...labelsOf(name ?? '')], expr).toEqual(expect.arrayContaining(labels));
      }
    for (const {alert, expr, annotations} of rules) {
      const texts = Object.values(annotations).join(' ');
      const used = [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      expect(namesIn(expr).flatMap(labelsOf), alert).toEqual(expect.arrayContaining(used));
      const named = used.includes('gate');
      expect(named, alert).toBe(/gatectl_gate_/.test(expr));
    }
  });

  test('cover every metric', () => {
    const named = new Set(expressions().flatMap(namesIn));
    expect(
      metricDefinitions()
        .map(({name}) => name)
        .filter((name) => !named.has(name)),
    ).toEqual([]);
  });

  test('use counters only as rates', () => {
    const bare = expressions().filter((expr) => /(?<!(?:rate|increase)\()\bgatectl_\w+_total/.test(expr));
    expect(bare).toEqual([]);
  });

  test('the table of metrics in the docs has every printed metric', () => {
    const table = metricDefinitions().map(({name}) => name);
    expect(new Set(table).size).toBe(table.length);
    expect(samples.map(({name}) => name).filter((name) => !table.includes(name))).toEqual([]);
  });

  test('panels have unique titles and do not overlap', () => {
    const cells = dashboard.panels.flatMap(({gridPos: {x, y, w, h}}) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({length: w * h}, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
    const titles = dashboard.panels.map(({title}) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('commands in the rules exist', async () => {
    const commands = rules.flatMap(({annotations}) => [
      ...(annotations['description']?.matchAll(/gatectl [a-z]+(?: [a-z]+)?$/g) ?? []),
    ]);
    expect(commands.length).toBeGreaterThan(3);
    for (const [command] of commands)
      expect((await gatectl(`help ${command.replace('gatectl ', '')}`)).code, command).toBe(0);
  });
});

test.each(['--grafana --alerts', '--alerts --listen 127.0.0.1:0'])('metrics %s is refused', async (flags) => {
  const {code, err} = await gatectl(`metrics ${flags}`);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining('cannot combine --grafana, --alerts and --listen'),
  ]);
});

import type {Metric} from '../../../output/formats/prometheus.js';

/** Metrics without a panel of their own: they are part of other panels, or always 1. */
const notDrawn: ReadonlySet<string> = new Set([
  'gatectl_gate_up',
  'gatectl_gates',
  'gatectl_registry_up',
  'gatectl_gate_start_time_seconds',
  'gatectl_gate_clock_time_seconds',
  'gatectl_gate_limit',
  'gatectl_gate_heap_limit_bytes',
  'gatectl_gate_certificate_expiry_time_seconds',
  'gatectl_gate_info',
  'gatectl_build_info',
]);

type MetricAbout = Pick<Metric, 'name' | 'type' | 'help'>;

/** A dashboard panel. `type` is Grafana's panel type; width and height are in units of Grafana's 24-column grid. */
interface PanelOptions {
  readonly type: 'stat' | 'table' | 'timeseries';
  readonly title: string;
  readonly expr: string;
  readonly unit?: string;
  readonly description?: string;
  readonly width: number;
  readonly height: number;
}

const ofJob = '{job=~"$job"}';
const ofGates = '{job=~"$job", gate=~"$gate"}';
const rowWidth = 24;

/**
 * Returns a dashboard to import into Grafana 9 or later. It shows the state of the cluster, then one panel per metric with a
 * line per gate; counters are shown as rates.
 */
export function grafanaDashboard(metrics: readonly MetricAbout[]): object {
  const panels = [...overviewPanels, ...metrics.filter(({name}) => !notDrawn.has(name)).map(metricPanel)];
  return {
    uid: 'gatectl',
    title: 'gatectl: gates and sessions',
    tags: ['gatectl', 'mqant'],
    schemaVersion: 37,
    editable: true,
    refresh: '30s',
    time: {from: 'now-3h', to: 'now'},
    templating: {list: variables},
    panels: placed(panels),
  };
}

const datasource = {type: 'prometheus', uid: '$datasource'};

const variables = [
  {name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus'},
  labelVariable('job', 'gatectl_gates'),
  labelVariable('gate', `gatectl_gate_up${ofJob}`),
];

/** Returns a dashboard variable that selects among the values of a label; all are selected by default. */
function labelVariable(label: string, series: string): object {
  const query = `label_values(${series}, ${label})`;
  const all = {selected: true, text: 'All', value: '$__all'};
  return {
    ...{name: label, label, type: 'query', datasource, query, definition: query, refresh: 2, sort: 1},
    ...{multi: true, includeAll: true, allValue: '.*', current: all},
  };
}

const stat = {type: 'stat', width: 4, height: 4} as const;

const overviewPanels: readonly PanelOptions[] = [
  {...stat, title: 'Gates up', expr: `sum(gatectl_gate_up${ofGates})`},
  {...stat, title: 'Gates in the registry', expr: `max(gatectl_gates${ofJob})`},
  {...stat, title: 'Registry up', expr: `min(gatectl_registry_up${ofJob})`},
  {...stat, title: 'Sessions', expr: `sum(gatectl_gate_sessions${ofGates})`},
  {...stat, title: 'Sessions with a uid', expr: `sum(gatectl_gate_bound_sessions${ofGates})`},
  {...stat, title: 'Unsaved sessions', expr: `sum(gatectl_gate_dirty_sessions${ofGates})`},
  {
    ...{type: 'table', title: 'Software', expr: `gatectl_gate_info${ofGates}`},
    ...{width: 12, height: 8},
  },
  {
    ...{type: 'timeseries', title: 'Gates that answer', expr: `gatectl_gate_up${ofGates}`},
    ...{width: 6, height: 8},
  },
  {
    ...{type: 'timeseries', title: 'Uptime', unit: 's', width: 6, height: 8},
    expr: `gatectl_gate_clock_time_seconds${ofGates} - gatectl_gate_start_time_seconds${ofGates}`,
  },
  {
    ...{type: 'timeseries', title: 'Sessions / maxSessions', unit: 'percentunit', width: 12, height: 8},
    expr: `gatectl_gate_sessions${ofGates} / on(job, instance, gate) gatectl_gate_limit{limit="maxSessions"}`,
  },
  {
    ...{type: 'timeseries', title: 'Time until certificates expire', unit: 's', width: 12, height: 8},
    expr: `gatectl_gate_certificate_expiry_time_seconds${ofGates} - time()`,
  },
  {
    ...{type: 'timeseries', title: 'Heap, of its limit', unit: 'percentunit', width: 8, height: 8},
    expr: `gatectl_gate_heap_bytes${ofGates} / gatectl_gate_heap_limit_bytes`,
  },
];

function metricPanel({name, type, help}: MetricAbout): PanelOptions {
  const words = name.replace(/^gatectl_(?:gate_)?/, '').replace(/_(?:total|seconds|bytes)$/, '');
  const title = words.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase());
  const series = `${name}${ofGates}`;
  const isCounter = type === 'counter';
  return {
    ...{type: 'timeseries', description: help, width: 8, height: 8},
    title: isCounter ? `${title} per second` : `${title} by gate`,
    expr: isCounter ? `rate(${series}[$__rate_interval])` : series,
    unit: isCounter ? 'cps' : unitOf(name),
  };
}

/** Grafana's name of the unit in the metric's name. */
function unitOf(name: string): string {
  if (name.endsWith('_seconds')) return 's';
  return name.endsWith('_bytes') ? 'bytes' : 'short';
}

/** Places panels from left to right, in rows as high as their tallest panel. */
function placed(panels: readonly PanelOptions[]): readonly object[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map((panel, at) => {
    if (x + panel.width > rowWidth) [x, y, height] = [0, y + height, 0];
    const gridPos = {x, y, w: panel.width, h: panel.height};
    x += panel.width;
    height = Math.max(height, panel.height);
    return panelJson(panel, at + 1, gridPos);
  });
}

function panelJson(
  {type, title, expr, unit = 'short', description}: PanelOptions,
  id: number,
  gridPos: object,
) {
  const isTable = type === 'table';
  const target = {
    ...{refId: 'A', datasource, expr, legendFormat: '{{gate}} {{limit}}{{listener}}'},
    ...(isTable ? {instant: true, format: 'table'} : {}),
  };
  const hidden = {excludeByName: {Time: true, Value: true, __name__: true, instance: true, job: true}};
  return {
    ...{id, type, title, description, datasource, gridPos, targets: [target]},
    fieldConfig: {defaults: {unit, min: 0}, overrides: []},
    ...(isTable ? {transformations: [{id: 'organize', options: hidden}]} : {}),
  };
}

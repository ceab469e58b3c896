export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;

/**
 * Reads Prometheus's text format 0.0.4 as strictly as promtool does: each metric in one piece with HELP and TYPE before
 * it, no series twice, counters that end in `_total`, a line break at the end. Throws at the first fault.
 */
export function parsePrometheus(text: string): readonly ParsedSample[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end');
  const [samples, types, series] = [[] as ParsedSample[], new Map<string, string>(), new Set<string>()];
  let current = '';
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('# HELP ')) {
      current = nameOf(line.slice(7));
      if (types.has(current)) throw new Error(`${current} comes twice`);
      if (line.slice(7 + current.length).trim() === '') throw new Error(`${current} has no help`);
    } else if (line.startsWith('# TYPE ')) {
      const [name = '', type = ''] = line.slice(7).split(' ');
      if (name !== current || types.has(name)) throw new Error(`TYPE of ${name} is out of place`);
      if (!['gauge', 'counter'].includes(type)) throw new Error(`"${type}" is no type`);
      if ((type === 'counter') !== name.endsWith('_total'))
        throw new Error(`${name} is no name for a ${type}`);
      types.set(name, type);
    } else samples.push(sampleOf(line, current, types, series));
  }
  return samples;
}

function nameOf(text: string): string {
  const name = metricName.exec(text)?.[0];
  if (name === undefined) throw new Error(`"${text}" begins with no name`);
  return name;
}

function sampleOf(
  line: string,
  current: string,
  types: ReadonlyMap<string, string>,
  series: Set<string>,
): ParsedSample {
  const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? [];
  if (name !== current || !types.has(name)) throw new Error(`"${line}" is out of place`);
  if (!/^(?:[+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.test(value))
    throw new Error(`"${value}" is no value`);
  const parsed = labelsOf(labels);
  const key = `${name}${JSON.stringify(Object.entries(parsed).sort())}`;
  if (series.has(key)) throw new Error(`${key} comes twice`);
  series.add(key);
  return {name, labels: parsed, value: Number(value.replace('Inf', 'Infinity'))};
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const one = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=[a-zA-Z_])|$)/;
  for (let rest = text; rest !== ''; ) {
    const [whole = '', name = '', value = ''] = one.exec(rest) ?? [];
    if (whole === '' || Object.hasOwn(labels, name)) throw new Error(`"${rest}" is no label`);
    labels[name] = value.replaceAll(/\\([\\"n])/g, (_, character) => (character === 'n' ? '\n' : character));
    rest = rest.slice(whole.length);
  }
  return labels;
}

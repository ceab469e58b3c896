import {shownLine} from './shown-line.js';

/** Sort directions requested by flags of other tools; undefined for the reverse of the default. */
const directions: Readonly<Record<string, 'asc' | 'desc' | undefined>> = {
  '--asc': 'asc',
  '--ascending': 'asc',
  '--desc': 'desc',
  '--descending': 'desc',
  '--reverse': undefined,
  '--reversed': undefined,
  '-r': undefined,
};

/** Flags of other tools that list the youngest or oldest sessions first, optionally followed by a count. */
const ages: Readonly<Record<string, string>> = {
  '--newest': 'age:asc',
  '--latest': 'age:asc',
  '--youngest': 'age:asc',
  '--oldest': 'age:desc',
};

/** Returns the hint for a flag that orders a listing in other tools: for `--newest 5`, `--sort age:asc --limit 5`. */
export function orderFlagHint(argv: readonly string[], unknown: string): string | undefined {
  const at = argv.indexOf(unknown);
  const [name = '', inline] = unknown.split('=', 2);
  if (Object.hasOwn(ages, name)) {
    const next = inline ?? argv[at + 1] ?? '';
    const isCount = /^\d+$/.test(next);
    const words = ['--sort', ages[name] ?? '', ...(isCount ? ['--limit', next] : [])];
    const rest = argv.slice(at + (isCount && inline === undefined ? 2 : 1));
    return `did you mean: ${shownLine([...argv.slice(0, at), ...words, ...rest])}`;
  }
  if (!Object.hasOwn(directions, name)) return undefined;
  const line = argv.filter((_, place) => place !== at);
  const place = line.findIndex((word) => word === '--sort' || word.startsWith('--sort='));
  const field = line[place]?.startsWith('--sort=') === true ? line[place].slice(7) : line[place + 1];
  if (place < 0 || field === undefined || /^-|:/.test(field))
    return 'set the direction in the sort field: --sort <field>:asc or --sort <field>:desc, for example --sort age:asc';
  const direction = directions[name];
  const turned = direction === undefined ? `-${field}` : `${field}:${direction}`;
  const length = line[place] === '--sort' ? 2 : 1;
  const words = [...line.slice(0, place), `--sort=${turned}`, ...line.slice(place + length)];
  return `did you mean: ${shownLine(words)}`;
}

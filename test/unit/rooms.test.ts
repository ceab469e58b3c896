import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';

/** The rooms that each room may import besides itself and base. docs/architecture.md says why. */
const mayImport: Record<string, readonly string[]> = {
  base: [],
  session: [],
  bus: ['session'],
  registry: ['bus'],
  storage: ['session', 'bus'],
  selector: ['session'],
  gate: ['session', 'selector', 'bus', 'registry', 'storage'],
  module: ['session', 'bus', 'registry'],
  cluster: ['session', 'selector', 'bus', 'registry', 'storage'],
  output: ['session'],
  presentation: ['session', 'cluster', 'output'],
  cli: ['session', 'selector', 'cluster', 'output', 'presentation'],
  tui: ['session', 'selector', 'cluster', 'output', 'presentation'],
  'embedded-bus': [],
  dev: ['gate', 'module', 'storage', 'registry', 'bus', 'session', 'embedded-bus'],
};

/** Rooms that the command line opens only by `import()`, so that a short command does not pay for them. */
const lazily: Record<string, readonly string[]> = {cli: ['tui', 'gate', 'dev']};

/** npm packages, each named in one room and nowhere else. */
const packageRoom: Record<string, string> = {
  msgpackr: 'session',
  '@marcbachmann/cel-js': 'selector',
  re2js: 'selector',
  nats: 'bus',
  undici: 'registry',
  ioredis: 'storage',
  mongodb: 'storage',
  'mqtt-packet': 'gate',
  ws: 'gate',
  jose: 'gate',
  'cli-table3': 'output',
  'string-width': 'output',
  yaml: 'output',
  commander: 'cli',
  ink: 'tui',
  react: 'tui',
  mqtt: 'dev',
};

interface Import {
  readonly target: string;
  readonly dynamic: boolean;
  readonly typeOnly: boolean;
}

const sourceRoot = path.resolve('src');
const files = readdirSync(sourceRoot, {recursive: true, encoding: 'utf8'})
  .filter((name) => /\.tsx?$/.test(name))
  .sort();

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(sourceRoot, file), 'utf8');
  const found: Import[] = [];
  const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;
  for (const match of text.matchAll(statement)) {
    found.push({target: match[2] ?? '', dynamic: false, typeOnly: match[1] !== undefined});
  }
  for (const match of text.matchAll(/\bimport\(\s*'([^']+)'/g)) {
    found.push({target: match[1] ?? '', dynamic: true, typeOnly: false});
  }
  return found;
}

/** Returns the folder of src that a file stands in; `''` for the entry points at its top. */
function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

const fileAt = new Map(files.map((file) => [file.replace(/\.tsx?$/, ''), file]));

/** The files of src that a file imports in any way: values, types, and by `import()`. */
function filesImportedBy(file: string): readonly string[] {
  const text = readFileSync(path.join(sourceRoot, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const targets = [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)\.js'/g)];
  const names = targets.map(([, target = '']) => path.join(path.dirname(file), target));
  return names.map((name) => fileAt.get(name) ?? `${name} (missing)`);
}

/** Ways through imports that come back to where they began; at least one of each circle. */
function circlesAmong(all: readonly string[], imports: (file: string) => readonly string[]): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const follow = (file: string, trail: readonly string[]): void => {
    const from = trail.indexOf(file);
    if (from >= 0) circles.push([...trail.slice(from), file].join(' -> '));
    if (from >= 0 || done.has(file)) return;
    for (const next of imports(file)) follow(next, [...trail, file]);
    done.add(file);
  };
  for (const file of all) follow(file, []);
  return circles;
}

function faultsOf(file: string): string[] {
  const room = roomOf(file);
  if (room === '') return [];
  return importsOf(file).flatMap(({target, dynamic, typeOnly}) => {
    if (target.startsWith('.')) {
      const to = roomOf(path.join(path.dirname(file), target));
      if (to === room || to === 'base' || mayImport[room]?.includes(to)) return [];
      if ((dynamic || typeOnly) && lazily[room]?.includes(to)) return [];
      return [`${file} may not import ${target}`];
    }
    if (target.startsWith('node:')) return [];
    const name = target.startsWith('@')
      ? target.split('/').slice(0, 2).join('/')
      : (target.split('/')[0] ?? '');
    return packageRoom[name] === room ? [] : [`${file} may not name the package ${name}`];
  });
}

/** `session, bus` or `–`; quotes around names are for readers. */
const namesIn = (cell: string): string[] => (cell.match(/[@a-z][\w@/-]*/g) ?? []).sort();

/** The table of docs/architecture.md. */
function documentedRooms() {
  const text = readFileSync('docs/architecture.md', 'utf8');
  return [...text.matchAll(/^\| ([a-z][a-z-]+) \| (.*) \| (.*) \|$/gm)]
    .filter(([, room]) => room !== 'room')
    .map(([, room = '', imports = '', packages = '']) => {
      const [always = '', opened = ''] = imports.split(';');
      const byImport = namesIn(opened.replace('only by `import()`', ''));
      return {room, imports: namesIn(always), byImport, packages: namesIn(packages)};
    });
}

describe('docs/architecture.md', () => {
  test('has these rooms and packages in its table', () => {
    const held = Object.entries(mayImport).map(([room, imports]) => ({
      room,
      imports: [...imports].sort(),
      byImport: [...(lazily[room] ?? [])].sort(),
      packages: Object.keys(packageRoom)
        .filter((name) => packageRoom[name] === room)
        .sort(),
    }));
    const byRoom = (one: {readonly room: string}, other: {readonly room: string}): number =>
      one.room < other.room ? -1 : 1;
    expect(documentedRooms().sort(byRoom)).toEqual(held.sort(byRoom));
  });

  test('names every room in its tree', () => {
    const [, tree = ''] = /^src\/\n(.*?)^test\//ms.exec(readFileSync('docs/architecture.md', 'utf8')) ?? [];
    const named = [...tree.matchAll(/^ {2}([a-z-]+)\//gm)].map(([, room = '']) => room).sort();
    const there = readdirSync(sourceRoot, {withFileTypes: true})
      .filter((entry) => entry.isDirectory())
      .map(({name}) => name)
      .sort();
    expect(named).toEqual(there);
  });
});

/** Rooms that the kits for gates, modules and sessions are built from. Their packages are installed; the others are bundled. */
const kitRooms = ['session', 'selector', 'bus', 'registry', 'storage', 'gate', 'module'];

test('every installed package has a room of the kits, and every other package is bundled', () => {
  const {dependencies, devDependencies} = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    'dependencies' | 'devDependencies',
    object
  >;
  const rooms = Object.entries(packageRoom);
  const installed = rooms.filter(([, room]) => kitRooms.includes(room)).map(([name]) => name);
  expect(Object.keys(dependencies).sort()).toEqual(installed.sort());
  const bundled = rooms.map(([name]) => name).filter((name) => !installed.includes(name));
  expect(bundled.filter((name) => !(name in devDependencies))).toEqual([]);
});

describe('the rooms of src', () => {
  test('there are files to look at', () => {
    expect(files.length).toBeGreaterThan(3);
  });

  test('every folder is a room of the table', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => room !== '' && !(room in mayImport))).toEqual([]);
  });

  test('every file stays inside its room', () => {
    expect(files.length).toBeGreaterThan(400);
    expect(files.flatMap(faultsOf)).toEqual([]);
  });

  test('no imports run in a circle', () => {
    expect(files.flatMap(filesImportedBy).filter((file) => !files.includes(file))).toEqual([]);
    expect(circlesAmong(files, filesImportedBy)).toEqual([]);
    const planted = ['bus/address.ts', 'base/errors.ts', 'base/error-details.ts'];
    const imports = (file: string) => planted.filter((_, at) => at === planted.indexOf(file) + 1 || at === 1);
    expect(circlesAmong(planted, imports)).toEqual([
      'base/errors.ts -> base/errors.ts',
      'base/errors.ts -> base/error-details.ts -> base/errors.ts',
    ]);
  });

  test('only the composition root touches the process and the console', () => {
    const loose = files.filter((file) => {
      if (['main.ts', 'launch.ts', 'base/code-cache.ts'].includes(file)) return false;
      const text = readFileSync(path.join(sourceRoot, file), 'utf8').replace(
        /\/\*[\s\S]*?\*\/|\/\/.*$/gm,
        '',
      );
      return /\bconsole\.|\bprocess\.(?!hrtime|memoryUsage|cpuUsage)/.test(text);
    });
    expect(loose).toEqual([]);
  });
});

import {spawnSync} from 'node:child_process';
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

/** Names that two files may export, each with its reason. */
const mayBeTwice: Readonly<Record<string, string>> = {};

/** Exports that no file imports, each with its reason. */
const unusedHere: Readonly<Record<string, string>> = {
  'src/launch.ts: launch': 'bin/gatectl.js calls it',
  'src/main.ts: main': 'the launcher calls it',
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

/** The code of src and test, without comments. */
const texts = new Map(
  ['src', 'test'].flatMap((folder) =>
    readdirSync(folder, {recursive: true, encoding: 'utf8'})
      .filter((name) => /\.(?:tsx?|mjs)$/.test(name))
      .map((name) => [`${folder}/${name}`, codeOf(`${folder}/${name}`)] as const),
  ),
);

function codeOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
}

const withoutEnding = (file: string): string => file.replace(/\.(?:tsx?|js)$/, '');

const fileAt = new Map(files.map((file) => [withoutEnding(file), file]));

/** The files of src that a file imports in any way: values, types, and by `import()`. */
function filesImportedBy(file: string): readonly string[] {
  const targets = [...codeOf(`src/${file}`).matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)\.js'/g)];
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

/** What a file declares and exports; names that it only passes on are not among them. */
function exportsOf(file: string): readonly string[] {
  const declaration =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;
  return [...(texts.get(`src/${file}`) ?? '').matchAll(declaration)].map(([, name = '']) => name);
}

/** By file (without ending), the names that other files import from it; `*` for all of them. */
function importedNames(): ReadonlyMap<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>();
  const use = (from: string, target: string, names: Iterable<string>): void => {
    const file = withoutEnding(path.join(path.dirname(from), target));
    used.set(file, new Set([...(used.get(file) ?? []), ...names]));
  };
  const each = (
    pattern: RegExp,
    seen: (file: string, found: RegExpExecArray, text: string) => void,
  ): void => {
    for (const [file, text] of texts) for (const found of text.matchAll(pattern)) seen(file, found, text);
  };
  each(/\{([^{}]*)\}\s+from\s+'(\.[^']+)'/g, (file, [, list = '', target = '']) => {
    const names = list.split(',').map((name) => / *(?:type )?(\w*)/.exec(name.trim())?.[1] ?? '');
    use(file, target, names);
  });
  // what is done with a module that is loaded late, or as a whole, is not followed: any word of the file may be a name of it
  each(/\bimport\(\s*'(\.[^']+)'|\* as \w+ from '(\.[^']+)'/g, (file, [, late, whole = ''], text) =>
    use(file, late ?? whole, text.match(/\w+/g) ?? []),
  );
  each(/=> import\('(\.[^']+)'\)/g, (file, [, target = '']) => use(file, target, ['*']));
  each(/^export (?:type )?\* from '(\.[^']+)'/gm, (file, [, target = '']) =>
    use(file, target, used.get(withoutEnding(file)) ?? []),
  );
  return used;
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
  test('lists the rooms and packages of this test in its table', () => {
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
  test('are found by this test', () => {
    expect(files.length).toBeGreaterThan(3);
  });

  test('are listed in the table of imports', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => room !== '' && !(room in mayImport))).toEqual([]);
  });

  test('import only from rooms that they may import', () => {
    expect(files.length).toBeGreaterThan(400);
    expect(files.flatMap(faultsOf)).toEqual([]);
  });

  test('contain no import cycles', () => {
    expect(files.flatMap(filesImportedBy).filter((file) => !files.includes(file))).toEqual([]);
    expect(circlesAmong(files, filesImportedBy)).toEqual([]);
    const planted = ['bus/address.ts', 'base/errors.ts', 'base/error-details.ts'];
    const imports = (file: string) => planted.filter((_, at) => at === planted.indexOf(file) + 1 || at === 1);
    expect(circlesAmong(planted, imports)).toEqual([
      'base/errors.ts -> base/errors.ts',
      'base/errors.ts -> base/error-details.ts -> base/errors.ts',
    ]);
  });

  test('use process and console in the composition root only', () => {
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

/** Also files whose name begins with a dot, and settings of tools. */
const isAllowedAtTheTop =
  /^(?:src|bin|test|docs|README\.md|CHANGELOG\.md|LICENSE|package(?:-lock)?\.json|tsconfig.*\.json|biome\.json|\w+\.config\.(?:mjs|ts)|\..+)$/;

/** Folders that may have more than 15 entries, each with its reason. */
const mayBeLarge: Readonly<Record<string, string>> = {
  src: 'one folder per room',
  'src/addon': 'one Go package, which is one folder',
  'src/cli/commands': 'one folder per noun',
};

test('no folder of src has more than 15 entries', () => {
  const folders = readdirSync(sourceRoot, {recursive: true, withFileTypes: true}).filter((entry) =>
    entry.isDirectory(),
  );
  const all = [sourceRoot, ...folders.map(({parentPath, name}) => path.join(parentPath, name))];
  expect(all.length).toBeGreaterThan(70);
  const large = all.filter((folder) => readdirSync(folder).length > 15);
  expect(large.map((folder) => path.relative('.', folder)).sort()).toEqual(Object.keys(mayBeLarge).sort());
  const loose = readdirSync('src/cli/commands', {withFileTypes: true}).filter((entry) => entry.isFile());
  expect(loose).toEqual([]);
});

test('no file of src has more than 350 lines', () => {
  const long = files.filter(
    (file) => readFileSync(path.join(sourceRoot, file), 'utf8').split('\n').length > 351,
  );
  expect(long).toEqual([]);
});

test('only the folders and files of the layout are at the top', () => {
  const tracked = spawnSync('git', ['ls-files'], {encoding: 'utf8'}).stdout.split('\n');
  const tops = new Set(tracked.map((file) => file.split('/')[0] ?? '').filter((top) => top !== ''));
  expect(tops.size).toBeGreaterThan(5);
  const others = [...tops].filter((top) => !isAllowedAtTheTop.test(top));
  expect(others).toEqual([]);
});

describe('exports', () => {
  test('no name is exported from two files', () => {
    const exporters = new Map<string, Set<string>>();
    for (const file of files)
      for (const name of exportsOf(file)) exporters.set(name, (exporters.get(name) ?? new Set()).add(file));
    expect(exporters.size).toBeGreaterThan(1000);
    const twice = [...exporters].filter(([, from]) => from.size > 1).map(([name]) => name);
    expect(twice.sort()).toEqual(Object.keys(mayBeTwice).sort());
  });

  test('every exported name is used by another file', () => {
    const used = importedNames();
    const unused = files.flatMap((file) => {
      const names = used.get(`src/${withoutEnding(file)}`) ?? new Set();
      const isUsed = (name: string): boolean => names.has(name) || names.has('*');
      return exportsOf(file).flatMap((name) => (isUsed(name) ? [] : [`src/${file}: ${name}`]));
    });
    expect(unused.sort()).toEqual(Object.keys(unusedHere).sort());
  });
});

// Bundles Ink with some of its files replaced, so that it loads without waiting and draws faster. Each replacement below
// says what it changes; docs/performance.md says what it gains, and a test compares the frames with the package's own.
import {readFile} from 'node:fs/promises';
import path from 'node:path';

const ours = path.resolve('src/tui/term/fast-ink'); // builds run from the project root

/** Files of Ink, and the code that replaces each. `original` imports the replaced file. */
const replacements = {
  'output.js': `
    import Plain from 'original';
    import {createFastOutput} from '${ours}/fast-output.ts';
    export default createFastOutput(Plain);`,
  'measure-text.js': `
    import widestLine from 'widest-line';
    import {createMeasureText} from '${ours}/text-caches.ts';
    export default createMeasureText(widestLine);`,
  'wrap-text.js': `
    import wrapAnsi from 'wrap-ansi';
    import cliTruncate from 'cli-truncate';
    import {createWrapText} from '${ours}/text-caches.ts';
    export default createWrapText({
      wrap: (text, columns) => wrapAnsi(text, columns, {trim: false, hard: true}),
      truncate: (text, columns, position) => cliTruncate(text, columns, {position}),
    });`,
  'sanitize-ansi.js': `
    import plain from 'original';
    import {hasOnlyColours} from '${ours}/control-characters.ts';
    export default (text) => (hasOnlyColours(text) ? text : plain(text));`,
  // an error in a view ends the screen (src/tui/term/root-element.tsx), so Ink never draws one
  'components/ErrorOverview.js': 'export default () => null;',
  // never loads React DevTools
  'utils.js': 'export const isDev = () => false;',
};

const segmenter = {from: /const (\w+) = (new Intl\.Segmenter\([^)]*\));/, to: lazySegmenter};
const emoji = {
  from: /const (rgiEmojiRegex) = (.*);/,
  to: 'const $1 = {test: (text) => ($1.real ??= $2).test(text)};',
};

/**
 * Replacements in files below node_modules. A missing text fails the build, since the package has changed. Segmenters and
 * the emoji class are created on first use: they cost some 20 ms at start, and most text is ASCII.
 */
const edits = {
  'ink/build/reconciler.js': [
    {from: "await import('./devtools.js')", to: 'undefined'},
    {from: '? await loadPackageJson()', to: '? undefined'},
  ],
  'string-width/index.js': [segmenter, emoji],
  'wrap-ansi/node_modules/string-width/index.js': [segmenter],
  'slice-ansi/tokenize-ansi.js': [segmenter],
  '@alcalzone/ansi-tokenize/build/tokenize.js': [segmenter],
};

function lazySegmenter(_all, name, made) {
  return `const ${name} = {segment: (text) => (${name}.real ??= ${made}).segment(text)};`;
}

const inPackages = (file) => file.slice(file.indexOf('/node_modules/') + '/node_modules/'.length);
const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const anyOf = (files) => new RegExp(`(?:^|/)(?:${Object.keys(files).map(escaped).join('|')})$`);

function replacementOf(file) {
  const name = file.split('/ink/build/')[1];
  return name === undefined ? undefined : replacements[name];
}

/** esbuild plugin. */
export const fastInk = {
  name: 'fast ink',
  setup(build) {
    build.onLoad({filter: anyOf(replacements)}, ({path: file, suffix}) => {
      const contents = suffix === '?original' ? undefined : replacementOf(file);
      return contents && {contents, loader: 'js', resolveDir: path.dirname(file), pluginData: {file}};
    });
    build.onResolve({filter: /^original$/}, ({importer}) =>
      replacementOf(importer) === undefined ? undefined : {path: importer, suffix: '?original'},
    );
    build.onResolve({filter: /^widest-line$/}, ({importer}) =>
      importer.includes('/ink/build/')
        ? {path: 'widest-line', namespace: 'fast', pluginData: importer}
        : undefined,
    );
    build.onLoad({filter: /^widest-line$/, namespace: 'fast'}, ({pluginData}) => ({
      contents: `
        import stringWidth from 'string-width';
        import {createWidestLine} from '${ours}/text-caches.ts';
        export default createWidestLine(stringWidth);`,
      resolveDir: path.dirname(pluginData),
    }));
    // the program handles signals and exits itself; Ink's own guard would exit before a command has ended
    build.onResolve({filter: /^signal-exit$/}, ({importer}) =>
      importer.endsWith('/ink/build/ink.js') ? {path: 'signal-exit', namespace: 'none'} : undefined,
    );
    build.onLoad({filter: /.*/, namespace: 'none'}, () => ({contents: 'export default () => () => {};'}));
    build.onLoad({filter: /yoga-layout\/dist\/src\/index\.js$/}, async ({path: file}) => ({
      contents: await yogaAtOnce(file),
      resolveDir: path.dirname(file),
    }));
    // yogaAtOnce includes the engine
    build.onLoad({filter: /yoga-wasm-base64-esm\.js$/}, async ({path: file}) => ({
      contents: (await readFile(file, 'utf8')).replace(wasmText, '""'),
    }));
    build.onLoad({filter: anyOf(edits)}, async ({path: file}) => {
      const wanted = edits[inPackages(file)];
      return (
        wanted && {
          contents: wanted.reduce((text, edit) => edited(text, edit, file), await readFile(file, 'utf8')),
        }
      );
    });
  },
};

function edited(text, {from, to}, file) {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`${file} has no ${from}: see esbuild-plugin.mjs`);
  return result;
}

const wasmText = /"data:application\/octet-stream;base64,([^"]+)"/;

/** Yoga compiles its engine asynchronously; compiling it synchronously shows the screen some 20 ms earlier. */
async function yogaAtOnce(file) {
  const binary = path.join(path.dirname(file), '../binaries/yoga-wasm-base64-esm.js');
  const wasm = wasmText.exec(await readFile(binary, 'utf8'))?.[1];
  if (wasm === undefined) throw new Error(`${binary} has no engine in it: see esbuild-plugin.mjs`);
  return `
    import loadYoga from '../binaries/yoga-wasm-base64-esm.js';
    import wrapAssembly from './wrapAssembly.js';
    const assembly = {
      instantiateWasm(imports, done) {
        const engine = new WebAssembly.Module(Buffer.from(${JSON.stringify(wasm)}, 'base64'));
        done(new WebAssembly.Instance(engine, imports));
        return {};
      },
    };
    loadYoga(assembly);
    export default wrapAssembly(assembly);
    export * from './generated/YGEnums.js';`;
}

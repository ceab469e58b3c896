/**
 * Pieces of the program as they start fastest. esbuild gives each CommonJS piece helpers of its own, and hands each name out
 * through two getters; here the helpers are one for all, and what a piece exports is a plain object made at its end. That
 * is right because pieces never load each other in a circle, and no exported name is assigned anew.
 */

/** Modules of Node that it has loaded by itself before a program begins, or that cost next to nothing. */
const atHand = /^node:(?:buffer|events|fs|path|process|timers|url|util)$/;

/** `__node` is a module of Node with a `default`; `__later` one that waits until it is used, since a command uses few. */
export const helpers = `const __node = (name) => ({__proto__: require(name), default: require(name)});
const __later = (name) => { let loaded; return () => (loaded ??= __node(name)); };`;

const head =
  /^.*?\bvar stdin_exports = \{\};\n(?:__export\(stdin_exports, \{\n(.*?)^\}\);\n)?module\.exports = __toCommonJS\(stdin_exports\);\n/ms;
const ofNode = /^var (import_\w+) = (?:__toESM\()?require\("(node:[\w/]+)"\)\)?;$/gm;
const dynamic = /__toESM\(require\(("[^"]+")\)\)/g;

/** A piece as esbuild's transform to CommonJS gives it, not minified. */
export function plainPiece(text) {
  const [whole = '', names = ''] = head.exec(text) ?? [];
  if (whole === '') throw new Error(`no piece as esbuild writes them: ${text.slice(0, 200)}`);
  const body = withNodeModules(text.slice(whole.length)).replaceAll(dynamic, (_, name) =>
    name.startsWith('"node:') ? `__node(${name})` : `require(${name})`,
  );
  for (const [, helper] of whole.matchAll(/^var (__\w+) =/gm))
    if (new RegExp(`(?<!\\.)\\b${helper}\\b`).test(body))
      throw new Error(`a piece needs esbuild's ${helper}: ${names}`);
  return `${body}\nmodule.exports = {${names.replaceAll('() => ', '')}};`;
}

function withNodeModules(text) {
  const later = [];
  const declared = text.replaceAll(ofNode, (_, variable, name) => {
    if (!atHand.test(name)) later.push(variable);
    return `var ${variable} = ${atHand.test(name) ? '__node' : '__later'}("${name}");`;
  });
  const uses = (variable) => new RegExp(`\\b${variable}\\b(?! =)`, 'g');
  return later.reduce((all, variable) => all.replaceAll(uses(variable), `(${variable}())`), declared);
}

import {Environment, EvaluationError} from '@marcbachmann/cel-js';
import {
  type SelectorField,
  type SelectorSubject,
  selectorFieldNames,
  selectorFields,
} from './selector-fields.js';
import type {SelectorFunctions} from './selector-functions.js';

const celTypes: Readonly<Record<SelectorField['type'], string>> = {
  string: 'string',
  bool: 'bool',
  int: 'int',
  duration: 'google.protobuf.Duration',
  settings: 'map<string, string>',
};

/** Far above what people write; bounds the cost of generated selectors. */
const limits = {maxAstNodes: 2000, maxDepth: 50, maxListElements: 1000, maxCallArguments: 8};

/** Returns CEL with gatectl's fields and functions. `rejectUnsupported` has already rejected patterns that are not literals. */
export function createCelEnvironment(functions: SelectorFunctions): Environment {
  const environment = new Environment({enableOptionalTypes: true, limits});
  for (const name of selectorFieldNames)
    environment.registerVariable(name, celTypes[selectorFields[name].type]);
  for (const name of ['re', 'cidr'] as const) {
    const made = new Map<string, (text: string) => boolean>();
    environment.registerFunction(`${name}(string, string): bool`, (text: string, literal: string) => {
      let test = made.get(literal);
      if (test === undefined) {
        test = functions[name](literal);
        made.set(literal, test);
      }
      return test(text);
    });
  }
  return environment;
}

const makeDuration = new Environment().registerVariable('text', 'string').parse('duration(text)');

/** A subject with the library's types: integers as BigInt, durations as its own type. Fields are read on demand. */
class LibraryContext {
  constructor(readonly subject: SelectorSubject) {}
}
for (const name of selectorFieldNames) {
  const {type, read} = selectorFields[name] as SelectorField;
  Object.defineProperty(LibraryContext.prototype, name, {
    get(this: LibraryContext) {
      const value = read(this.subject);
      if (type === 'int' && typeof value === 'number') return BigInt(Math.trunc(value));
      if (type === 'duration' && typeof value === 'number') return makeDuration({text: `${value}ms`});
      return typeof value === 'object' ? new Map(Object.entries(value)) : value;
    },
  });
}

/** Evaluates a selector that `compileExpression` can't handle. An evaluation error counts as no match. */
export function evaluateSelector(run: (context: object) => unknown, subject: SelectorSubject): boolean {
  try {
    return run(new LibraryContext(subject)) === true;
  } catch (error) {
    if (error instanceof EvaluationError) return false;
    throw error;
  }
}

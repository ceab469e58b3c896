import {Environment, EvaluationError} from '@marcbachmann/cel-js';
import {type Field, fieldNames, fields, type Subject} from './fields.js';
import type {SelectorFunctions} from './functions.js';

const celTypes: Readonly<Record<Field['type'], string>> = {
  string: 'string',
  bool: 'bool',
  int: 'int',
  duration: 'google.protobuf.Duration',
  settings: 'map<string, string>',
};

/** Generous for what people write, small for what a program could make of it. */
const limits = {maxAstNodes: 2000, maxDepth: 50, maxListElements: 1000, maxCallArguments: 8};

/** CEL with our fields and functions. A pattern or block that is no literal was refused before it comes here. */
export function selectorEnvironment(functions: SelectorFunctions): Environment {
  const environment = new Environment({enableOptionalTypes: true, limits});
  for (const name of fieldNames) environment.registerVariable(name, celTypes[fields[name].type]);
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

/** The subject as the library wants it: whole numbers as BigInt, durations as its own; read only when asked for. */
export class LibraryContext {
  constructor(readonly subject: Subject) {}
}
for (const name of fieldNames) {
  const {type, read} = fields[name] as Field;
  Object.defineProperty(LibraryContext.prototype, name, {
    get(this: LibraryContext) {
      const value = read(this.subject);
      if (type === 'int' && typeof value === 'number') return BigInt(Math.trunc(value));
      if (type === 'duration' && typeof value === 'number') return makeDuration({text: `${value}ms`});
      return typeof value === 'object' ? new Map(Object.entries(value)) : value;
    },
  });
}

/** What a selector is worth for one subject where the library evaluates it; an error is no match. */
export function evaluate(run: (context: object) => unknown, subject: Subject): boolean {
  try {
    return run(new LibraryContext(subject)) === true;
  } catch (error) {
    if (error instanceof EvaluationError) return false;
    throw error;
  }
}
